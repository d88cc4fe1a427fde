// A file that ran without an error and did not do what it says: told with what was expected and found, rolled back whole.

import { describe, expect, test } from '@jest/globals'
import { ledgerStates, readCatalog } from '../support/catalog.ts'
import { arrange, queried, runs } from '../support/scenario.ts'
import type { Files } from '../support/gate.ts'
import { serverVersions } from '../support/servers.ts'

type Broken = {
  readonly what: string
  /** 2_x.sql is the one that does not verify. */
  readonly files: Files
  readonly before?: string
  readonly object: string
  readonly expected: string
  readonly found: string
  /** 2_x.sql as it should be. */
  readonly corrected: string
}

const base = { '1_t.sql': 'CREATE TABLE t (id int)' }

const all: readonly Broken[] = [
  {
    what: 'ADD COLUMN IF NOT EXISTS that meets a column of an earlier pending file',
    files: {
      '1_t.sql': 'CREATE TABLE t (id int, a text)',
      '2_x.sql': '-- a comment\nALTER TABLE t\n  ADD COLUMN IF NOT EXISTS a int',
    },
    object: 'column t.a, type',
    expected: 'integer',
    found: 'text',
    corrected: 'ALTER TABLE t ADD COLUMN IF NOT EXISTS b int',
  },
  {
    what: 'ADD COLUMN IF NOT EXISTS that meets a column of a DO block before it',
    files: {
      ...base,
      '2_x.sql':
        'DO $$ BEGIN ALTER TABLE t ADD COLUMN a text; END $$;\nALTER TABLE t ADD COLUMN IF NOT EXISTS a int',
    },
    object: 'column t.a, type',
    expected: 'integer',
    found: 'text',
    corrected: 'ALTER TABLE t ADD COLUMN IF NOT EXISTS a int',
  },
  {
    what: 'CREATE TABLE IF NOT EXISTS that meets a smaller table of a DO block',
    files: {
      ...base,
      '2_x.sql':
        "DO $$ BEGIN EXECUTE 'CREATE TABLE u (id int)'; END $$;\nCREATE TABLE IF NOT EXISTS u (id int, a text NOT NULL)",
    },
    object: 'column u.a',
    expected: 'column',
    found: 'nothing',
    corrected: 'CREATE TABLE IF NOT EXISTS u (id int, a text NOT NULL)',
  },
  {
    what: 'CREATE INDEX IF NOT EXISTS that meets another index of a DO block',
    files: {
      ...base,
      '2_x.sql':
        'DO $$ BEGIN CREATE INDEX i ON t (id DESC); END $$;\nCREATE UNIQUE INDEX IF NOT EXISTS i ON t (id)',
    },
    object: 'index i',
    expected: 'UNIQUE INDEX ON public.t USING btree (id)',
    found: 'INDEX ON public.t USING btree (id DESC)',
    corrected: 'CREATE UNIQUE INDEX IF NOT EXISTS i ON t (id)',
  },
  {
    what: 'ADD COLUMN IF NOT EXISTS before a DO block that only changes rows',
    files: {
      '1_t.sql': 'CREATE TABLE t (id int); DO $$ BEGIN ALTER TABLE t ADD COLUMN a text; END $$',
      '2_x.sql':
        'ALTER TABLE t ADD COLUMN IF NOT EXISTS a int;\nDO $$ BEGIN UPDATE t SET id = 1; END $$',
    },
    object: 'column t.a, type',
    expected: 'integer',
    found: 'text',
    corrected: 'ALTER TABLE t ADD COLUMN IF NOT EXISTS b int',
  },
  {
    what: 'a drop that is undone in the same file behind its back',
    files: {
      '1_t.sql': 'CREATE TABLE t (id int, a int)',
      '2_x.sql': 'ALTER TABLE t DROP COLUMN a;\nDO $$ BEGIN ALTER TABLE t ADD COLUMN a int; END $$',
    },
    object: 'column t.a',
    expected: 'nothing',
    found: 'column',
    corrected: 'ALTER TABLE t DROP COLUMN a',
  },
  {
    what: 'a DO block that swallows its error, with @fingerprint',
    files: {
      ...base,
      '2_x.sql':
        '-- @fingerprint column t.a\nDO $$ BEGIN ALTER TABLE missing ADD COLUMN a text; EXCEPTION WHEN OTHERS THEN NULL; END $$',
    },
    object: 'column t.a',
    expected: 'something of that name',
    found: 'nothing',
    corrected: '-- @fingerprint column t.a\nDO $$ BEGIN ALTER TABLE t ADD COLUMN a text; END $$',
  },
  ...[
    { what: 'false', sql: 'SELECT EXISTS (SELECT FROM u)', found: 'false' },
    {
      what: 'an error',
      sql: 'SELECT nowhere FROM u',
      found: 'SQLSTATE 42703: column "nowhere" does not exist',
    },
    {
      what: 'two rows',
      sql: 'SELECT true FROM generate_series(1, 2)',
      found: 'it returned more than one row',
    },
    { what: 'no row', sql: 'SELECT true FROM u', found: 'it returned no row' },
    {
      what: 'NULL',
      sql: 'SELECT bool_and(id > 0) FROM u',
      found: 'it returned null, not true or false',
    },
    { what: 'a number', sql: 'SELECT count(*) FROM u', found: 'it returned 0, not true or false' },
    {
      what: 'two columns of one name',
      sql: 'SELECT true AS ok, true AS ok',
      found: 'it returned 2 columns, not true or false',
    },
  ].map(({ what, sql, found }) => ({
    what: `@verify that yields ${what}`,
    files: { ...base, '2_x.sql': `-- @verify sql ${sql}\nCREATE TABLE u (id int)` },
    object: `@verify sql ${sql}`,
    expected: 'true',
    found,
    corrected:
      '-- @verify sql SELECT count(*) = 1 FROM u;\nCREATE TABLE u (id int); INSERT INTO u VALUES (1)',
  })),
]

