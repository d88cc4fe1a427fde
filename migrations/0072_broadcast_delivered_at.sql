-- "Sent" is not "arrived": receipts from the provider give the real reach of a broadcast.
ALTER TABLE broadcast_recipients ADD COLUMN IF NOT EXISTS delivered_at TIMESTAMPTZ;
ALTER TABLE broadcast_jobs ADD COLUMN IF NOT EXISTS delivered_count INTEGER NOT NULL DEFAULT 0;
