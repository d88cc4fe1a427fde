// Several workers for one backfill: together every row exactly once, in whatever order they finish.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import {
  arrangeBackfill,
  batchesOf,
  countedTable,
  expectOnceEach,
  fill,
  numbered,
  stateOf,
  stretchesAhead,
} from '../support/backfill.ts'
import { databaseUrl, until, type TestDatabase } from '../support/database.ts'
import { expectNoLock } from '../support/effects.ts'
import { startPooler, type Pooler } from '../support/pooler.ts'
import { serverVersions } from '../support/servers.ts'

// Batches of exactly 100 rows, which wait for as long as the test wants.
const pace = '-- @batch-size 100\n-- @target-duration 0\n-- @lock-timeout 1min\n'

/** Updates of the rows that `condition` says wait while somebody holds the advisory lock 1. */
const gatedAt = (condition: string): string => `
  CREATE FUNCTION gate() RETURNS trigger LANGUAGE plpgsql AS
    'BEGIN IF ${condition} THEN PERFORM pg_advisory_xact_lock_shared(1); END IF; RETURN NEW; END';
  CREATE TRIGGER gate BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION gate();`

const closeGate = async (
  database: TestDatabase,
): Promise<{ readonly open: () => Promise<void> }> => {
  const guard = database.client()
  await guard`SELECT pg_advisory_lock(1)`
  return {
    open: async () => {
      await guard`SELECT pg_advisory_unlock(1)`
    },
  }
}

const workersOf = async ({ sql, name }: TestDatabase): Promise<number> => {
  const [row] = await sql`SELECT count(*)::int AS n FROM pg_stat_activity
    WHERE datname = ${name} AND application_name LIKE '% backfill'`
  return Number(row?.['n'])
}

const keys = [
  ['a bigint', 'id bigint PRIMARY KEY', 'id', 'n'],
  [
    'a text, in its own collation',
    'id text COLLATE "und-x-icu" PRIMARY KEY',
    'id',
    `CASE WHEN n <= 500 THEN 'a' ELSE 'B' END || lpad(n::text, 4, '0') COLLATE "und-x-icu"`,
  ],
  [
    'two columns',
    '"Tenant" int, no varchar(8), PRIMARY KEY ("Tenant", no)',
    '"Tenant", no',
    'n % 7, n::text',
  ],
] as const

