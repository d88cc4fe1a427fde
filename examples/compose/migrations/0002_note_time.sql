ALTER TABLE notes ADD COLUMN written_at timestamptz NOT NULL DEFAULT now();
CREATE INDEX notes_written_at ON notes (written_at);
