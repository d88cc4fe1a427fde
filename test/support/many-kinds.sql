-- One of each kind of object that pg_dump writes, for the round trips of dumps. PostgreSQL 15.
CREATE SCHEMA app;
CREATE SCHEMA "Odd ""Schema";
COMMENT ON SCHEMA app IS 'it''s; "the" schema \ of
two lines';
CREATE EXTENSION pg_trgm WITH SCHEMA app;
CREATE EXTENSION btree_gist WITH SCHEMA public;

CREATE COLLATION app.german (provider = libc, locale = 'C');
CREATE TYPE app.mood AS ENUM ('sad', 'o''k', 'very happy');
CREATE TYPE app.pair AS (a integer, b text COLLATE "C");
CREATE DOMAIN app.email AS text COLLATE "C" DEFAULT 'a@b' NOT NULL CONSTRAINT has_at CHECK (VALUE LIKE '%@%');
CREATE TYPE app.span AS RANGE (subtype = float8, subtype_diff = float8mi);

CREATE FUNCTION app.doubled(a integer) RETURNS integer IMMUTABLE STRICT PARALLEL SAFE LANGUAGE sql AS 'SELECT a * 2';
CREATE FUNCTION app.atomic(a integer, b integer DEFAULT 3) RETURNS integer LANGUAGE sql
  BEGIN ATOMIC
    SELECT a + b;
    SELECT app.doubled(a) + b;
  END;
CREATE FUNCTION app.many(OUT n integer, OUT t text) RETURNS SETOF record LANGUAGE plpgsql SECURITY DEFINER SET search_path = app, public AS $body$
BEGIN
  -- COPY x FROM stdin;
  RETURN QUERY SELECT 1, $$\.$$::text;
END $body$;
CREATE PROCEDURE app.tidy(INOUT n integer) LANGUAGE plpgsql AS $$ BEGIN n := n + 1; END $$;
CREATE AGGREGATE app.total(integer) (SFUNC = int4pl, STYPE = integer, INITCOND = '0');
CREATE OPERATOR app.=== (LEFTARG = integer, RIGHTARG = integer, FUNCTION = int4eq, COMMUTATOR = OPERATOR(app.===));
CREATE OPERATOR FAMILY app.own USING btree;
CREATE OPERATOR CLASS app.own_ops FOR TYPE integer USING btree FAMILY app.own AS
  OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >, FUNCTION 1 btint4cmp(integer, integer);
CREATE CAST (app.mood AS integer) WITH INOUT AS ASSIGNMENT;
CREATE TEXT SEARCH DICTIONARY app.plain (TEMPLATE = simple, stopwords = 'english');
CREATE TEXT SEARCH CONFIGURATION app.search (COPY = simple);
ALTER TEXT SEARCH CONFIGURATION app.search ALTER MAPPING FOR asciiword WITH app.plain;

CREATE SEQUENCE app.counter AS integer START 7 INCREMENT 3 MINVALUE 1 MAXVALUE 1000 CYCLE;
CREATE TABLE app.customer (
  id bigint GENERATED ALWAYS AS IDENTITY (START WITH 10) PRIMARY KEY,
  name text NOT NULL,
  email app.email,
  feels app.mood DEFAULT 'o''k',
  parts app.pair[],
  amount numeric(12,2) DEFAULT 0.00 CHECK (amount >= 0),
  twice numeric GENERATED ALWAYS AS (amount * 2) STORED,
  number integer DEFAULT nextval('app.counter'),
  note text,
  data bytea, doc jsonb DEFAULT '{"a": [1, "x"]}', at timestamptz DEFAULT '2020-01-01 00:00:00+00',
  during tstzrange,
  "Odd, ""column" text COLLATE app.german,
  CONSTRAINT long_name CHECK (length(name) < 100) NOT VALID,
  CONSTRAINT customer_email UNIQUE NULLS NOT DISTINCT (email, name) DEFERRABLE INITIALLY DEFERRED,
  EXCLUDE USING gist (name WITH =, during WITH &&) WHERE (amount > 0)
) WITH (fillfactor = 70);
CREATE TABLE app.old_serial (id serial PRIMARY KEY, customer bigint NOT NULL REFERENCES app.customer ON DELETE CASCADE DEFERRABLE, parent integer REFERENCES app.old_serial);
CREATE TABLE app.child (more text) INHERITS (app.customer);
CREATE UNLOGGED TABLE app.fast (a integer);
CREATE TABLE app.event (at date NOT NULL, kind text, body text) PARTITION BY RANGE (at);
CREATE TABLE app.event_2020 PARTITION OF app.event FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
CREATE TABLE app.event_rest PARTITION OF app.event DEFAULT PARTITION BY LIST (kind);
CREATE TABLE app.event_rest_a PARTITION OF app.event_rest FOR VALUES IN ('a', 'it''s');
CREATE TABLE app.typed OF app.pair (a PRIMARY KEY);
CREATE TABLE "Odd ""Schema"."Select" ("from" integer, "order" text);
CREATE INDEX event_at ON app.event (at DESC NULLS LAST, lower(body)) INCLUDE (kind);
CREATE UNIQUE INDEX customer_lower ON app.customer (lower(name) text_pattern_ops) WHERE amount > 0;
CREATE INDEX customer_trgm ON app.customer USING gin (note app.gin_trgm_ops);
CREATE INDEX customer_words ON app.customer USING gin (to_tsvector('app.search', coalesce(note, '')));
ALTER INDEX app.customer_words ALTER COLUMN 1 SET STATISTICS 200;
CREATE STATISTICS app.both (dependencies, ndistinct) ON name, email FROM app.customer;
ALTER TABLE app.customer ALTER COLUMN name SET STATISTICS 500, ALTER COLUMN note SET STORAGE EXTERNAL, ALTER COLUMN note SET COMPRESSION pglz;
ALTER TABLE app.customer CLUSTER ON customer_pkey;
ALTER TABLE app.old_serial REPLICA IDENTITY FULL;

