import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import postgres from 'postgres'
import { createDatabase, databaseUrl, until } from '../support/database.ts'
import { effectsHistory, expectExactlyOnce, expectNoLock } from '../support/effects.ts'
import { runGate, startGate, workFolder } from '../support/gate.ts'
import { startPooler, type Pooler } from '../support/pooler.ts'
import { freePort, serverVersions } from '../support/servers.ts'

const poolSize = 4

type Row = Readonly<Record<string, unknown>>

/** What a client finds in each connection of the pool: one transaction is open in every one of them at once. */
const seenInPool = async (url: string): Promise<readonly Row[]> => {
  const clients = Array.from({ length: poolSize }, () =>
    postgres(url, { max: 1, fetch_types: false, prepare: false }),
  )
  try {
    const seen = await Promise.all(
      clients.map(async (client) => {
        const [, [row] = []] = (await client.unsafe(
          `BEGIN; SELECT pg_backend_pid() AS pid, current_setting('search_path') AS search_path,
            current_setting('statement_timeout') AS statement_timeout, current_user::text AS who`,
        )) as unknown as Row[][]
        return row ?? {}
      }),
    )
    expect(new Set(seen.map((row) => row['pid'] as number)).size).toBe(poolSize)
    await Promise.all(clients.map((client) => client.unsafe('COMMIT')))
    return seen
  } finally {
    await Promise.all(clients.map((client) => client.end({ timeout: 1 })))
  }
}

describe.each(serverVersions)(
  'through PgBouncer in transaction mode on PostgreSQL %s',
  (version) => {
    let pooler: Pooler
    beforeAll(async () => {
      pooler = await startPooler(Number(process.env[`SCHEMAGATE_TEST_PORT_${version}`]), poolSize)
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
      const first = await runGate({ folder, environment: { ...pooled, LOG_LEVEL: 'debug' } })
      expect(first.stderr).toContain('per transaction (transaction mode)')
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
      const untouched = {
        pid: expect.any(Number) as unknown,
        search_path: '"$user", public',
        statement_timeout: '0',
        who: 'postgres',
      }
      expect(await seenInPool(environment.DATABASE_URL)).toEqual(Array(poolSize).fill(untouched))
    })

    test('the runner killed in mid-run leaves no lock behind in the pool', async () => {
      const database = await createDatabase(version)
      const folder = workFolder(effectsHistory(10, 0.1))
      const environment = { DATABASE_URL: databaseUrl(pooler.port, database.name) }
      const gate = startGate({ folder, environment })
      await until('it applies', () => gate.stderr().includes('applied migrations/0003'))
      expect(gate.process.exitCode).toBeNull()
      gate.process.kill('SIGKILL')
      await gate.finished
      expect(await runGate({ folder, environment })).toMatchObject({ exitCode: 0 })
      await expectExactlyOnce(database, 10)
      await expectNoLock(database.sql)
    })
  },
)

test('a pool of one connection is reported within seconds', async () => {
  const database = await createDatabase('18')
  const single = await startPooler(database.port, 1)
  try {
    const environment = {
      DATABASE_URL: databaseUrl(single.port, database.name),
      MIGRATION_LOCK_WAIT_SECONDS: '60',
    }
    const { exitCode, stdout } = await runGate({
      folder: workFolder(effectsHistory(1)),
      environment,
    })
    expect(stdout).toContain('error[pooler-too-small]')
    expect(stdout).toContain('default_pool_size')
    expect(exitCode).toBe(75)
    await expectNoLock(database.sql)
  } finally {
    await single.stop()
  }
})
