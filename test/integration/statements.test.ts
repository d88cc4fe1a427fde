import { describe, expect, test } from '@jest/globals'
import { createDatabase, databaseUrl, until, type TestDatabase } from '../support/database.ts'
import { runGate, startGate, workFolder } from '../support/gate.ts'
import { startPooler } from '../support/pooler.ts'
import { arrange, queried, runs, type Scenario } from '../support/scenario.ts'
import { serverVersions } from '../support/servers.ts'

const progressOf = async ({ sql }: TestDatabase): Promise<unknown> => {
  const [row] =
    await sql`SELECT state, statements_done AS done, statements_total AS total, finished_at IS NOT NULL AS finished
    FROM schemagate.schema_migrations ORDER BY ordinal DESC LIMIT 1`
  return row
}

const logOf = 'CREATE TABLE log (n int)'

describe.each(serverVersions)('statement by statement on PostgreSQL %s', (version) => {
  test('runs what cannot run in a transaction, in order with what can, and proves the result', async () => {
    const scenario = await arrange(version, {
      '1_t.sql': 'CREATE TABLE t (id int, a int);',
      '2_index.sql':
        '-- é\nCREATE INDEX CONCURRENTLY t_a ON t (a);\nVACUUM t;\nALTER TABLE t ADD b int;\n',
      '3_after.sql': 'CREATE TABLE after ();',
    })
    const finished = await scenario.gate('run')
    expect(finished).toMatchObject({ exitCode: 0 })
    expect(finished.stderr).toContain(
      'migrations/2_index.sql runs statement by statement, not in one transaction: CREATE INDEX CONCURRENTLY cannot run in a transaction (line 2)',
    )
    expect(finished.stderr).toContain('migrations/2_index.sql: statement 3 of 3 is done')
    expect(await runs(scenario)).toEqual(['1_t: applied', '2_index: applied', '3_after: applied'])
    const ordinals =
      'SELECT ordinal || statements_done::text FROM schemagate.schema_migrations ORDER BY 1'
    expect(await queried(scenario, ordinals)).toEqual(['11', '23', '31'])
  })

  test('goes on behind an error with the first statement that is not recorded, edited as it may be', async () => {
    const scenario = await arrange(version, {
      '1_log.sql': logOf,
      '2_x.sql':
        '-- @transaction off\nINSERT INTO log VALUES (1);\nINSERT INTO log VALUES (2);\nINSERT INTO log VALUES (1/0);\nINSERT INTO log VALUES (4);',
      '3_y.sql': 'INSERT INTO log VALUES (5)',
    })
    const failed = await scenario.gate('run')
    expect(failed).toMatchObject({ exitCode: 1 })
    expect(failed.stdout).toContain('migrations/2_x.sql failed at statement 3 of 4')
    expect(failed.stdout).toContain('--> migrations/2_x.sql:4:1')
    expect(failed.stdout).toContain('not attempted  migrations/3_y.sql')
    expect(await progressOf(scenario.database)).toMatchObject({
      state: 'running',
      done: 2,
      total: 4,
    })
    expect((await scenario.gate('run')).exitCode).toBe(1)
    const plan = await scenario.gate('plan', '--verbose')
    expect(plan.stdout).toContain('interrupted: an earlier run of it stopped with 2 done')
    expect(plan.stdout.match(/line \d: .*/g)?.slice(0, 2)).toEqual([
      'line 4: INSERT INTO log VALUES (1/0)',
      'line 5: INSERT INTO log VALUES (4)',
    ])
    const edit = (second: number): string =>
      `-- @transaction off\nINSERT INTO log VALUES (1);\nINSERT INTO log VALUES (${second});\n-- better\nINSERT INTO log VALUES (3);`
    scenario.write({ '2_x.sql': edit(7) })
    for (const command of ['plan', 'run']) {
      const refused = await scenario.gate(command)
      expect(refused).toMatchObject({ exitCode: 4 })
      expect(refused.stdout).toContain(
        'statement 2 of migrations/2_x.sql was edited after it was done',
      )
    }
    scenario.write({ '2_x.sql': edit(2) })
    expect(await runs(scenario)).toEqual(['1_log: applied', '2_x: applied', '3_y: applied'])
    expect(await queried(scenario, 'SELECT n FROM log ORDER BY n')).toEqual([1, 2, 3, 5])
    expect(await scenario.gate('run')).toMatchObject({ exitCode: 0 })
    expect(await queried(scenario, 'SELECT count(*)::int FROM log')).toEqual([4])
  })

  test('keeps what stands between BEGIN and COMMIT together', async () => {
    const scenario = await arrange(version, {
      '1_log.sql': logOf,
      '2_x.sql':
        'BEGIN;\nINSERT INTO log VALUES (1);\nCOMMIT;\nSTART TRANSACTION;\nINSERT INTO log VALUES (2);\nINSERT INTO log VALUES (1/0);\nCOMMIT;\n',
    })
    const failed = await scenario.gate('run')
    expect(failed).toMatchObject({ exitCode: 1 })
    expect(failed.stdout).toContain('failed at statement 3 of 3')
    expect(failed.stdout).toContain('--> migrations/2_x.sql:6:')
    expect(await queried(scenario, 'SELECT n FROM log')).toEqual([1])
    scenario.write({
      '2_x.sql':
        'BEGIN;\nINSERT INTO log VALUES (1);\nCOMMIT;\nSTART TRANSACTION;\nINSERT INTO log VALUES (2);\nCOMMIT;\n',
    })
    await runs(scenario)
    expect(await queried(scenario, 'SELECT n FROM log ORDER BY n')).toEqual([1, 2])
  })

  test('adds an enum value and uses it in the same file', async () => {
    const scenario = await arrange(version, {
      '1_t.sql': "CREATE TYPE mood AS ENUM ('fine'); CREATE TABLE t (mood mood);",
      '2_sad.sql': "ALTER TYPE mood ADD VALUE 'sad';\nINSERT INTO t VALUES ('sad');",
    })
    expect(await runs(scenario)).toEqual(['1_t: applied', '2_sad: applied'])
    expect(await queried(scenario, 'SELECT mood::text FROM t')).toEqual(['sad'])
  })

  test('runs procedures and blocks that commit', async () => {
    const scenario = await arrange(version, {
      '1_p.sql': `${logOf};\nCREATE PROCEDURE p() LANGUAGE plpgsql AS $$ BEGIN INSERT INTO log VALUES (1); COMMIT; INSERT INTO log VALUES (2); END $$;`,
      '2_call.sql': '-- @transaction off\nCALL p();',
      '3_do.sql': 'DO $$ BEGIN INSERT INTO log VALUES (3); COMMIT; END $$;',
    })
    expect(await runs(scenario)).toEqual(['1_p: applied', '2_call: applied', '3_do: applied'])
    expect(await queried(scenario, 'SELECT n FROM log ORDER BY n')).toEqual([1, 2, 3])
  })

  test('settings of the file hold for the file, and for no other', async () => {
    const scenario = await arrange(version, {
      '1_s.sql': 'CREATE SCHEMA app; CREATE TABLE app.t (a int); CREATE TABLE app.log (path text)',
      '2_x.sql':
        "SELECT set_config('search_path', 'app', false);\nSET work_mem = '7MB';\nCREATE INDEX CONCURRENTLY t_a ON t (a);\nINSERT INTO log SELECT current_setting('search_path') || current_setting('work_mem');",
      '3_y.sql':
        "INSERT INTO app.log SELECT current_setting('search_path') || current_setting('work_mem')",
    })
    await runs(scenario)
    const [inside, outside] = await queried(scenario, 'SELECT path FROM app.log')
    expect(inside).toBe('app7MB')
    expect(outside).not.toContain('app')
    expect(outside).not.toContain('7MB')
  })

  test('a statement timeout of the role does not strike, and that of the file does', async () => {
    const scenario = await arrange(version, {
      '1_p.sql':
        'CREATE PROCEDURE nap() LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(0.5); COMMIT; END $$;',
      '2_call.sql': '-- @transaction off\nCALL nap();',
    })
    const { sql, name } = scenario.database
    await sql.unsafe(`ALTER DATABASE ${name} SET statement_timeout = '200ms'`)
    await runs(scenario)
    scenario.write({
      '3_call.sql': '-- @transaction off\n-- @statement-timeout 100ms\nCALL nap();',
    })
    const failed = await scenario.gate('run')
    expect(failed).toMatchObject({ exitCode: 1 })
    expect(failed.stdout).toContain('by statement_timeout (100ms)')
  })

  test('compares the result with what the file promises', async () => {
    const scenario = await arrange(version, { '1_t.sql': 'CREATE TABLE t (a int);', '2_x.sql': '' })
    scenario.write({
      '2_x.sql':
        "DO $$ BEGIN EXECUTE 'CREATE TABLE u (b text)'; END $$;\nCREATE TABLE IF NOT EXISTS u (b int);\nVACUUM t;",
    })
    const failed = await scenario.gate('run')
    expect(failed).toMatchObject({ exitCode: 1 })
    expect(failed.stdout).toContain('error[statements-not-verified]')
    expect(await progressOf(scenario.database)).toMatchObject({ state: 'running', done: 3 })
    await scenario.database.sql`ALTER TABLE u ALTER b TYPE int USING b::int`
    expect(await runs(scenario)).toEqual(['1_t: applied', '2_x: applied'])
  })
})

