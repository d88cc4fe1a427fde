// What a server accepts, from the first file to the last, has no error of lint.

import { expect, test } from '@jest/globals'
import { lintFiles } from '../unit/lint/lint-example.ts'
import { createDatabase } from '../support/database.ts'
import { run } from '../support/hazard.ts'
import { serverVersions } from '../support/servers.ts'

const histories: readonly (readonly string[])[] = [
  [
    'CREATE TABLE IF NOT EXISTS t (a int);',
    'ALTER TABLE t ADD COLUMN IF NOT EXISTS b text;',
    'ALTER TABLE t ADD COLUMN IF NOT EXISTS b text;',
  ],
  [
    'CREATE VIEW v AS SELECT 1 AS a; CREATE VIEW w AS SELECT * FROM v;',
    'DROP VIEW v CASCADE; CREATE VIEW v AS SELECT 1 AS a, 2 AS b; CREATE VIEW w AS SELECT * FROM v;',
  ],
  [
    'CREATE TABLE t (a int);',
    'ALTER INDEX IF EXISTS made RENAME TO t_a; CREATE INDEX IF NOT EXISTS t_a ON t (a);',
  ],
  [
    'CREATE TABLE t (a int);',
    'ALTER INDEX IF EXISTS made RENAME TO t_a; CREATE INDEX t_a ON t (a);',
  ],
  ['ALTER TABLE IF EXISTS old RENAME TO new; CREATE TABLE new (a int);'],
  ['ALTER TABLE IF EXISTS old RENAME COLUMN a TO b; CREATE TABLE old (b int);'],
  ['ALTER TABLE IF EXISTS old ADD COLUMN b int; CREATE TABLE old (b int);'],
  [
    'ALTER TABLE IF EXISTS old ADD CONSTRAINT c CHECK (a>0); CREATE TABLE old (a int, CONSTRAINT c CHECK (a>0));',
  ],
  ['ALTER VIEW IF EXISTS old RENAME TO new; CREATE VIEW new AS SELECT 1 AS a;'],
  ['ALTER SEQUENCE IF EXISTS old RENAME TO new; CREATE SEQUENCE new;'],
  [
    'ALTER MATERIALIZED VIEW IF EXISTS old RENAME TO new; CREATE MATERIALIZED VIEW new AS SELECT 1 AS a;',
  ],
  ['CREATE SCHEMA s; ALTER TABLE IF EXISTS old SET SCHEMA s; CREATE TABLE s.old (a int);'],
  [
    'CREATE TABLE t (a int);',
    'ALTER TABLE IF EXISTS t RENAME TO u; ALTER TABLE IF EXISTS t RENAME TO u2; CREATE TABLE t (a int); CREATE TABLE u2 (a int)',
  ],
  [
    "CREATE TABLE t (a int); CREATE FUNCTION f(r t) RETURNS int LANGUAGE sql AS 'SELECT 1';",
    "DROP TABLE t CASCADE; CREATE TABLE t (a int); CREATE FUNCTION f(r t) RETURNS int LANGUAGE sql AS 'SELECT 1';",
  ],
  [
    "CREATE TYPE m AS ENUM ('a'); CREATE TABLE t (a int, m m);",
    "DROP TYPE m CASCADE; CREATE TYPE m AS ENUM ('b'); ALTER TABLE t ADD COLUMN m m;",
  ],
  [
    "CREATE FUNCTION f(a int) RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT 1'; CREATE TABLE t (a int); CREATE INDEX i ON t (f(a)); ALTER TABLE t ADD CONSTRAINT c CHECK (f(a) > 0);",
    "DROP FUNCTION f CASCADE; CREATE FUNCTION f(a int) RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT 1'; CREATE INDEX i ON t (f(a)); ALTER TABLE t ADD CONSTRAINT c CHECK (f(a) > 0);",
  ],
  [
    "CREATE FUNCTION f(a int) RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT 1'; CREATE TABLE t (a int, b int GENERATED ALWAYS AS (f(a)) STORED);",
    'DROP FUNCTION f CASCADE; ALTER TABLE t ADD COLUMN b int;',
  ],
  [
    "CREATE FUNCTION g() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'; CREATE TABLE t (a int); CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION g();",
    "DROP FUNCTION g CASCADE; CREATE FUNCTION g() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'; CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION g();",
  ],
  [
    'CREATE TABLE t (a int); CREATE TABLE p (b int) INHERITS (t);',
    'DROP TABLE t CASCADE; CREATE TABLE t (a int); CREATE TABLE p (b int) INHERITS (t);',
  ],
  [
    'CREATE TABLE t (a int, b int); CREATE VIEW v AS SELECT t.* FROM t;',
    'ALTER TABLE t DROP COLUMN a CASCADE; CREATE VIEW v AS SELECT b FROM t;',
  ],
  [
    'CREATE TABLE t (a int primary key); CREATE TABLE u (a int, CONSTRAINT fk FOREIGN KEY (a) REFERENCES t);',
    'ALTER TABLE t DROP CONSTRAINT t_pkey CASCADE; ALTER TABLE t ADD PRIMARY KEY (a); ALTER TABLE u ADD CONSTRAINT fk FOREIGN KEY (a) REFERENCES t;',
  ],
  [
    'CREATE SCHEMA s; CREATE TABLE s.t (a int); CREATE VIEW v AS SELECT * FROM s.t;',
    'DROP SCHEMA s CASCADE; CREATE SCHEMA s; CREATE TABLE s.t (a int); CREATE VIEW v AS SELECT * FROM s.t;',
  ],
  [
    'CREATE TABLE t (a int); CREATE OR REPLACE VIEW v AS SELECT a FROM t;',
    'DROP TABLE IF EXISTS t CASCADE; CREATE TABLE IF NOT EXISTS t (a int, b int); CREATE VIEW v AS SELECT a FROM t;',
  ],
  [
    'CREATE TABLE t (a int);',
    'CREATE TABLE IF NOT EXISTS t (a int, b int);',
    'ALTER TABLE t ADD COLUMN b int;',
  ],
  ['CREATE TABLE t (a int);', 'CREATE TABLE IF NOT EXISTS t (a int);'],
  [
    'CREATE TABLE t (a int); CREATE INDEX i ON t (a);',
    'CREATE INDEX IF NOT EXISTS i ON t (a);',
    'CREATE INDEX CONCURRENTLY IF NOT EXISTS i ON t (a);',
  ],
  [
    'CREATE TABLE t (a int); CREATE INDEX i ON t (a);',
    'ALTER TABLE t DROP COLUMN a; ALTER TABLE t ADD COLUMN a int; CREATE INDEX i ON t (a);',
  ],
  [
    'CREATE TABLE t (a int, b text); CREATE INDEX i ON t (lower(b)) WHERE a > 0;',
    'ALTER TABLE t DROP COLUMN a; CREATE INDEX i ON t (lower(b));',
  ],
  [
    'CREATE TABLE t (a int, b int, CONSTRAINT c CHECK (a > b));',
    'ALTER TABLE t DROP COLUMN a; ALTER TABLE t ADD CONSTRAINT c CHECK (b > 0);',
  ],
  [
    'CREATE TABLE t (a int, b int, UNIQUE (a, b));',
    'ALTER TABLE t DROP COLUMN a; ALTER TABLE t ADD CONSTRAINT t_a_b_key UNIQUE (b);',
  ],
  [
    'CREATE TABLE t (a int); CREATE STATISTICS s ON a, (a+1) FROM t;',
    'CREATE STATISTICS IF NOT EXISTS s ON a, (a+1) FROM t;',
  ],
  [
    "CREATE SEQUENCE s; CREATE TABLE t (a int DEFAULT nextval('s')); ALTER SEQUENCE s OWNED BY t.a;",
    'DROP TABLE t; CREATE SEQUENCE s;',
  ],
  ['CREATE TABLE t (a serial);', 'DROP TABLE t; CREATE SEQUENCE t_a_seq;'],
  [
    'CREATE TABLE t (a serial);',
    'ALTER TABLE t DROP COLUMN a; CREATE SEQUENCE t_a_seq; ALTER TABLE t ADD COLUMN a serial;',
  ],
  [
    'CREATE TABLE a (x int); CREATE TABLE b (x int);',
    'ALTER TABLE a RENAME TO c; ALTER TABLE b RENAME TO a; ALTER TABLE c RENAME TO b; CREATE TABLE c (x int);',
  ],
  ['CREATE TABLE a (x int);', 'BEGIN; DROP TABLE a; COMMIT; CREATE TABLE a (x int);'],
  ['CREATE DOMAIN d AS int;', 'DROP DOMAIN d; CREATE DOMAIN d AS text;'],
  ['CREATE TYPE d AS (a int);', 'ALTER TYPE d RENAME TO e; CREATE TYPE d AS (a int);'],
  [
    'CREATE TABLE t (a int); CREATE POLICY p ON t USING (true);',
    'DROP POLICY p ON t; CREATE POLICY p ON t USING (false);',
  ],
  [
    'CREATE TABLE t (a int) PARTITION BY LIST (a); CREATE TABLE t1 PARTITION OF t FOR VALUES IN (1);',
    'DROP TABLE t; CREATE TABLE t1 (a int);',
  ],
  [
    'CREATE TABLE t (a int) PARTITION BY LIST (a); CREATE TABLE t1 PARTITION OF t FOR VALUES IN (1); CREATE INDEX i ON t (a);',
    'DROP INDEX i; CREATE INDEX i ON t1 (a);CREATE INDEX t1_a_idx ON t1 (a);',
  ],
  [
    "CREATE FUNCTION f(a int) RETURNS int LANGUAGE sql AS 'SELECT 1';",
    "CREATE FUNCTION f(a text) RETURNS int LANGUAGE sql AS 'SELECT 1';",
    "CREATE FUNCTION f(a int, b int DEFAULT 1) RETURNS int LANGUAGE sql AS 'SELECT 1';",
  ],
  [
    'CREATE EXTENSION IF NOT EXISTS citext;',
    'DROP EXTENSION citext CASCADE; CREATE EXTENSION citext;',
  ],
  [
    'CREATE TABLE t (a int); CREATE RULE r AS ON INSERT TO t DO ALSO NOTHING;',
    'CREATE OR REPLACE RULE r AS ON INSERT TO t DO ALSO NOTHING;',
  ],
  ['CREATE TEMP TABLE t (a int); CREATE TABLE public.t (a int);'],
  ['CREATE TEMP TABLE t (a int); DROP TABLE t; CREATE TABLE t (a int);'],
  [
    'CREATE TABLE t (a int);',
    'CREATE TEMP TABLE t (a int); ALTER TABLE t ADD COLUMN b int; ALTER TABLE public.t ADD COLUMN b int;',
  ],
  ['CREATE TABLE t (a int); ALTER TABLE t ADD COLUMN b int, ADD COLUMN IF NOT EXISTS b int;'],
  [
    'CREATE TABLE t (a int); CREATE TABLE u (a int);',
    'ALTER TABLE t ADD CONSTRAINT c CHECK (a>0); ALTER TABLE u ADD CONSTRAINT c CHECK (a>0); ',
  ],
  [
    'CREATE SCHEMA a; CREATE SCHEMA b; SET search_path = a; CREATE TABLE t (x int); SET search_path = b; CREATE TABLE t (x int);',
  ],
  [
    'CREATE SCHEMA a; SET search_path = a, public; CREATE TABLE t (x int); RESET search_path; CREATE TABLE t (x int);',
  ],
  [
    "CREATE SCHEMA a; SELECT set_config('search_path', 'a', false); CREATE TABLE t (x int); SELECT set_config('search_path', 'public', false); CREATE TABLE t (x int);",
  ],
  [
    'CREATE TABLE t (a int); CREATE VIEW v AS SELECT a FROM t;',
    'DROP VIEW v; ALTER TABLE t ALTER a TYPE bigint; CREATE VIEW v AS SELECT a FROM t;',
  ],
  [
    'CREATE TABLE t (a int); ALTER TABLE t DROP CONSTRAINT IF EXISTS c CASCADE, ADD CONSTRAINT c CHECK (a > 0);',
    'ALTER TABLE t DROP CONSTRAINT IF EXISTS c CASCADE, ADD CONSTRAINT c CHECK (a > 1);',
  ],
  [
    'CREATE TABLE t (a int); CREATE UNIQUE INDEX i ON t (a); ALTER TABLE t ADD CONSTRAINT k UNIQUE USING INDEX i;',
    'CREATE INDEX i ON t (a);',
  ],
  [
    'CREATE TABLE t (id int PRIMARY KEY, a int NOT NULL, b int UNIQUE); CREATE INDEX t_b_idx ON t (b);',
    'ALTER TABLE t DROP COLUMN id, ADD PRIMARY KEY (a); ALTER TABLE t DROP COLUMN b, ADD COLUMN b bigint UNIQUE; CREATE INDEX t_b_idx ON t (b);',
  ],
  [
    'CREATE TABLE t (a int); CREATE UNIQUE INDEX i ON t (a); ALTER TABLE t ADD CONSTRAINT i UNIQUE USING INDEX i; ALTER TABLE t DROP CONSTRAINT i; CREATE INDEX i ON t (a);',
  ],
  ['CREATE TABLE t (id int);', 'TRUNCATE t; ALTER TABLE t ADD COLUMN b int NOT NULL;'],
  ['CREATE TABLE t (id int);', 'DELETE FROM t; ALTER TABLE t ADD COLUMN b int NOT NULL;'],
  [
    'CREATE TABLE t (a int); CREATE SCHEMA s;',
    'ALTER TABLE t SET SCHEMA s; CREATE TABLE t (a int);',
  ],
  [
    'CREATE SCHEMA s; CREATE TABLE s.t (a int);',
    'ALTER SCHEMA s RENAME TO z; CREATE SCHEMA s; CREATE TABLE s.t (a int);',
  ],
  ['CREATE TABLE t (a int); ALTER TABLE t RENAME COLUMN a TO b; ALTER TABLE t ADD COLUMN a int;'],
  [
    'CREATE TABLE t (a int, CONSTRAINT c CHECK (a > 0)); ALTER TABLE t RENAME CONSTRAINT c TO d; ALTER TABLE t ADD CONSTRAINT c CHECK (a > 1);',
  ],
  [
    'CREATE TABLE t (a int); CREATE TABLE u (a int);  CREATE VIEW v AS SELECT 1 AS x;',
    'DROP TABLE IF EXISTS t, u CASCADE; CREATE TABLE t (a int); CREATE TABLE u (a int); CREATE OR REPLACE VIEW v AS SELECT 1 AS x;',
  ],
  ['CREATE TABLE t AS SELECT 1 AS a;', 'CREATE TABLE IF NOT EXISTS t AS SELECT 1 AS a;'],
  [
    'CREATE MATERIALIZED VIEW m AS SELECT 1 AS a;',
    'CREATE MATERIALIZED VIEW IF NOT EXISTS m AS SELECT 1 AS a;',
  ],
  ['CREATE SEQUENCE s;', 'CREATE SEQUENCE IF NOT EXISTS s;'],
  ['CREATE SCHEMA s;', 'CREATE SCHEMA IF NOT EXISTS s;'],
]

const filesOf = (texts: readonly string[]): Readonly<Record<string, string>> =>
  Object.fromEntries(texts.map((text, at) => [`000${String(at + 1)}_x.sql`, text]))

test.each(histories.map((texts) => [texts.join(' | '), texts] as const))('%s', async (_, texts) => {
  for (const version of serverVersions) {
    const database = await createDatabase(version)
    for (const text of texts) await run(database, text)
  }
  const errors = lintFiles(filesOf(texts)).filter(({ level }) => level === 'error')
  expect(errors.map(({ rule, message }) => `${rule}: ${message}`)).toEqual([])
})