CREATE VIEW app.rich WITH (security_barrier) AS SELECT c.id, c.name, count(*) AS n FROM app.customer c GROUP BY c.id;
CREATE VIEW app.checked AS SELECT id, name, amount FROM app.customer WHERE amount > 1 WITH CASCADED CHECK OPTION;
CREATE VIEW app.over_view AS SELECT * FROM app.rich WHERE n > 1;
CREATE MATERIALIZED VIEW app.summary AS SELECT feels, sum(amount) AS sum FROM app.customer GROUP BY feels;
CREATE UNIQUE INDEX summary_feels ON app.summary (feels);
CREATE MATERIALIZED VIEW app.empty_summary AS SELECT 1 AS one WITH NO DATA;
CREATE RECURSIVE VIEW app.tree (id, depth) AS SELECT id, 1 FROM app.old_serial WHERE parent IS NULL
  UNION ALL SELECT s.id, t.depth + 1 FROM app.old_serial s JOIN tree t ON s.parent = t.id;
CREATE RULE keep AS ON DELETE TO app.fast DO INSTEAD NOTHING;

CREATE FUNCTION app.stamp() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.note := coalesce(NEW.note, 'x'); RETURN NEW; END $$;
CREATE TRIGGER stamp BEFORE INSERT OR UPDATE OF name ON app.customer FOR EACH ROW WHEN (NEW.amount > 5) EXECUTE FUNCTION app.stamp('a''b');
CREATE FUNCTION app.deferred() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
CREATE CONSTRAINT TRIGGER later AFTER INSERT ON app.old_serial DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION app.deferred();
CREATE TRIGGER counted AFTER INSERT ON app.event REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION app.deferred();
ALTER TABLE app.event DISABLE TRIGGER counted;
ALTER TABLE app.customer ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_rows ON app.customer AS RESTRICTIVE FOR UPDATE TO PUBLIC USING (name = CURRENT_USER) WITH CHECK (amount < 10);
CREATE PUBLICATION changes FOR TABLE app.old_serial WITH (publish = 'insert');
CREATE FOREIGN DATA WRAPPER nothing;
CREATE SERVER far FOREIGN DATA WRAPPER nothing OPTIONS (host 'x');
CREATE FOREIGN TABLE app.remote (a integer OPTIONS (column_name 'b')) SERVER far OPTIONS (table_name 't');
GRANT SELECT (name), UPDATE (amount) ON app.customer TO PUBLIC;
GRANT USAGE ON SCHEMA app TO PUBLIC;
REVOKE EXECUTE ON FUNCTION app.doubled(integer) FROM PUBLIC;
ALTER DEFAULT PRIVILEGES IN SCHEMA app GRANT SELECT ON TABLES TO PUBLIC;
COMMENT ON TABLE app.customer IS E'tab\t, quote '', backslash \\ and COPY t FROM stdin;\n\\.\n';
COMMENT ON COLUMN app.customer.name IS 'Émile 😀';
COMMENT ON FUNCTION app.doubled(integer) IS '$$';
COMMENT ON INDEX app.event_at IS 'index';
COMMENT ON CONSTRAINT long_name ON app.customer IS 'constraint';
COMMENT ON TYPE app.mood IS 'type';

INSERT INTO app.customer (name, email, feels, parts, amount, note, data, doc, during, "Odd, ""column") VALUES
  ('Émile; it''s "1"', 'a@b', 'very happy', ARRAY[ROW(1, 'x,y')::app.pair], 3.50, NULL, '\x00ff5c2e', '{"k": "\\n"}', '[2020-01-01,2021-01-01)', E'\\.'),
  (E'tab\tback\\slash', 'c@d', NULL, NULL, 0, E'two\nlines\r\n\\.\n', NULL, NULL, NULL, E'\\N');
INSERT INTO app.customer (name, email, note) SELECT 'n' || n, n || '@x', repeat('long ', 500) FROM generate_series(1, 200) n;
INSERT INTO app.child (id, name, email, more) VALUES (1000, 'child', 'child@x', '--');
INSERT INTO app.old_serial (customer, parent) SELECT 10, nullif(n - 1, 0) FROM generate_series(1, 20) n;
INSERT INTO app.event VALUES ('2020-05-05', 'a', '/* not a comment'), ('2022-01-01', 'it''s', '$tag$');
INSERT INTO "Odd ""Schema"."Select" VALUES (1, 'SELECT 1;'), (2, '');
SELECT nextval('app.counter');
SELECT lo_from_bytea(4711, 'large object');
REFRESH MATERIALIZED VIEW app.summary;
