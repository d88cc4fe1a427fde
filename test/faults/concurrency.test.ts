import { describe, expect, test } from '@jest/globals'
import { createDatabase, until } from '../support/database.ts'
import { effectsHistory, expectExactlyOnce, holdTable } from '../support/effects.ts'
import { startGate, workFolder } from '../support/gate.ts'
import { serverVersions } from '../support/servers.ts'

const runners = 20

describe.each(serverVersions)('many runners at once on PostgreSQL %s', (version) => {
  test('20 on an empty database: all exit 0, each migration exactly once, followers end within a second of the leader', async () => {
    const database = await createDatabase(version)
    const migrations = 12
    const { statement, environment, reached, release } = await holdTable(database)
    const history = effectsHistory(migrations, 0.1)
    const first = 'migrations/0001_step.sql'
    const folder = workFolder({ ...history, [first]: `${String(history[first])}${statement}` })
    const started = Array.from({ length: runners }, () => startGate({ folder, environment }))
    const ended = Promise.all(
      started.map(async ({ finished }) => ({ ...(await finished), at: performance.now() })),
    )
    const saying = (words: string): number =>
      started.filter(({ stderr }) => stderr().includes(words)).length
    await reached()
    await until(
      'all are up and all but the leader wait',
      () => saying('Using DIRECT') === runners && saying('another process holds') >= runners - 1,
      40_000,
    )
    await release()
    const ends = await ended
    expect(ends.map(({ exitCode }) => exitCode)).toEqual(Array(runners).fill(0))
    const leaders = ends.filter(({ stdout }) => stdout.includes(`${migrations} applied`))
    const followers = ends.filter(({ stdout }) =>
      stdout.includes('another process applied what was pending'),
    )
    expect(leaders).toHaveLength(1)
    expect(followers).toHaveLength(runners - 1)
    await expectExactlyOnce(database, migrations)
    const leaderEnd = leaders[0]?.at ?? 0
    const lags = followers.map(({ at }) => at - leaderEnd)
    expect(Math.max(...lags)).toBeLessThan(1_000)
  })

  test('20 on a database that needs nothing: all are up to date, none takes the lock', async () => {
    const database = await createDatabase(version)
    const folder = workFolder(effectsHistory(3))
    const environment = { DATABASE_URL: database.url }
    await startGate({ folder, environment }).finished
    const ends = await Promise.all(
      Array.from({ length: runners }, () => startGate({ folder, environment }).finished),
    )
    expect(ends.map(({ exitCode }) => exitCode)).toEqual(Array(runners).fill(0))
    expect(ends.filter(({ stderr }) => stderr.includes('lock'))).toEqual([])
    await expectExactlyOnce(database, 3)
  })

  test('two applications with ledgers of their own do not wait for each other', async () => {
    const database = await createDatabase(version)
    const { statement, environment, reached, release } = await holdTable(database)
    const slow = workFolder({ 'migrations/1_slow.sql': statement })
    const quick = workFolder({ 'migrations/1_quick.sql': 'CREATE TABLE b (id int)' })
    const first = startGate({
      folder: slow,
      environment: { ...environment, LEDGER_SCHEMA: 'one' },
    })
    await reached()
    const second = startGate({
      folder: quick,
      environment: { ...environment, LEDGER_SCHEMA: 'two' },
    })
    const quickEnd = await second.finished
    expect(first.process.exitCode).toBeNull()
    expect(quickEnd.exitCode).toBe(0)
    expect(quickEnd.stderr).not.toContain('another process holds')
    await release()
    expect((await first.finished).exitCode).toBe(0)
  })
})
