// What the history says is there in the end is what a real server has after the same files.

import { describe, expect, test } from '@jest/globals'
import { createDatabase, type TestDatabase } from '../support/database.ts'
import { serverVersions } from '../support/servers.ts'
import { historyOf } from '../unit/schema/history/history-lines.ts'

const before = `CREATE SCHEMA app; CREATE FUNCTION app.tf() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'`

const kinds = ['table', 'view', 'materialized view', 'column', 'constraint', 'trigger', 'index']

const predicted = (files: readonly string[]): readonly string[] => {
  const present = historyOf(files).timelines.filter(
    ({ object, changes }) => kinds.includes(object.kind) && changes.at(-1)?.value.kind !== 'absent',
  )
  const names = present.map(({ object: { kind, schema, table, name } }) =>
    [kind, schema, ...(table === '' ? [] : [table]), name].join(' '),
  )
  const notNull = present.flatMap(({ object, property, changes }) => {
    const value = changes.at(-1)?.value
    const [part] = value?.kind === 'defined' ? value.definition : []
    const isNotNull = part?.kind === 'text' && part.text === 'NOT NULL'
    return property === 'nullability' && isNotNull
      ? [`not null ${object.schema} ${object.table} ${object.name}`]
      : []
  })
  return [...new Set([...names, ...notNull])].sort()
}

// The index of a constraint is followed only where it was an index first.
const real = async (
  { sql }: TestDatabase,
  files: readonly string[],
): Promise<readonly string[]> => {
  await sql.unsafe(before)
  for (const file of files) {
    await sql.unsafe(file)
    await sql.unsafe('RESET ALL; DISCARD TEMP')
  }
  const rows = await sql.unsafe(`
    WITH r AS (SELECT c.oid, c.relkind, n.nspname AS s, c.relname AS t FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE n.nspname IN ('public', 'app', 'a', 'b', 's')),
    a AS (SELECT r.*, a.attname, a.attnotnull FROM r JOIN pg_attribute a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
      WHERE r.relkind IN ('r', 'p'))
    SELECT concat_ws(' ', CASE relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' ELSE 'table' END, s, t) AS line
      FROM r WHERE relkind IN ('r', 'p', 'v', 'm')
    UNION ALL SELECT concat_ws(' ', 'column', s, t, attname) FROM a
    UNION ALL SELECT concat_ws(' ', 'not null', s, t, attname) FROM a WHERE attnotnull
    UNION ALL SELECT concat_ws(' ', 'constraint', s, t, conname) FROM pg_constraint JOIN r ON r.oid = conrelid
      WHERE contype IN ('p', 'u', 'x', 'c', 'f')
    UNION ALL SELECT concat_ws(' ', 'trigger', s, t, tgname) FROM pg_trigger JOIN r ON r.oid = tgrelid WHERE NOT tgisinternal
    UNION ALL SELECT concat_ws(' ', 'index', s, t) FROM r WHERE relkind IN ('i', 'I')
      AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = r.oid AND contype IN ('p', 'u', 'x'))`)
  return rows.map(({ line }) => line as string).sort()
}

const isOfConstraint = (line: string, lines: readonly string[]): boolean => {
  const [kind, schema, name] = line.split(' ')
  return (
    kind === 'index' &&
    lines.some((each) => each.startsWith(`constraint ${schema} `) && each.endsWith(` ${name}`))
  )
}

