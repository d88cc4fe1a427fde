// Whatever a file may define: it verifies after it ran, and is recognised by somebody who was not there.

import { expect, test, describe } from '@jest/globals'
import type { Files } from '../support/gate.ts'
import { arrange, runs } from '../support/scenario.ts'
import { serverVersions } from '../support/servers.ts'

const returnsTrigger = "RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'"

// Each in a schema of its own.
const definitions: Readonly<Record<string, string>> = {
  empty_body: "CREATE PROCEDURE p() LANGUAGE sql AS ''",
  empty_enum: 'CREATE TYPE e AS ENUM ()',
  empty_composite: 'CREATE TYPE c AS ()',
  empty_table: 'CREATE TABLE t ()',
  empty_default: "CREATE TABLE t (a text DEFAULT '')",
  labels: "CREATE TYPE e AS ENUM ('a, b', 'it''s', 'ü')",
  functions: `CREATE TYPE mood AS ENUM ('ok'); CREATE TABLE t (m mood, n mood[]);
    CREATE FUNCTION f(mood) RETURNS mood LANGUAGE sql AS 'SELECT $1';
    CREATE FUNCTION f(t, mood[]) RETURNS SETOF t LANGUAGE sql STABLE STRICT AS 'SELECT $1';
    CREATE FUNCTION g(a int, OUT b text, c text DEFAULT 'x', VARIADIC d int[] DEFAULT '{}') LANGUAGE sql AS 'SELECT 1::text';
    CREATE FUNCTION h() RETURNS TABLE (x int, y text) LANGUAGE sql AS 'SELECT 1, 2::text';
    CREATE FUNCTION i() RETURNS int BEGIN ATOMIC SELECT 1; END;
    CREATE OR REPLACE PROCEDURE p(mood[]) LANGUAGE plpgsql AS 'BEGIN END'`,
  triggers: `CREATE TABLE t (a int); CREATE FUNCTION f() ${returnsTrigger};
    CREATE TRIGGER g AFTER INSERT OR UPDATE OF a ON t FOR EACH ROW EXECUTE FUNCTION f('', 'ü', 'a, b', 'back\\slash');
    CREATE TRIGGER h BEFORE UPDATE ON t FOR EACH ROW WHEN (OLD.a IS DISTINCT FROM NEW.a) EXECUTE FUNCTION f();
    CREATE CONSTRAINT TRIGGER i AFTER DELETE ON t DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION f();
    CREATE TRIGGER j AFTER INSERT ON t REFERENCING NEW TABLE AS n FOR EACH STATEMENT EXECUTE FUNCTION f()`,
  columns: `CREATE TABLE t (a int, b int GENERATED ALWAYS AS (a * 2) STORED, c uuid DEFAULT gen_random_uuid(),
    d timestamptz(3) DEFAULT CURRENT_TIMESTAMP, e numeric(10,2) DEFAULT 0, f text[] DEFAULT ARRAY[]::text[],
    g interval DEFAULT '1 day', h bit varying(5), i "char", j text COLLATE "C", k int[3], l varchar, m char,
    n double precision DEFAULT 1e3, o bool DEFAULT 't', p jsonb DEFAULT '{}'::jsonb, q date DEFAULT now(),
    r smallint DEFAULT -1, s bigserial, u int GENERATED ALWAYS AS IDENTITY,
    UNIQUE (a, b), EXCLUDE USING gist (box(point(a, b), point(a, b)) WITH &&))`,
  partitions: `CREATE TABLE t (a int NOT NULL, b date) PARTITION BY RANGE (a);
    CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (1) TO (10); CREATE TABLE t2 (LIKE t INCLUDING ALL);
    ALTER TABLE t ATTACH PARTITION t2 FOR VALUES FROM (10) TO (20); CREATE INDEX ON t (b); ALTER TABLE t ADD PRIMARY KEY (a)`,
  relatives: `CREATE TABLE p (a int CHECK (a > 0) NOT NULL, b text DEFAULT 'x'); CREATE TABLE c (x int) INHERITS (p);
    CREATE TABLE l (LIKE p INCLUDING DEFAULTS, y int); CREATE TABLE s AS SELECT * FROM p; CREATE UNLOGGED TABLE u (a int)`,
  indexes: `CREATE TABLE t (id int, d date, n text COLLATE "C", m text, "Id" int);
    CREATE INDEX IF NOT EXISTS a ON t (n COLLATE "C"); CREATE INDEX IF NOT EXISTS b ON t (lower(n)); CREATE INDEX IF NOT EXISTS c ON t ((id));
    CREATE INDEX IF NOT EXISTS d ON t (date(d)); CREATE INDEX IF NOT EXISTS e ON t ((id::int), lower(m) COLLATE "C" DESC, m COLLATE "C", m);
    CREATE INDEX IF NOT EXISTS f ON t (("Id"), ("Id" + 1)) WHERE indexes.t.id > 0; CREATE INDEX IF NOT EXISTS g ON t (lower(m) text_pattern_ops);
    CREATE INDEX IF NOT EXISTS h ON t USING gin (to_tsvector('simple', lower(m))); CREATE INDEX IF NOT EXISTS i ON t (m COLLATE "default");
    CREATE INDEX IF NOT EXISTS j ON t (length(m), (m || n))`,
  schema_names: `CREATE TABLE IF NOT EXISTS t (x text, CONSTRAINT c CHECK (schema_names.t.x <> ''), CHECK (length(schema_names.t.x) > t.x::int));
    ALTER TABLE t ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON t USING (schema_names.t.x = 'a')`,
  views: `CREATE TABLE p (a int); CREATE VIEW v WITH (security_barrier) AS SELECT * FROM p;
    CREATE RECURSIVE VIEW r (n) AS VALUES (1) UNION ALL SELECT n + 1 FROM r WHERE n < 5;
    CREATE MATERIALIZED VIEW m AS SELECT 1 AS x WITH NO DATA; CREATE UNIQUE INDEX ON m (x)`,
  domains: `CREATE TYPE mood AS ENUM ('a'); CREATE TYPE c AS (m mood, x int); CREATE DOMAIN d AS mood NOT NULL DEFAULT 'a';
    CREATE TABLE t (m d, n mood, c c, CHECK ((c).x > 0)); ALTER TABLE t ENABLE ROW LEVEL SECURITY;
    CREATE POLICY p ON t USING (n = 'a'::mood)`,
  comments: `CREATE TABLE t (a int); COMMENT ON TABLE t IS ''; COMMENT ON COLUMN t.a IS NULL; COMMENT ON COLUMN t.a IS 'it''s'`,
}

