// What a database has under the names of a file, made by something other than schemagate: taken for the file's own work only
// when the definitions are the same, completed only where a guard allows it, refused otherwise.

import { describe, expect, test } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { sampleFiles, sampleHistory } from '../support/gate.ts'
import { arrange, queried, refuses, runs } from '../support/scenario.ts'
import { serverVersions } from '../support/servers.ts'

const sample = Object.fromEntries(
  sampleFiles().map((name) => [name, readFileSync(join(sampleHistory, name), 'utf8')]),
)
const timing = sample['0109_call_log_timing.sql'] ?? ''

const sampleUpTo = (version: string): string =>
  Object.entries(sample)
    .filter(([name]) => name.slice(0, 4) <= version)
    .map(([, text]) => text)
    .join('\n;\n')

const table = { '1_t.sql': 'CREATE TABLE IF NOT EXISTS t (id int)' }

describe.each(serverVersions)('recognise, our own history on PostgreSQL %s', (version) => {
  test('knows the columns of 0109 that were added by hand long before its turn', async () => {
    const scenario = await arrange(version, sample, `${sampleUpTo('0050')};${timing}`)
    const states = await runs(scenario)
    expect(states.filter((state) => state.endsWith(': reconciled'))).toHaveLength(34)
    expect(states).toContain('0109_call_log_timing: reconciled')
    expect(states).toContain('0106_recording_jobs_file: applied')
    expect(states).toContain('0110_call_log_summary_status: applied')
  })

  test('refuses a column of another type, with both definitions', async () => {
    const byHand = 'ALTER TABLE call_log ADD started_at text, ADD ended_at timestamp'
    const scenario = await arrange(version, sample, `${sampleUpTo('0106')};${byHand}`)
    const stdout = await refuses(scenario)
    expect(stdout).toContain('error[conflicting-objects]: migrations/0109_call_log_timing.sql')
    expect(stdout).toContain(`  --> migrations/0109_call_log_timing.sql:3:1
    |
  3 | ALTER TABLE call_log ADD COLUMN IF NOT EXISTS started_at TIMESTAMP DEFAULT NULL;
    | ^
  column call_log.started_at, type
    expected: timestamp without time zone
    found:    text
`)
  })

  test('refuses every other facet of a column that differs', async () => {
    const byHand =
      "ALTER TABLE call_log ADD started_at timestamp NOT NULL DEFAULT now(), ADD duration_sec int DEFAULT 7; COMMENT ON COLUMN call_log.started_at IS 'x'"
    const scenario = await arrange(version, sample, `${sampleUpTo('0106')};${byHand}`)
    const stdout = await refuses(scenario)
    expect(stdout).toMatch(
      /call_log\.started_at, nullability\n +expected: NULL\n +found: +NOT NULL/,
    )
    expect(stdout).toMatch(
      /call_log\.started_at, default\n +expected: no default\n +found: .*now\(\)/,
    )
    expect(stdout).toMatch(/call_log\.duration_sec, default\n +expected: no default\n +found: +7/)
    expect(stdout).not.toContain('comment')
  })

  test('completes half of 0051, because every statement of it is guarded', async () => {
    const half =
      'ALTER TABLE call_log ADD recording_mode varchar(32), ADD stream_connect_count int NOT NULL DEFAULT 0'
    const scenario = await arrange(version, sample, `${sampleUpTo('0050')};${half}`)
    const { stdout } = await scenario.gate('plan', '--verbose')
    expect(stdout).toMatch(
      /run +migrations\/0051_call_log_cost_metrics\.sql\n +partial: there: column call_log\.recording_mode, column call_log\.stream_connect_count; missing: .*; every statement is guarded/,
    )
    const states = await runs(scenario)
    expect(states).toContain('0050_call_log_audio_fields: reconciled')
    expect(states).toContain('0051_call_log_cost_metrics: applied')
    const columns = `SELECT count(*)::int FROM information_schema.columns WHERE table_name = 'call_log'
      AND column_name IN ('recording_mode', 'stream_started_at', 'stream_connect_count', 'estimated_cost_bucket')`
    expect(await queried(scenario, columns)).toEqual([4])
  })
})

