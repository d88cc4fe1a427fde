-- The calls of the last seven days, newest first, over all businesses (/api/calls/last7d).
CREATE INDEX CONCURRENTLY IF NOT EXISTS call_log_created_at_idx ON call_log (created_at DESC, id DESC);
