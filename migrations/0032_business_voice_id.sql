-- Each business picks the voice of its agent; empty means the default voice of the service.
ALTER TABLE business
  ADD COLUMN IF NOT EXISTS voice_id VARCHAR(64),
  ADD COLUMN IF NOT EXISTS voice_speed NUMERIC(3, 2) NOT NULL DEFAULT 1.00
    CONSTRAINT business_voice_speed_check CHECK (voice_speed BETWEEN 0.50 AND 2.00);
