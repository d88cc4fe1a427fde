-- The recording callback arrives after the call has ended; until then both are empty.
ALTER TABLE call_log
  ADD COLUMN IF NOT EXISTS recording_url TEXT,
  ADD COLUMN IF NOT EXISTS recording_sid VARCHAR(64);
