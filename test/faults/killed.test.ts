import { describe, expect, test } from '@jest/globals'
import { createDatabase, until } from '../support/database.ts'
import { effectsHistory, expectExactlyOnce, expectNoLock, holdTable } from '../support/effects.ts'
import { runGate, startGate, workFolder } from '../support/gate.ts'
import { serverVersions } from '../support/servers.ts'

const ours = `SELECT pid FROM pg_stat_activity
  WHERE datname = current_database() AND application_name LIKE 'schemagate/%'`

describe.each(serverVersions)('the runner killed with SIGKILL on PostgreSQL %s', (version) => {
  test('in a statement that waits: within seconds no session of it is left on the server, and the re-run applies it once', async () => {
    const database = await createDatabase(version)
    const { sql } = database
    const { statement, environment, reached, release } = await holdTable(database)
    const history = effectsHistory(3)
    const second = 'migrations/0002_step.sql'
    const folder = workFolder({ ...history, [second]: `${String(history[second])}${statement}` })
    const gate = startGate({ folder, environment })
    await reached()
    gate.process.kill('SIGKILL')
    await gate.finished
    await until(
      'the server has ended its sessions',
      async () => (await sql.unsafe(ours)).length === 0,
      5_000,
    )
    await expectNoLock(sql)
    await release()
    expect(await runGate({ folder, environment })).toMatchObject({ exitCode: 0 })
    await expectExactlyOnce(database, 3)
  })

  test('in a statement that is still running on the server: the re-run waits for it, and it ran once', async () => {
    const database = await createDatabase(version)
    const folder = workFolder({
      'migrations/1_effects.sql': 'CREATE TABLE effects (n int)',
      // The server looks for its client once in a second: this one commits, or is ended, after the runner is gone.
      'migrations/2_long.sql': 'INSERT INTO effects VALUES (2); SELECT pg_sleep(0.9)',
    })
    const environment = { DATABASE_URL: database.url }
    const gate = startGate({ folder, environment })
    const running = `${ours} AND state = 'active' AND query LIKE '%2_long%'`
    await until('it runs', async () => (await database.sql.unsafe(running)).length > 0)
    gate.process.kill('SIGKILL')
    await gate.finished
    const again = await runGate({ folder, environment })
    expect(again).toMatchObject({ exitCode: 0 })
    expect(await database.sql`SELECT count(*)::int AS n FROM effects`).toEqual([{ n: 1 }])
  })
})
