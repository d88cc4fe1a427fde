-- Leads by their last call: those whom nobody has called for long.
CREATE INDEX CONCURRENTLY IF NOT EXISTS leads_last_call_at_idx ON leads (last_call_at);
