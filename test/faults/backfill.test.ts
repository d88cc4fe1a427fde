// A backfill of several workers, and something goes wrong at random moments: whatever it was, and however many workers go on with
// it, every row is updated exactly once. The table has no guard: what is visited twice is counted twice.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  arrangeOn,
  batchesOf,
  countedTable,
  expectOnceEach,
  fill,
  stateOf,
  stretchesAhead,
  type BackfillScenario,
} from '../support/backfill.ts'
import { createDatabaseOn, until } from '../support/database.ts'
import { expectNoLock } from '../support/effects.ts'
import type { RunningGate } from '../support/gate.ts'
import { random } from '../support/random.ts'
import { serverVersions, startServer, type RunningServer } from '../support/servers.ts'

const rounds = Number(process.env['FAULT_ROUNDS'] ?? 8)
const seed = Number(process.env['FAULT_SEED'] ?? Date.now() % 1_000_000)
const roundsOfEach = Math.ceil(rounds / serverVersions.length)
// More than are done between two faults.
const rows = roundsOfEach * 1_000

type Ground = {
  readonly server: RunningServer
  readonly scenario: BackfillScenario
  readonly gate: RunningGate
}

const oneOf = (which: string) => `FROM pg_stat_activity
  WHERE datname = current_database() AND application_name LIKE '% ${which}' ORDER BY random() LIMIT 1`

const terminate = (which: string) => (ground: Ground) =>
  ground.scenario.database.sql.unsafe(`SELECT pg_terminate_backend(pid) ${oneOf(which)}`)

const faults: readonly ((ground: Ground) => unknown)[] = [
  ({ gate }) => gate.process.kill('SIGKILL'),
  ({ gate }) => gate.process.kill('SIGTERM'),
  terminate('backfill'),
  terminate('lock'),
  // All sessions end, and the log is replayed: what was not on the disk yet is taken back, and its record with it.
  async ({ scenario }) => {
    const [row] = await scenario.database.sql.unsafe(`SELECT pid ${oneOf('backfill')}`)
    if (row !== undefined) process.kill(Number(row['pid']), 'SIGKILL')
  },
  ({ server }) => server.restart('immediate'),
]

const exits = [0, 75, 143]

describe.each(serverVersions)('on PostgreSQL %s', (version) => {
  let server: RunningServer
  beforeAll(async () => {
    server = await startServer(version)
  })
  afterAll(async () => {
    await server.stop()
  })

  test(`whatever goes wrong at ${roundsOfEach} random moments of a backfill of several workers (FAULT_SEED=${seed}): every row exactly once`, async () => {
    const next = random(seed + Number(version))
    const pick = <T>(list: readonly T[]): T | undefined => list[Math.floor(next() * list.length)]
    const text = (workers: number, more = ''): string =>
      fill(`-- @batch-size 20\n-- @workers ${workers}\n${more}`, 'a, b')
    const scenario = await arrangeOn(
      await createDatabaseOn(server),
      countedTable(
        'a text, b int, PRIMARY KEY (a, b)',
        `SELECT md5((n % 500)::text), n FROM generate_series(1, ${rows}) AS n`,
      ) +
        `CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(0.01); RETURN NULL; END';
        CREATE TRIGGER slow AFTER UPDATE ON t EXECUTE FUNCTION slow()`,
      { fill: text(4) },
    )
    let struck = 0
    for (let round = 0; round < roundsOfEach; round++) {
      scenario.write({ fill: text(pick([4, 4, 2, 7, 1]) ?? 4, pick(['', '-- @skip-locked on\n'])) })
      const gate = scenario.start('fill', '--strict')
      const isOver = (): boolean => gate.process.exitCode !== null
      await until(
        'it walks',
        () => isOver() || /BACKFILL fill (starts|resumes)/.test(gate.stderr()),
      )
      // By now, batches of the runner before it are over.
      const before = await batchesOf(scenario)
      await until('it goes on', async () => isOver() || (await batchesOf(scenario)) > before)
      await sleep(next() * 30)
      await pick(faults)?.({ server, scenario, gate })
      const end = await gate.finished
      if (end.exitCode !== 0) struck++
      const isExpected = end.signal === 'SIGKILL' || exits.includes(end.exitCode ?? -1)
      expect({ round, strange: isExpected ? [] : end }).toEqual({ round, strange: [] })
      await until('the server is up', () => isUp(scenario))
    }
    // Else the moments came too late and nothing was tested.
    expect(struck).toBeGreaterThanOrEqual(roundsOfEach / 2)
    scenario.write({ fill: text(4) })
    expect(await scenario.run('fill', '--strict')).toMatchObject({ exitCode: 0 })
    await expectOnceEach(scenario.database, rows)
    expect(await stateOf(scenario.database)).toMatchObject({
      ...{ state: 'done', visited: rows, changed: rows, skipped: 0 },
    })
    expect(await stretchesAhead(scenario.database)).toBe(0)
    await expectNoLock(scenario.database.sql)
  }, 600_000)
})

const isUp = async ({ database: { sql } }: BackfillScenario): Promise<boolean> => {
  try {
    await sql`SELECT 1`
    return true
  } catch {
    return false
  }
}
