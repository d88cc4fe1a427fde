// Files that leave no evidence, files that take away, files that come late, and very many files.

import { describe, expect, test } from '@jest/globals'
import { readLedgerRows } from '../support/catalog.ts'
import { administrator, until } from '../support/database.ts'
import type { Files } from '../support/gate.ts'
import { arrange, queried, refuses, runs, type Scenario } from '../support/scenario.ts'
import { serverVersions, type ServerVersion } from '../support/servers.ts'

const evidenceOf = async ({ database }: Scenario): Promise<readonly string[]> =>
  ((await readLedgerRows(database)) ?? []).map(
    ({ name, recognised_by: by, state }) => `${name}: ${by ?? state}`,
  )

const withOpaque = {
  '1_a.sql': 'CREATE TABLE a (n int)',
  '2_insert.sql': 'INSERT INTO a VALUES (2)',
  '3_do.sql': 'DO $$ BEGIN INSERT INTO a VALUES (3); END $$',
  '4_b.sql': 'CREATE TABLE b (n int)',
  '5_insert.sql': 'INSERT INTO a VALUES (5)',
  '6_do.sql': 'DO $$ BEGIN INSERT INTO a VALUES (6); END $$',
}

describe.each(serverVersions)('recognise, no evidence on PostgreSQL %s', (version) => {
  test('infers what stands before the last file that is there, and asks about what stands behind it', async () => {
    const scenario = await arrange(
      version,
      withOpaque,
      'CREATE TABLE a (n int); CREATE TABLE b (n int)',
    )
    const said = await refuses(scenario)
    const asked = said.matchAll(/^error\[undecided\]: .* whether migrations\/(\S+)/gm)
    expect([...asked].map(([, file]) => file)).toEqual(['5_insert.sql', '6_do.sql'])
    const told = (n: number): string =>
      `-- @fingerprint sql SELECT EXISTS (SELECT FROM a WHERE n = ${n})\n`
    scenario.write({
      '5_insert.sql': told(5) + withOpaque['5_insert.sql'],
      '6_do.sql': told(6) + withOpaque['6_do.sql'],
    })
    await runs(scenario)
    expect(await evidenceOf(scenario)).toEqual([
      '1_a: table a',
      '2_insert: inferred from 4_b',
      '3_do: inferred from 4_b',
      '4_b: table b',
      '5_insert: applied',
      '6_do: applied',
    ])
    expect(await queried(scenario, 'SELECT n FROM a ORDER BY n')).toEqual([5, 6])
  })

  test('adopt infers them too, and leaves the others to run', async () => {
    const scenario = await arrange(
      version,
      withOpaque,
      'CREATE TABLE a (n int); CREATE TABLE b (n int)',
    )
    expect(await scenario.gate('adopt')).toMatchObject({ exitCode: 0 })
    expect(await evidenceOf(scenario)).toHaveLength(4)
    expect(await queried(scenario, 'SELECT n FROM a')).toEqual([])
    await runs(scenario)
    expect(await queried(scenario, 'SELECT n FROM a ORDER BY n')).toEqual([5, 6])
  })

  test('runs them all in a database that has nothing', async () => {
    const scenario = await arrange(version, withOpaque)
    expect(new Set((await runs(scenario)).map((state) => state.split(': ')[1]))).toEqual(
      new Set(['applied']),
    )
    expect(await queried(scenario, 'SELECT n FROM a ORDER BY n')).toEqual([2, 3, 5, 6])
  })

  test('runs them in a managed database, and asks where it has what a later file makes', async () => {
    const scenario = await arrange(version, { '1_a.sql': withOpaque['1_a.sql'] })
    await runs(scenario)
    await scenario.database.sql.unsafe('CREATE TABLE b (n int)')
    scenario.write(withOpaque)
    const said = await refuses(scenario)
    const asked = said.matchAll(/^error\[undecided\]: .* whether migrations\/(\S+)/gm)
    expect([...asked].map(([, file]) => file)).toEqual([
      '2_insert.sql',
      '3_do.sql',
      '5_insert.sql',
      '6_do.sql',
    ])
    await scenario.database.sql.unsafe('DROP TABLE b')
    await runs(scenario)
    expect(await evidenceOf(scenario)).toEqual([
      '1_a: applied',
      '2_insert: applied',
      '3_do: applied',
      '4_b: applied',
      '5_insert: applied',
      '6_do: applied',
    ])
    expect(await queried(scenario, 'SELECT n FROM a ORDER BY n')).toEqual([2, 3, 5, 6])
  })

  test('an sql fingerprint gives evidence to what leaves none', async () => {
    const files = {
      '1_a.sql': 'CREATE TABLE a (n int)',
      '2_insert.sql':
        "-- @fingerprint sql SELECT EXISTS (SELECT FROM pg_class WHERE relname = 'done')\nINSERT INTO a VALUES (2); CREATE TABLE IF NOT EXISTS done ()",
    }
    const there = await arrange(version, files, 'CREATE TABLE a (n int); CREATE TABLE done ()')
    expect(await runs(there)).toEqual(['1_a: reconciled', '2_insert: reconciled'])
    expect((await evidenceOf(there))[1]).toContain('SELECT EXISTS (SELECT FROM pg_class')
    const missing = await arrange(version, files, 'CREATE TABLE a (n int)')
    expect(await runs(missing)).toEqual(['1_a: reconciled', '2_insert: applied'])
  })
})

