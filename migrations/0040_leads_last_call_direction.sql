-- The lead list filters by who called last; joining call_log for every row of it took seconds.
ALTER TABLE leads
  ADD COLUMN IF NOT EXISTS last_call_direction VARCHAR(16),
  ADD COLUMN IF NOT EXISTS last_call_at TIMESTAMPTZ;
