-- Support could not tell a missing download from an empty one: keep what the worker stored and how large it is.
ALTER TABLE recording_jobs
  ADD COLUMN IF NOT EXISTS file_name VARCHAR(255),
  ADD COLUMN IF NOT EXISTS size_bytes BIGINT;
