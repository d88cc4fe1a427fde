-- Half of the services forgot to set updated_at, so the database does it.
-- Tables that come later attach the same function in their own file.
CREATE OR REPLACE FUNCTION set_updated_at() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  NEW.updated_at := now();
  RETURN NEW;
END;
$$;

CREATE OR REPLACE TRIGGER business_set_updated_at
  BEFORE UPDATE ON business FOR EACH ROW EXECUTE FUNCTION set_updated_at();
CREATE OR REPLACE TRIGGER users_set_updated_at
  BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION set_updated_at();
CREATE OR REPLACE TRIGGER leads_set_updated_at
  BEFORE UPDATE ON leads FOR EACH ROW EXECUTE FUNCTION set_updated_at();
CREATE OR REPLACE TRIGGER call_log_set_updated_at
  BEFORE UPDATE ON call_log FOR EACH ROW EXECUTE FUNCTION set_updated_at();
CREATE OR REPLACE TRIGGER threads_set_updated_at
  BEFORE UPDATE ON threads FOR EACH ROW EXECUTE FUNCTION set_updated_at();
