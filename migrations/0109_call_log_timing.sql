-- When the call itself began, ended, and how long it took: so far only its audio stream was timed.
-- No backfill here, it would hold its locks for minutes; old rows stay empty until the batch job fills them.
ALTER TABLE call_log ADD COLUMN IF NOT EXISTS started_at TIMESTAMP DEFAULT NULL;
ALTER TABLE call_log ADD COLUMN IF NOT EXISTS ended_at TIMESTAMP DEFAULT NULL;
ALTER TABLE call_log ADD COLUMN IF NOT EXISTS duration_sec INTEGER DEFAULT NULL;
