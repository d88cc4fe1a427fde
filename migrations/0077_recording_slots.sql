-- One busy business starved all others: each has one slot, and its row is there while the slot is taken.
-- expires_at frees the slot of a worker that died with it.
CREATE TABLE IF NOT EXISTS recording_slots (
  business_id  BIGINT NOT NULL,
  call_sid     VARCHAR(64) NOT NULL,
  locked_by    VARCHAR(128) NOT NULL,
  locked_at    TIMESTAMPTZ NOT NULL DEFAULT now(),
  expires_at   TIMESTAMPTZ NOT NULL DEFAULT now() + INTERVAL '5 minutes',
  CONSTRAINT recording_slots_pkey PRIMARY KEY (business_id),
  CONSTRAINT recording_slots_business_id_fkey FOREIGN KEY (business_id) REFERENCES business (id) ON DELETE CASCADE,
  CONSTRAINT recording_slots_expires_at_check CHECK (expires_at > locked_at)
);

CREATE INDEX IF NOT EXISTS recording_slots_expires_at_idx ON recording_slots (expires_at);
