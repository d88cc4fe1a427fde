-- Lead forms of other systems post to us; the secret tells theirs from anybody's.
ALTER TABLE business ADD COLUMN IF NOT EXISTS webhook_secret VARCHAR(128);

COMMENT ON COLUMN business.webhook_secret IS 'Signs incoming lead webhooks (HMAC-SHA256). Never log it.';