const histories: readonly (readonly string[])[] = [
  [
    "CREATE TABLE t (a int PRIMARY KEY, b int CHECK (b > 0) REFERENCES t); CREATE INDEX i ON t (b) WHERE a > 0; COMMENT ON TABLE t IS 'x'",
    'ALTER TABLE t RENAME TO u',
  ],
  [
    'CREATE TABLE t (a int PRIMARY KEY); CREATE TABLE o (x int REFERENCES t)',
    'ALTER TABLE t RENAME TO u',
  ],
  [
    'CREATE TABLE t (a int); CREATE TABLE n (b text)',
    'ALTER TABLE t RENAME TO old; ALTER TABLE n RENAME TO t',
  ],
  ['CREATE TABLE t (a int); CREATE VIEW v AS SELECT a FROM t', 'ALTER TABLE t RENAME TO u'],
  ['CREATE TABLE t (a serial)', 'ALTER TABLE t RENAME TO u'],
  ['CREATE TABLE t (a serial)', 'ALTER SEQUENCE t_a_seq RENAME TO s'],
  ["CREATE SEQUENCE s; CREATE TABLE t (a int DEFAULT nextval('s'))", 'ALTER TABLE s RENAME TO r'],
  ['CREATE VIEW v AS SELECT 1 AS x', 'ALTER TABLE v RENAME TO w'],
  [
    'CREATE MATERIALIZED VIEW m AS SELECT 1 AS x; CREATE INDEX i ON m (x)',
    'ALTER MATERIALIZED VIEW m RENAME TO n',
  ],
  [
    "CREATE TABLE t (a int DEFAULT 5); COMMENT ON COLUMN t.a IS 'x'",
    'ALTER TABLE t RENAME a TO z; ALTER TABLE t ADD a text',
  ],
  ['CREATE TABLE t (a int UNIQUE)', 'ALTER TABLE t RENAME CONSTRAINT t_a_key TO k'],
  ['CREATE TABLE t (a int UNIQUE)', 'ALTER INDEX t_a_key RENAME TO k'],
  ['CREATE TABLE t (a int); CREATE INDEX i ON t (a)', 'ALTER INDEX i RENAME TO j'],
  ['CREATE TABLE t (a int); CREATE INDEX i ON t (a)', 'ALTER TABLE i RENAME TO j'],
  ['CREATE TABLE t (a int)', 'ALTER INDEX t RENAME TO u'],
  [
    'CREATE TABLE t (a int CONSTRAINT t CHECK (a > 0)); CREATE INDEX i ON t (a)',
    'ALTER TABLE t RENAME CONSTRAINT t TO c',
  ],
  [
    'CREATE TABLE t (a int); CREATE UNIQUE INDEX i ON t (a); ALTER TABLE t ADD CONSTRAINT k PRIMARY KEY USING INDEX i',
  ],
  [
    'CREATE TABLE t (a int); CREATE UNIQUE INDEX i ON t (a); ALTER TABLE t ADD CONSTRAINT k UNIQUE USING INDEX i',
    'ALTER INDEX k RENAME TO l',
  ],
  [
    'CREATE TABLE t (a int); CREATE UNIQUE INDEX i ON t (a); ALTER TABLE t ADD CONSTRAINT k UNIQUE USING INDEX i',
    'ALTER TABLE t RENAME CONSTRAINT k TO l',
  ],
  [
    'CREATE TABLE t (a int); CREATE UNIQUE INDEX i ON t (a); ALTER TABLE t ADD CONSTRAINT k UNIQUE USING INDEX i',
    'ALTER TABLE t DROP CONSTRAINT k',
  ],
  [
    "CREATE TYPE mood AS ENUM ('a'); CREATE TABLE t (m mood DEFAULT 'a'::mood, n mood[]); CREATE INDEX i ON t (m) WHERE m = 'a'::mood",
    'ALTER TYPE mood RENAME TO feeling',
  ],
  ['CREATE DOMAIN d AS text; CREATE TYPE c AS (x d)', 'ALTER DOMAIN d RENAME TO e'],
  ['CREATE TYPE c AS (x int)', 'ALTER TYPE c RENAME ATTRIBUTE x TO y'],
  ['CREATE TYPE c AS (x int)', 'ALTER TYPE c ADD ATTRIBUTE y int'],
  [
    "CREATE SCHEMA a; CREATE TYPE a.mood AS ENUM ('x'); CREATE TABLE a.t (id serial PRIMARY KEY, m a.mood); CREATE INDEX i ON a.t (m); CREATE TABLE o (x int REFERENCES a.t)",
    'ALTER SCHEMA a RENAME TO b',
  ],
  [
    "CREATE SCHEMA a; CREATE FUNCTION a.f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'; CREATE TABLE t (x int); CREATE TRIGGER g BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION a.f()",
    'ALTER SCHEMA a RENAME TO b',
  ],
  [
    "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'; CREATE TABLE t (x int); CREATE TRIGGER g BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION f()",
    'ALTER FUNCTION f RENAME TO h',
  ],
  [
    "CREATE FUNCTION f(int) RETURNS int LANGUAGE sql AS 'SELECT 1'; CREATE TABLE t (x int CHECK (f(x) > 0) DEFAULT f(1))",
    'ALTER FUNCTION f(int) RENAME TO h',
  ],
  [
    "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'; CREATE FUNCTION f(int) RETURNS int LANGUAGE sql AS 'SELECT 1'",
    'ALTER FUNCTION f(int) RENAME TO h',
  ],
  ['CREATE TABLE t (a int UNIQUE); CREATE INDEX i ON t (a)', 'DROP TABLE t'],
  [
    'CREATE TABLE t (a int UNIQUE, b int CHECK (a > b), c int); CREATE INDEX i ON t (b) WHERE a > 0; CREATE INDEX j ON t (c)',
    'ALTER TABLE t DROP COLUMN a',
  ],
  [
    'CREATE TABLE t (a int PRIMARY KEY); CREATE TABLE o (x int REFERENCES t, y int CHECK (y > 0))',
    'DROP TABLE t CASCADE',
  ],
  [
    'CREATE TABLE t (a int PRIMARY KEY); CREATE TABLE o (x int REFERENCES t)',
    'ALTER TABLE t DROP CONSTRAINT t_pkey CASCADE',
  ],
  [
    'CREATE TABLE t (a int UNIQUE); CREATE TABLE o (x int REFERENCES t (a))',
    'ALTER TABLE t DROP COLUMN a CASCADE',
  ],
  [
    "CREATE TYPE mood AS ENUM ('a'); CREATE TABLE t (mood mood UNIQUE, b text DEFAULT 'a'::mood::text); CREATE INDEX i ON t (b)",
    'DROP TYPE mood CASCADE',
  ],
  [
    "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'; CREATE TABLE t (x int); CREATE TRIGGER g BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION f()",
    'DROP FUNCTION f CASCADE',
  ],
  ["CREATE SEQUENCE s; CREATE TABLE t (a int DEFAULT nextval('s'))", 'DROP SEQUENCE s CASCADE'],
  [
    'CREATE TABLE t (a int); CREATE TABLE u (a int); CREATE VIEW v AS SELECT a FROM t; CREATE VIEW w AS SELECT a FROM v; CREATE VIEW x AS SELECT a FROM u',
    'DROP TABLE t CASCADE',
  ],
  [
    'CREATE TABLE t (a int, b int); CREATE VIEW v AS SELECT b FROM t',
    'ALTER TABLE t DROP COLUMN a CASCADE',
  ],
  [
    'CREATE TABLE t (a int, b int GENERATED ALWAYS AS (a) STORED)',
    'ALTER TABLE t DROP COLUMN a CASCADE',
  ],
  [
    'CREATE SCHEMA s; CREATE TABLE s.t (a int PRIMARY KEY); CREATE INDEX i ON s.t (a); CREATE TABLE o (x int REFERENCES s.t)',
    'DROP SCHEMA s CASCADE',
  ],
  [
    "CREATE SEQUENCE s; CREATE TABLE t (a int DEFAULT nextval('s')); ALTER SEQUENCE s OWNED BY t.a",
    'DROP TABLE t',
  ],
  [
    'CREATE MATERIALIZED VIEW m AS SELECT 1 AS x; CREATE INDEX i ON m (x)',
    'DROP MATERIALIZED VIEW m',
  ],
  [
    "CREATE FUNCTION f(int) RETURNS int LANGUAGE sql AS 'SELECT 1'; CREATE FUNCTION f(text) RETURNS int LANGUAGE sql AS 'SELECT 1'",
    'DROP FUNCTION f(int)',
  ],
  ["CREATE FUNCTION f(int) RETURNS int LANGUAGE sql AS 'SELECT 1'", 'DROP FUNCTION f'],
  ['CREATE TABLE t (a int)', 'CREATE TABLE IF NOT EXISTS t (a text, b int UNIQUE)'],
  ['CREATE TABLE IF NOT EXISTS t (a int, b int UNIQUE)'],
  ['CREATE TABLE t (a int)', 'ALTER TABLE t ADD COLUMN IF NOT EXISTS a text UNIQUE'],
  ['CREATE TABLE t (a int)', 'ALTER TABLE t ADD COLUMN IF NOT EXISTS b text UNIQUE'],
  ['CREATE TABLE t (a int); CREATE INDEX i ON t (a)', 'CREATE INDEX IF NOT EXISTS i ON t (a, a)'],
  ['CREATE TABLE t (a int)', 'DROP TABLE t', 'CREATE TABLE IF NOT EXISTS t (b int)'],
  ["CREATE TABLE t (a int); COMMENT ON TABLE t IS 'x'; DROP TABLE t; CREATE TABLE t (b int)"],
  [
    "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'; COMMENT ON FUNCTION f IS 'c'",
    'CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql RETURN 1',
  ],
  [
    "CREATE VIEW v AS SELECT 1 AS x; COMMENT ON VIEW v IS 'c'",
    'CREATE OR REPLACE VIEW v AS SELECT 2 AS x',
  ],
  [
    "CREATE TABLE t (a int); ALTER TABLE t ALTER a TYPE text, ALTER a SET NOT NULL, ALTER a SET DEFAULT 'x'",
  ],
  [
    'CREATE TABLE t (a int CHECK (a > 0)); ALTER TABLE t ADD CHECK (a > 1), DROP CONSTRAINT t_a_check',
  ],
  [
    'CREATE TABLE t (a int PRIMARY KEY, CONSTRAINT c FOREIGN KEY (a) REFERENCES t); ALTER TABLE t ALTER CONSTRAINT c DEFERRABLE',
  ],
  [
    'CREATE TABLE t (a int); ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0) NOT VALID',
    'ALTER TABLE t VALIDATE CONSTRAINT c',
  ],
  ['CREATE TABLE t (a int); ALTER TABLE t ENABLE ROW LEVEL SECURITY'],
  ['CREATE DOMAIN d AS text', 'ALTER DOMAIN d SET NOT NULL'],
  [
    'CREATE TABLE t (a int); CREATE POLICY p ON t USING (a > 0)',
    'ALTER POLICY p ON t USING (a > 1)',
  ],
  ["CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'", 'ALTER FUNCTION f() STABLE'],
  ["CREATE TYPE m AS ENUM ('a', 'b')", "ALTER TYPE m ADD VALUE 'c'"],
  ["CREATE TYPE m AS ENUM ('a', 'b')", "ALTER TYPE m ADD VALUE IF NOT EXISTS 'b'"],
  ["CREATE TYPE m AS ENUM ('a', 'b')", "ALTER TYPE m RENAME VALUE 'a' TO 'z'"],
  ["CREATE TABLE t (a int); COMMENT ON TABLE t IS 'x'; COMMENT ON COLUMN t.a IS 'y'"],
  ["CREATE TABLE t (a int); COMMENT ON TABLE t IS 'x'", 'COMMENT ON TABLE t IS NULL'],
  [
    'CREATE TEMP TABLE x (a int); CREATE INDEX i ON x (a); ALTER TABLE x ADD b int; DROP INDEX i; ALTER TABLE x RENAME TO y; DROP TABLE y',
  ],
  [
    'CREATE TABLE x (a int); CREATE TEMP TABLE x (b int); ALTER TABLE x ADD c int; DROP TABLE x; ALTER TABLE x ADD d int',
  ],
  [
    "CREATE TYPE mood AS ENUM ('a'); CREATE FUNCTION f(int, mood[]) RETURNS int LANGUAGE sql AS 'SELECT 1'",
    'ALTER TYPE mood RENAME TO feeling',
    'DROP FUNCTION f(int, feeling[])',
  ],
  ['CREATE TABLE t (a int); ALTER TABLE public.t ADD b int; ALTER TABLE t ADD c int'],
  ['CREATE SCHEMA s CREATE TABLE t (a int UNIQUE) CREATE INDEX ON t (a)'],
  ['CREATE TABLE t (a serial UNIQUE)', 'ALTER TABLE t SET SCHEMA app'],
  [
    "CREATE SEQUENCE s; CREATE TABLE t (a int DEFAULT nextval('s')); ALTER SEQUENCE s OWNED BY t.a",
    'ALTER TABLE t SET SCHEMA app',
  ],
  ['CREATE TABLE t (a int UNIQUE); CREATE INDEX i ON t (a)', 'ALTER TABLE t SET SCHEMA app'],
  [
    'SET search_path = app, public; CREATE TABLE t (a int); CREATE TABLE public.u (a int); CREATE INDEX i ON u (a)',
  ],
  [
    'SET search_path = app; CREATE TABLE t (a int); RESET search_path; CREATE TABLE u (a int); SET search_path = app; RESET ALL; CREATE TABLE v (a int); SET search_path = app; SET search_path TO DEFAULT; CREATE TABLE w (a int)',
  ],
  [`SELECT set_config('search_path', 'App, "Big", public', false); CREATE TABLE t (a int)`],
  ['SET search_path = "$user", app; CREATE TABLE t (a int)'],
  [
    'CREATE TABLE t (a int); CREATE TRIGGER g BEFORE UPDATE OF a ON t FOR EACH ROW WHEN (NEW.a > 0) EXECUTE FUNCTION app.tf(); CREATE POLICY p ON t USING (t.a > 0)',
    'ALTER TABLE t RENAME a TO z',
    'ALTER TABLE t RENAME TO u',
    'DROP FUNCTION app.tf CASCADE',
  ],
  [
    "CREATE TABLE t (a text UNIQUE, b text GENERATED ALWAYS AS (a::text) STORED); CREATE INDEX i ON t (lower(a)) INCLUDE (b) WHERE a <> ''",
    'ALTER TABLE t RENAME a TO z',
    'ALTER TABLE t DROP COLUMN z CASCADE',
  ],
  [
    'CREATE TABLE t (a int, b int); CREATE UNIQUE INDEX i ON t (a, b); CREATE UNIQUE INDEX j ON t (b)',
    'ALTER TABLE t ADD PRIMARY KEY USING INDEX i, ADD CONSTRAINT z UNIQUE USING INDEX j',
    'ALTER TABLE t DROP COLUMN b',
  ],
  [
    'CREATE TABLE t (a int PRIMARY KEY) PARTITION BY RANGE (a); CREATE TABLE t1 (a int NOT NULL, CHECK (a > 0))',
    'DROP TABLE t1',
    'DROP TABLE t',
  ],
  [
    'CREATE TABLE a (id serial PRIMARY KEY); CREATE TABLE b (id serial PRIMARY KEY, a int REFERENCES a)',
    'ALTER TABLE a RENAME TO c; ALTER TABLE b RENAME TO a; ALTER TABLE c RENAME TO b',
    'ALTER TABLE a RENAME CONSTRAINT b_pkey TO a_key',
    'DROP TABLE b CASCADE',
  ],
  [
    "CREATE TYPE app.m AS ENUM ('a'); CREATE TABLE t (x app.m, y text CHECK (y <> 'a'::app.m::text), z app.m[])",
    'ALTER TYPE app.m SET SCHEMA public',
    'DROP TYPE m CASCADE',
  ],
  [
    "CREATE FUNCTION f(a int) RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT 1'; CREATE TABLE t (a int, b int CHECK (f(b) > 0)); CREATE INDEX i ON t (f(a))",
    'DROP FUNCTION f CASCADE',
  ],
  [
    'CREATE VIEW v AS SELECT 1 AS x; CREATE VIEW w AS SELECT x FROM v; CREATE MATERIALIZED VIEW m AS SELECT x FROM w; CREATE INDEX i ON m (x)',
    'DROP VIEW v CASCADE',
  ],
  [
    'CREATE TABLE t (a int NOT NULL, b int)',
    'ALTER TABLE t ADD COLUMN c serial, ALTER b SET NOT NULL, ALTER a DROP NOT NULL, DROP COLUMN IF EXISTS zz',
    'ALTER TABLE t ALTER b DROP NOT NULL, ADD PRIMARY KEY (a)',
  ],
  [
    'CREATE TABLE t (a int); CREATE TEMP TABLE t (b int); CREATE INDEX i ON t (b); DROP TABLE t; CREATE INDEX j ON t (a)',
  ],
  [
    'CREATE TABLE t (a int, CONSTRAINT c UNIQUE (a)); ALTER TABLE t DROP CONSTRAINT c, ADD CONSTRAINT c CHECK (a > 0)',
    'ALTER TABLE t DROP CONSTRAINT IF EXISTS c, DROP CONSTRAINT IF EXISTS d',
  ],
]

describe.each(serverVersions)('as on PostgreSQL %s', (version) => {
  test.each(histories.map((files) => ({ files })))('$files', async ({ files }) => {
    const found = await real(await createDatabase(version), files)
    const own = predicted(files)
    expect(own.filter((line) => !isOfConstraint(line, own))).toEqual(found)
  })
})
