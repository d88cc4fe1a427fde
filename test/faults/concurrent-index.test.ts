// Runner, backend and server die while indexes are built concurrently, at random moments. Whatever was left in the making, the
// plain run afterwards exits 0 with one valid index each, and nothing INVALID beside them.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { setTimeout as sleep } from 'node:timers/promises'
import { createDatabaseOn, databaseUrl, type TestDatabase } from '../support/database.ts'
import { runGate, startGate, workFolder, type RunningGate } from '../support/gate.ts'
import { startPooler, type Pooler } from '../support/pooler.ts'
import { random } from '../support/random.ts'
import { serverVersions, startServer, type RunningServer } from '../support/servers.ts'

const rounds = Number(process.env['KILL_ROUNDS'] ?? 3)
const seed = Number(process.env['KILL_SEED'] ?? Date.now() % 1_000_000)

// 0.5 s of building, so that there are moments to be killed at.
const files = {
  'migrations/1_t.sql': `CREATE FUNCTION slow(a int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(0.02); RETURN a; END $$;
    CREATE TABLE t (a int); INSERT INTO t SELECT generate_series(1, 25);`,
  'migrations/2_i.sql':
    'CREATE INDEX CONCURRENTLY t_slow ON t (slow(a));\nCREATE INDEX CONCURRENTLY t_a ON t (a);',
}
// Some moments are behind the end of it.
const latestMs = 700

type Victim = {
  readonly name: 'runner' | 'backend' | 'server'
  readonly die: (gate: RunningGate, database: TestDatabase, server: RunningServer) => unknown
}

const victims: readonly Victim[] = [
  {
    name: 'runner',
    die: (gate) => gate.process.kill('SIGKILL'),
  },
  {
    name: 'backend',
    die: (_, { sql }) => sql`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE datname = current_database() AND pid <> pg_backend_pid() AND query LIKE '%2_i.sql%'`,
  },
  {
    name: 'server',
    die: (_gate, _database, server) => server.restart('immediate'),
  },
]

const isRunning = ({ process: { exitCode } }: RunningGate): boolean => exitCode === null

const indexesOf = ({ sql }: TestDatabase): Promise<readonly unknown[]> =>
  sql`SELECT indexrelid::regclass::text AS name, indisvalid AND indisready AND indislive AS valid
    FROM pg_index WHERE indrelid = 't'::regclass ORDER BY 1`.then((rows) => [...rows])

describe.each(serverVersions)('on PostgreSQL %s', (version) => {
  let server: RunningServer
  let pooler: Pooler
  beforeAll(async () => {
    server = await startServer(version)
    pooler = await startPooler(server.port, 5)
  })
  afterAll(async () => {
    await pooler.stop()
    await server.stop()
  })

  test.each(['directly', 'through PgBouncer'])(
    `runner, backend and server in turn killed at ${rounds} random moments of concurrent builds (KILL_SEED=${seed}), %s: the re-run leaves one valid index each`,
    async (way) => {
      const next = random(seed + Number(version))
      let interrupted = 0
      for (let round = 0; round < rounds; round++) {
        const victim = victims[round % victims.length]
        const delayMs = next() * latestMs
        const told = { round, victim: victim?.name, delayMs }
        const database = await createDatabaseOn(server)
        const { port } = way === 'directly' ? server : pooler
        const environment = { DATABASE_URL: databaseUrl(port, database.name) }
        const folder = workFolder(files)
        const gate = startGate({ folder, environment })
        await gate.said('MIGRATION CHECKPOINT: 2/2')
        await sleep(delayMs)
        if (isRunning(gate)) interrupted++
        await victim?.die(gate, database, server)
        const { exitCode, signal } = await gate.finished
        const strange = [signal ?? exitCode].filter(
          (end) => end !== 'SIGKILL' && end !== 75 && end !== 0,
        )
        expect({ ...told, strange }).toEqual({ ...told, strange: [] })
        const again = await runGate({ folder, environment })
        expect({ ...told, ...again }).toMatchObject({ ...told, exitCode: 0 })
        expect({ ...told, indexes: await indexesOf(database) }).toEqual({
          ...told,
          indexes: [
            { name: 't_a', valid: true },
            { name: 't_slow', valid: true },
          ],
        })
        await database.drop()
      }
      // Else the moments came too late and nothing was tested.
      expect(interrupted).toBeGreaterThanOrEqual(rounds / 4)
    },
    Math.max(180_000, rounds * 15_000),
  )
})
