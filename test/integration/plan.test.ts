// `plan` says what `run` would do, and why; it ends as `run` would, and writes nothing.

import { describe, expect, test } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readCatalog, readLedgerRows } from '../support/catalog.ts'
import { administrator, createDatabase, until, type TestDatabase } from '../support/database.ts'
import { readingOnly } from '../support/first-question.ts'
import {
  normalised,
  runGate,
  sampleFiles,
  sampleHistory,
  temporaryFolder,
  workFolder,
  type Files,
} from '../support/gate.ts'
import { arrange } from '../support/scenario.ts'
import { serverVersions, type ServerVersion } from '../support/servers.ts'

const history = {
  '1_t.sql': 'CREATE TABLE t (id int, old int)',
  '2_insert.sql': 'INSERT INTO t VALUES (1)',
  '3_a.sql': 'ALTER TABLE t ADD COLUMN a int',
  '4_b.sql':
    '-- why\nALTER TABLE t\n  ADD COLUMN IF NOT EXISTS b int,\n  ADD COLUMN IF NOT EXISTS c int;\nCREATE INDEX IF NOT EXISTS t_b_idx ON t (b)',
  '5_drop.sql': 'ALTER TABLE t DROP COLUMN IF EXISTS old',
  '6_u.sql':
    "-- @fingerprint sql SELECT to_regclass('u') IS NOT NULL\nCREATE TABLE IF NOT EXISTS u (id int)",
  '7_do.sql': 'DO $$ BEGIN NULL; END $$',
}

const there = `CREATE TABLE t (id int, old int, a int, b int);
  INSERT INTO t SELECT n, n, n FROM generate_series(1, 1000) n; ANALYZE t`

const prefixed = (files: Files): Files =>
  Object.fromEntries(Object.entries(files).map(([name, text]) => [`migrations/${name}`, text]))

/** Of a role that may connect and look, and nothing else. */
const asReader = async <Result>(
  { sql, name, port }: TestDatabase,
  setting: string,
  use: (url: string) => Promise<Result>,
): Promise<Result> => {
  const role = `planner_of_${name}`
  await sql.unsafe(`CREATE ROLE ${role} LOGIN PASSWORD 'planner-secret-1'; ${setting.replaceAll('ROLE', `ROLE ${role}`)};
    REVOKE ALL ON DATABASE ${name} FROM PUBLIC; GRANT CONNECT ON DATABASE ${name} TO ${role};
    REVOKE CREATE ON SCHEMA public FROM PUBLIC`)
  try {
    return await use(`postgresql://${role}:planner-secret-1@127.0.0.1:${port}/${name}`)
  } finally {
    await sql.unsafe(`DROP OWNED BY ${role}; DROP ROLE ${role}`)
  }
}

const statementsOf = (lines: readonly string[]): readonly string[] =>
  lines
    .filter((line) => line.includes('statement: '))
    .map((line) => line.slice(line.indexOf('statement: ') + 'statement: '.length))

