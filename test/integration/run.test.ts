import { describe, expect, test } from '@jest/globals'
import { createDatabase } from '../support/database.ts'
import {
  normalised,
  runGate,
  sampleFiles,
  sampleHistory,
  workFolder,
  writeFiles,
} from '../support/gate.ts'
import { serverVersions } from '../support/servers.ts'

const ledgerOf = async (sql: { unsafe: (text: string) => Promise<unknown> }): Promise<unknown> =>
  sql.unsafe(
    'SELECT version::int, name, state, ordinal::int FROM schemagate.schema_migrations ORDER BY ordinal',
  )

describe.each(serverVersions)('run on PostgreSQL %s', (version) => {
  test('migrates an empty database with the whole sample history, then is up to date', async () => {
    const { url, sql } = await createDatabase(version)
    const environment = { DATABASE_URL: url, MIGRATIONS_DIR: sampleHistory }
    const folder = workFolder({})
    const first = await runGate({ folder, environment })
    expect(first.stderr).toContain('Acquired migration lock')
    expect(first.stderr).toContain('Set statement_timeout to 120s')
    expect(first.stderr).toContain('Released migration lock')
    expect(first).toMatchObject({ exitCode: 0 })
    const files = sampleFiles()
    const rows =
      await sql`SELECT count(*)::int AS rows, max(version::int) AS last FROM schemagate.schema_migrations`
    expect(rows).toEqual([{ rows: files.length, last: 111 }])
    const columns = await sql`SELECT column_name FROM information_schema.columns
      WHERE table_name = 'call_log' AND column_name IN ('recording_mode', 'started_at', 'ended_at', 'duration_sec')`
    expect(columns).toHaveLength(4)
    const second = await runGate({ folder, environment })
    expect(normalised(second.stdout)).toBe(
      'Migration completed successfully: up to date, 55 recorded (N s)\n',
    )
    expect(second.stderr).not.toContain('lock')
    expect(second.exitCode).toBe(0)
  })

  test('applies only what is pending, in the order of version numbers', async () => {
    const { url, sql } = await createDatabase(version)
    const folder = workFolder({
      'migrations/9_nine.sql': 'CREATE TABLE nine (id int)',
      'migrations/0010-ten.sql': 'ALTER TABLE nine ADD COLUMN ten int',
    })
    await runGate({ folder, environment: { DATABASE_URL: url } })
    writeFiles(folder, {
      'migrations/11_eleven.sql': 'ALTER TABLE nine ADD COLUMN eleven int',
      'migrations/3_three.sql': 'CREATE TABLE three (id int)',
    })
    const late = await runGate({ folder, environment: { DATABASE_URL: url } })
    expect(late.exitCode).toBe(0)
    expect(late.stderr).toContain('1/2 migrations/3_three.sql (out of order: merged late)')
    expect(await ledgerOf(sql)).toEqual([
      { version: 9, name: '9_nine', state: 'applied', ordinal: 1 },
      { version: 10, name: '0010-ten', state: 'applied', ordinal: 2 },
      { version: 3, name: '3_three', state: 'applied', ordinal: 3 },
      { version: 11, name: '11_eleven', state: 'applied', ordinal: 4 },
    ])
  })

  test('takes files as people write them', async () => {
    const { url, sql } = await createDatabase(version)
    const folder = workFolder({
      'migrations/1_no_semicolon.sql':
        'CREATE TABLE t (id int);\nALTER TABLE t ADD COLUMN a text -- the last one',
      'migrations/2_only_comments.sql': '-- nothing yet\n/* really\n nothing */\n',
      'migrations/3_crlf.sql': 'ALTER TABLE t\r\n  ADD COLUMN b text;\r\n',
      'migrations/4_bom.sql': '\uFEFFALTER TABLE t ADD COLUMN c text;',
      'migrations/5_wrapped.sql':
        '-- from a tool\nBEGIN;\nALTER TABLE t ADD COLUMN d text;\nCOMMIT;\n',
      'migrations/6_empty.sql': '',
      'migrations/7_quotes.sql': `INSERT INTO t (a) VALUES ('it''s; "fine"'), (E'back\\\\slash'), ($tag$ $1; -- $tag$)`,
      'migrations/8_savepoint.sql': 'SAVEPOINT a; ALTER TABLE t ADD COLUMN e text; RELEASE a;',
      "migrations/9_it's.sql": 'SELECT 1; SELECT 2; TABLE t',
    })
    const { exitCode, stderr } = await runGate({ folder, environment: { DATABASE_URL: url } })
    expect(stderr).toContain('migrations/2_only_comments.sql has no statement')
    expect(stderr).toContain('migrations/6_empty.sql has no statement')
    expect(exitCode).toBe(0)
    const rows = await sql`SELECT a FROM t ORDER BY a`
    expect(rows.map(({ a }) => a as string)).toEqual([' $1; -- ', 'back\\slash', 'it\'s; "fine"'])
    const steps =
      await sql`SELECT statements_total::int AS n FROM schemagate.schema_migrations ORDER BY ordinal`
    expect(steps.map(({ n }) => n as number)).toEqual([2, 0, 1, 1, 1, 0, 1, 3, 3])
  })

  test('knows a file again after an editor changed only its line ends', async () => {
    const { url } = await createDatabase(version)
    const folder = workFolder({ 'migrations/1_a.sql': 'CREATE TABLE t (\n  id int\n);\n' })
    await runGate({ folder, environment: { DATABASE_URL: url } })
    writeFiles(folder, { 'migrations/1_a.sql': '\uFEFFCREATE TABLE t (\r\n  id int\r\n);\r\n' })
    const { exitCode, stdout } = await runGate({ folder, environment: { DATABASE_URL: url } })
    expect(stdout).toContain('up to date, 1 recorded')
    expect(exitCode).toBe(0)
  })

  test('lets an older image run on a newer schema', async () => {
    const { url } = await createDatabase(version)
    const files = {
      'migrations/1_a.sql': 'CREATE TABLE a (id int)',
      'migrations/2_b.sql': 'CREATE TABLE b (id int)',
    }
    await runGate({ folder: workFolder(files), environment: { DATABASE_URL: url } })
    const older = workFolder({ 'migrations/1_a.sql': files['migrations/1_a.sql'] })
    const { exitCode, stderr } = await runGate({
      folder: older,
      environment: { DATABASE_URL: url },
    })
    expect(stderr).toContain(
      'the ledger has 1 migration more than the files (2): a newer release has run here',
    )
    expect(exitCode).toBe(0)
  })

  test('gives a file the timeouts of its directives', async () => {
    const { url, sql } = await createDatabase(version)
    const folder = workFolder({
      'migrations/1_patient.sql':
        "-- @statement-timeout 10min\n-- @lock-timeout 1.5s\nCREATE TABLE seen AS SELECT current_setting('statement_timeout') AS s, current_setting('lock_timeout') AS l",
      'migrations/2_default.sql':
        "INSERT INTO seen SELECT current_setting('statement_timeout'), current_setting('lock_timeout')",
    })
    const environment = {
      DATABASE_URL: url,
      MIGRATION_STATEMENT_TIMEOUT: '0.5h',
      MIGRATION_LOCK_TIMEOUT: '250ms',
    }
    expect(await runGate({ folder, environment })).toMatchObject({ exitCode: 0 })
    expect(await sql`SELECT * FROM seen`).toEqual([
      { s: '10min', l: '1500ms' },
      { s: '30min', l: '250ms' },
    ])
  })

  test.each(['', 'VACUUM;\n'])(
    'takes an error of a connection that the server made for a file for that of the file (%j)',
    async (before) => {
      const { url, sql } = await createDatabase(version)
      // As dblink, a foreign table or a subscription raise it.
      const folder = workFolder({
        'migrations/1_a.sql': `${before}DO $$ BEGIN RAISE 'no publisher' USING ERRCODE = '08006'; END $$;`,
        'migrations/2_b.sql': 'CREATE TABLE b (id int)',
      })
      const { exitCode, stdout } = await runGate({ folder, environment: { DATABASE_URL: url } })
      expect(stdout).toMatch(/error\[(migration|statement)-failed\]: migrations\/1_a\.sql/)
      expect(stdout).toContain('SQLSTATE 08006: no publisher')
      expect(exitCode).toBe(1)
      expect(await sql`SELECT to_regclass('b')::text AS b`).toEqual([{ b: null }])
    },
  )

  test('keeps its ledger in the schema that LEDGER_SCHEMA names', async () => {
    const { url, sql } = await createDatabase(version)
    const folder = workFolder({ 'migrations/1_a.sql': 'CREATE TABLE a (id int)' })
    const environment = { DATABASE_URL: url, LEDGER_SCHEMA: 'user' }
    expect(await runGate({ folder, environment })).toMatchObject({ exitCode: 0 })
    expect(await sql`SELECT name FROM "user".schema_migrations`).toEqual([{ name: '1_a' }])
    const other = await runGate({
      folder,
      environment: { ...environment, LEDGER_SCHEMA: 'public' },
    })
    expect(other.exitCode).toBe(0)
    expect(other.stdout).toContain('reconciled  migrations/1_a.sql  table a\n')
  })
})
