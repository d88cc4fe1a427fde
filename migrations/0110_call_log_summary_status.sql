-- An empty summary meant "not yet", "failed" and "nothing was said" alike; the page waited for ever on two of them.
ALTER TABLE call_log ADD COLUMN IF NOT EXISTS summary_status VARCHAR(20) DEFAULT NULL;
