import { describe, expect, test } from '@jest/globals'
import { createDatabase, databaseUrl, until, type TestDatabase } from '../support/database.ts'
import { runGate, startGate, workFolder, type RunningGate } from '../support/gate.ts'
import { startPooler } from '../support/pooler.ts'
import { arrange, queried, runs } from '../support/scenario.ts'
import { serverVersions } from '../support/servers.ts'

const table = 'CREATE TABLE t (id int, a int);'

const building = `SELECT a.pid FROM pg_stat_activity a WHERE a.datname = current_database() AND a.state = 'active'
  AND a.query LIKE '%*/ CREATE%INDEX CONCURRENTLY%' AND a.pid <> pg_backend_pid()`

const untilBuilding = ({ sql }: TestDatabase, gate: RunningGate): Promise<void> =>
  until('the index is being built', async () => {
    expect(gate.process.exitCode).toBeNull()
    return (await sql.unsafe(building)).length > 0
  })

const indexes = `SELECT c.relname || ': ' || CASE WHEN indisvalid THEN 'valid' ELSE 'INVALID' END FROM pg_index
  JOIN pg_class c ON c.oid = indexrelid JOIN pg_class t ON t.oid = indrelid WHERE t.relnamespace = 'public'::regnamespace ORDER BY 1`

/** Keeps every concurrent build waiting until it is ended. */
const holdBack = async (database: TestDatabase): Promise<() => Promise<void>> => {
  const sql = database.client()
  await sql.unsafe('BEGIN; INSERT INTO t VALUES (0, 0)').simple()
  return async () => {
    await sql.unsafe('ROLLBACK')
  }
}

const invalidIndex = async ({ sql }: TestDatabase, create: string): Promise<void> => {
  await sql.unsafe('INSERT INTO t VALUES (1, 1), (1, 1)')
  await expect(sql.unsafe(create)).rejects.toMatchObject({ code: '23505' })
  await sql.unsafe('TRUNCATE t')
}

