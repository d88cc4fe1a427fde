// `run`, `validate` and `wait` with contracts: what they say, what they exit with, and what they leave alone.

import { describe, expect, test } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createDatabase, databaseUrl, until, type TestDatabase } from '../support/database.ts'
import {
  normalised,
  runGate,
  startGate,
  workFolder,
  writeFiles,
  type Files,
  type Finished,
} from '../support/gate.ts'
import { readCatalog, readLedgerRows } from '../support/catalog.ts'
import { serverVersions, type ServerVersion } from '../support/servers.ts'

const api = `{
  "service": "api",
  "tables": {
    "call_log": {
      "columns": {
        "id": { "type": "bigint", "nullable": false, "default": true },
        "recording_mode": { "type": "varchar(32)", "nullable": true }
      },
      "indexes": { "call_log_mode_idx": { "definition": "btree (recording_mode)" } }
    }
  }
}
`
const worker = '{ "service": "worker", "tables": { "call_log": {}, "jobs": {} } }\n'

const history: Files = {
  'migrations/0001_call_log.sql':
    'CREATE TABLE IF NOT EXISTS call_log (id bigserial PRIMARY KEY);\n',
  'migrations/0002_recording_mode.sql':
    'ALTER TABLE call_log ADD COLUMN IF NOT EXISTS recording_mode varchar(32);\n' +
    'CREATE INDEX IF NOT EXISTS call_log_mode_idx ON call_log (recording_mode);\n',
  'migrations/0003_jobs.sql': 'CREATE TABLE IF NOT EXISTS jobs (id bigint PRIMARY KEY);\n',
  'migrations/contracts/api.json': api,
  'migrations/contracts/worker.json': worker,
}

type Place = { readonly database: TestDatabase; readonly folder: string }

const arrange = async (files: Files = history, version: ServerVersion = '18'): Promise<Place> => ({
  database: await createDatabase(version),
  folder: workFolder(files),
})

const gate = ({ database, folder }: Place, ...args: readonly string[]): Promise<Finished> =>
  runGate({ args, folder, environment: { DATABASE_URL: database.url } })

describe.each(serverVersions)('run on PostgreSQL %s', (version) => {
  test('ends with the contracts, and exits 0 when they hold', async () => {
    const place = await arrange(history, version)
    const first = await gate(place, 'run')
    expect(first.exitCode).toBe(0)
    expect(first.stderr).toContain('MIGRATION CHECKPOINT: the contracts of api and worker hold')
    const again = await gate(place, 'run')
    expect(again).toMatchObject({ exitCode: 0 })
    expect(again.stderr).toContain('MIGRATION CHECKPOINT: the contracts of api and worker hold')
  })

  test('exits 3 on a violation, keeps what it applied, and says who must not start', async () => {
    const place = await arrange(
      {
        ...history,
        'migrations/0002_recording_mode.sql': 'SELECT 1;\n',
        'migrations/0003_jobs.sql': 'CREATE TABLE job (id int);\n',
      },
      version,
    )
    const { stdout, exitCode } = await gate(place, 'run')
    expect(exitCode).toBe(3)
    expect(normalised(stdout)).toMatchSnapshot()
    expect(await readLedgerRows(place.database)).toHaveLength(3)
    const again = await gate(place, 'run')
    expect(again.exitCode).toBe(3)
    expect(again.stdout).toContain('api, worker must not start (database ')
  })
})

test('run tells a column that somebody dropped, and by which migration it came', async () => {
  const place = await arrange()
  await gate(place, 'run')
  await place.database.sql`ALTER TABLE call_log DROP COLUMN recording_mode`
  const { stdout, stderr, exitCode } = await gate(place, 'run')
  expect(exitCode).toBe(3)
  expect(normalised(stdout).replace(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/g, 'TIME')).toMatchSnapshot()
  expect(stderr).toContain('CONTRACT VIOLATED: the contract of api is violated (2 violations)')
  expect(stderr).not.toContain('MIGRATION FAILED')
})

test('the JSON report and the termination message hold the violations', async () => {
  const place = await arrange({ ...history, 'migrations/0002_recording_mode.sql': 'SELECT 1;\n' })
  const finished = await runGate({
    args: ['run', '--json'],
    folder: place.folder,
    environment: {
      DATABASE_URL: place.database.url,
      REPORT_FILE: join(place.folder, 'report.json'),
      TERMINATION_LOG: join(place.folder, 'termination'),
    },
  })
  expect(finished.exitCode).toBe(3)
  const report: unknown = JSON.parse(finished.stdout)
  expect(report).toMatchObject({
    outcome: 'failed',
    exit_code: 3,
    contracts: ['api', 'worker'],
    applied: [{}, {}, {}],
    violations: [
      {
        service: 'api',
        object: 'column call_log.recording_mode',
        table: 'call_log',
        aspect: 'existence',
        pointer: '/tables/call_log/columns/recording_mode',
        file: 'migrations/contracts/api.json',
        line: 7,
        column: 9,
        why: 'no migration file brings it',
      },
      { object: 'index call_log_mode_idx' },
    ],
    problems: [],
  })
  expect(JSON.parse(readFileSync(join(place.folder, 'report.json'), 'utf8'))).toEqual(report)
  const termination = readFileSync(join(place.folder, 'termination'), 'utf8')
  expect(termination).toContain('column call_log.recording_mode is missing')
  expect(termination).toContain('exit code 3)')
})

