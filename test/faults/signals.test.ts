import { describe, expect, test } from '@jest/globals'
import { createServer } from 'node:net'
import { createDatabase, until } from '../support/database.ts'
import { effectsHistory, expectExactlyOnce, expectNoLock, holdTable } from '../support/effects.ts'
import { runGate, startGate, workFolder } from '../support/gate.ts'
import { freePort, serverVersions } from '../support/servers.ts'

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
      gate.process.kill(signal)
      const { exitCode, stdout, stderr } = await gate.finished
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
    gate.process.kill('SIGTERM')
    expect(await gate.finished).toMatchObject({ exitCode: 143 })
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
    waiter.process.kill('SIGTERM')
    expect(await waiter.finished).toMatchObject({ exitCode: 143 })
    expect(leader.process.exitCode).toBeNull()
    await release()
    expect(await leader.finished).toMatchObject({ exitCode: 0 })
  })
})

test('SIGTERM while it waits for the database ends the waiting', async () => {
  const folder = workFolder({ 'migrations/1_a.sql': 'SELECT 1' })
  const url = `postgresql://nobody@127.0.0.1:${await freePort()}/none`
  const gate = startGate({
    folder,
    environment: { DATABASE_URL: url, DATABASE_WAIT_SECONDS: '60' },
  })
  await until('it waits', () => gate.stderr().includes('waiting for DATABASE_URL'))
  gate.process.kill('SIGTERM')
  expect(await gate.finished).toMatchObject({ exitCode: 143 })
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
  gate.process.kill('SIGTERM')
  expect(await gate.finished).toMatchObject({ exitCode: 143 })
  expect(performance.now() - started).toBeLessThan(3_000)
  silent.close()
})
