// The network goes silent: nothing is closed, nothing comes. The proxy stands between the runner and a real server.

import { describe, expect } from '@jest/globals'
import { createDatabase, databaseUrl, until, type TestDatabase } from '../support/database.ts'
import { effectsHistory, expectExactlyOnce, holdTable } from '../support/effects.ts'
import { runGate, startGate, workFolder } from '../support/gate.ts'
import { onEveryServer } from '../support/every-server.ts'
import { startNetwork, type Network } from '../support/network.ts'
import { type ServerVersion } from '../support/servers.ts'

const migrations = 4

const arrange = async (version: ServerVersion) => {
  const database = await createDatabase(version)
  const network = await startNetwork(database.port)
  const { statement, reached, release } = await holdTable(database)
  const history = effectsHistory(migrations)
  const third = 'migrations/0003_step.sql'
  const folder = workFolder({ ...history, [third]: `${String(history[third])}${statement}` })
  const environment = {
    DATABASE_URL: databaseUrl(network.port, database.name),
    MIGRATION_LOCK_TIMEOUT: '60s',
  }
  return { database, network, folder, environment, reached, release }
}

const connectionOf = (network: Network, role: string) => {
  const found = network
    .connections()
    .find(({ sent }) => new RegExp(`schemagate/\\S+ ${role}\\0`).test(sent()))
  if (found === undefined) throw new Error(`no ${role} connection`)
  return found
}

const recorded = async ({ sql }: TestDatabase): Promise<number> => {
  const [row] = await sql`SELECT count(*)::int AS n FROM schemagate.schema_migrations`
  return Number(row?.['n'])
}

const backends = (role: string): string =>
  `SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'schemagate/% ${role}'`