describe.each(serverVersions)('plan on PostgreSQL %s', (version) => {
  test.each([
    ['plan', ''],
    ['plan --json', ''],
    ['adopt --dry-run', ''],
    ['plan', 'ALTER ROLE SET default_transaction_read_only = on'],
  ])(
    '%s writes nothing, takes no lock, and needs no right to write (%s)',
    async (line, setting) => {
      const { database } = await arrange(version, {}, there)
      const { name, serverLog } = database
      const before = await readCatalog(database)
      await administrator(version).unsafe(`ALTER DATABASE ${name} SET log_statement = 'all'`)
      const earlier = serverLog().length
      await asReader(database, setting, async (url) => {
        const folder = workFolder(prefixed(history))
        const args = line.split(' ')
        const finished = await runGate({ args, folder, environment: { DATABASE_URL: url } })
        const { exitCode, stdout } = finished
        expect(exitCode).toBe(setting === '' ? 0 : 4)
        expect(stdout).toContain(setting === '' ? '1_t' : 'error[read-only-database]')
      })
      const ours = (): readonly string[] =>
        serverLog()
          .slice(earlier)
          .filter((each) => each.includes('|schemagate/'))
      await until('the session has ended in the log', () =>
        ours().some((each) => each.includes('disconnection')),
      )
      expect(new Set(ours().map((each) => each.split('|')[1]?.split(' ')[1]))).toEqual(
        new Set(['plan']),
      )
      const statements = statementsOf(ours())
      expect(statements.length).toBeGreaterThan(2)
      expect(statements.filter((each) => !readingOnly.test(each))).toEqual([])
      expect(statements.join(' ')).not.toMatch(/advisory/)
      expect(await readCatalog(database)).toEqual(before)
      expect(await readLedgerRows(database)).toBeUndefined()
    },
  )

  test('plans what run then does', async () => {
    const { gate, database } = await arrange(version, history, there)
    const plan = await gate('plan', '--json')
    const { migrations } = JSON.parse(plan.stdout) as {
      migrations: { file: string; action: string }[]
    }
    await gate('run')
    const rows = await readLedgerRows(database)
    expect(rows?.map(({ name, state }) => [`migrations/${name}.sql`, state])).toEqual(
      migrations.map(({ file, action }) => [file, action === 'mark' ? 'reconciled' : 'applied']),
    )
    const after = await gate('plan')
    expect(after.stdout).toBe('nothing pending, 7 recorded; nothing was changed\n')
    expect(after.exitCode).toBe(0)
  })
})

test('the sample history fits on two screens, on a database that is new and on one that has half of it', async () => {
  const database = await createDatabase('18')
  const folder = temporaryFolder()
  const environment = { DATABASE_URL: database.url, MIGRATIONS_DIR: sampleHistory }
  const plan = async (): Promise<readonly string[]> => {
    const { exitCode, stdout } = await runGate({ args: ['plan'], folder, environment })
    expect(exitCode).toBe(0)
    return stdout.trimEnd().split('\n')
  }
  const fresh = await plan()
  expect(fresh.length).toBeLessThanOrEqual(100)
  expect(fresh.at(-1)).toBe('Plan: 55 to run, 0 already there, 0 recorded. Nothing was changed.')
  const before = sampleFiles().filter((name) => name < '0051')
  const texts = before.map((name) => readFileSync(join(sampleHistory, name), 'utf8'))
  await database.sql.unsafe(texts.join(';\n')).simple()
  const half = await plan()
  expect(half.length).toBeLessThanOrEqual(100)
  expect(half).toContainEqual(
    expect.stringMatching(/^call_log +ACCESS EXCLUSIVE +[\d.]+ kB.* \d+$/),
  )
})

type Ending = {
  readonly what: string
  readonly files: Files
  readonly before?: string
  readonly code: number
  readonly told: string
}

const endings: readonly Ending[] = [
  { what: 'an empty database', files: history, code: 0, told: '' },
  { what: 'a database that has part of it', files: history, before: there, code: 0, told: '' },
  {
    what: 'a conflict',
    files: { '1_t.sql': 'CREATE TABLE IF NOT EXISTS t (id int)', '2_u.sql': 'CREATE TABLE u ()' },
    before: 'CREATE TABLE t (id text)',
    code: 4,
    told: 'error[conflicting-objects]: migrations/1_t.sql',
  },
  {
    what: 'a partial state',
    files: { '1_t.sql': 'CREATE TABLE t (id int); CREATE TABLE u (id int)' },
    before: 'CREATE TABLE u (id int)',
    code: 4,
    told: 'error[partial-state]: migrations/1_t.sql',
  },
  {
    what: 'a statement that no transaction can hold, in one',
    files: { '1_t.sql': 'CREATE TABLE t (id int)', '2_v.sql': 'BEGIN; VACUUM t; COMMIT' },
    code: 4,
    told: 'error[needs-no-transaction]: migrations/2_v.sql',
  },
  {
    what: 'transaction control',
    files: { '1_t.sql': 'CREATE TABLE t (id int); COMMIT; CREATE TABLE u (id int)' },
    code: 4,
    told: 'error[transaction-control]: migrations/1_t.sql',
  },
  {
    what: 'a version twice',
    files: { '1_t.sql': 'CREATE TABLE t (id int)', '01_u.sql': 'CREATE TABLE u (id int)' },
    code: 4,
    told: 'error[duplicate-version]',
  },
]

