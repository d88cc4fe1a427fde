import { describe, expect, test } from '@jest/globals'
import { setTimeout as sleep } from 'node:timers/promises'
import { createDatabase, until, type TestDatabase } from '../support/database.ts'
import { effectsHistory, expectExactlyOnce } from '../support/effects.ts'
import { runGate, startGate, workFolder } from '../support/gate.ts'
import { random } from '../support/random.ts'
import { serverVersions } from '../support/servers.ts'

const rounds = Number(process.env['KILL_ROUNDS'] ?? 25)
const migrations = 30
const seed = Number(process.env['KILL_SEED'] ?? Date.now() % 1_000_000)

const appliedLines = (stderr: string): number => stderr.match(/ applied migrations\//g)?.length ?? 0

const committed = async ({ sql }: TestDatabase): Promise<number> => {
  const [table] = await sql`SELECT to_regclass('effects') IS NOT NULL AS there`
  if (table?.['there'] !== true) return 0
  const [row] = await sql`SELECT count(*)::int AS n FROM effects`
  return Number(row?.['n'])
}

describe.each(serverVersions)('the runner killed with SIGKILL on PostgreSQL %s', (version) => {
  test(`at ${rounds} random moments of its work (KILL_SEED=${seed}): the re-run exits 0, everything exactly once, no lock left`, async () => {
    const next = random(seed)
    let killedInMidRun = 0
    for (let round = 0; round < rounds; round++) {
      const database = await createDatabase(version)
      const folder = workFolder(effectsHistory(migrations, 0.005))
      const environment = { DATABASE_URL: database.url }
      const gate = startGate({ folder, environment })
      // So many applied, or with 0 just the lock, and then somewhere in what comes next.
      const progress = Math.floor(next() * (migrations - 1))
      const delayMs = next() * 15
      await until(
        `the lock is there and ${progress} are applied`,
        () =>
          gate.process.exitCode !== null ||
          (gate.stderr().includes('Acquired migration lock') &&
            appliedLines(gate.stderr()) >= progress),
      )
      await sleep(delayMs)
      gate.process.kill('SIGKILL')
      const { signal } = await gate.finished
      if (signal === 'SIGKILL' && (await committed(database)) < migrations) killedInMidRun++
      const again = await runGate({ folder, environment })
      expect({ round, exitCode: again.exitCode, stdout: again.stdout.slice(-500) }).toMatchObject({
        round,
        exitCode: 0,
      })
      await expectExactlyOnce(database, migrations)
    }
    // Else the moments came too late and nothing was tested.
    expect(killedInMidRun).toBeGreaterThanOrEqual(rounds * 0.8)
  }, 240_000)

  test('in a statement that is still running on the server: the re-run waits for it, and it ran once', async () => {
    const database = await createDatabase(version)
    const folder = workFolder({
      'migrations/1_effects.sql': 'CREATE TABLE effects (n int)',
      'migrations/2_long.sql': 'INSERT INTO effects VALUES (2); SELECT pg_sleep(2.5)',
    })
    const environment = { DATABASE_URL: database.url }
    const gate = startGate({ folder, environment })
    const running = `SELECT 1 FROM pg_stat_activity WHERE datname = '${database.name}' AND state = 'active' AND query LIKE '%2_long%' AND pid <> pg_backend_pid()`
    while ((await database.sql.unsafe(running)).length === 0)
      expect(gate.process.exitCode).toBeNull()
    gate.process.kill('SIGKILL')
    await gate.finished
    const again = await runGate({ folder, environment })
    expect(again).toMatchObject({ exitCode: 0 })
    expect(await database.sql`SELECT count(*)::int AS n FROM effects`).toEqual([{ n: 1 }])
  })
})