describe.each(serverVersions)('a statement whose answer was lost on PostgreSQL %s', (version) => {
  // As a runner that was killed in a statement without a transaction leaves the ledger.
  const interruptedAt = async (
    files: Readonly<Record<string, string>>,
    statement: number,
  ): Promise<Scenario> => {
    const scenario = await arrange(version, files)
    await runs(scenario)
    await scenario.database
      .sql`UPDATE schemagate.schema_migrations SET state = 'running', finished_at = NULL,
      statements_done = ${statement - 1}, statement_started = ${statement},
      statement_checksums = statement_checksums[1:${statement - 1}]
      WHERE ordinal = (SELECT max(ordinal) FROM schemagate.schema_migrations)`
    return scenario
  }

  test('is repeated where that does no harm', async () => {
    const scenario = await interruptedAt(
      { '1_t.sql': logOf, '2_x.sql': 'VACUUM log;\nINSERT INTO log VALUES (1);' },
      1,
    )
    expect(await runs(scenario)).toEqual(['1_t: applied', '2_x: applied'])
    expect(await queried(scenario, 'SELECT n FROM log')).toEqual([1, 1])
  })

  test('is decided by the catalog where that tells', async () => {
    const name = `of_${Date.now()}_${version}`
    const scenario = await interruptedAt({ '1_d.sql': `CREATE DATABASE ${name};` }, 1)
    try {
      expect(await runs(scenario)).toEqual(['1_d: applied'])
    } finally {
      await scenario.database.sql.unsafe(`DROP DATABASE ${name}`)
    }
  })

  test('is otherwise refused, with the SQL that decides', async () => {
    const files = {
      '1_p.sql': `${logOf};\nCREATE PROCEDURE p() LANGUAGE plpgsql AS $$ BEGIN INSERT INTO log VALUES (1); COMMIT; END $$;`,
      '2_x.sql': '-- @transaction off\nVACUUM log;\nCALL p();\nINSERT INTO log VALUES (2);',
    }
    for (const decision of ['is done', 'may run again']) {
      const scenario = await interruptedAt(files, 2)
      await scenario.database.sql`TRUNCATE log`
      const refused = await scenario.gate('run')
      expect(refused).toMatchObject({ exitCode: 4 })
      expect(refused.stdout).toContain(
        'statement 2 of migrations/2_x.sql (CALL) may or may not have run',
      )
      const [done = '', again = ''] = refused.stdout.match(/UPDATE schemagate.*;/g) ?? []
      await scenario.database.sql.unsafe(decision === 'is done' ? done : again)
      await runs(scenario)
      const expected = decision === 'is done' ? [2] : [1, 2]
      expect(await queried(scenario, 'SELECT n FROM log ORDER BY n')).toEqual(expected)
    }
  })

  test('is waited for while it still runs, although its runner was killed', async () => {
    const database = await createDatabase(version)
    const folder = workFolder({
      'migrations/1_t.sql': 'CREATE TABLE t (a int)',
      'migrations/2_x.sql':
        'CREATE FUNCTION slow(int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(2); RETURN 1; END $$;\nINSERT INTO t VALUES (1);\nVACUUM t;\nREINDEX TABLE CONCURRENTLY t;',
      'migrations/3_p.sql':
        'CREATE TABLE log (n int); CREATE PROCEDURE nap() LANGUAGE plpgsql AS $$ BEGIN INSERT INTO log VALUES (1); COMMIT; PERFORM pg_sleep(3); END $$',
      'migrations/4_call.sql': '-- @transaction off\nCALL nap();',
    })
    const pooler = await startPooler(database.port, 4)
    try {
      // Behind a pooler nothing tells the server that the runner is gone.
      const environment = { DATABASE_URL: databaseUrl(pooler.port, database.name) }
      const gate = startGate({ folder, environment })
      const calling =
        "SELECT pid FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%4_call.sql, statement 1 */%CALL%' AND pid <> pg_backend_pid()"
      await until('the call runs', async () => (await database.sql.unsafe(calling)).length > 0)
      gate.process.kill('SIGKILL')
      await gate.finished
      const again = await runGate({ folder, environment })
      expect(again).toMatchObject({ exitCode: 4 })
      expect(await database.sql.unsafe(calling)).toHaveLength(0)
      expect(again.stdout).toContain('error[statement-in-doubt]')
    } finally {
      await pooler.stop()
    }
  })
})

