-- Full scans hit Gmail's quota: with the history id a sync reads only what changed since the last one.
ALTER TABLE gmail_connections
  ADD COLUMN IF NOT EXISTS last_history_id VARCHAR(32),
  ADD COLUMN IF NOT EXISTS last_sync_at TIMESTAMPTZ,
  ADD COLUMN IF NOT EXISTS sync_from_date DATE;

ALTER TABLE gmail_receipts
  ADD COLUMN IF NOT EXISTS synced_at TIMESTAMPTZ,
  ADD COLUMN IF NOT EXISTS content_sha256 CHAR(64),
  ADD COLUMN IF NOT EXISTS extraction_confidence NUMERIC(4, 3);
