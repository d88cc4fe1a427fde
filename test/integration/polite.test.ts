// Migrations that meet other sessions at work: they wait for a bounded time, step back, and come again.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type postgres from 'postgres'
import { createDatabase, databaseUrl, until, type TestDatabase } from '../support/database.ts'
import { expectNoLock, holdTable } from '../support/effects.ts'
import { runGate, startGate, workFolder } from '../support/gate.ts'
import { startPooler, type Pooler } from '../support/pooler.ts'
import { serverVersions } from '../support/servers.ts'

const history = {
  'migrations/1_first.sql': 'CREATE TABLE first (id int)',
  'migrations/2_busy.sql': 'CREATE TABLE second (id int);\nALTER TABLE busy ADD COLUMN added int;',
  'migrations/3_last.sql': 'CREATE TABLE last (id int)',
}

type Blocker = { readonly sql: postgres.Sql; readonly pid: number }

/** A session that has read the table and left its transaction open. */
const blockTable = async ({ sql, client }: TestDatabase): Promise<Blocker> => {
  await sql.unsafe('CREATE TABLE busy (id int, secret text); CREATE TABLE other (id int)')
  const blocker = client()
  await blocker.unsafe(
    `SET application_name = 'forgetful'; BEGIN; SELECT FROM busy WHERE secret = 'hunter2'`,
  )
  const [row] = await blocker.unsafe('SELECT pg_backend_pid() AS pid')
  await blocker.unsafe(`SELECT count(*) FROM busy WHERE secret = 'hunter2'`)
  return { sql: blocker, pid: Number(row?.['pid']) }
}

const recorded = async ({ sql }: TestDatabase): Promise<readonly number[]> => {
  const rows = await sql.unsafe(
    'SELECT version::int AS v FROM schemagate.schema_migrations ORDER BY ordinal',
  )
  return rows.map((row) => Number(row['v']))
}

const tries = (stderr: string): number => stderr.match(/ in \d+ ms; /g)?.length ?? 0