describe.each(serverVersions)('recognise, half of a file on PostgreSQL %s', (version) => {
  test('refuses the unguarded half of a file, with what is there and what is missing', async () => {
    const files = { ...table, '2_ab.sql': 'ALTER TABLE t\n  ADD COLUMN a int,\n  ADD COLUMN b int' }
    const stdout = await refuses(await arrange(version, files, 'CREATE TABLE t (id int, a int)'))
    expect(stdout).toContain('error[partial-state]: migrations/2_ab.sql is not recorded')
    expect(stdout).toContain('--> migrations/2_ab.sql:1:1')
    expect(stdout).toContain('  there:   column t.a\n  missing: column t.b\n')
  })

  test('goes on when the missing half was made by hand', async () => {
    const files = { ...table, '2_ab.sql': 'ALTER TABLE t ADD COLUMN a int, ADD COLUMN b int' }
    const scenario = await arrange(version, files, 'CREATE TABLE t (id int, a int)')
    await refuses(scenario)
    await scenario.database.sql.unsafe('ALTER TABLE t ADD b int')
    expect(await runs(scenario)).toEqual(['1_t: reconciled', '2_ab: reconciled'])
  })

  test('refuses a table that lacks a column: its guard would keep the column from being made', async () => {
    const files = { '1_t.sql': 'CREATE TABLE IF NOT EXISTS t (id int, a text)' }
    const stdout = await refuses(await arrange(version, files, 'CREATE TABLE t (id int)'))
    expect(stdout).toContain('  there:   table t\n  missing: column t.a\n')
  })

  test('completes a table by what stands behind it', async () => {
    const files = {
      '1_t.sql':
        'CREATE TABLE IF NOT EXISTS t (id int);\nALTER TABLE t ADD COLUMN IF NOT EXISTS a int;\nCREATE INDEX IF NOT EXISTS t_a_idx ON t (a)',
    }
    const scenario = await arrange(version, files, 'CREATE TABLE t (id int)')
    expect(await runs(scenario)).toEqual(['1_t: applied'])
    expect(await queried(scenario, "SELECT to_regclass('t_a_idx')::text")).toEqual(['t_a_idx'])
  })

  test('refuses an unguarded INSERT in a file of which a part is there', async () => {
    const head =
      'CREATE TABLE IF NOT EXISTS t (id int PRIMARY KEY);\nALTER TABLE t ADD COLUMN IF NOT EXISTS a int;\n'
    const before = 'CREATE TABLE t (id int PRIMARY KEY)'
    const insert = `${head}INSERT INTO t VALUES (1, 2)`
    const stdout = await refuses(await arrange(version, { '1_t.sql': insert }, before))
    expect(stdout).toContain('error[partial-state]: migrations/1_t.sql')
    expect(stdout).toContain('ON CONFLICT')
    const guarded = await arrange(
      version,
      { '1_t.sql': `${insert} ON CONFLICT DO NOTHING` },
      before,
    )
    expect(await runs(guarded)).toEqual(['1_t: applied'])
    expect(await queried(guarded, 'SELECT id FROM t')).toEqual([1])
  })
})