describe.each(serverVersions)('plan ends as run would, PostgreSQL %s', (version) => {
  test.each(endings)('$what: exit $code', async ({ files, before, code, told }) => {
    const { gate } = await arrange(version, files, before)
    const plan = await gate('plan')
    const json = await gate('plan', '--json')
    const run = await gate('run')
    expect([plan.exitCode, json.exitCode, run.exitCode]).toEqual([code, code, code])
    expect(plan.stdout).toContain(told)
    expect(JSON.parse(json.stdout)).toMatchObject({ exit_code: code })
  })

  test('an edited file is refused, and the rest of the plan is told all the same', async () => {
    const { gate, write, database } = await arrange(version, { '1_t.sql': history['1_t.sql'] })
    await gate('run')
    write({ '1_t.sql': 'CREATE TABLE t (id bigint)' })
    const alone = await gate('plan')
    expect(alone.exitCode).toBe(4)
    expect(alone.stdout).toContain('error[edited-file]: migrations/1_t.sql')
    await database.sql.unsafe('CREATE TABLE u (id text)')
    write({
      '2_x.sql': 'CREATE TABLE x (id int)',
      '6_u.sql': 'CREATE TABLE IF NOT EXISTS u (id int)',
    })
    const more = await gate('plan')
    expect(more.exitCode).toBe(4)
    expect(more.stdout).toContain('error[edited-file]: migrations/1_t.sql')
    expect(more.stdout).toContain('error[conflicting-objects]: migrations/6_u.sql')
    expect(more.stdout).toContain('run     migrations/2_x.sql  to do: adds table x\n')
    expect(more.stdout).toContain('refuse  migrations/6_u.sql  conflict: ')
    expect(more.stdout.trimEnd().split('\n').at(-1)).toBe(
      'schemagate run would refuse (exit code 4): 2 problems; nothing was changed',
    )
    expect(await gate('run')).toMatchObject({ exitCode: 4 })
    expect(await readLedgerRows(database)).toHaveLength(1)
  })

  test('a ledger that may not be read ends both alike', async () => {
    const { gate, database } = await arrange(version, { '1_t.sql': history['1_t.sql'] })
    await gate('run')
    await asReader(database, '', async (url) => {
      const folder = workFolder(prefixed(history))
      const environment = { DATABASE_URL: url }
      const plan = await runGate({ args: ['plan'], folder, environment })
      const run = await runGate({ args: ['run'], folder, environment })
      expect(plan.stdout).toContain('error[ledger-not-permitted]')
      expect(plan.exitCode).toBe(run.exitCode)
    })
  })
})

// One golden for all versions: they must say the same.
const onAll = async (...args: readonly string[]): Promise<string> => {
  const said = async (version: ServerVersion): Promise<string> => {
    const { gate } = await arrange(version, history, there)
    return normalised((await gate(...args)).stdout).replace(
      /"duration_ms": \d+/g,
      '"duration_ms": N',
    )
  }
  const [first = '', ...others] = await Promise.all(serverVersions.map(said))
  for (const other of others) expect(other).toBe(first)
  return first
}

describe('plan, its words', () => {
  test('as text', async () => {
    expect(await onAll('plan')).toMatchSnapshot()
  })

  test('as text, with each statement', async () => {
    expect(await onAll('plan', '--verbose')).toMatchSnapshot()
  })

  test('as JSON', async () => {
    expect(await onAll('plan', '--json')).toMatchSnapshot()
  })

  test('adopt --dry-run as text', async () => {
    expect(await onAll('adopt', '--dry-run')).toMatchSnapshot()
  })

  test('adopt as JSON', async () => {
    expect(await onAll('adopt', '--json')).toMatchSnapshot()
  })
})