describe.each(serverVersions)('a backfill of several workers on PostgreSQL %s', (version) => {
  test.each(keys)(
    'walks by %s: batches that are held up keep nobody from the others, and a kill nobody from what is left',
    async (_, columns, key, values) => {
      const placed = `${columns}, place int`
      const scenario = await arrangeBackfill(
        version,
        countedTable(
          placed,
          `SELECT ${values}, row_number() OVER (ORDER BY ${values}) FROM generate_series(1, 2000) AS n`,
        ) + gatedAt('NEW.place IN (150, 950)'),
        { fill: fill(`${pace}-- @workers 4\n`, key) },
      )
      const { database } = scenario
      const gate = await closeGate(database)
      const runner = scenario.start('fill')
      await until('the others are done', async () => (await batchesOf(scenario)) === 18)
      expect(runner.stderr()).toContain('about 2,000 rows, 4 workers')
      const [cursor] = await database.sql`SELECT place FROM t ORDER BY place OFFSET 99 LIMIT 1`
      expect(cursor).toEqual({ place: 100 })
      expect(await stateOf(database)).toMatchObject({ state: 'running', visited: 1_800 })
      expect(await stretchesAhead(database)).toBe(2)
      runner.process.kill('SIGKILL')
      await runner.finished
      // The server ends by itself what nobody waits for any more.
      await until('its sessions are gone', async () => (await workersOf(database)) === 0)
      expect(await stateOf(database)).toMatchObject({ visited: 1_800 })
      await gate.open()
      scenario.write({ fill: fill(`${pace}-- @workers 3\n`, key) })
      expect((await scenario.run('fill', '--strict')).exitCode).toBe(0)
      await expectOnceEach(database, 2_000)
      expect(await stateOf(database)).toMatchObject({ state: 'done', batches: 20, visited: 2_000 })
      expect(await stretchesAhead(database)).toBe(0)
      await expectNoLock(database.sql)
    },
  )

  test('goes on with one worker, also where rows of a stretch that is left are gone', async () => {
    const scenario = await arrangeBackfill(
      version,
      numbered(1_000) + gatedAt('NEW.id IN (50, 350)'),
      {
        fill: fill(`${pace}-- @workers 3\n`),
      },
    )
    const { database } = scenario
    const gate = await closeGate(database)
    const runner = scenario.start('fill')
    await until('the others are done', async () => (await batchesOf(scenario)) === 8)
    expect(await stateOf(database)).toMatchObject({ cursor: null, visited: 800 })
    runner.process.kill('SIGTERM')
    expect((await runner.finished).exitCode).toBe(143)
    await until('its sessions are gone', async () => (await workersOf(database)) === 0)
    await gate.open()
    await database.sql`DELETE FROM t WHERE id BETWEEN 301 AND 400 OR id = 100`
    scenario.write({ fill: fill(pace) })
    const { exitCode, stderr } = await scenario.run('fill', '--strict')
    expect(exitCode).toBe(0)
    expect(stderr).toContain('BACKFILL fill resumes after 800 rows')
    await expectOnceEach(database, 899)
    expect(await stateOf(database)).toMatchObject({ state: 'done', cursor: '{1000}', visited: 899 })
    expect(await stretchesAhead(database)).toBe(0)
  })

  test('stops all of them when one fails, names the row, and goes on when it is corrected', async () => {
    const scenario = await arrangeBackfill(
      version,
      `${numbered(3_000)} ALTER TABLE t ADD COLUMN divisor int NOT NULL DEFAULT 1;
      ALTER TABLE t DISABLE TRIGGER counted; UPDATE t SET divisor = 0 WHERE id = 1234; ALTER TABLE t ENABLE TRIGGER counted`,
      {
        fill: `-- @table t\n-- @key id\n${pace}-- @pause 50ms\n-- @workers 4\nUPDATE t SET filled = 1 / divisor WHERE :batch`,
      },
    )
    const { exitCode, stdout } = await scenario.run('fill', '--strict')
    expect(exitCode).toBe(1)
    expect(stdout).toContain('failed in the row id = 1234')
    const { sql } = scenario.database
    const [done] = await sql`SELECT count(*)::int AS rows FROM t WHERE filled = 1`
    const state = await stateOf(scenario.database)
    expect(state).toMatchObject({ visited: Number(done?.['rows']), cursor: '{1233}' })
    await sql
      .unsafe(
        'ALTER TABLE t DISABLE TRIGGER counted; UPDATE t SET divisor = 1; ALTER TABLE t ENABLE TRIGGER counted',
      )
      .simple()
    expect((await scenario.run('fill', '--strict')).exitCode).toBe(0)
    await expectOnceEach(scenario.database, 3_000)
  })

  test('lets one wait for a locked row while the others go on', async () => {
    const scenario = await arrangeBackfill(version, numbered(2_000), {
      fill: fill(
        '-- @batch-size 100\n-- @target-duration 0\n-- @lock-timeout 50ms\n-- @workers 2\n',
      ),
    })
    const rival = scenario.database.client()
    await rival`BEGIN`
    await rival`SELECT FROM t WHERE id = 500 FOR UPDATE`
    const gate = scenario.start('fill', '--strict')
    await until(
      'all others are done',
      async () =>
        Number((await stateOf(scenario.database).catch(() => undefined))?.['visited']) >= 1_900,
    )
    await rival`ROLLBACK`
    expect(await gate.finished).toMatchObject({ exitCode: 0 })
    await expectOnceEach(scenario.database, 2_000)
  })

  test('leaves locked rows out where that is declared, and one visits them at the end', async () => {
    const scenario = await arrangeBackfill(version, numbered(2_000), {
      fill: fill(`${pace}-- @workers 4\n-- @skip-locked on\n`),
    })
    const { database } = scenario
    const rival = database.client()
    await rival`BEGIN`
    await rival`SELECT FROM t WHERE id % 50 = 0 FOR UPDATE`
    const gate = scenario.start('fill', '--strict')
    await until('it waits for them', () => gate.stderr().includes('BACKFILL fill waits'))
    expect(await stateOf(database)).toMatchObject({ skipped: 40, visited: 1_960, cursor: '{2000}' })
    await rival`COMMIT`
    expect(await gate.finished).toMatchObject({ exitCode: 0 })
    expect(await stateOf(database)).toMatchObject({ skipped: 0, visited: 2_000, changed: 2_000 })
    await expectOnceEach(database, 2_000)
  })

  test('goes on with fewer where the server has no more connections', async () => {
    const scenario = await arrangeBackfill(
      version,
      numbered(1_000),
      { fill: fill(`${pace}-- @workers 4\n`) },
      ({ name, port }) => databaseUrl(port, name, `few_${name}`, 'few-secret-1'),
    )
    const { sql, name } = scenario.database
    await sql
      .unsafe(
        `CREATE ROLE few_${name} LOGIN PASSWORD 'few-secret-1' CONNECTION LIMIT 3;
        GRANT CREATE ON DATABASE ${name} TO few_${name}; ALTER TABLE t OWNER TO few_${name}`,
      )
      .simple()
    const { exitCode, stderr } = await scenario.run('fill', '--strict')
    expect(exitCode).toBe(0)
    expect(stderr).toContain(
      `BACKFILL fill has 2 of 4 workers, because it lacks connections: too many connections for role "few_${name}"`,
    )
    await expectOnceEach(scenario.database, 1_000)
  })

  test('with @done goes through the table again for rows that came in behind them', async () => {
    const scenario = await arrangeBackfill(
      version,
      `${numbered(1_000)} CREATE FUNCTION late() RETURNS trigger LANGUAGE plpgsql AS
        'BEGIN IF NEW.id = 1000 THEN INSERT INTO t VALUES (-1); END IF; RETURN NEW; END';
      CREATE TRIGGER late AFTER UPDATE ON t FOR EACH ROW EXECUTE FUNCTION late()`,
      {
        fill: `-- @table t\n-- @key id\n${pace}-- @workers 3
          -- @skip-locked on\n-- @done sql SELECT NOT EXISTS (SELECT FROM t WHERE filled IS NULL)
          UPDATE t SET filled = 1 WHERE :batch AND filled IS NULL`.replace(/^ +--/gm, '--'),
      },
    )
    expect((await scenario.run('fill', '--strict')).exitCode).toBe(0)
    expect(await stateOf(scenario.database)).toMatchObject({
      state: 'done',
      pass: 2,
      changed: 1_001,
    })
    await expectOnceEach(scenario.database, 1_001)
  })

  test('stops in time, and goes on in a ledger of an earlier version', async () => {
    const scenario = await arrangeBackfill(version, numbered(2_000), {
      fill: fill(`${pace}-- @pause 200ms\n`),
    })
    expect((await scenario.run('fill', '--strict', '--time-budget', '1ms')).exitCode).toBe(75)
    await scenario.database.sql`DROP TABLE schemagate.backfill_ahead`
    scenario.write({ fill: fill(`${pace}-- @pause 200ms\n-- @workers 16\n`) })
    const second = await scenario.run('fill', '--strict', '--time-budget', '1ms')
    expect(second.exitCode).toBe(75)
    expect(second.stdout).toContain('incomplete')
    expect(second.stderr).toContain('16 workers')
    expect(second.stderr).not.toContain('Warning')
    expect((await scenario.run('fill', '--strict')).exitCode).toBe(0)
    await expectOnceEach(scenario.database, 2_000)
  })

  describe('through PgBouncer in transaction mode', () => {
    let pooler: Pooler
    beforeAll(async () => {
      pooler = await startPooler(Number(process.env[`SCHEMAGATE_TEST_PORT_${version}`]), 3)
    })
    afterAll(async () => {
      await pooler.stop()
    })

    test('has as many as there are connections, and says so', async () => {
      const scenario = await arrangeBackfill(
        version,
        numbered(3_000),
        { fill: fill(`${pace}-- @workers 4\n`) },
        (database) => databaseUrl(pooler.port, database.name),
      )
      // Shorter than it waits for one of them.
      const { sql, name } = scenario.database
      await sql.unsafe(`ALTER DATABASE ${name} SET idle_in_transaction_session_timeout = '1s'`)
      const { exitCode, stderr } = await scenario.run('fill', '--strict')
      expect(exitCode).toBe(0)
      expect(stderr).toContain(
        'BACKFILL fill has 2 of 4 workers, because it lacks connections: no answer within 5 s',
      )
      await expectOnceEach(scenario.database, 3_000)
      await expectNoLock(scenario.database.sql)
    })
  })
})
