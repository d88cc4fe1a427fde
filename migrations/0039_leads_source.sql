-- Marketing pays for each source and wants to see which of them brings leads.
ALTER TABLE leads
  ADD COLUMN IF NOT EXISTS source VARCHAR(32) NOT NULL DEFAULT 'phone',
  ADD COLUMN IF NOT EXISTS source_campaign VARCHAR(128),
  ADD COLUMN IF NOT EXISTS external_id VARCHAR(128);
