-- Bookings made by phone must show up in the owner's own calendar, and the owner's in ours.
ALTER TABLE calendars
  ADD COLUMN IF NOT EXISTS provider VARCHAR(16) NOT NULL DEFAULT 'internal'
    CONSTRAINT calendars_provider_check CHECK (provider IN ('internal', 'google', 'outlook')),
  ADD COLUMN IF NOT EXISTS external_calendar_id VARCHAR(255),
  ADD COLUMN IF NOT EXISTS last_synced_at TIMESTAMPTZ;

ALTER TABLE appointments
  ADD COLUMN IF NOT EXISTS external_event_id VARCHAR(255);
