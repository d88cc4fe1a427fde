import { describe, expect, test } from '@jest/globals'
import {
  arrangeBackfill,
  countedTable,
  expectOnceEach,
  fill,
  numbered,
  stateOf,
} from '../support/backfill.ts'
import { createDatabase } from '../support/database.ts'
import { expectNoLock } from '../support/effects.ts'
import { normalised, runGate, sampleHistory } from '../support/gate.ts'
import { serverVersions } from '../support/servers.ts'

const keys = [
  ['a bigint', 'id bigint PRIMARY KEY', 'id', 'SELECT n FROM generate_series(1, 3000) AS n'],
  [
    'a text, in its own collation',
    'id text COLLATE "und-x-icu" PRIMARY KEY',
    'id',
    `SELECT md5(n::text) || 'é''\\' FROM generate_series(1, 3000) AS n`,
  ],
  [
    'a uuid',
    'id uuid PRIMARY KEY',
    'id',
    'SELECT md5(n::text)::uuid FROM generate_series(1, 3000) AS n',
  ],
  [
    'two columns',
    '"Tenant" int, no varchar(8), PRIMARY KEY ("Tenant", no)',
    '"Tenant", no',
    'SELECT n % 7, n::text FROM generate_series(1, 3000) AS n',
  ],
  [
    'a time, descending, beside another primary key',
    'at timestamptz NOT NULL',
    'at',
    `SELECT 'epoch'::timestamptz + n * interval '1.000001 s' FROM generate_series(1, 3000) AS n; CREATE UNIQUE INDEX ON t (at DESC)`,
  ],
] as const

