import { describe, expect, test } from '@jest/globals'
import { createDatabase } from '../support/database.ts'
import { effectsHistory, expectExactlyOnce } from '../support/effects.ts'
import { runGate, startGate, workFolder } from '../support/gate.ts'
import { serverVersions } from '../support/servers.ts'

const rounds = Number(process.env['KILL_ROUNDS'] ?? 25)
const migrations = 30
const seed = Number(process.env['KILL_SEED'] ?? Date.now() % 1_000_000)

// A small generator (mulberry32), so that a failing seed can be run again.
const random = (start: number): (() => number) => {
  let state = start
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

describe.each(serverVersions)('the runner killed with SIGKILL on PostgreSQL %s', (version) => {
  test(`at ${rounds} random moments (KILL_SEED=${seed}): the re-run exits 0, everything exactly once, no lock left`, async () => {
    const next = random(seed)
    const killedAt: number[] = []
    for (let round = 0; round < rounds; round++) {
      const database = await createDatabase(version)
      const folder = workFolder(effectsHistory(migrations, 0.005))
      const environment = { DATABASE_URL: database.url }
      const gate = startGate({ folder, environment })
      const delayMs = 100 + next() * 700
      const timer = setTimeout(() => gate.process.kill('SIGKILL'), delayMs)
      const { signal } = await gate.finished
      clearTimeout(timer)
      if (signal === 'SIGKILL') killedAt.push(delayMs)
      const again = await runGate({ folder, environment })
      expect({ round, exitCode: again.exitCode, stdout: again.stdout.slice(-500) }).toMatchObject({
        round,
        exitCode: 0,
      })
      await expectExactlyOnce(database, migrations)
    }
    // Else the moments were all too late and nothing was tested.
    expect(killedAt.length).toBeGreaterThan(rounds / 2)
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