describe('a silent network', () => {
  onEveryServer(
    'all connections silent in mid-statement: exit 75 within 15 s, the server frees the lock by itself, the re-run applies the rest',
    async (version) => {
      const { database, network, folder, environment, reached, release } = await arrange(version)
      const gate = startGate({ folder, environment })
      await reached()
      network.goSilent()
      const since = performance.now()
      const { exitCode, stdout } = await gate.finished
      expect(performance.now() - since).toBeLessThan(15_000)
      expect(exitCode).toBe(75)
      expect(stdout).toContain(
        'error[connection-lost]: the lock connection to the database was lost',
      )
      expect(stdout).toContain('no answer within 10 s')
      expect(stdout).toContain('in doubt       migrations/0004_step.sql')
      await until(
        'the lease has run out',
        async () => (await database.sql.unsafe(backends('lock'))).length === 0,
        25_000,
      )
      // The statement goes on in vain: without the lock it is not recorded.
      await release()
      await until('it has ended', async () => {
        const running = await database.sql.unsafe(`${backends('run')} AND state = 'active'`)
        return running.length === 0
      })
      expect(await recorded(database)).toBe(2)
      expect(await runGate({ folder, environment: { DATABASE_URL: database.url } })).toMatchObject({
        exitCode: 0,
      })
      await expectExactlyOnce(database, migrations)
    },
  )

  onEveryServer(
    'the lock connection alone silent in mid-statement: exit 75 within 15 s, the statement is ended on the server, nothing more is recorded',
    async (version) => {
      const { database, network, folder, environment, reached, release } = await arrange(version)
      const gate = startGate({ folder, environment })
      await reached()
      connectionOf(network, 'lock').goSilent()
      const since = performance.now()
      const { exitCode, stdout } = await gate.finished
      expect(performance.now() - since).toBeLessThan(15_000)
      expect(exitCode).toBe(75)
      expect(stdout).toContain(
        'error[connection-lost]: the lock connection to the database was lost',
      )
      await until(
        'no statement is left on the server',
        async () => (await database.sql.unsafe(backends('run'))).length === 0,
      )
      expect(await recorded(database)).toBe(2)
      await release()
    },
  )

  onEveryServer(
    'a runner that is frozen loses the lock to another, and when it wakes up it records nothing and exits 75',
    async (version) => {
      const { database, folder, environment, reached, release } = await arrange(version)
      const frozen = startGate({ folder, environment })
      await reached()
      frozen.process.kill('SIGSTOP')
      const other = startGate({ folder, environment: { DATABASE_URL: database.url } })
      await until(
        'the lease has run out',
        () => other.stderr().includes('Acquired migration lock'),
        25_000,
      )
      await release()
      expect(await other.finished).toMatchObject({ exitCode: 0 })
      frozen.process.kill('SIGCONT')
      const { exitCode, stdout } = await frozen.finished
      expect(stdout).toContain('error[lock-lost]')
      expect(exitCode).toBe(75)
      await expectExactlyOnce(database, migrations)
    },
  )

  onEveryServer(
    'the work connection alone silent while its answer is on the way: exit 75 within 20 s, and what was committed is recorded',
    async (version) => {
      const { database, network, folder, environment, reached, release } = await arrange(version)
      const gate = startGate({ folder, environment })
      await reached()
      const work = connectionOf(network, 'run')
      await until('the fourth was sent, too', () => work.sent().includes('0004_step.sql'))
      work.goSilent()
      await release()
      const since = performance.now()
      const { exitCode, stdout } = await gate.finished
      expect(performance.now() - since).toBeLessThan(20_000)
      expect(exitCode).toBe(75)
      expect(stdout).toContain(
        'error[connection-lost]: the run connection to the database was lost',
      )
      expect(stdout).toContain('the answer never came')
      // The fourth was on its way before the network went silent.
      expect(stdout).toContain('in doubt       migrations/0004_step.sql')
      expect(await recorded(database)).toBe(4)
      const again = await runGate({ folder, environment: { DATABASE_URL: database.url } })
      expect(again).toMatchObject({ exitCode: 0 })
      await expectExactlyOnce(database, migrations)
    },
  )

  onEveryServer(
    'silent while a runner waits for the lock: it exits 75 within 20 s, and the leader is left alone',
    async (version) => {
      const { database, network, folder, environment, reached, release } = await arrange(version)
      const leader = startGate({
        folder,
        environment: { ...environment, DATABASE_URL: database.url },
      })
      await reached()
      const waiter = startGate({
        folder,
        environment: { ...environment, MIGRATION_LOCK_WAIT_SECONDS: '60' },
      })
      await waiter.said('another process holds')
      network.goSilent()
      const since = performance.now()
      const { exitCode, stdout } = await waiter.finished
      expect(performance.now() - since).toBeLessThan(20_000)
      expect(stdout).toContain('error[connection-lost]')
      expect(exitCode).toBe(75)
      await release()
      expect(await leader.finished).toMatchObject({ exitCode: 0 })
      await expectExactlyOnce(database, migrations)
    },
  )

  onEveryServer(
    'a lock connection that gets no first answer: another one is opened, and the run goes on',
    async (version) => {
      const { database, network, folder, environment, reached, release } = await arrange(version)
      const leader = startGate({ folder, environment })
      await reached()
      const follower = startGate({
        folder,
        environment: { ...environment, MIGRATION_LOCK_WAIT_SECONDS: '60' },
      })
      // Its first one is that of the run.
      const others = network.connections().length
      await until('it has asked', () => (network.connections()[others]?.sent() ?? '') !== '')
      network.newOnes('silent')
      await follower.said('no answer within 5 s')
      network.newOnes('forwarded')
      await follower.said('another process holds')
      await release()
      expect(await leader.finished).toMatchObject({ exitCode: 0 })
      expect(await follower.finished).toMatchObject({ exitCode: 0 })
      await expectExactlyOnce(database, migrations)
    },
  )

  onEveryServer('silent while the contracts are checked: exit 75 within 20 s', async (version) => {
    const database = await createDatabase(version)
    const network = await startNetwork(database.port)
    const folder = workFolder({
      'migrations/1_t.sql': 'CREATE TABLE t (id int); CREATE INDEX t_id_idx ON t (id)',
      'migrations/contracts/api.json':
        '{ "service": "api", "tables": { "t": { "indexes": { "t_id_idx": { "definition": "btree (id)" } } } } }',
    })
    const environment = {
      DATABASE_URL: databaseUrl(network.port, database.name),
      MIGRATION_LOCK_WAIT_SECONDS: '60',
    }
    expect(await runGate({ folder, environment })).toMatchObject({ exitCode: 0 })
    await database.client().unsafe('BEGIN; LOCK TABLE t IN ACCESS EXCLUSIVE MODE').simple()
    const gate = startGate({ folder, environment })
    await until('it waits for the table', async () => {
      const waiting = await database.sql.unsafe(
        `${backends('run')} AND wait_event_type = 'Lock' AND clock_timestamp() - query_start > '300 ms'`,
      )
      return waiting.length > 0
    })
    network.goSilent()
    const since = performance.now()
    const { exitCode, stdout } = await gate.finished
    expect(performance.now() - since).toBeLessThan(20_000)
    expect(stdout).toContain('nor to a new connection')
    expect(exitCode).toBe(75)
  })

  onEveryServer(
    'a slow one, over which the rows of a dump take longer than any silence may: they arrive',
    async (version) => {
      const database = await createDatabase(version)
      // 16 s, most of which the server spends in waiting for us.
      const network = await startNetwork(database.port, 100_000)
      const rows = `${'x'.repeat(99)}\n`.repeat(16_000)
      const dump = `CREATE TABLE t (a text);\nCOPY t FROM stdin;\n${rows}\\.\n`
      const folder = workFolder({ 'migrations/0001_dump.sql': dump })
      const environment = { DATABASE_URL: databaseUrl(network.port, database.name) }
      expect(await runGate({ folder, environment })).toMatchObject({ exitCode: 0 })
      expect(await database.sql`SELECT count(*)::int AS n FROM t`).toEqual([{ n: 16_000 }])
    },
  )
})
