-- A lead's WhatsApp number is often not the number that calls; the jid is what an answer is addressed to.
ALTER TABLE leads
  ADD COLUMN IF NOT EXISTS phone_whatsapp VARCHAR(32),
  ADD COLUMN IF NOT EXISTS whatsapp_jid VARCHAR(128),
  ADD COLUMN IF NOT EXISTS whatsapp_opted_in_at TIMESTAMPTZ,
  ADD COLUMN IF NOT EXISTS whatsapp_last_message_at TIMESTAMPTZ;