describe.each(serverVersions)('a concurrent index on PostgreSQL %s', (version) => {
  test.each([
    ['of its own definition', 'CREATE UNIQUE INDEX CONCURRENTLY t_a ON t (a)'],
    ['of another definition', 'CREATE UNIQUE INDEX CONCURRENTLY t_a ON t (id)'],
  ])(
    'is built where somebody left an INVALID one %s, also under IF NOT EXISTS',
    async (_, left) => {
      for (const guard of ['', 'IF NOT EXISTS ']) {
        const scenario = await arrange(
          version,
          { '1_t.sql': table, '2_i.sql': `CREATE UNIQUE INDEX CONCURRENTLY ${guard}t_a ON t (a);` },
          table,
        )
        await invalidIndex(scenario.database, left)
        expect(await runs(scenario)).toEqual(['1_t: reconciled', '2_i: applied'])
        expect(await queried(scenario, indexes)).toEqual(['t_a: valid'])
        const definition = "SELECT pg_get_indexdef('t_a'::regclass)"
        expect(await queried(scenario, definition)).toEqual([
          'CREATE UNIQUE INDEX t_a ON public.t USING btree (a)',
        ])
      }
    },
  )

  test('that is not unique is told with its keys and the query that shows them; repaired, the re-run builds it', async () => {
    const scenario = await arrange(version, {
      '1_t.sql': `${table} INSERT INTO t VALUES (1, 1), (1, 1), (2, 2), (2, 2), (3, NULL), (3, NULL);`,
      '2_i.sql': 'CREATE UNIQUE INDEX CONCURRENTLY ON t (a, (id + 1)) WHERE id > 0;',
    })
    const failed = await scenario.gate('run')
    expect(failed).toMatchObject({ exitCode: 1 })
    expect(failed.stdout).toContain('the index cannot be unique, 2 keys are in more than one row')
    const query =
      /fix: Correct these rows, and run again:\n\s*(SELECT [^;]*);/.exec(failed.stdout)?.[1] ?? ''
    expect(await scenario.database.sql.unsafe(query)).toHaveLength(2)
    expect(await queried(scenario, indexes)).toEqual([])
    await scenario.database.sql`DELETE FROM t WHERE a IS NOT NULL`
    expect(await runs(scenario)).toEqual(['1_t: applied', '2_i: applied'])
    expect(await queried(scenario, indexes)).toEqual(['t_a_expr_idx: valid'])
  })

  test('has no timeout of the role, and is built while three rivals wait', async () => {
    const database = await createDatabase(version)
    await database.sql.unsafe(
      `ALTER DATABASE ${database.name} SET statement_timeout = '700ms'; ALTER DATABASE ${database.name} SET lock_timeout = '300ms'`,
    )
    const folder = workFolder({
      'migrations/1_t.sql': table,
      'migrations/2_i.sql': 'CREATE INDEX CONCURRENTLY t_a ON t (a);',
    })
    const environment = { DATABASE_URL: database.url }
    await database.sql.unsafe(table)
    const letGo = await holdBack(database)
    const first = startGate({ folder, environment })
    await untilBuilding(database, first)
    const rivals = [1, 2, 3].map(() => startGate({ folder, environment }))
    await until('the rivals wait', () =>
      rivals.every((rival) => rival.stderr().includes('holds the migration lock')),
    )
    await until('its progress names whom it waits for', () =>
      /index t_a: .*; waits for pid \d+ \(postgres\.js, user \w+, idle in transaction/.test(
        first.stderr(),
      ),
    )
    await letGo()
    const ended = await Promise.all([first, ...rivals].map(({ finished }) => finished))
    expect(ended.map(({ exitCode }) => exitCode)).toEqual([0, 0, 0, 0])
    expect(await database.sql.unsafe(indexes).values()).toEqual([['t_a: valid']])
  })

  test('leaves nothing INVALID when SIGTERM or its own bound ends it', async () => {
    const database = await createDatabase(version)
    const folder = workFolder({
      'migrations/1_t.sql': table,
      'migrations/2_i.sql': 'CREATE INDEX CONCURRENTLY t_a ON t (a);',
    })
    const environment = { DATABASE_URL: database.url }
    await database.sql.unsafe(table)
    const letGo = await holdBack(database)
    const bounded = startGate({
      folder,
      environment: { ...environment, MIGRATION_INDEX_TIMEOUT: '1s' },
    })
    await until('its time is over', async () => {
      const [row] =
        await database.sql`SELECT EXISTS (SELECT FROM pg_stat_activity WHERE query LIKE '%/ DROP INDEX CONC%' AND pid <> pg_backend_pid()) AS there`
      return row?.['there'] === true
    })
    await letGo()
    const ended = await bounded.finished
    expect(ended).toMatchObject({ exitCode: 75 })
    expect(ended.stdout).toContain(
      'did not finish within 1s (MIGRATION_INDEX_TIMEOUT) and was cancelled',
    )
    expect(await database.sql.unsafe(indexes)).toHaveLength(0)
    const hold = await holdBack(database)
    const stopped = startGate({ folder, environment })
    await untilBuilding(database, stopped)
    stopped.process.kill('SIGTERM')
    expect(await stopped.finished).toMatchObject({ exitCode: 143 })
    await hold()
    expect(await runGate({ folder, environment })).toMatchObject({ exitCode: 0 })
    expect(await database.sql.unsafe(indexes).values()).toEqual([['t_a: valid']])
  })

  test('that a killed run left in the making behind a pooler is waited for', async () => {
    const database = await createDatabase(version)
    const pooler = await startPooler(database.port, 5)
    try {
      const folder = workFolder({
        'migrations/1_t.sql': table,
        'migrations/2_i.sql': 'CREATE INDEX CONCURRENTLY t_a ON t (a);',
      })
      const environment = { DATABASE_URL: databaseUrl(pooler.port, database.name) }
      await database.sql.unsafe(table)
      const letGo = await holdBack(database)
      const first = startGate({ folder, environment })
      await untilBuilding(database, first)
      const [builder] = await database.sql.unsafe(building)
      first.process.kill('SIGKILL')
      await first.finished
      const again = startGate({ folder, environment })
      await until('it waits for the orphan', () =>
        again
          .stderr()
          .includes(
            `index t_a is being built by pid ${String(builder?.['pid'])}, left by a run that was killed`,
          ),
      )
      await letGo()
      expect(await again.finished).toMatchObject({ exitCode: 0 })
      expect(await database.sql.unsafe(indexes).values()).toEqual([['t_a: valid']])
    } finally {
      await pooler.stop()
    }
  })

  test('of a partitioned table is built on each partition, and goes on where it stopped', async () => {
    const scenario = await arrange(version, {
      '1_p.sql': `CREATE TABLE p (id int, a int) PARTITION BY RANGE (id); CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (10);
        CREATE TABLE p2 PARTITION OF p FOR VALUES FROM (10) TO (20) PARTITION BY RANGE (a);
        CREATE TABLE p2a PARTITION OF p2 FOR VALUES FROM (0) TO (10); INSERT INTO p VALUES (1, 1), (1, 1), (11, 1)`,
      '2_i.sql': 'CREATE UNIQUE INDEX CONCURRENTLY p_key ON p (id, a);',
    })
    const failed = await scenario.gate('run')
    expect(failed).toMatchObject({ exitCode: 1 })
    expect(failed.stdout).toContain('the index cannot be unique, 1 key is in more than one row')
    await scenario.database.sql`DELETE FROM p WHERE id = 1`
    expect(await runs(scenario)).toEqual(['1_p: applied', '2_i: applied'])
    expect(await queried(scenario, indexes)).toEqual([
      'p_key: valid',
      'p_key_p1: valid',
      'p_key_p2: valid',
      'p_key_p2_p2a: valid',
    ])
  })

  test('of a partitioned table alone is refused in the words of the server, and nothing is built', async () => {
    const scenario = await arrange(version, {
      '1_p.sql':
        'CREATE TABLE p (id int) PARTITION BY RANGE (id); CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (10)',
      '2_i.sql': 'CREATE INDEX CONCURRENTLY p_id ON ONLY p (id);',
    })
    const { exitCode, stdout } = await scenario.gate('run')
    expect(exitCode).toBe(1)
    expect(stdout).toContain('cannot create index on partitioned table "p" concurrently')
    expect(await queried(scenario, indexes)).toEqual([])
  })

  test('is rebuilt, dropped and its partition detached, whatever a cut off try left', async () => {
    const scenario = await arrange(version, {
      '1_t.sql': `${table} CREATE UNIQUE INDEX t_a ON t (a); CREATE TABLE p (id int) PARTITION BY RANGE (id); CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (10)`,
      '2_x.sql':
        'REINDEX TABLE CONCURRENTLY t;\nALTER TABLE p DETACH PARTITION p1 CONCURRENTLY;\nDROP INDEX CONCURRENTLY t_a;',
    })
    const { sql } = scenario.database
    await sql.unsafe(`${table} CREATE UNIQUE INDEX t_a ON t (a)`)
    await sql.unsafe(
      'CREATE TABLE p (id int) PARTITION BY RANGE (id); CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (10)',
    )
    await sql.unsafe('INSERT INTO t VALUES (1, 1)')
    // As a REINDEX that was cut off leaves it.
    await sql.unsafe(
      "CREATE INDEX t_a_ccnew ON t (a); UPDATE pg_index SET indisvalid = false WHERE indexrelid = 't_a_ccnew'::regclass",
    )
    await sql.unsafe(
      "UPDATE pg_inherits SET inhdetachpending = true WHERE inhrelid = 'p1'::regclass",
    )
    expect(await runs(scenario)).toEqual(['1_t: reconciled', '2_x: applied'])
    expect(await queried(scenario, indexes)).toEqual([])
    expect(await queried(scenario, 'SELECT count(*)::int FROM pg_inherits')).toEqual([0])
    await sql`UPDATE schemagate.schema_migrations SET state = 'running', statements_done = 2, statement_started = 3,
      statement_checksums = statement_checksums[1:2] WHERE version::int = 2`
    expect(await runs(scenario)).toEqual(['1_t: reconciled', '2_x: applied'])
  })
})
