// Anything at any moment: a run and three rivals, straight to the server and through a pooler in turn, and in each round one thing goes wrong at random. Whatever it
// was, the plain run afterwards exits 0, and everything has happened exactly once. In every other round one of the files cheats as well: no run exits 0 as long as
// what it does is refused, and the ledger says what has happened, no more and no less.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { setTimeout as sleep } from 'node:timers/promises'
import { createDatabaseOn, databaseUrl, until, type TestDatabase } from '../support/database.ts'
import { plotOf } from '../support/cheats.ts'
import { effectsHistory, expectExactlyOnce, expectOnlyRecorded } from '../support/effects.ts'
import { runGate, startGate, workFolder, writeFiles, type RunningGate } from '../support/gate.ts'
import { startNetwork, type Network } from '../support/network.ts'
import { startPooler, type Pooler } from '../support/pooler.ts'
import { random } from '../support/random.ts'
import { serverVersions, startServer, type RunningServer } from '../support/servers.ts'

const rounds = Number(process.env['FAULT_ROUNDS'] ?? 16)
const seed = Number(process.env['FAULT_SEED'] ?? Date.now() % 1_000_000)
const roundsOfEach = Math.ceil(rounds / serverVersions.length)

const migrations = 8
const rivals = 3
// Each takes the lock in its turn, and fails in its turn.
const rivalsOfCheat = 1
// A cheat fails, or the plan sees already that its file cannot be.
const refusals = [1, 4]
// The leader's two connections, and some for the others.
const poolSize = 5

type Ground = {
  readonly server: RunningServer
  readonly pooler: Pooler
  readonly network: Network
  readonly database: TestDatabase
}

type Fault = {
  readonly name: string
  readonly strike: (ground: Ground, runners: readonly RunningGate[]) => unknown
}

const terminate = (which: string) => (ground: Ground) =>
  ground.database.sql.unsafe(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND ${which}`)

const holdsLock = `pid IN (SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted)`

/** A process of the server killed: the server ends all sessions and recovers, as after a power cut. */
const crash = async ({ database }: Ground): Promise<void> => {
  const [row] = await database.sql`SELECT pid FROM pg_stat_activity
    WHERE datname = current_database() ORDER BY pid <> pg_backend_pid() DESC LIMIT 1`
  process.kill(Number(row?.['pid']), 'SIGKILL')
}

const faults: readonly Fault[] = [
  {
    name: 'the leader is killed',
    strike: (_, runners) => {
      leaderOf(runners)?.process.kill('SIGKILL')
    },
  },
  { name: 'the server crashes', strike: crash },
  { name: 'the lock connection is terminated', strike: terminate(holdsLock) },
  { name: 'the work connections are terminated', strike: terminate(`NOT (${holdsLock})`) },
  {
    name: 'the network resets all connections',
    strike: ({ network }) => {
      network.reset()
    },
  },
  {
    name: 'the leader gets SIGTERM',
    strike: (_, runners) => {
      leaderOf(runners)?.process.kill('SIGTERM')
    },
  },
]

const leaderOf = (runners: readonly RunningGate[]): RunningGate | undefined =>
  runners.find(({ stderr }) => stderr().includes('Acquired migration lock'))

const appliedBy = (runners: readonly RunningGate[]): number =>
  runners.flatMap(({ stderr }) => stderr().match(/ applied migrations\//g) ?? []).length

const orphans = `SELECT application_name, query FROM pg_stat_activity WHERE datname = current_database()
  AND pid <> pg_backend_pid() AND state <> 'idle'`

describe.each(serverVersions)('on PostgreSQL %s', (version) => {
  let ground: Omit<Ground, 'network' | 'database'>
  beforeAll(async () => {
    const server = await startServer(version)
    ground = { server, pooler: await startPooler(server.port, poolSize) }
  })
  afterAll(async () => {
    await ground.pooler.stop()
    await ground.server.stop()
  })

  test(`whatever goes wrong at ${rounds} random moments of a run and its rivals (FAULT_SEED=${seed}): a plain run repairs all`, async () => {
    const next = random(seed + Number(version))
    const history = effectsHistory(migrations, 0.005)
    const networks = {
      direct: await startNetwork(ground.server.port),
      pooled: await startNetwork(ground.pooler.port),
    }
    const database = await createDatabaseOn(ground.server)
    let interrupted = 0
    for (let round = 0; round < roundsOfEach; round++) {
      const fault = faults[Math.floor(next() * faults.length)]
      const plot = round % 4 < 2 ? undefined : plotOf(history, database.name, next)
      const folder = workFolder({ ...history, ...plot?.files })
      // So many applied, and then somewhere in what comes next.
      const progress = Math.floor(next() * ((plot?.at ?? migrations) - 1))
      const delayMs = next() * 12
      const way = round % 2 === 0 ? 'pooled' : 'direct'
      const network = networks[way]
      const environment = { DATABASE_URL: databaseUrl(network.port, database.name) }
      const length = (plot === undefined ? rivals : rivalsOfCheat) + 1
      const runners = Array.from({ length }, () => startGate({ folder, environment }))
      await until(
        `there is a leader and ${progress} are applied`,
        () =>
          runners.every(({ process: { exitCode } }) => exitCode !== null) ||
          (leaderOf(runners) !== undefined && appliedBy(runners) >= progress),
      )
      await sleep(delayMs)
      if (runners.some(({ process: { exitCode } }) => exitCode === null)) interrupted++
      await fault?.strike({ ...ground, network, database }, runners)
      const ends = await Promise.all(runners.map(({ finished }) => finished))
      const told = { round, way, fault: fault?.name, cheat: plot?.name, progress, delayMs }
      const isRefused = plot?.honest !== undefined
      const strange = ends.filter(
        ({ exitCode, signal }) =>
          signal !== 'SIGKILL' &&
          ![...(isRefused ? refusals : [0]), 69, 75, 143].includes(exitCode ?? 5),
      )
      expect({ ...told, strange }).toEqual({ ...told, strange: [] })
      await until('the server is up', () => isUp(database))
      if (isRefused) {
        const { exitCode, stdout } = await runGate({ folder, environment })
        expect({
          ...told,
          said: stdout,
          isCaught: [...refusals, 75].includes(exitCode ?? 5),
        }).toEqual({
          ...told,
          said: expect.stringContaining('error['),
          isCaught: true,
        })
        await expectOnlyRecorded(database)
        writeFiles(folder, plot.honest)
      }
      const { exitCode, stdout } = await runGate({ folder, environment })
      expect({ ...told, exitCode, said: exitCode === 0 ? '' : stdout }).toEqual({
        ...told,
        exitCode: 0,
        said: '',
      })
      await expectExactlyOnce(database, migrations)
      expect({ ...told, left: [...(await database.sql.unsafe(orphans))] }).toEqual({
        ...told,
        left: [],
      })
      await database.sql.unsafe(
        'DROP SCHEMA schemagate CASCADE; DROP SCHEMA public CASCADE; CREATE SCHEMA public',
      )
    }
    // Else the moments came too late and nothing was tested.
    expect(interrupted).toBeGreaterThanOrEqual(roundsOfEach * 0.7)
  }, 600_000)
})

const isUp = async ({ sql }: TestDatabase): Promise<boolean> => {
  try {
    await sql`SELECT 1`
    return true
  } catch {
    return false
  }
}
