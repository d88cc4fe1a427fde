-- Not every business wants its calls summarised, and some want it in another language than they speak.
ALTER TABLE business_settings
  ADD COLUMN IF NOT EXISTS summary_enabled BOOLEAN NOT NULL DEFAULT TRUE,
  ADD COLUMN IF NOT EXISTS summary_language VARCHAR(8);
