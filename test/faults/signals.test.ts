import { describe, expect, test } from '@jest/globals'
import { createServer } from 'node:net'
import { createDatabase, databaseUrl, until } from '../support/database.ts'
import {
  atCommit,
  effectsHistory,
  expectExactlyOnce,
  expectNoLock,
  holdTable,
} from '../support/effects.ts'
import {
  runGate,
  startGate,
  workFolder,
  writeFiles,
  type Finished,
  type RunningGate,
} from '../support/gate.ts'
import { startNetwork } from '../support/network.ts'
import { freePort, serverVersions } from '../support/servers.ts'

/** Sends the signal; fails when the process does not end within 5 s. */
const endedBy = async (gate: RunningGate, signal: NodeJS.Signals): Promise<Finished> => {
  const since = performance.now()
  gate.process.kill(signal)
  const finished = await gate.finished
  expect(performance.now() - since).toBeLessThan(5_000 + slackMs)
  return finished
}

// A machine that does other things, too.
const slackMs = 1_000

describe.each(serverVersions)('signals on PostgreSQL %s', (version) => {
  test.each([
    ['SIGTERM', 143],
    ['SIGINT', 130],
  ] as const)(
    '%s in a statement cancels it on the server, rolls back and exits %i',
    async (signal, code) => {
      const { url, sql, name } = await createDatabase(version)
      const folder = workFolder({
        'migrations/1_a.sql': 'CREATE TABLE a (id int)',
        'migrations/2_long.sql': 'CREATE TABLE b (id int); SELECT pg_sleep(60)',
        'migrations/3_c.sql': 'CREATE TABLE c (id int)',
      })
      const gate = startGate({ folder, environment: { DATABASE_URL: url } })
      const sleeping = `SELECT 1 FROM pg_stat_activity WHERE datname = '${name}' AND wait_event = 'PgSleep'`
      await until('it sleeps', async () => (await sql.unsafe(sleeping)).length > 0)
      const { exitCode, stdout, stderr } = await endedBy(gate, signal)
      expect(exitCode).toBe(code)
      expect(stdout).toContain(`stopped by ${signal} in migrations/2_long.sql`)
      expect(stdout).toContain('not attempted  migrations/3_c.sql')
      expect(stderr).toContain('Released migration lock')
      expect(await sql.unsafe(sleeping)).toHaveLength(0)
      expect(
        await sql`SELECT version::int AS v, to_regclass('b')::text AS b FROM schemagate.schema_migrations`,
      ).toEqual([{ v: 1, b: null }])
      await expectNoLock(sql)
    },
  )

  test('SIGTERM in mid-run: not 0 while some are pending, and the re-run finishes them', async () => {
    const database = await createDatabase(version)
    const folder = workFolder(effectsHistory(10, 0.1))
    const environment = { DATABASE_URL: database.url }
    const gate = startGate({ folder, environment })
    await until('it applies', () => gate.stderr().includes('applied migrations/0003'))
    expect(await endedBy(gate, 'SIGTERM')).toMatchObject({ exitCode: 143 })
    expect(await runGate({ folder, environment })).toMatchObject({ exitCode: 0 })
    await expectExactlyOnce(database, 10)
  })

  test('SIGTERM while it waits for the lock ends the waiting', async () => {
    const { statement, environment, reached, release } = await holdTable(
      await createDatabase(version),
    )
    const folder = workFolder({ 'migrations/1_held.sql': statement })
    const leader = startGate({ folder, environment })
    await reached()
    const waiter = startGate({ folder, environment })
    await until('it waits', () => waiter.stderr().includes('another process holds'))
    expect(await endedBy(waiter, 'SIGTERM')).toMatchObject({ exitCode: 143 })
    expect(leader.process.exitCode).toBeNull()
    await release()
    expect(await leader.finished).toMatchObject({ exitCode: 0 })
  })
})

test('SIGTERM at COMMIT: rolled back, not recorded, and the re-run applies it', async () => {
  const { url, sql } = await createDatabase('18')
  const folder = workFolder({
    'migrations/1_a.sql': 'CREATE TABLE a (id int)',
    'migrations/2_b.sql': `CREATE TABLE b (id int); ${atCommit('PERFORM pg_sleep(60)')}`,
  })
  const environment = { DATABASE_URL: url }
  const gate = startGate({ folder, environment })
  // With its row in the ledger.
  const sleeping = `SELECT FROM pg_stat_activity a JOIN pg_locks l USING (pid) WHERE datname = current_database() AND wait_event = 'PgSleep'
    AND l.relation = to_regclass('schemagate.schema_migrations') AND l.mode = 'RowExclusiveLock'`
  await until('it commits', async () => (await sql.unsafe(sleeping)).length > 0)
  const { exitCode, stdout } = await endedBy(gate, 'SIGTERM')
  expect(exitCode).toBe(143)
  expect(stdout).toContain('stopped by SIGTERM in migrations/2_b.sql')
  expect(
    await sql`SELECT version::int AS v, to_regclass('b')::text AS b FROM schemagate.schema_migrations`,
  ).toEqual([{ v: 1, b: null }])
  writeFiles(folder, { 'migrations/2_b.sql': 'CREATE TABLE b (id int)' })
  expect(await runGate({ folder, environment })).toMatchObject({ exitCode: 0 })
})

