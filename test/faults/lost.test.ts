import { describe, expect, test } from '@jest/globals'
import { createDatabase, until, type TestDatabase } from '../support/database.ts'
import { effectsHistory, expectExactlyOnce, expectNoLock, holdTable } from '../support/effects.ts'
import { runGate, startGate, workFolder } from '../support/gate.ts'
import { serverVersions } from '../support/servers.ts'

const backends = (role: string): string =>
  `FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'schemagate/% ${role}'`

const recorded = async ({ sql }: TestDatabase): Promise<number> => {
  const [row] = await sql.unsafe(
    `SELECT count(*)::int AS n FROM pg_class WHERE relname = 'schema_migrations'`,
  )
  if (row?.['n'] === 0) return 0
  const [count] = await sql.unsafe('SELECT count(*)::int AS n FROM schemagate.schema_migrations')
  return Number(count?.['n'])
}

describe.each(serverVersions)('lost connections on PostgreSQL %s', (version) => {
  test('all its backends terminated in mid-run: exit 75, nothing recorded that was not committed, re-run exits 0', async () => {
    const database = await createDatabase(version)
    const { sql } = database
    const folder = workFolder(effectsHistory(20, 0.1))
    const environment = { DATABASE_URL: database.url }
    const gate = startGate({ folder, environment })
    await until('some migrations are recorded', async () => (await recorded(database)) >= 3)
    await sql.unsafe(`SELECT pg_terminate_backend(pid) ${backends('%')}`)
    const { exitCode, stdout, stderr } = await gate.finished
    expect(exitCode).toBe(75)
    // The server ends them one after another.
    expect(stdout).toMatch(
      /error\[connection-lost\]: the (?:run|lock) connection to the database was lost/,
    )
    expect(stdout).toContain('in doubt')
    expect(stderr).toContain('STOPPING')
    const effects = await sql.unsafe('SELECT n FROM effects ORDER BY n')
    const rows = await sql.unsafe(
      'SELECT version::int AS n FROM schemagate.schema_migrations ORDER BY 1',
    )
    expect([...rows]).toEqual([...effects])
    expect(await runGate({ folder, environment })).toMatchObject({ exitCode: 0 })
    await expectExactlyOnce(database, 20)
  })

  test.each(['lock', 'run'] as const)(
    'the %s connection alone terminated in a statement: exit 75 within seconds, the other is given up, nothing of it is recorded, the re-run exits 0',
    async (role) => {
      const database = await createDatabase(version)
      const { sql } = database
      const { statement, environment, reached, release } = await holdTable(database)
      const history = effectsHistory(12)
      const third = 'migrations/0003_step.sql'
      const folder = workFolder({ ...history, [third]: `${String(history[third])}${statement}` })
      const gate = startGate({ folder, environment })
      await reached()
      const since = performance.now()
      expect(
        await sql.unsafe(`SELECT pg_terminate_backend(pid) AS told ${backends(role)}`),
      ).toEqual([{ told: true }])
      const { exitCode, stdout } = await gate.finished
      expect(performance.now() - since).toBeLessThan(5_000)
      expect(exitCode).toBe(75)
      expect(stdout).toContain(
        `error[connection-lost]: the ${role} connection to the database was lost`,
      )
      expect(stdout).toContain('in doubt       migrations/0004_step.sql')
      const left = `SELECT pid ${backends('%')}`
      await until(
        'no session of it is left',
        async () => (await sql.unsafe(left)).length === 0,
        5_000,
      )
      await release()
      expect(await recorded(database)).toBe(2)
      expect(await sql`SELECT n FROM effects ORDER BY n`).toEqual([{ n: 1 }, { n: 2 }])
      expect(await runGate({ folder, environment })).toMatchObject({ exitCode: 0 })
      await expectExactlyOnce(database, 12)
    },
  )

  test('somebody writes to the ledger in mid-run: the fence stops the run before the next migration', async () => {
    const database = await createDatabase(version)
    const { sql } = database
    const folder = workFolder(effectsHistory(6, 0.4))
    const environment = { DATABASE_URL: database.url }
    const gate = startGate({ folder, environment })
    await until('one migration is recorded', async () => (await recorded(database)) >= 1)
    await sql.unsafe(`INSERT INTO schemagate.schema_migrations SELECT 900, 'foreign', checksum, state, reconciled,
      max(ordinal) OVER () + 1, 0, 0, now(), now(), 0, run_id, applied_by, tool_version
      FROM schemagate.schema_migrations LIMIT 1`)
    const { exitCode, stdout } = await gate.finished
    expect(exitCode).toBe(75)
    expect(stdout).toContain(
      'another process wrote to schemagate.schema_migrations before migrations/',
    )
    const effects = await sql.unsafe('SELECT count(*)::int AS n FROM effects')
    const rows = await sql.unsafe(
      'SELECT count(*)::int AS n FROM schemagate.schema_migrations WHERE version::int < 900',
    )
    expect([...rows]).toEqual([...effects])
    expect(await runGate({ folder, environment })).toMatchObject({ exitCode: 0 })
    await expectNoLock(sql)
  })
})
