-- Two workers dialled one lead: the dial is claimed by a token before the provider is asked,
-- and dial_started_at shows claims that never became a call.
ALTER TABLE outbound_call_jobs
  ADD COLUMN IF NOT EXISTS dial_started_at TIMESTAMPTZ,
  ADD COLUMN IF NOT EXISTS dial_lock_token UUID;
