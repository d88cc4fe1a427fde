import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { createDatabase, databaseUrl } from '../support/database.ts'
import { effectsHistory, expectExactlyOnce, expectNoLock } from '../support/effects.ts'
import { runGate, startGate, workFolder } from '../support/gate.ts'
import { startPooler, type Pooler } from '../support/pooler.ts'
import { freePort, serverVersions } from '../support/servers.ts'

describe.each(serverVersions)(
  'through PgBouncer in transaction mode on PostgreSQL %s',
  (version) => {
    let pooler: Pooler
    beforeAll(async () => {
      pooler = await startPooler(Number(process.env[`SCHEMAGATE_TEST_PORT_${version}`]), 4)
    })
    afterAll(async () => {
      await pooler.stop()
    })

    test('DIRECT that does not answer is tried once, then the whole run uses POOLER', async () => {
      const database = await createDatabase(version)
      const folder = workFolder(effectsHistory(5))
      const environment = {
        DATABASE_URL_DIRECT: `postgresql://postgres@127.0.0.1:${await freePort()}/none`,
        DATABASE_URL_POOLER: databaseUrl(pooler.port, database.name),
      }
      const { exitCode, stderr } = await runGate({ folder, environment })
      expect(exitCode).toBe(0)
      expect(stderr).toContain('Using POOLER (DIRECT unavailable - locked): POOLER (127.0.0.1:')
      expect(stderr.match(/is not available/g)).toHaveLength(1)
      await expectExactlyOnce(database, 5)
    })

    test('DIRECT that answers is used, and POOLER is not', async () => {
      const database = await createDatabase(version)
      const environment = {
        DATABASE_URL_DIRECT: database.url,
        DATABASE_URL_POOLER: `postgresql://postgres@127.0.0.1:${await freePort()}/none`,
      }
      const { exitCode, stderr } = await runGate({
        folder: workFolder(effectsHistory(2)),
        environment,
      })
      expect(exitCode).toBe(0)
      expect(stderr).toContain('Using DIRECT: DIRECT (127.0.0.1:')
    })

    test('a pooler behind DATABASE_URL is recognised for what it is', async () => {
      const database = await createDatabase(version)
      const folder = workFolder(effectsHistory(2))
      const pooled = { DATABASE_URL: databaseUrl(pooler.port, database.name) }
      const first = await runGate({ folder, environment: pooled })
      expect(first.stderr).toContain('Using POOLER: DATABASE_URL')
      const second = await runGate({ folder, environment: { DATABASE_URL: database.url } })
      expect(second.stderr).toContain('Using DIRECT: DATABASE_URL')
      expect([first.exitCode, second.exitCode]).toEqual([0, 0])
    })

    test('six runners at once: each migration exactly once, and nothing leaks into the pool', async () => {
      const database = await createDatabase(version)
      const history = effectsHistory(6, 0.2)
      const folder = workFolder({
        ...history,
        'migrations/0006_step.sql': `${String(history['migrations/0006_step.sql'])}; SET search_path TO nowhere; SET statement_timeout = '9s'; SET ROLE pg_monitor`,
      })
      // Two of the pool's connections belong to the leader: the lock and the work.
      const environment = { DATABASE_URL: databaseUrl(pooler.port, database.name) }
      const ends = await Promise.all(
        Array.from({ length: 6 }, () => startGate({ folder, environment }).finished),
      )
      expect(ends.map(({ exitCode }) => exitCode)).toEqual(Array(6).fill(0))
      await expectExactlyOnce(database, 6)
      const settings = `SELECT current_setting('search_path') AS p, current_setting('statement_timeout') AS t, current_user::text AS u`
      const pooled = await runGate({
        folder: workFolder({ 'migrations/1_see.sql': `CREATE TABLE public.seen AS ${settings}` }),
        environment: { ...environment, LEDGER_SCHEMA: 'other' },
      })
      expect(pooled.exitCode).toBe(0)
      expect(await database.sql`SELECT p, u FROM seen`).toEqual([
        { p: '"$user", public', u: 'postgres' },
      ])
    })

    test('the runner killed in mid-run leaves no lock behind in the pool', async () => {
      const database = await createDatabase(version)
      const folder = workFolder(effectsHistory(10, 0.1))
      const environment = { DATABASE_URL: databaseUrl(pooler.port, database.name) }
      const gate = startGate({ folder, environment })
      while (!gate.stderr().includes('applied migrations/0003')) {
        expect(gate.process.exitCode).toBeNull()
        await new Promise((resolve) => setImmediate(resolve))
      }
      gate.process.kill('SIGKILL')
      await gate.finished
      expect(await runGate({ folder, environment })).toMatchObject({ exitCode: 0 })
      await expectExactlyOnce(database, 10)
      await expectNoLock(database.sql)
    })
  },
)

test('a pool of one connection is told, not waited for', async () => {
  const database = await createDatabase('18')
  const single = await startPooler(database.port, 1)
  try {
    const environment = {
      DATABASE_URL: databaseUrl(single.port, database.name),
      MIGRATION_LOCK_WAIT_SECONDS: '1',
    }
    const { exitCode, stdout } = await runGate({
      folder: workFolder(effectsHistory(1)),
      environment,
    })
    expect(stdout).toContain('error[pooler-too-small]')
    expect(stdout).toContain('default_pool_size')
    expect(exitCode).toBe(4)
    await expectNoLock(database.sql)
  } finally {
    await single.stop()
  }
})
