// Histories that are in order: the comparison must not stand in their way, neither from scratch nor in a database that has
// them already.

import { describe, expect, test } from '@jest/globals'
import { arrange, runs } from '../support/scenario.ts'
import { serverVersions } from '../support/servers.ts'

const histories: Readonly<Record<string, readonly string[]>> = {
  'an index on a column named d': [
    'CREATE TABLE t (d date, q int, e text); CREATE INDEX i ON t (d); CREATE INDEX j ON t (q, e)',
  ],
  'a label renamed beside a column without a default': [
    "CREATE TYPE e AS ENUM ('a'); CREATE TABLE t (i int, m e DEFAULT 'a')",
    "ALTER TYPE e RENAME VALUE 'a' TO 'b'",
  ],
  'functions whose results have a length, and whose arguments have types of their own path': [
    "CREATE FUNCTION f() RETURNS varchar(10) LANGUAGE sql AS 'SELECT ''x''::varchar'",
    "CREATE FUNCTION g() RETURNS TABLE (a numeric(10, 2)) LANGUAGE sql AS 'SELECT 1::numeric'",
    'CREATE SCHEMA app; CREATE TABLE u (e int)',
    "CREATE FUNCTION h(a u.e%TYPE) RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "SET search_path TO app; CREATE TYPE mood AS ENUM ('a'); CREATE FUNCTION f(m mood) RETURNS int LANGUAGE sql AS 'SELECT 1'",
  ],
  'a key that becomes an index of its name, and back': [
    'CREATE TABLE c (e text CONSTRAINT uq UNIQUE)',
    'ALTER TABLE c DROP CONSTRAINT uq; CREATE UNIQUE INDEX uq ON c (lower(e))',
    'DROP INDEX uq; ALTER TABLE c ADD CONSTRAINT uq UNIQUE (e)',
  ],
  'a serial of a name that an older sequence has': [
    'CREATE TABLE t (i serial)',
    'ALTER TABLE t RENAME TO u',
    'CREATE TABLE t (i serial)',
  ],
  'a default that is frozen when it is made': [
    "CREATE TABLE t (a timestamp DEFAULT 'now', b date DEFAULT 'today')",
    'ALTER TABLE t RENAME TO u',
  ],
  'a column told again after its default was changed': [
    'CREATE TABLE t (i int, neg int)',
    'ALTER TABLE t ALTER neg SET DEFAULT 5, ALTER neg SET NOT NULL',
    'ALTER TABLE t ADD COLUMN IF NOT EXISTS neg int',
    'CREATE TABLE z (i int)',
  ],
  'temporary tables with names of the catalog': [
    'CREATE TABLE t (i int); CREATE TEMP TABLE pg_class (x int); CREATE TEMP TABLE pg_attribute (y int)',
  ],
  'a key made of an index': [
    'CREATE TABLE t (e text)',
    'CREATE UNIQUE INDEX e_uq ON t (e)',
    'ALTER TABLE t ADD CONSTRAINT t_e_key UNIQUE USING INDEX e_uq',
  ],
  'results of every sort': [
    `CREATE FUNCTION f() RETURNS char LANGUAGE sql AS $$ SELECT 'x'::char $$;
    CREATE FUNCTION g() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
    CREATE FUNCTION h() RETURNS SETOF record LANGUAGE sql AS $$ SELECT 1, 2 $$;
    CREATE FUNCTION i() RETURNS numeric(10, 2)[] LANGUAGE sql AS $$ SELECT ARRAY[1::numeric] $$`,
  ],
  'a schema renamed that a file had in its search path': [
    'CREATE SCHEMA app',
    "SET search_path TO app; CREATE TYPE mood AS ENUM ('a'); CREATE TABLE p (m mood); CREATE FUNCTION f(m mood) RETURNS mood LANGUAGE sql AS 'SELECT m'",
    'ALTER TABLE app.p SET SCHEMA public; ALTER SCHEMA app RENAME TO core',
    'CREATE TABLE z (i int)',
  ],
  'a materialised view, with its index, that goes with a column': [
    'CREATE TABLE a (i int, line text); CREATE VIEW v AS SELECT line FROM a',
    'CREATE MATERIALIZED VIEW mv AS SELECT line FROM v; CREATE UNIQUE INDEX mv_i ON mv (line)',
    'ALTER TABLE a DROP COLUMN line CASCADE',
    'CREATE TABLE z (i int)',
  ],
  'a foreign key that goes with the key it stands on': [
    'CREATE TABLE a (id int, CONSTRAINT a_pkey PRIMARY KEY (id)); CREATE TABLE b (x int REFERENCES a (id))',
    'ALTER TABLE a DROP CONSTRAINT a_pkey CASCADE',
    'ALTER TABLE a ADD PRIMARY KEY (id)',
  ],
}

describe.each(serverVersions)('in order on PostgreSQL %s', (version) => {
  test.each(Object.entries(histories))('%s', async (_, texts) => {
    const files = Object.fromEntries(texts.map((text, at) => [`${at + 1}_a.sql`, text]))
    const fresh = await arrange(version, files)
    expect(await runs(fresh)).toEqual(texts.map((_text, at) => `${at + 1}_a: applied`))
    // Temporary objects and settings are the session's.
    const byHand = texts.map((text) => `${text};\nDISCARD TEMP; RESET ALL;`).join('\n')
    const adopted = await arrange(version, files, byHand)
    expect(await runs(adopted)).toEqual(texts.map((_text, at) => `${at + 1}_a: reconciled`))
  })

  test('a role that the file puts on, and that alone sees its schema', async () => {
    const role = `gate_owner_${version}_${process.pid}`
    const { database, write, gate } = await arrange(version, { '1_a.sql': 'SELECT 1' })
    const { sql, name } = database
    try {
      await sql.unsafe(
        `CREATE ROLE ${role}; CREATE ROLE ${role}_login LOGIN NOINHERIT PASSWORD 'secret' IN ROLE ${role};
        GRANT CREATE ON DATABASE ${name} TO ${role}, ${role}_login`,
      )
      write({
        '2_b.sql': `SET ROLE ${role}; CREATE SCHEMA s1;
          CREATE TABLE s1.t (st text DEFAULT 'x' CHECK (st IN ('a', 'b')), v varchar(9));
          CREATE FUNCTION s1.f(a s1.t) RETURNS int LANGUAGE sql AS 'SELECT 1'; CREATE VIEW s1.v AS SELECT st FROM s1.t`,
      })
      const url = new URL(database.url)
      url.username = `${role}_login`
      url.password = 'secret'
      const found = await gate('run', '--database-url', url.href)
      expect(found).toMatchObject({ exitCode: 0 })
    } finally {
      await sql.unsafe(
        `DROP OWNED BY ${role}, ${role}_login CASCADE; DROP ROLE ${role}_login; DROP ROLE ${role}`,
      )
    }
  })
})
