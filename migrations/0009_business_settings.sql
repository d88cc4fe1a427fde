-- What the agent says and when the office is open: read at the start of every call, so one row for each business.
CREATE TABLE IF NOT EXISTS business_settings (
  business_id    BIGINT NOT NULL,
  agent_prompt   TEXT NOT NULL DEFAULT '',
  greeting       TEXT NOT NULL DEFAULT '',
  language       VARCHAR(8) NOT NULL DEFAULT 'he',
  opening_hours  JSONB NOT NULL DEFAULT '{}',
  created_at     TIMESTAMPTZ NOT NULL DEFAULT now(),
  updated_at     TIMESTAMPTZ NOT NULL DEFAULT now(),
  CONSTRAINT business_settings_pkey PRIMARY KEY (business_id),
  CONSTRAINT business_settings_business_id_fkey FOREIGN KEY (business_id) REFERENCES business (id) ON DELETE CASCADE,
  CONSTRAINT business_settings_opening_hours_check CHECK (jsonb_typeof(opening_hours) = 'object')
);

CREATE OR REPLACE TRIGGER business_settings_set_updated_at
  BEFORE UPDATE ON business_settings FOR EACH ROW EXECUTE FUNCTION set_updated_at();