describe.each(serverVersions)('recognise, what is gone on PostgreSQL %s', (version) => {
  const files = {
    '1_a.sql': 'CREATE TABLE a (n int, old int)',
    '2_insert.sql': 'INSERT INTO a (n) VALUES (2)',
    '3_drop.sql': 'ALTER TABLE a DROP COLUMN old',
  }

  test('knows an unguarded drop by the table that is there without the column', async () => {
    const scenario = await arrange(version, files, 'CREATE TABLE a (n int)')
    expect(await runs(scenario)).toEqual([
      '1_a: reconciled',
      '2_insert: reconciled',
      '3_drop: reconciled',
    ])
    expect(await queried(scenario, 'SELECT n FROM a')).toEqual([])
  })

  test('drops what is still there', async () => {
    const scenario = await arrange(version, files, 'CREATE TABLE a (n int, old int)')
    expect(await refuses(scenario)).toContain('whether migrations/2_insert.sql has run')
    expect(await scenario.gate('adopt')).toMatchObject({ exitCode: 0 })
    expect((await runs(scenario)).slice(1)).toEqual(['2_insert: applied', '3_drop: applied'])
    const columns =
      "SELECT count(*)::int FROM pg_attribute WHERE attrelid = 'a'::regclass AND attname = 'old'"
    expect(await queried(scenario, columns)).toEqual([0])
  })

  test('in a managed database, knows a drop that was done by hand', async () => {
    const scenario = await arrange(version, { '1_a.sql': files['1_a.sql'] })
    await runs(scenario)
    await scenario.database.sql.unsafe('ALTER TABLE a DROP COLUMN old')
    scenario.write({ '3_drop.sql': files['3_drop.sql'] })
    expect(await runs(scenario)).toEqual(['1_a: applied', '3_drop: reconciled'])
  })

  test('runs a guarded drop of what no file made; without the guard the server says that it is gone', async () => {
    const before = 'CREATE TABLE a (n int, old int)'
    const guarded = { '1_a.sql': files['1_a.sql'], '2_x.sql': 'DROP TABLE IF EXISTS legacy' }
    expect(await runs(await arrange(version, guarded, before))).toEqual([
      '1_a: reconciled',
      '2_x: applied',
    ])
    const bare = { '1_a.sql': files['1_a.sql'], '2_x.sql': 'DROP TABLE legacy' }
    const { exitCode, stdout } = await (await arrange(version, bare, before)).gate('run')
    expect(exitCode).toBe(1)
    expect(stdout).toContain('SQLSTATE 42P01: table "legacy" does not exist')
  })

  test('knows renamed tables and columns under their new names, and renames those that are not', async () => {
    const renames = {
      '1_t.sql': 'CREATE TABLE t (a int)',
      '2_column.sql': 'ALTER TABLE t RENAME a TO b',
      '3_table.sql': 'ALTER TABLE t RENAME TO u',
    }
    const last = await arrange(version, renames, 'CREATE TABLE u (b int)')
    expect(new Set((await runs(last)).map((state) => state.split(': ')[1]))).toEqual(
      new Set(['reconciled']),
    )
    const middle = await arrange(version, renames, 'CREATE TABLE t (b int)')
    expect(await runs(middle)).toEqual([
      '1_t: reconciled',
      '2_column: reconciled',
      '3_table: applied',
    ])
    const first = await arrange(version, renames, 'CREATE TABLE t (a int)')
    expect(await runs(first)).toEqual(['1_t: reconciled', '2_column: applied', '3_table: applied'])
  })
})

