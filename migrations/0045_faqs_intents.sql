-- Matching by whole questions missed too often: an FAQ names its intent and the words that lead to it.
ALTER TABLE faqs
  ADD COLUMN IF NOT EXISTS intent_key VARCHAR(64),
  ADD COLUMN IF NOT EXISTS patterns JSONB NOT NULL DEFAULT '[]'
    CONSTRAINT faqs_patterns_check CHECK (jsonb_typeof(patterns) = 'array'),
  ADD COLUMN IF NOT EXISTS channels VARCHAR(16) NOT NULL DEFAULT 'voice'
    CONSTRAINT faqs_channels_check CHECK (channels IN ('voice', 'whatsapp', 'both'));