describe.each(serverVersions)('recognise, another definition on PostgreSQL %s', (version) => {
  test.each([
    ['a guarded file', 'CREATE INDEX IF NOT EXISTS t_id_idx ON t (id)'],
    ['an unguarded file', 'CREATE INDEX t_id_idx ON t (id)'],
  ])('refuses an INVALID index under the name of %s', async (_, statement) => {
    const scenario = await arrange(
      version,
      { ...table, '2_i.sql': statement },
      'CREATE TABLE t (id int); INSERT INTO t VALUES (1), (1)',
    )
    const { sql } = scenario.database
    // What a concurrent build leaves behind when it fails; then the cause of the failure is gone.
    await sql.unsafe('CREATE UNIQUE INDEX CONCURRENTLY t_id_idx ON t (id)').catch(() => undefined)
    await sql.unsafe(
      "UPDATE pg_index SET indisunique = false WHERE indexrelid = 't_id_idx'::regclass",
    )
    expect(
      await queried(
        scenario,
        "SELECT indisvalid FROM pg_index WHERE indexrelid = 't_id_idx'::regclass",
      ),
    ).toEqual([false])
    expect(await refuses(scenario)).toContain(
      '  index t_id_idx, validation\n    expected: valid\n    found:    INVALID\n',
    )
    await sql.unsafe('DROP INDEX t_id_idx')
    expect(await runs(scenario)).toEqual(['1_t: reconciled', '2_i: applied'])
  })

  test.each([
    [
      'UNIQUE',
      'CREATE UNIQUE INDEX t_idx ON t (id)',
      'expected: INDEX ON',
      'found:    UNIQUE INDEX ON',
    ],
    ['another column', 'CREATE INDEX t_idx ON t (a)', '(id)', '(a)'],
    ['a condition', 'CREATE INDEX t_idx ON t (id) WHERE a > 1', '(id)', 'WHERE ((a > 1))'],
    ['another order', 'CREATE INDEX t_idx ON t (id DESC)', '(id)', '(id DESC)'],
    ['another method', 'CREATE INDEX t_idx ON t USING hash (id)', 'USING btree', 'USING hash'],
  ])('refuses an index with %s', async (_, index, expected, found) => {
    const files = {
      '1_t.sql': 'CREATE TABLE t (id int, a int)',
      '2_i.sql': 'CREATE INDEX IF NOT EXISTS t_idx ON t (id)',
    }
    const before = `CREATE TABLE t (id int, a int); ${index}`
    const stdout = await refuses(await arrange(version, files, before))
    expect(stdout).toContain('index t_idx with a different definition')
    expect(stdout).toContain(expected)
    expect(stdout).toContain(found)
  })

  test('refuses a constraint that is NOT VALID where the file promises a validated one', async () => {
    const files = { ...table, '2_c.sql': 'ALTER TABLE t ADD CONSTRAINT positive CHECK (id > 0)' }
    const before =
      'CREATE TABLE t (id int); ALTER TABLE t ADD CONSTRAINT positive CHECK (id > 0) NOT VALID'
    const stdout = await refuses(await arrange(version, files, before))
    expect(stdout).toContain(
      '  constraint t.positive, validation\n    expected: validated\n    found:    NOT VALID\n',
    )
    const inTwo = {
      ...table,
      '2_c.sql': 'ALTER TABLE t ADD CONSTRAINT positive CHECK (id > 0) NOT VALID',
      '3_v.sql': 'ALTER TABLE t VALIDATE CONSTRAINT positive',
    }
    const halfWay = await arrange(version, inTwo, before)
    expect(await runs(halfWay)).toEqual(['1_t: reconciled', '2_c: reconciled', '3_v: applied'])
  })

  test('refuses a check with another expression; knows the same one in other words', async () => {
    const file = "CREATE TABLE IF NOT EXISTS t (a text, CONSTRAINT known CHECK (a IN ('x', 'y')))"
    const other = "CREATE TABLE t (a text, CONSTRAINT known CHECK (a IN ('x', 'z')))"
    const stdout = await refuses(await arrange(version, { '1_t.sql': file }, other))
    expect(stdout).toContain('constraint t.known')
    const same =
      "CREATE TABLE t (a pg_catalog.text, CONSTRAINT known CHECK (((a = ANY (ARRAY['x'::text, 'y'])))))"
    expect(await runs(await arrange(version, { '1_t.sql': file }, same))).toEqual([
      '1_t: reconciled',
    ])
  })

  test('refuses an enum that lacks a label; lets ADD VALUE IF NOT EXISTS add it', async () => {
    const whole = { '1_m.sql': "CREATE TYPE mood AS ENUM ('sad', 'ok')" }
    const before = "CREATE TYPE mood AS ENUM ('sad')"
    const stdout = await refuses(await arrange(version, whole, before))
    expect(stdout).toContain('  type mood, labels\n    expected: sad, ok\n    found:    sad\n')
    const added = {
      '1_m.sql': "CREATE TYPE mood AS ENUM ('sad')",
      '2_ok.sql': "ALTER TYPE mood ADD VALUE IF NOT EXISTS 'ok'",
    }
    expect(await runs(await arrange(version, added, before))).toEqual([
      '1_m: reconciled',
      '2_ok: applied',
    ])
  })

  test('refuses a policy with another condition', async () => {
    const head =
      'CREATE TABLE t (id int); ALTER TABLE t ENABLE ROW LEVEL SECURITY; CREATE POLICY own ON t USING'
    const files = { '1_t.sql': `${head} (id = 1)` }
    const stdout = await refuses(await arrange(version, files, `${head} (id = 2)`))
    expect(stdout).toContain('policy t.own')
    expect(stdout).toMatch(/expected: .*id = 1[^]*found: .*id = 2/)
  })

  const replaceable = [
    {
      kind: 'view',
      before: 'CREATE VIEW v AS SELECT 1 AS x',
      after: 'VIEW v AS SELECT 2 AS x',
      both: /view v\n {4}expected: SELECT 2 AS x\n {4}found: {4}SELECT 1 AS x\n/,
      look: 'SELECT x FROM v',
    },
    {
      kind: 'function',
      before: "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
      after: "FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 2'",
      both: /function f\(\), body\n {4}expected: SELECT 2\n {4}found: {4}SELECT 1\n/,
      look: 'SELECT f()',
    },
    {
      kind: 'trigger',
      before: `CREATE TABLE t (id int); CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
        CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION f()`,
      after: 'TRIGGER g BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION f()',
      both: /trigger t\.g\n {4}expected: .*f\(\)\n {4}found: {4}.*f\(\)\n/,
      look: "SELECT CASE WHEN pg_get_triggerdef(oid) LIKE '%BEFORE UPDATE%' THEN 2 END FROM pg_trigger WHERE tgname = 'g'",
    },
  ]

  test.each(replaceable)(
    'refuses a $kind with a different definition',
    async ({ before, after, both }) => {
      const stdout = await refuses(await arrange(version, { '1_x.sql': `CREATE ${after}` }, before))
      expect(stdout).toContain('error[conflicting-objects]')
      expect(stdout).toMatch(both)
    },
  )

  test.each(replaceable)('OR REPLACE replaces a $kind', async ({ before, after, look }) => {
    const files = { '1_x.sql': `CREATE OR REPLACE ${after}` }
    const scenario = await arrange(version, files, before)
    expect(await runs(scenario)).toEqual(['1_x: applied'])
    expect(await queried(scenario, look)).toEqual([2])
  })
})
