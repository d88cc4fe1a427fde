-- Empty recordings went to speech-to-text and cost money: size and length are known before.
ALTER TABLE call_log
  ADD COLUMN IF NOT EXISTS audio_bytes_len BIGINT,
  ADD COLUMN IF NOT EXISTS audio_duration_sec NUMERIC(10, 3);
