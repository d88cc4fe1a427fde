-- Offline speech-to-text writes the transcription, the language model the summary made of it.
ALTER TABLE call_log
  ADD COLUMN IF NOT EXISTS transcription TEXT,
  ADD COLUMN IF NOT EXISTS summary TEXT;
