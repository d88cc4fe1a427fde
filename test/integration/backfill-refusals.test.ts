// What keeps a backfill from beginning. By default none of it fails a deployment; --strict tells by the exit code.

import { expect, test } from '@jest/globals'
import {
  arrangeBackfill,
  expectOnceEach,
  fill,
  numbered,
  type BackfillScenario,
} from '../support/backfill.ts'
import { runGate, workFolder } from '../support/gate.ts'

const refuses = async (
  { run, database }: BackfillScenario,
  strictCode: number,
): Promise<string> => {
  expect((await run('--all')).exitCode).toBe(0)
  const { exitCode, stdout } = await run('--all', '--strict')
  expect(exitCode).toBe(strictCode)
  // It is found out before anything is written.
  expect(await database.sql`SELECT to_regnamespace('schemagate')::text AS schema`).toEqual([
    { schema: null },
  ])
  return stdout
}

test('a table that is not there: its migration is still to come', async () => {
  const scenario = await arrangeBackfill('18', '', { fill: fill() })
  expect(await refuses(scenario, 75)).toMatchSnapshot()
})

test('a column that is not there, with its place in the file', async () => {
  const scenario = await arrangeBackfill('15', numbered(10), {
    fill: `-- Ä\n-- @table t\n-- @key id\nWITH x AS (SELECT id FROM t AS "ü" WHERE :batch)
UPDATE t SET filled = 1, full_name = 'é' FROM x\nWHERE :batch AND x.id = t.id`,
  })
  expect(await refuses(scenario, 75)).toMatchSnapshot()
})

test('a key column that is not there', async () => {
  const scenario = await arrangeBackfill('18', numbered(10), { fill: fill('', 'idd') })
  expect(await refuses(scenario, 75)).toMatchSnapshot()
})

test('a @done that the server does not take', async () => {
  const scenario = await arrangeBackfill('18', numbered(10), {
    fill: fill('-- @done sql SELECT count(*) FROM t\n'),
  })
  const { exitCode, stdout } = await scenario.run('fill', '--strict')
  expect(exitCode).toBe(4)
  expect(stdout).toContain(
    "error[malformed-directive]: @done does not accept 'sql SELECT count(*) FROM t'",
  )
})

// One run tells of all of them: each backfill has a table of its own, named like it.
const unusable = {
  without_index: ['(id int NOT NULL, filled int)', '', 'id'],
  may_be_null: ['(id int UNIQUE, filled int)', '', 'id'],
  not_unique: ['(id int NOT NULL, filled int)', 'CREATE INDEX ON not_unique (id)', 'id'],
  partial: [
    '(id int NOT NULL, filled int)',
    'CREATE UNIQUE INDEX ON partial (id) WHERE id > 5',
    'id',
  ],
  further_columns: ['(a int, id int, filled int, PRIMARY KEY (a, id))', '', 'a'],
  expression: [
    '(id int NOT NULL, filled int)',
    'CREATE UNIQUE INDEX ON expression ((id + 1))',
    'id',
  ],
  other_operators: [
    '(id text NOT NULL, filled int)',
    'CREATE UNIQUE INDEX ON other_operators (id text_pattern_ops)',
    'id',
  ],
  other_collation: [
    '(id text NOT NULL, filled int)',
    'CREATE UNIQUE INDEX ON other_collation (id COLLATE "und-x-icu")',
    'id',
  ],
  both_ways: [
    '(a int NOT NULL, b int NOT NULL, filled int)',
    'CREATE UNIQUE INDEX ON both_ways (a, b DESC)',
    'a, b',
  ],
  invalid: [
    '(id int NOT NULL, filled int)',
    "CREATE UNIQUE INDEX ON invalid (id); UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'invalid_id_idx'::regclass",
    'id',
  ],
} as const

test('keys that no table can be walked by, each with its reason', async () => {
  const tables = Object.entries(unusable)
  const scenario = await arrangeBackfill(
    '15',
    tables
      .map(([name, [columns, index]]) => `CREATE TABLE ${name} ${columns}; ${index};`)
      .join('\n'),
    Object.fromEntries(
      tables.map(([name, [, , key]]) => [
        name,
        `-- @table ${name}\n-- @key ${key}\nUPDATE ${name} SET filled = 1 WHERE :batch`,
      ]),
    ),
  )
  const text = await refuses(scenario, 4)
  const told = text.split('\n').filter((line) => /^error|fix:/.test(line))
  expect(told).toHaveLength(2 * tables.length)
  expect(told.join('\n')).toMatchSnapshot()
})

