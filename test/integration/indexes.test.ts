import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { createDatabase, databaseUrl } from '../support/database.ts'
import { runGate, sampleHistory, startGate, temporaryFolder, workFolder } from '../support/gate.ts'
import { startPooler } from '../support/pooler.ts'
import { serverVersions } from '../support/servers.ts'

const files = {
  'migrations/1_t.sql': 'CREATE TABLE t (id int, a int)',
  'migrations/indexes/a.sql': '-- é\nCREATE INDEX CONCURRENTLY IF NOT EXISTS t_a ON t (a);\n',
  'migrations/indexes/b.sql': 'CREATE UNIQUE INDEX CONCURRENTLY t_id ON t (id) WHERE a > 0',
  'migrations/indexes/c.sql': 'CREATE INDEX CONCURRENTLY u_a ON u (lower(a))',
}

const statesOf = (stdout: string): readonly unknown[] =>
  (JSON.parse(stdout) as { indexes: { index: string; state: string }[] }).indexes.map(
    ({ index, state }) => `${index} ${state}`,
  )

test('builds the indexes of the sample history once it is applied', async () => {
  const environment = {
    DATABASE_URL: (await createDatabase('18')).url,
    MIGRATIONS_DIR: sampleHistory,
  }
  const folder = temporaryFolder()
  expect(await runGate({ folder, environment })).toMatchObject({ exitCode: 0 })
  const args = ['indexes', '--strict', '--json']
  const { exitCode, stdout } = await runGate({ args, folder, environment })
  expect([exitCode, statesOf(stdout)]).toEqual([
    0,
    ['call_log_created_at_idx built', 'leads_last_call_at_idx built'],
  ])
})

describe.each(serverVersions)('schemagate indexes on PostgreSQL %s', (version) => {
  test('builds what is declared, on tables side by side, and passes over what is there', async () => {
    const database = await createDatabase(version)
    const pooler = await startPooler(database.port, 6)
    try {
      const environment = {
        DATABASE_URL_DIRECT: database.url,
        DATABASE_URL_POOLER: databaseUrl(pooler.port, database.name),
      }
      const folder = workFolder(files)
      await database.sql.unsafe(
        'CREATE TABLE t (id int, a int); CREATE TABLE u (a text); CREATE INDEX t_a ON t (a); INSERT INTO t VALUES (1, 1), (1, 1)',
      )
      await database.sql
        .unsafe('CREATE UNIQUE INDEX CONCURRENTLY t_id ON t (id) WHERE a > 0')
        .catch(() => undefined)
      await database.sql`TRUNCATE t`
      const args = ['indexes', '--parallel', '2', '--strict', '--json']
      const first = await runGate({ args, folder, environment })
      expect(first).toMatchObject({ exitCode: 0 })
      expect(first.stderr).toContain('Using POOLER')
      expect(statesOf(first.stdout)).toEqual(['t_a there', 't_id rebuilt', 'u_a built'])
      const again = await runGate({ args, folder, environment })
      expect(statesOf(again.stdout)).toEqual(['t_a there', 't_id there', 'u_a there'])
    } finally {
      await pooler.stop()
    }
  })

  test('fails no deployment by what it cannot build, and with --strict says why', async () => {
    const database = await createDatabase(version)
    const folder = workFolder({
      ...files,
      'migrations/indexes/d.sql': 'CREATE INDEX t_x ON t (id)',
      'migrations/indexes/e.sql': 'CREATE INDEX CONCURRENTLY t_other ON t (id)',
    })
    const environment = { DATABASE_URL: database.url }
    await database.sql.unsafe(
      'CREATE TABLE t (id int, a int); INSERT INTO t VALUES (1, 1), (1, 1); CREATE INDEX t_other ON t (a)',
    )
    const finished = await runGate({ args: ['indexes'], folder, environment })
    expect(finished).toMatchObject({ exitCode: 0 })
    expect(finished.stdout).toMatch(/^built +migrations\/indexes\/a\.sql {2}t_a on t$/m)
    for (const told of [
      'error[not-an-index-file]: migrations/indexes/d.sql',
      'error[index-not-unique]: statement 1 of migrations/indexes/b.sql: the index cannot be unique, 1 key is in more than one row',
      'error[index-too-early]: migrations/indexes/c.sql needs something that does not exist: relation "u" does not exist',
      'error[index-differs]: migrations/indexes/e.sql: the database has t_other with a different definition',
    ])
      expect(finished.stdout).toContain(told)
    const invalid = await database.sql`SELECT 1 FROM pg_index WHERE NOT indisvalid`
    expect(invalid).toHaveLength(0)
    const terminationLog = join(folder, 'termination-log')
    const strict = await runGate({
      args: ['indexes', '--strict'],
      folder,
      environment: { ...environment, TERMINATION_LOG: terminationLog },
    })
    expect(strict).toMatchObject({ exitCode: 4 })
    const cause = readFileSync(terminationLog, 'utf8')
    expect(cause).toContain('error[index-differs]: migrations/indexes/e.sql')
    expect(cause).toMatch(/problems with the declared indexes \(exit code 4\)$/)
  })

  test('is too early for a table that is not there yet: with --strict 75, so that a Job tries again', async () => {
    const { url, sql } = await createDatabase(version)
    const args = ['indexes', '--strict']
    const folder = workFolder({ 'migrations/indexes/c.sql': files['migrations/indexes/c.sql'] })
    const environment = { DATABASE_URL: url }
    const early = await runGate({ args, folder, environment })
    expect(early.stdout).toContain('error[index-too-early]: migrations/indexes/c.sql')
    expect(early.exitCode).toBe(75)
    await sql`CREATE TABLE u (a text)`
    expect(await runGate({ args, folder, environment })).toMatchObject({ exitCode: 0 })
  })

  test('has a lock of its own: two at once build each index once, and the gate goes on', async () => {
    const database = await createDatabase(version)
    const folder = workFolder(files)
    const environment = { DATABASE_URL: database.url }
    await database.sql.unsafe('CREATE TABLE u (a text)')
    expect(await runGate({ folder, environment })).toMatchObject({ exitCode: 0 })
    const ended = await Promise.all(
      [1, 2].map(() => startGate({ args: ['indexes', '--strict'], folder, environment }).finished),
    )
    expect(ended.map(({ exitCode }) => exitCode)).toEqual([0, 0])
    const there = await database.sql`SELECT indexrelid::regclass::text AS name FROM pg_index
      WHERE indrelid IN ('t'::regclass, 'u'::regclass) AND indisvalid ORDER BY 1`
    expect(there.map(({ name }) => name as unknown)).toEqual(['t_a', 't_id', 'u_a'])
  })
})