const inSchemas: Files = Object.fromEntries(
  Object.entries(definitions).map(([name, sql], index) => [
    `${index + 1}_${name}.sql`,
    `CREATE SCHEMA ${name}; SET search_path TO ${name};\n${sql}`,
  ]),
)

describe.each(serverVersions)('recognise, every kind of definition on PostgreSQL %s', (version) => {
  test('is verified after it ran, and recognised without a ledger', async () => {
    const scenario = await arrange(version, inSchemas)
    const names = Object.keys(inSchemas).map((name) => name.replace('.sql', ''))
    expect(await runs(scenario)).toEqual(names.map((name) => `${name}: applied`))
    await scenario.database.sql.unsafe('DROP SCHEMA schemagate CASCADE')
    expect(await runs(scenario)).toEqual(names.map((name) => `${name}: reconciled`))
  })

  // Its definition can no longer be planned: the function is gone.
  test('one expression that cannot be planned does not hide the others of its table', async () => {
    const scenario = await arrange(version, {
      '1_guests.sql': `CREATE FUNCTION is_fine(text) RETURNS bool LANGUAGE sql AS 'SELECT true';
        CREATE TABLE guests (a varchar(9) DEFAULT 'x', b text, CONSTRAINT c CHECK (is_fine(b)), CONSTRAINT d CHECK (a IN ('x', 'y')))`,
      '2_other_check.sql': `ALTER TABLE guests DROP CONSTRAINT c, ADD CONSTRAINT c CHECK (b IN ('v', 'w')); DROP FUNCTION is_fine(text)`,
    })
    expect(await runs(scenario)).toEqual(['1_guests: applied', '2_other_check: applied'])
    await scenario.database.sql.unsafe('DROP SCHEMA schemagate CASCADE')
    expect(await runs(scenario)).toEqual(['1_guests: reconciled', '2_other_check: reconciled'])
  })
})