describe.each(serverVersions)('polite DDL on PostgreSQL %s', (version) => {
  let pooler: Pooler
  beforeAll(async () => {
    pooler = await startPooler(Number(process.env[`SCHEMAGATE_TEST_PORT_${version}`]), 3)
  })
  afterAll(async () => {
    await pooler.stop()
  })

  test.each(['directly', 'through PgBouncer'])(
    'a blocker that goes away after the second try: applied, and the log named it (%s)',
    async (way) => {
      const database = await createDatabase(version)
      const blocker = await blockTable(database)
      const url = way === 'directly' ? database.url : databaseUrl(pooler.port, database.name)
      const gate = startGate({
        folder: workFolder(history),
        environment: { DATABASE_URL: url, MIGRATION_LOCK_TIMEOUT: '1s' },
      })
      await until('it has tried twice', () => tries(gate.stderr()) >= 2)
      // Nothing of a try is left while others have their turn.
      expect(await database.sql`SELECT to_regclass('second') AS second`).toEqual([{ second: null }])
      await blocker.sql.unsafe('COMMIT')
      const { exitCode, stderr } = await gate.finished
      expect(exitCode).toBe(0)
      expect(stderr).toContain('(forgetful, user postgres), idle in transaction for')
      expect(stderr).toMatch(
        new RegExp(
          String.raw`2_busy\.sql has waited for a lock for 0\.\d s; blocked by pid ${blocker.pid} `,
        ),
      )
      expect(stderr).toContain(
        'did not get its locks (SQLSTATE 55P03) and is rolled back; try 2 of 11',
      )
      expect(stderr).toMatch(
        new RegExp(String.raw`try 2 of 11 in \d+ ms; blocked by pid ${blocker.pid} `),
      )
      expect(stderr).toContain(`s: SELECT count(*) FROM busy WHERE secret = '…'`)
      expect(stderr).not.toContain('hunter2')
      expect(await recorded(database)).toEqual([1, 2, 3])
      await expectNoLock(database.sql)
    },
  )

  test.each(['directly', 'through PgBouncer'])(
    'a blocker that stays: 75, and log, report and termination message name it (%s)',
    async (way) => {
      const database = await createDatabase(version)
      const blocker = await blockTable(database)
      const url = way === 'directly' ? database.url : databaseUrl(pooler.port, database.name)
      const folder = workFolder(history)
      const environment = {
        DATABASE_URL: url,
        MIGRATION_LOCK_TIMEOUT: '1s',
        MIGRATION_LOCK_RETRIES: '2',
        TERMINATION_LOG: join(folder, 'termination'),
      }
      const { exitCode, stdout, stderr } = await runGate({ folder, environment })
      expect(exitCode).toBe(75)
      const title =
        'error[blocked-ddl]: migrations/2_busy.sql did not get its locks in 3 tries (lock_timeout 1s)'
      const named = `blocked by pid ${blocker.pid} (forgetful, user postgres), idle in transaction for`
      for (const text of [stdout, readFileSync(environment.TERMINATION_LOG, 'utf8')]) {
        expect(text).toContain(title)
        expect(text).toContain('--> migrations/2_busy.sql:2:1')
        expect(text).toContain(named)
      }
      expect(stdout).toContain('not attempted  migrations/3_last.sql')
      expect(tries(stderr)).toBe(2)
      expect(await recorded(database)).toEqual([1])
      expect(await database.sql`SELECT to_regclass('second') AS second`).toEqual([{ second: null }])
      await blocker.sql.unsafe('COMMIT')
      expect(await runGate({ folder, environment })).toMatchObject({ exitCode: 0 })
      expect(await recorded(database)).toEqual([1, 2, 3])
    },
  )

  test('readers of the table are stalled for one lock_timeout at most, and are named while they queue', async () => {
    const database = await createDatabase(version)
    await blockTable(database)
    const lockTimeoutMs = 600
    const reader = database.client()
    await reader.unsafe('SELECT FROM busy')
    const gate = startGate({
      folder: workFolder({ 'migrations/1_a.sql': 'ALTER TABLE busy ADD COLUMN added int' }),
      environment: {
        DATABASE_URL: database.url,
        MIGRATION_LOCK_TIMEOUT: `${lockTimeoutMs}ms`,
        MIGRATION_LOCK_RETRIES: '3',
      },
    })
    const waits: number[] = []
    let over = false
    void gate.finished.then(() => (over = true))
    while (!over) {
      const started = performance.now()
      await reader.unsafe('SELECT FROM busy')
      waits.push(performance.now() - started)
    }
    const { exitCode, stderr } = await gate.finished
    expect(exitCode).toBe(75)
    // It was stalled, so the loop saw what it is about; and then it had its turn.
    expect(Math.max(...waits)).toBeGreaterThan(lockTimeoutMs / 3)
    expect(Math.max(...waits)).toBeLessThan(lockTimeoutMs + 500)
    expect(stderr).toMatch(/; 1 queued behind it \(pid \d+\)/)
  })

  test('a deadlock is tried again', async () => {
    const database = await createDatabase(version)
    const { sql, name, url } = database
    await sql.unsafe('CREATE TABLE one (id int); CREATE TABLE two (id int)')
    // Whoever waits first does not find the circle: the rival, with its long deadlock_timeout.
    const rival = database.client()
    await rival.unsafe(`SET deadlock_timeout = '1min'; BEGIN; LOCK TABLE two`)
    const doorkeeper = database.client()
    await doorkeeper.unsafe('BEGIN; SELECT pg_advisory_xact_lock(7)')
    const gate = startGate({
      folder: workFolder({
        'migrations/1_a.sql':
          'ALTER TABLE one ADD COLUMN added int;\nSELECT pg_advisory_xact_lock(7);\nALTER TABLE two ADD COLUMN added int;',
      }),
      environment: { DATABASE_URL: url, MIGRATION_LOCK_TIMEOUT: '30s' },
    })
    const waiting = async (what: string): Promise<boolean> => {
      const found = await sql.unsafe(`SELECT FROM pg_stat_activity WHERE datname = '${name}'
        AND wait_event_type = 'Lock' AND wait_event = '${what}'`)
      return found.length > 0
    }
    await until('it has locked the first table', () => waiting('advisory'))
    const locking = rival.unsafe('LOCK TABLE one').execute()
    await until('the rival waits for that', () => waiting('relation'))
    await doorkeeper.unsafe('COMMIT')
    await locking
    await rival.unsafe('COMMIT')
    const { exitCode, stderr } = await gate.finished
    expect(exitCode).toBe(0)
    expect(stderr).toContain(
      'did not get its locks (SQLSTATE 40P01) and is rolled back; try 2 of 11',
    )
    expect(await recorded(database)).toEqual([1])
  })

  test('NOWAIT in a file counts as a lock that was not obtained', async () => {
    const database = await createDatabase(version)
    const blocker = await blockTable(database)
    const gate = startGate({
      folder: workFolder({
        'migrations/1_a.sql':
          'LOCK TABLE busy IN ACCESS EXCLUSIVE MODE NOWAIT;\nALTER TABLE busy ADD COLUMN added int;',
      }),
      environment: { DATABASE_URL: database.url },
    })
    await until('it has tried', () => tries(gate.stderr()) >= 1)
    await blocker.sql.unsafe('COMMIT')
    expect(await gate.finished).toMatchObject({ exitCode: 0 })
    expect(await recorded(database)).toEqual([1])
  })

  test('a ledger that another session has locked is told as that, with its name', async () => {
    const database = await createDatabase(version)
    const { statement, reached, release } = await holdTable(database)
    const gate = startGate({
      folder: workFolder({
        'migrations/1_a.sql': 'CREATE TABLE a (id int)',
        'migrations/2_b.sql': `-- @lock-timeout 60s\n${statement}`,
        'migrations/3_c.sql': 'CREATE TABLE c (id int)',
      }),
      environment: {
        DATABASE_URL: database.url,
        MIGRATION_LOCK_TIMEOUT: '1s',
        MIGRATION_LOCK_RETRIES: '0',
      },
    })
    await reached()
    const blocker = database.client()
    const locking = blocker
      .unsafe(
        `SET application_name = 'tidier'; BEGIN; LOCK TABLE schemagate.schema_migrations IN SHARE MODE`,
      )
      .execute()
    await until('it queues for the ledger', async () => {
      const queued = await database.sql.unsafe(
        `SELECT FROM pg_locks WHERE relation = 'schemagate.schema_migrations'::regclass AND NOT granted`,
      )
      return queued.length > 0
    })
    await release()
    await locking
    const { exitCode, stdout } = await gate.finished
    await blocker.unsafe('ROLLBACK')
    expect(exitCode).toBe(75)
    expect(stdout).toContain(
      'error[ledger-blocked]: migrations/3_c.sql could not begin: another session has locked schemagate.schema_migrations (lock_timeout 1s)',
    )
    expect(stdout).toMatch(/blocked by pid \d+ \(tidier, user postgres\), idle in transaction/)
    expect(await recorded(database)).toEqual([1, 2])
  })

  test.each([
    ['SIGTERM', 143],
    ['SIGINT', 130],
  ] as const)('%s in the pause between two tries ends it at once', async (signal, code) => {
    const database = await createDatabase(version)
    await blockTable(database)
    const gate = startGate({
      folder: workFolder(history),
      environment: { DATABASE_URL: database.url, MIGRATION_LOCK_TIMEOUT: '50ms' },
    })
    // By then the pauses are longer than a second.
    await until('it has tried often', () => tries(gate.stderr()) >= 4)
    const started = performance.now()
    gate.process.kill(signal)
    const { exitCode, stdout } = await gate.finished
    expect(exitCode).toBe(code)
    expect(performance.now() - started).toBeLessThan(1_500)
    expect(stdout).toContain(
      `stopped by ${signal} while migrations/2_busy.sql waited for its next try`,
    )
    expect(await recorded(database)).toEqual([1])
    await expectNoLock(database.sql)
  })

  test.each([
    ['lock', 'lock-lost'],
    ['run', 'connection-lost'],
  ])('the %s connection lost in the pause ends it with 75: %s', async (role, problem) => {
    const database = await createDatabase(version)
    await blockTable(database)
    const gate = startGate({
      folder: workFolder(history),
      environment: { DATABASE_URL: database.url, MIGRATION_LOCK_TIMEOUT: '50ms' },
    })
    await until('it has tried often', () => tries(gate.stderr()) >= 4)
    const started = performance.now()
    await database.sql.unsafe(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE datname = current_database() AND application_name LIKE 'schemagate/% ${role}'`)
    const { exitCode, stdout } = await gate.finished
    expect(exitCode).toBe(75)
    expect(performance.now() - started).toBeLessThan(1_500)
    expect(stdout).toContain(`error[${problem}]`)
    expect(await recorded(database)).toEqual([1])
  })

  test('who watches keeps neither a snapshot nor a lock on the catalog', async () => {
    const database = await createDatabase(version)
    await blockTable(database)
    const gate = startGate({
      folder: workFolder(history),
      environment: { DATABASE_URL: database.url, MIGRATION_LOCK_TIMEOUT: '60s' },
    })
    await until('it has looked', () => gate.stderr().includes('has waited for a lock'))
    await until('the watcher is idle again, with its advisory lock only', async () => {
      const [row] = await database.sql.unsafe(`SELECT a.state, a.backend_xmin::text AS xmin,
          (SELECT string_agg(DISTINCT l.locktype, ',' ORDER BY l.locktype) FROM pg_locks l WHERE l.pid = a.pid) AS locks
        FROM pg_stat_activity a WHERE a.datname = current_database() AND a.application_name LIKE 'schemagate/% lock'`)
      return (
        row?.['state'] === 'idle in transaction' &&
        row['xmin'] === null &&
        row['locks'] === 'advisory,virtualxid'
      )
    })
    gate.process.kill('SIGTERM')
    expect(await gate.finished).toMatchObject({ exitCode: 143 })
  })
})

// Unreadable for the parser of 18: see unreadable.test.ts.
test('a file that nobody could read and that may have committed is not tried again', async () => {
  const database = await createDatabase('15')
  const blocker = await blockTable(database)
  const { exitCode, stdout, stderr } = await runGate({
    folder: workFolder({
      'migrations/1_a.sql':
        'CREATE TABLE half (system_user int); COMMIT; BEGIN; LOCK TABLE busy NOWAIT;',
    }),
    environment: { DATABASE_URL: database.url },
  })
  await blocker.sql.unsafe('COMMIT')
  expect(exitCode).toBe(1)
  expect(stdout).toContain('error[unread-migration-failed]')
  expect(tries(stderr)).toBe(0)
  expect(await database.sql`SELECT to_regclass('half')::text AS half`).toEqual([{ half: 'half' }])
})
