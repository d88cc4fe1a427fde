// Many migrations on their way to the server at once: whatever happens to one of them, those behind it are as if they had never
// been sent.

import { describe, expect, test } from '@jest/globals'
import { createDatabase, databaseUrl, until, type TestDatabase } from '../support/database.ts'
import {
  atCommit,
  effectsHistory,
  expectExactlyOnce,
  expectNoLock,
  holdTable,
} from '../support/effects.ts'
import {
  runGate,
  startGate,
  workFolder,
  writeFiles,
  type Files,
  type Finished,
} from '../support/gate.ts'
import { startNetwork } from '../support/network.ts'
import { startPooler } from '../support/pooler.ts'
import { serverVersions, type ServerVersion } from '../support/servers.ts'

const count = 60
const stop = 20
const fileOf = (number: number): string => `migrations/${String(number).padStart(4, '0')}_step.sql`

/** `count` migrations, with this before the text of the one in the middle. */
const historyWith = (statement: string): Files => {
  const history = effectsHistory(count)
  return { ...history, [fileOf(stop)]: `${statement};\n${String(history[fileOf(stop)])}` }
}

const recorded = async ({ sql }: TestDatabase): Promise<number> => {
  const [row] = await sql.unsafe('SELECT count(*)::int AS n FROM schemagate.schema_migrations')
  return row?.['n'] as number
}

type Report = {
  readonly applied: readonly unknown[]
  readonly stopped_at: string
  readonly in_doubt: readonly string[]
  readonly not_attempted: readonly string[]
}

const reportOf = ({ stdout }: Finished): Report => JSON.parse(stdout) as Report

const terminate = async ({ sql }: TestDatabase, role: string): Promise<void> => {
  await sql.unsafe(`SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
    WHERE datname = current_database() AND application_name LIKE 'schemagate/% ${role}'`)
}

const toJson = ['run', '--json'] as const

/** A run that waits in the migration in the middle for a table that somebody holds. */
const stopInTheMiddle = async (version: ServerVersion, args: readonly string[] = ['run']) => {
  const database = await createDatabase(version)
  const { statement, environment, reached, release } = await holdTable(database)
  const folder = workFolder(historyWith(statement))
  const gate = startGate({ args, folder, environment })
  await reached()
  const rerun = async (): Promise<void> => {
    expect(await runGate({ folder, environment })).toMatchObject({ exitCode: 0 })
    await expectExactlyOnce(database, count)
  }
  return { database, gate, release, rerun }
}