describe.each(serverVersions)('a backfill on PostgreSQL %s', (version) => {
  test.each(keys)('walks by %s: every row exactly once', async (_, columns, key, rows) => {
    const scenario = await arrangeBackfill(version, countedTable(columns, rows), {
      // However busy the machine is: no batch is made smaller because it took long.
      fill: fill('-- @batch-size 250\n-- @target-duration 0\n', key),
    })
    const { exitCode, stdout, stderr } = await scenario.run('fill')
    expect({ exitCode, stdout }).toMatchObject({ exitCode: 0 })
    expect(stdout).toMatch(
      /^done {11}migrations\/backfills\/fill\.sql {2}3,000 rows visited, 3,000 changed/,
    )
    expect(stderr).toContain('BACKFILL fill starts: "public"."t", about 3,000 rows')
    await expectOnceEach(scenario.database, 3_000)
    expect(await stateOf(scenario.database)).toMatchObject({
      state: 'done',
      batches: 12,
      visited: 3_000,
    })
    await expectNoLock(scenario.database.sql)
  })

  test('that is done is up to date: nothing is locked or written', async () => {
    const scenario = await arrangeBackfill(version, numbered(10), { fill: fill() })
    await scenario.run('fill')
    const { exitCode, stdout, stderr } = await scenario.run('--all', '--strict')
    expect({ exitCode, stdout }).toEqual({
      exitCode: 0,
      stdout:
        'up to date     migrations/backfills/fill.sql\nBACKFILLS 1 up to date (exit code 0)\n',
    })
    expect(stderr).not.toContain('lock')
    await expectOnceEach(scenario.database, 10)
  })

  test('walks a partitioned table', async () => {
    const scenario = await arrangeBackfill(
      version,
      `CREATE TABLE t (id int PRIMARY KEY, filled int, updates int NOT NULL DEFAULT 0) PARTITION BY RANGE (id);
      CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (1) TO (1000);
      CREATE TABLE t2 PARTITION OF t FOR VALUES FROM (1000) TO (5000);
      INSERT INTO t SELECT n FROM generate_series(1, 2000) AS n; ANALYZE t`,
      {
        fill: '-- @table t\n-- @key id\n-- @batch-size 300\nUPDATE t SET filled = 1, updates = updates + 1 WHERE :batch',
      },
    )
    const { stderr } = await scenario.run('fill')
    expect(stderr).toContain('about 2,000 rows')
    await expectOnceEach(scenario.database, 2_000)
  })

  test('moves rows with a statement of several parts, and counts what it did', async () => {
    const scenario = await arrangeBackfill(
      version,
      `CREATE TABLE old (id int PRIMARY KEY, done boolean); CREATE TABLE archive (id int PRIMARY KEY);
      INSERT INTO old SELECT n, n % 2 = 0 FROM generate_series(1, 2000) AS n`,
      {
        archive: `-- @table old\n-- @key id\n-- @batch-size 300
          WITH gone AS (DELETE FROM old AS o WHERE o.done AND :batch RETURNING id) INSERT INTO archive SELECT id FROM gone;`,
      },
    )
    const { stdout } = await scenario.run('archive')
    expect(stdout).toContain('2,000 rows visited, 1,000 changed')
    const { sql } = scenario.database
    expect(
      await sql`SELECT (SELECT count(*)::int FROM old) AS old, (SELECT count(*)::int FROM archive) AS archive`,
    ).toEqual([{ old: 1_000, archive: 1_000 }])
  })

  test('is not struck by timeouts of the role or the database, and leaves no setting behind', async () => {
    const scenario = await arrangeBackfill(
      version,
      `${numbered(2_000)} CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS
        'BEGIN PERFORM pg_sleep(0.2); RETURN NULL; END';
      CREATE TRIGGER slow AFTER UPDATE ON t EXECUTE FUNCTION slow()`,
      { fill: fill() },
    )
    const { sql, name } = scenario.database
    await sql.unsafe(`ALTER DATABASE ${name} SET statement_timeout = '100ms'`)
    expect((await scenario.run('fill', '--strict')).exitCode).toBe(0)
    await expectOnceEach(scenario.database, 2_000)
  })

  test('makes batches smaller until one takes as long as it should', async () => {
    const scenario = await arrangeBackfill(
      version,
      `${numbered(1_500)} CREATE OR REPLACE FUNCTION count_update() RETURNS trigger LANGUAGE plpgsql AS
        'BEGIN PERFORM pg_sleep(0.001); NEW.updates := OLD.updates + 1; RETURN NEW; END'`,
      { fill: fill('-- @batch-size 400\n-- @target-duration 50ms\n') },
    )
    await scenario.run('fill')
    await expectOnceEach(scenario.database, 1_500)
    // The rows of one batch were written by one transaction.
    const batches = await scenario.database
      .sql`SELECT count(*)::int AS rows FROM t GROUP BY xmin ORDER BY min(id)`
    const sizes = batches.map(({ rows }) => Number(rows))
    expect(sizes.slice(0, 3)).toEqual([400, 200, 100])
    const settled = sizes.slice(4, -1)
    expect(settled.length).toBeGreaterThan(10)
    for (const size of settled) expect(size).toBeLessThanOrEqual(60)
  })

  test('whose time is over is incomplete, and goes on next time', async () => {
    const scenario = await arrangeBackfill(version, numbered(4_000), {
      fill: fill('-- @batch-size 100\n-- @pause 100ms\n'),
    })
    const first = await scenario.run('fill', '--time-budget', '500ms')
    expect(first).toMatchObject({ exitCode: 0 })
    expect(first.stdout).toContain('incomplete')
    expect(first.stderr).toContain('BACKFILL fill incomplete: its time budget ended after')
    const state = await stateOf(scenario.database)
    expect(state).toMatchObject({ state: 'running' })
    const visited = Number(state?.['visited'])
    expect(visited).toBeGreaterThan(0)
    expect(visited).toBeLessThan(1_000)
    expect((await scenario.run('fill', '--strict', '--time-budget', '200ms')).exitCode).toBe(75)
    // The pace is no part of what was begun.
    scenario.write({ fill: fill('-- @batch-size 1000\n') })
    const last = await scenario.run('fill', '--strict')
    expect(last).toMatchObject({ exitCode: 0 })
    expect(last.stderr).toContain('BACKFILL fill resumes after')
    expect(last.stdout).toMatch(/; [\d,]+ rows in earlier runs/)
    await expectOnceEach(scenario.database, 4_000)
  })

  test('edited after it began is refused, unless it is to begin again', async () => {
    const scenario = await arrangeBackfill(version, numbered(500), {
      fill: fill('-- @batch-size 100\n-- @pause 100ms\n'),
    })
    await scenario.run('fill', '--time-budget', '1ms')
    expect(await stateOf(scenario.database)).toMatchObject({ state: 'running', batches: 1 })
    scenario.write({ fill: fill().replace('filled = 1', 'filled = 2') })
    const refused = await scenario.run('fill')
    expect(refused.exitCode).toBe(0)
    expect(refused.stdout).toContain(
      'error[backfill-edited]: migrations/backfills/fill.sql was edited after it started',
    )
    expect((await scenario.run('fill', '--strict')).exitCode).toBe(4)
    expect((await scenario.run('fill', '--strict', '--restart')).exitCode).toBe(0)
    const { sql } = scenario.database
    expect(await sql`SELECT count(*)::int AS n FROM t WHERE filled = 2`).toEqual([{ n: 500 }])
    expect(await stateOf(scenario.database)).toMatchObject({
      state: 'done',
      visited: 500,
      changed: 500,
    })
  })

  test('that fails names the rows, keeps what was done, and goes on when they are corrected', async () => {
    const scenario = await arrangeBackfill(
      version,
      `${numbered(2_000)} ALTER TABLE t ADD COLUMN divisor int NOT NULL DEFAULT 1;
      ALTER TABLE t DISABLE TRIGGER counted; UPDATE t SET divisor = 0 WHERE id = 1234; ALTER TABLE t ENABLE TRIGGER counted`,
      {
        fill: '-- @table t\n-- @key id\n-- @batch-size 500\nUPDATE t SET filled = 1 / divisor\nWHERE :batch',
      },
    )
    const failed = await scenario.run('fill')
    expect(failed.exitCode).toBe(0)
    expect(normalised(failed.stdout).replace(/[\d,.]+ (s|rows\/s)\b/g, 'N $1')).toMatchSnapshot()
    expect(await stateOf(scenario.database)).toMatchObject({ state: 'running', visited: 1_233 })
    expect((await scenario.run('fill', '--strict')).exitCode).toBe(1)
    await scenario.database.sql
      .unsafe(
        'ALTER TABLE t DISABLE TRIGGER counted; UPDATE t SET divisor = 1; ALTER TABLE t ENABLE TRIGGER counted',
      )
      .simple()
    expect((await scenario.run('fill', '--strict')).exitCode).toBe(0)
    await expectOnceEach(scenario.database, 2_000)
  })

  describe('with @done', () => {
    const guarded = `-- @table t\n-- @key id\n-- @done sql SELECT NOT EXISTS (SELECT FROM t WHERE filled IS NULL)
      UPDATE t SET filled = 1 WHERE :batch AND filled IS NULL`

    test('that is true from the start visits nothing', async () => {
      const scenario = await arrangeBackfill(version, numbered(0), { fill: guarded })
      expect((await scenario.run('fill', '--strict')).exitCode).toBe(0)
      expect(await stateOf(scenario.database)).toMatchObject({ state: 'done', batches: 0 })
    })

    test('goes through the table again for rows that came in behind it', async () => {
      const scenario = await arrangeBackfill(
        version,
        `${numbered(500)} CREATE FUNCTION late() RETURNS trigger LANGUAGE plpgsql AS
          'BEGIN IF NEW.id = 500 THEN INSERT INTO t VALUES (-1); END IF; RETURN NULL; END';
        CREATE TRIGGER late AFTER UPDATE ON t FOR EACH ROW EXECUTE FUNCTION late()`,
        { fill: guarded.replace('-- @key', '-- @batch-size 100\n-- @key') },
      )
      expect((await scenario.run('fill', '--strict')).exitCode).toBe(0)
      expect(await stateOf(scenario.database)).toMatchObject({
        state: 'done',
        pass: 2,
        changed: 501,
      })
      await expectOnceEach(scenario.database, 501)
    })

    test('that never becomes true is told, and does not go round for ever', async () => {
      const scenario = await arrangeBackfill(version, numbered(100), {
        fill: guarded.replace(/SELECT NOT .*/, 'SELECT false'),
      })
      const { exitCode, stdout } = await scenario.run('fill', '--strict')
      expect(exitCode).toBe(1)
      expect(stdout).toContain('error[backfill-not-done]')
    })
  })
})