test('SIGTERM while the contracts are checked ends the check with 143', async () => {
  const { url, sql, client } = await createDatabase('18')
  const folder = workFolder({
    'migrations/1_t.sql': 'CREATE TABLE t (id int); CREATE INDEX t_id_idx ON t (id)',
    'migrations/contracts/api.json':
      '{ "service": "api", "tables": { "t": { "indexes": { "t_id_idx": { "definition": "btree (id)" } } } } }',
  })
  const environment = { DATABASE_URL: url }
  expect(await runGate({ folder, environment })).toMatchObject({ exitCode: 0 })
  await client().unsafe('BEGIN; LOCK TABLE t IN ACCESS EXCLUSIVE MODE').simple()
  const gate = startGate({ folder, environment })
  const waiting = `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
    AND application_name LIKE 'schemagate/%' AND clock_timestamp() - query_start > '300 ms'`
  await until('it waits for the table', async () => (await sql.unsafe(waiting)).length > 0)
  const { exitCode, stdout } = await endedBy(gate, 'SIGTERM')
  expect(exitCode).toBe(143)
  expect(stdout).toContain('stopped by SIGTERM before the contracts were checked')
})

test('SIGTERM in the report, when its reader has stopped reading, ends the process all the same', async () => {
  // More than the pipe takes.
  const refused = Array.from({ length: 3_000 }, (_, at) => [`migrations/no number ${at}.sql`, ''])
  const folder = workFolder(Object.fromEntries(refused) as Record<string, string>)
  const gate = startGate({ folder, environment: { DATABASE_URL: 'postgresql://u@127.0.0.1:1/x' } })
  gate.process.stdout?.pause()
  await gate.said('MIGRATION FAILED')
  const since = performance.now()
  gate.process.kill('SIGTERM')
  await until('it has ended', () => gate.process.exitCode !== null, 10_000)
  expect(performance.now() - since).toBeLessThan(5_000 + slackMs)
  expect(gate.process.exitCode).toBe(143)
  gate.process.stdout?.resume()
})

test('SIGTERM while the network is silent ends the run within 5 s, a second one at once', async () => {
  const database = await createDatabase('18')
  const { statement, reached, release } = await holdTable(database)
  const folder = workFolder({ 'migrations/1_held.sql': statement })
  for (const second of ['no second signal', 'a second signal'] as const) {
    const network = await startNetwork(database.port)
    const environment = {
      DATABASE_URL: databaseUrl(network.port, database.name),
      MIGRATION_LOCK_WAIT_SECONDS: '60',
    }
    const gate = startGate({ folder, environment })
    await (second === 'a second signal' ? gate.said('Using DIRECT') : reached())
    network.goSilent()
    const ended = endedBy(gate, 'SIGTERM')
    if (second === 'a second signal') {
      const since = performance.now()
      // Signals that are not taken yet count as one.
      await until('it has ended', () => !gate.process.kill('SIGTERM'))
      expect(performance.now() - since).toBeLessThan(2_000)
    }
    expect(await ended).toMatchObject({ exitCode: 143 })
  }
  await release()
})

test('SIGTERM while it waits for the database ends the waiting', async () => {
  const folder = workFolder({ 'migrations/1_a.sql': 'SELECT 1' })
  const url = `postgresql://nobody@127.0.0.1:${await freePort()}/none`
  const gate = startGate({
    folder,
    environment: { DATABASE_URL: url, DATABASE_WAIT_SECONDS: '60' },
  })
  await until('it waits', () => gate.stderr().includes('waiting for DATABASE_URL'))
  expect(await endedBy(gate, 'SIGTERM')).toMatchObject({ exitCode: 143 })
})

test('SIGTERM while something accepts the connection and stays silent ends it at once', async () => {
  const silent = createServer(() => undefined)
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
  const address = silent.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const folder = workFolder({ 'migrations/1_a.sql': 'SELECT 1' })
  const url = `postgresql://nobody@127.0.0.1:${port}/none`
  const gate = startGate({
    folder,
    environment: { DATABASE_URL_DIRECT: url, DATABASE_URL_POOLER: url },
  })
  await until('it is connecting', async () => {
    const connections = await new Promise<number>((resolve) => {
      silent.getConnections((_, count) => {
        resolve(count)
      })
    })
    return connections > 0
  })
  const started = performance.now()
  expect(await endedBy(gate, 'SIGTERM')).toMatchObject({ exitCode: 143 })
  expect(performance.now() - started).toBeLessThan(3_000)
  silent.close()
})