const undoing = `CREATE FUNCTION undo() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN
  IF EXISTS (SELECT FROM pg_attribute WHERE attrelid = 't'::regclass AND attname = 'a') THEN ALTER TABLE t DROP COLUMN a; END IF;
END $$;
CREATE EVENT TRIGGER undo ON ddl_command_end WHEN TAG IN ('ALTER TABLE')
  EXECUTE FUNCTION undo();`

describe.each(serverVersions)('verify on PostgreSQL %s', (version) => {
  test.each(all)('$what: rolled back, told, and mended by a correction', async (broken) => {
    const { files, object, expected, found, corrected } = broken
    const scenario = await arrange(version, { ...files, '3_later.sql': 'CREATE TABLE later ()' })
    const { gate, database, write } = scenario
    const { exitCode, stdout } = await gate('run')
    expect(exitCode).toBe(1)
    expect(stdout).toContain(
      'error[not-verified]: migrations/2_x.sql ran, but the database does not have what it promises: ',
    )
    expect(stdout).toContain(`\n  ${object}\n    expected: ${expected}\n    found:    ${found}\n`)
    expect(stdout).toContain('rolled back whole')
    expect(stdout).toContain('not attempted  migrations/3_later.sql')
    expect(stdout.trimEnd().split('\n').at(-1)).toContain('MIGRATION FAILED: migrations/2_x.sql')
    expect(await ledgerStates(database)).toEqual(['1_t: applied'])
    const untouched = await arrange(version, {}, String(files['1_t.sql']))
    expect(await readCatalog(database)).toEqual(await readCatalog(untouched.database))
    write({ '2_x.sql': corrected })
    expect(await runs(scenario)).toEqual(['1_t: applied', '2_x: applied', '3_later: applied'])
  })

  test('names every difference of a file at once, as JSON too', async () => {
    const { gate } = await arrange(version, {
      '1_t.sql': 'CREATE TABLE t (id bigint NOT NULL, a text)',
      '2_x.sql': 'CREATE TABLE IF NOT EXISTS t (id int, a text DEFAULT 1, b int)',
    })
    const { exitCode, stdout } = await gate('run', '--json')
    expect(exitCode).toBe(1)
    const { problems } = JSON.parse(stdout) as {
      problems: { code: string; facts: { differences: { object: string; facet: string }[] } }[]
    }
    expect(problems).toHaveLength(1)
    const differences = problems[0]?.facts.differences ?? []
    expect(differences.map(({ object, facet }) => `${object}, ${facet}`).sort()).toEqual(
      [
        'column t.a, default',
        'column t.b, default',
        'column t.b, existence',
        'column t.b, nullability',
        'column t.b, type',
        'column t.id, nullability',
        'column t.id, type',
      ].sort(),
    )
  })

  test.each([
    { where: 'before the run', files: base, before: undoing },
    {
      where: 'of a file of the run',
      files: { '1_t.sql': `${base['1_t.sql']};\n${undoing}` },
      before: '',
    },
  ])(
    'is not taken in by a statement that an event trigger $where undoes',
    async ({ files, before }) => {
      const later = { '2_x.sql': 'ALTER TABLE t ADD COLUMN a int' }
      const { gate, database } = await arrange(version, { ...files, ...later })
      await database.sql.unsafe(before)
      const { exitCode, stdout } = await gate('run')
      expect(exitCode).toBe(1)
      expect(stdout).toContain('\n  column t.a\n    expected: column\n    found:    nothing\n')
      expect(await ledgerStates(database)).toEqual(['1_t: applied'])
    },
  )

  test.each([
    'DO $$ BEGIN ALTER TABLE t RENAME COLUMN a TO c; ALTER TABLE u RENAME TO w; END $$',
    "DO $$ BEGIN EXECUTE 'ALTER TABLE t ALTER a TYPE bigint'; EXECUTE 'DROP TABLE u'; END $$",
    'CALL other()',
    'SELECT changed()',
    'DO $$ BEGIN PERFORM changed(); END $$',
  ])('what %s did to the objects of its own file is not taken for a fault', async (last) => {
    const scenario = await arrange(version, {
      '1_routines.sql': `CREATE FUNCTION changed() RETURNS void LANGUAGE plpgsql AS $$ BEGIN ALTER TABLE t RENAME TO s; DROP TABLE u; END $$;
        CREATE PROCEDURE other() LANGUAGE plpgsql AS $$ BEGIN PERFORM changed(); END $$;`,
      '2_x.sql': `CREATE TABLE t (a int, b int); CREATE TABLE IF NOT EXISTS u (a int);
        CREATE INDEX i ON t (a); ALTER TABLE t ADD COLUMN IF NOT EXISTS d int; ${last};`,
    })
    expect(await runs(scenario)).toEqual(['1_routines: applied', '2_x: applied'])
  })

  test('a file that promises nothing is verified by nothing', async () => {
    const scenario = await arrange(version, {
      '1_x.sql': 'DO $$ BEGIN PERFORM 1; END $$',
      '2_x.sql': 'SELECT 1',
      '3_x.sql': '-- nothing yet\n',
    })
    expect(await runs(scenario)).toEqual(['1_x: applied', '2_x: applied', '3_x: applied'])
  })
})