test('the backfills of the sample history fill what its migrations left empty', async () => {
  const database = await createDatabase('18')
  const environment = { DATABASE_URL: database.url, MIGRATIONS_DIR: sampleHistory }
  const gate = (...args: readonly string[]): ReturnType<typeof runGate> =>
    runGate({ args, folder: '.', environment })
  expect((await gate('run')).exitCode).toBe(0)
  const { sql } = database
  await sql
    .unsafe(
      `INSERT INTO business (name) VALUES ('b');
    INSERT INTO leads (business_id, phone_e164) SELECT 1, n::text FROM generate_series(1, 30) AS n;
    INSERT INTO call_log (business_id, lead_id, call_sid, direction, created_at, started_at, ended_at)
    SELECT 1, 1 + n % 20, n::text, CASE WHEN n > 20 THEN 'outbound' ELSE 'inbound' END, timestamptz '2026-01-01' + n * interval '1 h',
      timestamp '2026-01-01', timestamp '2026-01-01' + n * interval '1 s' FROM generate_series(1, 40) AS n`,
    )
    .simple()
  const { exitCode, stdout } = await gate('backfill', '--all', '--strict', '--json')
  expect(exitCode).toBe(0)
  expect(JSON.parse(stdout)).toMatchObject({
    exit_code: 0,
    problems: [],
    backfills: [
      { name: 'call_log_duration_sec', end: 'done', rows_visited: 40, rows_changed: 40 },
      { name: 'leads_last_call_direction', end: 'done', rows_visited: 30, rows_changed: 20 },
    ],
  })
  expect(
    await sql`SELECT count(*)::int AS n FROM call_log WHERE duration_sec = call_sid::int`,
  ).toEqual([{ n: 40 }])
  expect(
    await sql`SELECT last_call_direction AS direction, count(*)::int AS n, max(last_call_at)::text IS NOT NULL AS at FROM leads GROUP BY 1 ORDER BY 1`,
  ).toEqual([
    { direction: 'outbound', n: 20, at: true },
    { direction: null, n: 10, at: false },
  ])
})