describe.each(serverVersions)(
  'statement by statement behind PgBouncer to PostgreSQL %s',
  (version) => {
    test('leaves no setting for other clients, and refuses what would need one', async () => {
      const database = await createDatabase(version)
      const pooler = await startPooler(database.port, 2)
      try {
        const environment = { DATABASE_URL: databaseUrl(pooler.port, database.name) }
        const folder = workFolder({
          'migrations/1_t.sql': 'CREATE TABLE t (a int)',
          'migrations/2_x.sql':
            "SET work_mem = '7MB';\nCREATE TABLE u (w text);\nINSERT INTO u SELECT current_setting('work_mem');\nRESET work_mem;\nSET lock_timeout = '1s';\nCREATE INDEX CONCURRENTLY t_a ON t (a);",
        })
        await database.sql.unsafe(`ALTER DATABASE ${database.name} SET statement_timeout = '50s'`)
        const first = await runGate({ folder, environment })
        expect(first).toMatchObject({ exitCode: 0 })
        expect(first.stderr).toContain(
          'with the timeouts of the login (statement_timeout 50000 ms)',
        )
        expect(await database.sql`SELECT w FROM u`).toEqual([{ w: '7MB' }])
        const settings = await import('postgres').then(async ({ default: postgres }) => {
          const clients = [1, 2].map(() =>
            postgres(environment.DATABASE_URL, { max: 1, prepare: false }),
          )
          // Both at once, so that each has a server connection of its own.
          const asked = await Promise.all(
            clients.map((sql) =>
              sql.begin(async (own) => {
                await own`SELECT pg_sleep(0.3)`
                return own`SELECT name, setting FROM pg_settings WHERE setting <> reset_val AND source = 'session'
                AND name NOT IN ('client_encoding', 'DateStyle', 'TimeZone', 'standard_conforming_strings', 'application_name')`
              }),
            ),
          )
          await Promise.all(clients.map((sql) => sql.end()))
          return asked.flat()
        })
        expect(settings).toEqual([])
        const strict = workFolder({
          'migrations/1_t.sql': 'CREATE TABLE t (a int)',
          'migrations/2_x.sql': '-- @transaction off\nSELECT 1',
          'migrations/3_x.sql': 'SET search_path = public;\nVACUUM t;',
        })
        const refused = await runGate({
          folder: strict,
          environment: { ...environment, LEDGER_SCHEMA: 'other' },
        })
        expect(refused).toMatchObject({ exitCode: 4 })
        expect(refused.stdout).toContain(
          'migrations/3_x.sql: behind a pooler the setting search_path would not last until VACUUM t',
        )
      } finally {
        await pooler.stop()
      }
    })
  },
)
