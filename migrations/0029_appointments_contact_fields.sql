-- Callers book for somebody else ("for my mother"), so the lead's own name and number are not enough.
ALTER TABLE appointments
  ADD COLUMN IF NOT EXISTS contact_name VARCHAR(128),
  ADD COLUMN IF NOT EXISTS contact_phone VARCHAR(32),
  ADD COLUMN IF NOT EXISTS location VARCHAR(255),
  ADD COLUMN IF NOT EXISTS notes TEXT,
  ADD COLUMN IF NOT EXISTS reminder_sent_at TIMESTAMPTZ;
