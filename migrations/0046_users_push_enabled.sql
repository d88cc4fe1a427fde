-- Switching notifications off must hold on all of a user's devices, so it is kept with the user.
ALTER TABLE users ADD COLUMN IF NOT EXISTS push_enabled BOOLEAN NOT NULL DEFAULT TRUE;