test('a bad contract is refused before the database is contacted', async () => {
  const folder = workFolder({
    ...history,
    'migrations/contracts/api.json': '{\n  "service": "api",\n  "tabels": { "t": {} }\n}\n',
  })
  for (const command of ['run', 'plan', 'validate', 'wait', 'lint']) {
    const { stdout, exitCode } = await runGate({
      args: [command],
      folder,
      environment: { DATABASE_URL: 'postgresql://nobody@127.0.0.1:1/none' },
    })
    expect([command, exitCode]).toEqual([command, 4])
    expect(stdout).toContain(
      'error[malformed-contract]: migrations/contracts/api.json has "tabels"',
    )
    expect(stdout).toContain('--> migrations/contracts/api.json:3:3')
    expect(stdout).toContain('did you mean "tables"?')
  }
})

test('a contract whose table another session alters is waited for, and told when that takes too long', async () => {
  const place = await arrange({
    ...history,
    'migrations/contracts/api.json':
      '{ "service": "api", "tables": { "call_log": { "indexes": { "call_log_mode_idx": { "definition": "btree (recording_mode)" } } } } }',
  })
  await gate(place, 'run')
  const blocker = place.database.client()
  await blocker.unsafe('BEGIN; LOCK TABLE call_log IN ACCESS EXCLUSIVE MODE').simple()
  const { stdout, exitCode } = await gate(place, 'run', '--migration-lock-wait-seconds=1')
  expect(stdout).toContain('error[contracts-not-readable]')
  expect(exitCode).toBe(75)
  const waiting = startGate({
    args: ['run'],
    folder: place.folder,
    environment: { DATABASE_URL: place.database.url },
  })
  await until('the gate waits for the table', async () => {
    const rows = await place.database.sql`
      SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND application_name LIKE 'schemagate/%'
        AND datname = current_database() AND now() - query_start > '300 ms'`
    return rows.length > 0
  })
  await blocker.unsafe('ROLLBACK').simple()
  expect(await waiting.finished).toMatchObject({ exitCode: 0 })
})

describe('validate', () => {
  test('writes nothing and takes no lock', async () => {
    const place = await arrange()
    await gate(place, 'run')
    const catalog = await readCatalog(place.database)
    const ledger = await readLedgerRows(place.database)
    await place.database.sql.unsafe(
      `ALTER DATABASE ${place.database.name} SET log_statement = 'all'`,
    )
    expect(await gate(place, 'validate')).toMatchObject({
      exitCode: 0,
      stdout: 'the contracts of api and worker hold\n',
    })
    const statements = place.database
      .serverLog()
      .filter((line) => /\|schemagate\/\S+ validate\|.*statement: /.test(line))
    // The facts about the server, the ledger, the contracts: one round trip, whatever the number of contracts.
    expect(statements).toHaveLength(3)
    expect(statements.join('\n')).not.toMatch(/advisory|INSERT|UPDATE|CREATE|LOCK TABLE/)
    expect(statements.join('\n')).toContain('READ ONLY')
    expect(await readCatalog(place.database)).toEqual(catalog)
    expect(await readLedgerRows(place.database)).toEqual(ledger)
  })

  test('needs no privilege but to connect', async () => {
    const place = await arrange()
    await gate(place, 'run')
    const role = `guest_${place.database.name}`
    await place.database.sql.unsafe(`CREATE ROLE ${role} LOGIN PASSWORD 'guest-pw-1'`)
    try {
      await place.database.sql`ALTER TABLE call_log DROP COLUMN recording_mode`
      const url = databaseUrl(place.database.port, place.database.name, role, 'guest-pw-1')
      const { stdout, exitCode } = await runGate({
        args: ['validate'],
        folder: place.folder,
        environment: { DATABASE_URL: url },
      })
      expect(exitCode).toBe(3)
      expect(stdout).toContain('the ledger cannot be read here')
      expect(stdout).toContain('0002_recording_mode.sql brings it')
    } finally {
      await place.database.sql.unsafe(`DROP ROLE ${role}`)
    }
  })

  test('says what is still to be migrated', async () => {
    const place = await arrange()
    const { stdout, exitCode } = await gate(place, 'validate', '--service', 'worker')
    expect(exitCode).toBe(3)
    expect(normalised(stdout)).toMatchSnapshot()
  })

  test('only looks at the services that are asked for', async () => {
    const place = await arrange({ ...history, 'migrations/0003_jobs.sql': 'SELECT 1;\n' })
    await gate(place, 'run')
    expect(await gate(place, 'validate', '--service=api')).toMatchObject({ exitCode: 0 })
    expect(await gate(place, 'validate', '--service=worker')).toMatchObject({ exitCode: 3 })
    expect(await gate(place, 'validate', '--service=api', '--service=worker')).toMatchObject({
      exitCode: 3,
    })
  })

  test('works where the contracts stand alone, as in the image of a service', async () => {
    const place = await arrange()
    await gate(place, 'run')
    const alone = workFolder({ 'migrations/contracts/api.json': api })
    const found = await gate({ ...place, folder: alone }, 'validate')
    expect(found).toMatchObject({ exitCode: 0, stdout: 'the contract of api holds\n' })
  })

  test.each([
    [['--service', 'apo'], history, 2, 'error[unknown-service]'],
    [['--format', 'xml'], history, 2, 'error[malformed-value]: --format is'],
    [['--service='], history, 2, 'error[malformed-value]: --service'],
    [[], { 'migrations/0001_a.sql': 'SELECT 1;' }, 2, 'error[no-contracts]'],
    [[], { 'somewhere/else.sql': 'SELECT 1;' }, 2, 'error[no-contracts]'],
  ])('%j is told by name', async (args, files, exitCode, words) => {
    const place = await arrange(files)
    const finished = await gate(place, 'validate', ...args)
    expect(finished.stdout).toContain(words)
    expect(finished.exitCode).toBe(exitCode)
  })

  test.each(['github', 'junit', 'json'])('reports as %s', async (format) => {
    const place = await arrange()
    const { stdout, exitCode } = await gate(place, 'validate', `--format=${format}`)
    expect(exitCode).toBe(3)
    expect(normalised(stdout)).toMatchSnapshot()
  })
})

