-- What a call costs us: how it was recorded, how long and how often its stream was connected,
-- how often webhooks were repeated. The model expected these columns before a migration made them.
ALTER TABLE call_log
  ADD COLUMN IF NOT EXISTS recording_mode VARCHAR(32) DEFAULT NULL,
  ADD COLUMN IF NOT EXISTS stream_started_at TIMESTAMP DEFAULT NULL,
  ADD COLUMN IF NOT EXISTS stream_ended_at TIMESTAMP DEFAULT NULL,
  ADD COLUMN IF NOT EXISTS stream_duration_sec INTEGER DEFAULT NULL,
  ADD COLUMN IF NOT EXISTS stream_connect_count INTEGER NOT NULL DEFAULT 0,
  ADD COLUMN IF NOT EXISTS webhook_11205_count INTEGER NOT NULL DEFAULT 0,
  ADD COLUMN IF NOT EXISTS webhook_retry_count INTEGER NOT NULL DEFAULT 0,
  ADD COLUMN IF NOT EXISTS recording_count INTEGER NOT NULL DEFAULT 0,
  ADD COLUMN IF NOT EXISTS estimated_cost_bucket VARCHAR(16) DEFAULT NULL;