describe.each(serverVersions)('migrations in flight on PostgreSQL %s', (version) => {
  test('many are on their way before the first is answered, no more than a socket takes, and all are applied once, in their order', async () => {
    const database = await createDatabase(version)
    const { statement, environment, reached, release } = await holdTable(database)
    const network = await startNetwork(database.port)
    const files = Array.from({ length: count }, (_, at) => fileOf(at + 1))
    const tables: Files = Object.fromEntries(
      files.map((file, at) => [file, `CREATE TABLE t${at + 1} (id int);\n`]),
    )
    const folder = workFolder({ ...tables, [fileOf(stop)]: statement })
    const url = databaseUrl(network.port, database.name)
    const gate = startGate({ folder, environment: { ...environment, DATABASE_URL: url } })
    await reached()
    const behind = (): string => {
      const work = network.connections().find(({ sent }) => sent().includes(fileOf(stop)))
      const [, ...rest] = (work?.sent() ?? '').split(fileOf(stop + 1))
      return rest.join('')
    }
    await until('five more were sent', () => behind().includes(fileOf(stop + 5)))
    expect(behind().length).toBeLessThan(32_768)
    expect(gate.stderr()).not.toContain(`applied ${fileOf(stop)}`)
    expect(gate.stderr()).not.toContain(fileOf(stop + 1))
    await release()
    expect(await gate.finished).toMatchObject({ exitCode: 0 })
    const rows = await database.sql.unsafe(
      'SELECT version::int AS version FROM schemagate.schema_migrations ORDER BY ordinal',
    )
    expect(rows.map(({ version: each }) => each as number)).toEqual(files.map((_, at) => at + 1))
    await expectNoLock(database.sql)
  })

  test('through a pooler, whose business it is what becomes of them, one is sent after the other', async () => {
    const database = await createDatabase(version)
    const { statement, environment, reached, release } = await holdTable(database)
    const pooler = await startPooler(database.port, 5)
    try {
      const network = await startNetwork(pooler.port)
      const folder = workFolder(historyWith(statement))
      const url = databaseUrl(network.port, database.name)
      const gate = startGate({ folder, environment: { ...environment, DATABASE_URL: url } })
      await reached()
      expect(network.connections().some(({ sent }) => sent().includes(fileOf(stop + 1)))).toBe(
        false,
      )
      await release()
      expect(await gate.finished).toMatchObject({ exitCode: 0 })
      await expectExactlyOnce(database, count)
    } finally {
      await pooler.stop()
    }
  })

  test('an error in the middle: those before it are applied, none behind it ran, and the corrected re-run does the rest', async () => {
    const database = await createDatabase(version)
    const folder = workFolder(historyWith('SELECT 1/0'))
    const environment = { DATABASE_URL: database.url }
    const finished = await runGate({ args: toJson, folder, environment })
    expect(finished.exitCode).toBe(1)
    const report = reportOf(finished)
    expect(report.applied).toHaveLength(stop - 1)
    expect(report).toMatchObject({ stopped_at: fileOf(stop), in_doubt: [] })
    expect(report.not_attempted).toHaveLength(count - stop)
    expect(finished.stderr).not.toContain(fileOf(stop + 1))
    expect(await recorded(database)).toBe(stop - 1)
    writeFiles(folder, historyWith('SELECT 1'))
    expect(await runGate({ folder, environment })).toMatchObject({ exitCode: 0 })
    await expectExactlyOnce(database, count)
  })

  test('an error at COMMIT, behind which the server would go on: the fence of the next refuses', async () => {
    const database = await createDatabase(version)
    const folder = workFolder(
      historyWith(atCommit(`RAISE EXCEPTION 'not this one' USING ERRCODE = 'P0042'`)),
    )
    const environment = { DATABASE_URL: database.url }
    const finished = await runGate({ args: toJson, folder, environment })
    expect(finished.exitCode).toBe(1)
    expect(finished.stdout).toContain('SQLSTATE P0042: not this one')
    const report = reportOf(finished)
    expect(report.applied).toHaveLength(stop - 1)
    expect(report).toMatchObject({ stopped_at: fileOf(stop), in_doubt: [] })
    expect(report.not_attempted).toHaveLength(count - stop)
    expect(await recorded(database)).toBe(stop - 1)
    expect(finished.stdout).toContain(`${fileOf(stop)} failed at COMMIT`)
    writeFiles(folder, historyWith('SELECT 1'))
    expect(await runGate({ folder, environment })).toMatchObject({ exitCode: 0 })
    await expectExactlyOnce(database, count)
  })

  test('a lock that is not to be had: the one that waits for it is tried again, and those behind it follow', async () => {
    const database = await createDatabase(version)
    const { statement, environment, release } = await holdTable(database)
    const folder = workFolder(historyWith(statement))
    const gate = startGate({
      folder,
      environment: { ...environment, MIGRATION_LOCK_TIMEOUT: '200ms' },
    })
    await gate.said('is rolled back; try 2')
    await release()
    const finished = await gate.finished
    expect(finished).toMatchObject({ exitCode: 0 })
    await expectExactlyOnce(database, count)
  })

  test.each(['SIGTERM', 'SIGINT'] as const)(
    '%s: the one that runs is cancelled, those behind it never run, and the report says so',
    async (signal) => {
      const { database, gate, release, rerun } = await stopInTheMiddle(version, toJson)
      gate.process.kill(signal)
      const finished = await gate.finished
      expect(finished.exitCode).toBe(signal === 'SIGTERM' ? 143 : 130)
      const report = reportOf(finished)
      expect(report.applied).toHaveLength(stop - 1)
      expect(report).toMatchObject({ stopped_at: fileOf(stop), in_doubt: [] })
      expect(report.not_attempted).toHaveLength(count - stop)
      expect(await recorded(database)).toBe(stop - 1)
      await expectNoLock(database.sql)
      await release()
      await rerun()
    },
  )

  test('SIGTERM while they go through: what is reported as applied is what is recorded', async () => {
    const database = await createDatabase(version)
    const folder = workFolder(effectsHistory(count, 0.01))
    const environment = { DATABASE_URL: database.url }
    const gate = startGate({ args: toJson, folder, environment })
    await gate.said(`applied ${fileOf(stop)}`)
    gate.process.kill('SIGTERM')
    const finished = await gate.finished
    expect(finished.exitCode).toBe(143)
    const report = reportOf(finished)
    expect(report.in_doubt).toEqual([])
    expect(report.applied).toHaveLength(await recorded(database))
    expect(await runGate({ folder, environment })).toMatchObject({ exitCode: 0 })
    await expectExactlyOnce(database, count)
  })

  test('the connection lost: those that were sent are told as in doubt, and the re-run finds out', async () => {
    const { database, gate, release, rerun } = await stopInTheMiddle(version, toJson)
    await terminate(database, 'run')
    const finished = await gate.finished
    expect(finished.exitCode).toBe(75)
    const report = reportOf(finished)
    expect(report.applied).toHaveLength(stop - 1)
    expect(report.stopped_at).toBe(fileOf(stop))
    expect(report.in_doubt.length + report.not_attempted.length).toBe(count - stop + 1)
    expect(report.in_doubt.slice(0, 2)).toEqual([fileOf(stop), fileOf(stop + 1)])
    const length = report.in_doubt.length - 1
    expect(finished.stderr).toContain(
      `STOPPING at ${fileOf(stop)}; also sent, and in doubt: ${length === 1 ? '1 migration' : `${length} migrations`}; not attempted: `,
    )
    await release()
    await rerun()
  })

  test('the lock lost: nothing of what was sent is recorded any more', async () => {
    const { database, gate, release, rerun } = await stopInTheMiddle(version)
    // Frozen, so that it is the server alone that refuses.
    gate.process.kill('SIGSTOP')
    await terminate(database, 'lock')
    await expectNoLock(database.sql)
    await release()
    await until('the server has answered all of it', async () => {
      const busy = await database.sql.unsafe(`SELECT FROM pg_stat_activity
        WHERE datname = current_database() AND application_name LIKE 'schemagate/% run' AND state = 'active'`)
      return busy.length === 0
    })
    expect(await recorded(database)).toBe(stop - 1)
    gate.process.kill('SIGCONT')
    expect(await gate.finished).toMatchObject({ exitCode: 75 })
    expect(await recorded(database)).toBe(stop - 1)
    await rerun()
  })

  test('the runner killed: what it had sent runs once or not at all, and the re-run does the rest', async () => {
    const database = await createDatabase(version)
    const folder = workFolder(effectsHistory(count, 0.01))
    const environment = { DATABASE_URL: database.url }
    const gate = startGate({ folder, environment })
    await gate.said(`applied ${fileOf(stop)}`)
    gate.process.kill('SIGKILL')
    await gate.finished
    expect(await runGate({ folder, environment })).toMatchObject({ exitCode: 0 })
    await expectExactlyOnce(database, count)
  })
})