test('a role that may not write the table', async () => {
  const scenario = await arrangeBackfill(
    '18',
    `${numbered(10)} ALTER TABLE t OWNER TO pg_monitor; REVOKE ALL ON t FROM PUBLIC;
    DO $$ BEGIN CREATE ROLE backfill_reader LOGIN PASSWORD 'reader-password'; EXCEPTION WHEN duplicate_object THEN END $$;
    GRANT SELECT ON t TO backfill_reader`,
    { fill: fill() },
    ({ url }) => url.replace(/\/\/[^@]*@/, '//backfill_reader:reader-password@'),
  )
  const text = await refuses(scenario, 4)
  expect(text).toContain('SQLSTATE 42501: permission denied for table t')
  expect(text).toContain('fix: Grant the role the missing privilege')
  await scenario.database.sql`DROP OWNED BY backfill_reader`
  await scenario.database.sql`DROP ROLE backfill_reader`
})

test('a database that is read-only', async () => {
  const scenario = await arrangeBackfill('18', numbered(10), { fill: fill() })
  const { sql, name } = scenario.database
  await sql.unsafe(`ALTER DATABASE ${name} SET default_transaction_read_only = on`)
  expect(await refuses(scenario, 75)).toContain(
    'does not accept writes: default_transaction_read_only is on',
  )
})

test('files with mistakes are all told, and no database is needed for it', async () => {
  const folder = workFolder({
    'migrations/backfills/a.sql': 'UPDATE t SET a = 1',
    'migrations/backfills/b.sql': '-- @table t\n-- @key id\nUPDATE t SET a = 1',
    'migrations/backfills/c.txt': '',
  })
  const environment = { DATABASE_URL: 'postgresql://nobody@127.0.0.1:1/none' }
  const { exitCode, stdout } = await runGate({
    args: ['backfill', '--all', '--strict'],
    folder,
    environment,
  })
  expect(exitCode).toBe(4)
  expect(stdout).toMatchSnapshot()
  expect((await runGate({ args: ['backfill', '--all'], folder, environment })).exitCode).toBe(0)
})

test('a file with a mistake keeps the others from nothing', async () => {
  const scenario = await arrangeBackfill('18', numbered(10), {
    a: 'UPDATE t SET filled = 1',
    fill: fill(),
  })
  const named = await scenario.run('fill', '--strict')
  expect(named).toMatchObject({ exitCode: 0 })
  expect(named.stdout).not.toContain('a.sql')
  await expectOnceEach(scenario.database, 10)
  scenario.write({ again: fill() })
  const all = await scenario.run('--all', '--strict')
  expect(all.exitCode).toBe(4)
  expect(all.stdout).toMatch(/^done +migrations\/backfills\/again\.sql/)
  expect(all.stdout).toContain('database: Nothing of this file is run.')
  expect(all.stdout).toContain(
    'BACKFILLS 1 done, 1 up to date: migrations/backfills/a.sql has no @table directive (exit code 4)',
  )
  const [row] = await scenario.database.sql`SELECT min(updates) AS updates FROM t`
  expect(row).toEqual({ updates: 2 })
  const both = await scenario.run('fill', 'a', '--strict')
  expect(both.exitCode).toBe(4)
  expect(both.stdout).toMatch(/^up to date +migrations\/backfills\/fill\.sql/)
})

test.each([
  [[], 'no backfill was named'],
  [['filll'], 'there is no backfill filll; did you mean fill?'],
  [['fill', '--all'], 'backfills were named together with --all'],
  [['--all', '--restart'], '--restart is given without the name of a backfill'],
  [['fill', '--time-budget', '5'], "--time-budget is '5', which is not valid"],
  [['fill', '--stric'], "'schemagate backfill' has no flag --stric; did you mean --strict?"],
])('a wrong command line is told by its exit code, strict or not: %j', async (args, title) => {
  const folder = workFolder({ 'migrations/backfills/fill.sql': fill() })
  const environment = { DATABASE_URL: 'postgresql://nobody@127.0.0.1:1/none' }
  const { exitCode, stdout } = await runGate({ args: ['backfill', ...args], folder, environment })
  expect(exitCode).toBe(2)
  expect(stdout).toContain(title)
})

test('no folder of backfills, and a database that is away: neither fails a deployment', async () => {
  const environment = {
    DATABASE_URL: 'postgresql://nobody@127.0.0.1:1/none',
    DATABASE_WAIT_SECONDS: '0',
  }
  const none = await runGate({
    args: ['backfill', '--all', '--strict'],
    folder: workFolder({ 'migrations/1_a.sql': 'SELECT 1' }),
    environment,
  })
  expect(none).toMatchObject({ exitCode: 0, stdout: 'BACKFILLS there are none (exit code 0)\n' })
  const folder = workFolder({ 'migrations/backfills/fill.sql': fill() })
  const away = await runGate({ args: ['backfill', '--all'], folder, environment })
  expect(away.exitCode).toBe(0)
  expect(away.stdout).toContain('error[database-unreachable]')
  expect(
    (await runGate({ args: ['backfill', '--all', '--strict'], folder, environment })).exitCode,
  ).toBe(69)
})