describe.each(serverVersions)('recognise, late files on PostgreSQL %s', (version) => {
  test('runs a file that was merged late and says so; --strict-order refuses it', async () => {
    const scenario = await arrange(version, { '2_a.sql': 'CREATE TABLE a (n int)' })
    await runs(scenario)
    scenario.write({ '1_late.sql': 'CREATE TABLE late (n int)' })
    for (const command of ['plan', 'run']) {
      const { exitCode, stdout } = await scenario.gate(command, '--strict-order')
      expect(exitCode).toBe(4)
      expect(stdout).toContain('error[out-of-order]: migrations/1_late.sql is out of order')
    }
    expect(await queried(scenario, "SELECT to_regclass('late')")).toEqual([null])
    const { exitCode, stderr } = await scenario.gate('run')
    expect(exitCode).toBe(0)
    expect(stderr).toContain('1/1 migrations/1_late.sql (out of order: merged late)')
  })

  const recorded = {
    '1_a.sql': 'CREATE TABLE a (n int, m int); INSERT INTO a VALUES (1, 1)',
    '4_b.sql': 'CREATE TABLE b (n int)',
    '5_shift.sql': 'UPDATE a SET n = n + 1',
  }

  test('a late file that may change places runs without a word, also with STRICT_ORDER=auto', async () => {
    const scenario = await arrange(version, recorded)
    await runs(scenario)
    scenario.write({ '2_late.sql': 'ALTER TABLE a ADD k int; CREATE TABLE c (n int)' })
    const { exitCode, stderr } = await scenario.gate('run', '--strict-order=auto')
    expect(exitCode).toBe(0)
    expect(stderr).toContain('(out of order: merged late)')
    expect(stderr).not.toContain('its place matters')
  })

  test('one that may not runs with a warning that names files and object; what it says makes both databases alike', async () => {
    const late = {
      '2_double.sql': 'UPDATE a SET n = n * 10',
      '3_more.sql': 'UPDATE a SET m = n',
    }
    const scenario = await arrange(version, recorded)
    await runs(scenario)
    scenario.write(late)
    const moves = [
      'git mv migrations/2_double.sql migrations/6_double.sql',
      'git mv migrations/3_more.sql migrations/7_more.sql',
    ]
    for (const command of ['plan', 'run', 'doctor']) {
      const { exitCode, stdout } = await scenario.gate(command, '--strict-order=auto')
      expect(exitCode).toBe(4)
      expect(stdout).toContain(
        'migrations/2_double.sql is out of order, and a new database, which runs the files in the order of their numbers, may end up different',
      )
      expect(stdout).toContain(
        'migrations/5_shift.sql, which the database already has, touches rows of table a too',
      )
      for (const move of moves) expect(stdout).toContain(`  ${move}\n`)
    }
    expect(await queried(scenario, 'SELECT n FROM a')).toEqual([2])
    expect(await evidenceOf(scenario)).toHaveLength(3)
    for (const move of moves) {
      const [, , from = '', to = ''] = move.split(' ')
      const [name, text] = Object.entries(late).find(([each]) => from.endsWith(each)) ?? []
      scenario.write({ [to.replace('migrations/', '')]: text ?? '' })
      scenario.remove(name ?? '')
    }
    const { exitCode, stderr } = await scenario.gate('run', '--strict-order=auto')
    expect([exitCode, stderr]).toEqual([0, expect.not.stringContaining('out of order')])
    expect(await queried(scenario, 'SELECT ARRAY[n, m] FROM a')).toEqual(['{20,20}'])
    const fresh = await arrange(version, {
      ...recorded,
      '6_double.sql': late['2_double.sql'],
      '7_more.sql': late['3_more.sql'],
    })
    await runs(fresh)
    expect(await queried(fresh, 'SELECT ARRAY[n, m] FROM a')).toEqual(['{20,20}'])
  })

  test('without STRICT_ORDER it runs, and log and plan warn', async () => {
    const scenario = await arrange(version, recorded)
    await runs(scenario)
    scenario.write({ '3_late.sql': 'SELECT 1;\nINSERT INTO b VALUES (1)' })
    const plan = await scenario.gate('plan')
    expect(plan.exitCode).toBe(0)
    expect(plan.stdout).toContain('warning: line 2: table b: migrations/4_b.sql is already there')
    const json = JSON.parse((await scenario.gate('plan', '--json')).stdout) as unknown
    expect(json).toMatchObject({
      migrations: [{ meets: [{ file: 'migrations/4_b.sql', object: 'table b', line: 2 }] }],
    })
    const { exitCode, stderr } = await scenario.gate('run')
    expect(exitCode).toBe(0)
    expect(stderr).toContain(
      'migrations/3_late.sql is out of order, and the order matters: migrations/4_b.sql, which the database already has, touches table b too',
    )
    expect(stderr).toContain('git mv migrations/3_late.sql migrations/6_late.sql')
    expect(await queried(scenario, 'SELECT n FROM b')).toEqual([1])
  })

  test('--strict-order lets a late file be marked that is there already', async () => {
    const scenario = await arrange(version, { '2_a.sql': 'CREATE TABLE a (n int)' })
    await runs(scenario)
    await scenario.database.sql.unsafe('CREATE TABLE late (n int)')
    scenario.write({ '1_late.sql': 'CREATE TABLE late (n int)' })
    expect(await scenario.gate('run', '--strict-order')).toMatchObject({ exitCode: 0 })
    expect(await evidenceOf(scenario)).toEqual(['1_late: table late', '2_a: applied'])
  })

  test('does not take a late file for done because of what a recorded one made later', async () => {
    const scenario = await arrange(version, { '2_a.sql': 'CREATE TABLE a (n bigint)' })
    await runs(scenario)
    scenario.write({ '1_late.sql': 'CREATE TABLE IF NOT EXISTS a (n bigint, extra int)' })
    const { exitCode, stdout } = await scenario.gate('run')
    expect(stdout).toContain('column a.extra')
    expect([1, 4]).toContain(exitCode)
    expect(await evidenceOf(scenario)).toEqual(['2_a: applied'])
  })
})