describe('wait', () => {
  const start = ({ database, folder }: Place, ...args: readonly string[]) =>
    startGate({ args: ['wait', ...args], folder, environment: { DATABASE_URL: database.url } })

  test('ends when another process has migrated', async () => {
    const place = await arrange()
    const waiting = start(place, '--service=api', '--timeout=60')
    await until('it says what it waits for', () =>
      waiting
        .stderr()
        .includes('for 3 migrations (first: migrations/0001_call_log.sql) to be recorded'),
    )
    expect(await gate(place, 'run')).toMatchObject({ exitCode: 0 })
    const { exitCode, stdout } = await waiting.finished
    expect(exitCode).toBe(0)
    expect(stdout).toMatch(/^ready: 3 migrations recorded, the contract of api holds \(waited /)
  })

  test('gives up in time, and names the first migration that is missing', async () => {
    const place = await arrange()
    const { stdout, exitCode } = await gate(place, 'wait', '--timeout=1')
    expect(exitCode).toBe(75)
    expect(stdout).toContain('error[wait-timeout]')
    expect(stdout).toContain('migrations/0001_call_log.sql')
    expect(await readLedgerRows(place.database)).toBeUndefined()
  })

  test('exits 3 when the contracts do not come to hold', async () => {
    const place = await arrange({ ...history, 'migrations/0003_jobs.sql': 'SELECT 1;\n' })
    await gate(place, 'run')
    const { stdout, stderr, exitCode } = await gate(place, 'wait', '--timeout=3')
    expect(exitCode).toBe(3)
    expect(stderr).toContain('1 contract violation to be repaired')
    expect(stdout).toContain('table jobs is missing')
  })

  test('refuses an edited file at once', async () => {
    const place = await arrange()
    await gate(place, 'run')
    writeFiles(place.folder, { 'migrations/0003_jobs.sql': 'CREATE TABLE jobs (id int);\n' })
    const { stdout, exitCode } = await gate(place, 'wait', '--timeout=60')
    expect(exitCode).toBe(4)
    expect(stdout).toContain('error[edited-file]')
  })

  test('survives a lost connection', async () => {
    const place = await arrange()
    const waiting = start(place, '--timeout=60')
    await until('it waits', () => waiting.stderr().includes('has waited'))
    const { sql } = place.database
    await sql`
      SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE datname = current_database() AND application_name LIKE 'schemagate/% wait'`
    await until('it says so', () => waiting.stderr().includes('connecting again'))
    expect(await gate(place, 'run')).toMatchObject({ exitCode: 0 })
    expect(await waiting.finished).toMatchObject({ exitCode: 0 })
  })

  test('ends on SIGTERM with 143', async () => {
    const place = await arrange()
    const waiting = start(place)
    await until('it waits', () => waiting.stderr().includes('has waited'))
    waiting.process.kill('SIGTERM')
    expect(await waiting.finished).toMatchObject({ exitCode: 143 })
  })

  test('needs something to wait for', async () => {
    const place = await arrange({ 'migrations/.hidden': '' })
    expect(await gate(place, 'wait')).toMatchObject({ exitCode: 2 })
  })
})
