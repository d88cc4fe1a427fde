-- Answering-machine detection brought a new status, and the first voicemail failed the old check.
-- NOT VALID keeps the lock short on the busiest table; the next file looks at the existing rows.
ALTER TABLE call_log DROP CONSTRAINT IF EXISTS call_log_status_check;
ALTER TABLE call_log ADD CONSTRAINT call_log_status_check CHECK (
  status IN (
    'initiated', 'queued', 'ringing', 'in-progress', 'completed', 'busy', 'failed', 'no-answer', 'canceled', 'voicemail'
  )
) NOT VALID;