/** Three files for each table: it, a column with a check, an index. */
const many = (count: number): Files =>
  Object.fromEntries(
    Array.from({ length: count }, (_, index) => {
      const t = `t${Math.floor(index / 3)}`
      const text = [
        `CREATE TABLE ${t} (id int PRIMARY KEY, a text NOT NULL DEFAULT 'x')`,
        `ALTER TABLE ${t} ADD COLUMN b int CHECK (b > 0)`,
        `CREATE INDEX ${t}_b_idx ON ${t} (b) WHERE b > 1`,
      ][index % 3]
      return [`${String(index + 1).padStart(4, '0')}_x.sql`, text ?? '']
    }),
  )

/** What the run connection sent, as the server's log has it: one line begins each message. */
const messagesOfRun = async (
  version: ServerVersion,
  { database: { name, serverLog }, gate }: Scenario,
): Promise<readonly string[]> => {
  await administrator(version).unsafe(`ALTER DATABASE ${name} SET log_statement = 'all'`)
  const earlier = serverLog().length
  expect(await gate('run')).toMatchObject({ exitCode: 0 })
  const lines = (): readonly string[] =>
    serverLog()
      .slice(earlier)
      .filter((line) => /^[^|]*\|schemagate\/\S+ run\|/.test(line))
  await until('the session has ended in the log', () =>
    lines().some((line) => line.includes('disconnection')),
  )
  return lines().filter((line) => line.includes('statement: '))
}

describe.each(serverVersions)('recognise, many files on PostgreSQL %s', (version) => {
  test('marks 600 files in as many messages as 3', async () => {
    const scenarioOf = (files: Files): Promise<Scenario> =>
      arrange(version, files, Object.values(files).join(';\n'))
    const few = await messagesOfRun(version, await scenarioOf(many(3)))
    const scenario = await scenarioOf(many(600))
    const all = await messagesOfRun(version, scenario)
    expect(all).toHaveLength(few.length)
    expect(all.length).toBeLessThan(15)
    const marked = `SELECT count(*)::int FROM schemagate.schema_migrations WHERE state = 'reconciled'`
    expect(await queried(scenario, marked)).toEqual([600])
    // One transaction: all rows have its id.
    const transactions = 'SELECT count(DISTINCT xmin::text)::int FROM schemagate.schema_migrations'
    expect(await queried(scenario, transactions)).toEqual([1])
  })
})
