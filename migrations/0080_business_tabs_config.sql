-- Which tabs the lead page shows, and in which order, differs from business to business; empty means our own choice.
ALTER TABLE business ADD COLUMN IF NOT EXISTS tabs_config JSONB
  CONSTRAINT business_tabs_config_check CHECK (jsonb_typeof(tabs_config) = 'object');