const inApp = `SET search_path TO app;
CREATE TYPE mood AS ENUM ('ok');
CREATE TABLE t (id int PRIMARY KEY, m mood NOT NULL DEFAULT 'ok'::mood, CONSTRAINT fine CHECK (m = 'ok'));
CREATE INDEX t_m_idx ON t (m) WHERE m = 'ok';
CREATE FUNCTION f(mood) RETURNS mood LANGUAGE sql AS 'SELECT $1';
CREATE VIEW v AS SELECT m, f(m) AS n FROM t;`

describe.each(serverVersions)('verify, elsewhere than in public, on PostgreSQL %s', (version) => {
  test('verifies and recognises a file in the search path that it sets', async () => {
    const files = {
      '1_app.sql': `CREATE SCHEMA app;\n${inApp}`,
      '2_more.sql': "SET search_path = app, public; ALTER TABLE t ADD COLUMN o mood DEFAULT 'ok'",
      '3_check.sql':
        "-- @verify sql SELECT count(*) = 0 FROM app.t\nALTER TABLE app.t ADD COLUMN IF NOT EXISTS o app.mood DEFAULT 'ok'",
    }
    const scenario = await arrange(version, files)
    expect(await runs(scenario)).toEqual(['1_app: applied', '2_more: applied', '3_check: applied'])
    await scenario.database.sql.unsafe('DROP SCHEMA schemagate CASCADE')
    expect((await runs(scenario)).slice(0, 2)).toEqual(['1_app: reconciled', '2_more: reconciled'])
  })

  test('is not taken in by a table of the same name in another schema', async () => {
    const files = {
      '1_app.sql': `CREATE SCHEMA app; CREATE TABLE public.u (id int);\n${inApp}`,
      '2_x.sql':
        'SET search_path TO app; DO $$ BEGIN CREATE TABLE app.u (id text); END $$; CREATE TABLE IF NOT EXISTS u (id int)',
    }
    const { gate } = await arrange(version, files)
    const { exitCode, stdout } = await gate('run')
    expect(exitCode).toBe(1)
    expect(stdout).toContain('  column app.u.id, type\n    expected: integer\n    found:    text\n')
  })

  test('verifies and recognises names that need quotes', async () => {
    const files = {
      '1_q.sql': `CREATE SCHEMA "My ""App"; CREATE TABLE "My ""App"."T.x" ("Id" int PRIMARY KEY, "a'b" text CHECK ("a'b" <> ''), "ü" int);
        CREATE INDEX "I x" ON "My ""App"."T.x" ("Id", "ü") WHERE "a'b" IS NOT NULL;
        COMMENT ON COLUMN "My ""App"."T.x"."ü" IS 'it''s "quoted"'`,
      '2_q.sql': `-- @fingerprint column "My ""App"."T.x"."New one"\nALTER TABLE "My ""App"."T.x" ADD COLUMN IF NOT EXISTS "New one" int`,
    }
    const scenario = await arrange(version, files)
    expect(await runs(scenario)).toEqual(['1_q: applied', '2_q: applied'])
    await scenario.database.sql.unsafe('DROP SCHEMA schemagate CASCADE')
    expect(await runs(scenario)).toEqual(['1_q: reconciled', '2_q: reconciled'])
  })

  test('verifies a file that puts on a role which may see little', async () => {
    const role = 'verify_owner'
    const scenario = await arrange(version, {
      '1_r.sql': '-- written below',
    })
    const { database, write } = scenario
    const own = `${role}_${database.name}`
    await database.sql.unsafe(`CREATE ROLE ${own}`)
    try {
      write({
        '1_r.sql': `CREATE SCHEMA app AUTHORIZATION ${own}`,
        '2_r.sql': `-- @verify sql SELECT count(*) = 1 FROM app.t\nSET ROLE ${own};\nCREATE TABLE app.t (id int DEFAULT 1);\nINSERT INTO app.t DEFAULT VALUES;\nSET LOCAL lock_timeout = '1s'`,
        '3_bad.sql': `SET ROLE ${own};\nDO $$ BEGIN ALTER TABLE app.t ADD a text; END $$;\nALTER TABLE app.t ADD COLUMN IF NOT EXISTS a int`,
      })
      const { exitCode, stdout } = await scenario.gate('run')
      expect(exitCode).toBe(1)
      expect(stdout).toContain(
        '  column app.t.a, type\n    expected: integer\n    found:    text\n',
      )
      expect(await ledgerStates(database)).toEqual(['1_r: applied', '2_r: applied'])
      expect(
        await queried(
          scenario,
          "SELECT relowner::regrole::text FROM pg_class WHERE oid = 'app.t'::regclass",
        ),
      ).toEqual([own])
    } finally {
      await database.sql.unsafe(`DROP OWNED BY ${own}; DROP ROLE ${own}`)
    }
  })
})
