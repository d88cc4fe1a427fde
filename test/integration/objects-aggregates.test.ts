// Aggregates of migrations/objects/: made, edited by file and by hand, removed and dropped, as other objects are.

import { expect, test } from '@jest/globals'
import { arrange, queried, runs, type Scenario } from '../support/scenario.ts'
import { serverVersions } from '../support/servers.ts'
import type { Files } from '../support/gate.ts'

const base: Files = { '0001_base.sql': 'CREATE SCHEMA app; CREATE TABLE app.sale (n int);\n' }

const total = 'objects/aggregates/total.sql'

// Names in the order of the alphabet are against that of their needs.
const objects: Files = {
  [total]: `CREATE AGGREGATE app.total(int) (SFUNC = app.z_add, STYPE = int, INITCOND = '0');
COMMENT ON AGGREGATE app.total(int) IS 'the sum';
GRANT EXECUTE ON FUNCTION app.total(int) TO pg_monitor;
`,
  'objects/aggregates/sales.sql':
    'CREATE VIEW app.sales AS SELECT app.total(n) AS n FROM app.sale;\n',
  'objects/z_add.sql':
    'CREATE FUNCTION app.z_add(int, int) RETURNS int LANGUAGE sql IMMUTABLE AS $$ SELECT $1 + $2 $$;\n',
}

const definition = `SELECT concat_ws(' ', p.oid::regprocedure, a.aggtransfn, a.aggfinalfn, a.aggtranstype::regtype, a.agginitval, a.aggkind, a.aggnumdirectargs,
    pg_get_function_arguments(p.oid), p.prorettype::regtype, p.proparallel, pg_get_userbyid(p.proowner), coalesce(p.proacl, acldefault('f', p.proowner)), obj_description(p.oid, 'pg_proc'))
  FROM pg_aggregate a JOIN pg_proc p ON p.oid = a.aggfnoid WHERE p.pronamespace = 'app'::regnamespace ORDER BY 1`

const upToDate = async ({ gate }: Scenario): Promise<void> => {
  const again = await gate('run')
  expect(again).toMatchObject({ exitCode: 0 })
  expect(again.stdout).toContain('up to date')
  expect(again.stderr).not.toContain('lock acquired')
}

test.each(serverVersions)(
  'PostgreSQL %s: new, edited by its file, and as a new database has it',
  async (version) => {
    const scenario = await arrange(version, { ...base, ...objects })
    const first = await scenario.gate('run')
    expect(first.stdout).toContain('3 objects changed')
    await upToDate(scenario)
    const edits: readonly string[] = [
      `CREATE AGGREGATE app.total(int) (SFUNC = app.z_add, STYPE = int, INITCOND = '7', PARALLEL = SAFE);\n`,
      // Another name of an argument cannot be replaced: the view goes and comes again.
      `CREATE OR REPLACE AGGREGATE app.total(amount int) (SFUNC = app.z_add, STYPE = int);\nREVOKE ALL ON FUNCTION app.total(int) FROM PUBLIC;\n`,
    ]
    for (const text of edits) {
      scenario.write({ [total]: text })
      const edited = await scenario.gate('run')
      expect(edited).toMatchObject({ exitCode: 0 })
      expect(edited.stderr).not.toContain('somebody had')
      await upToDate(scenario)
      const fresh = await arrange(version, { ...base, ...objects, [total]: text })
      await runs(fresh)
      expect(await queried(scenario, definition)).toEqual(await queried(fresh, definition))
      expect(await queried(scenario, 'SELECT n FROM app.sales')).toEqual(
        await queried(fresh, 'SELECT n FROM app.sales'),
      )
    }
    // Only its layout and spelling: nothing changes in the database.
    const before = await queried(scenario, "SELECT xmin::text FROM pg_proc WHERE proname = 'total'")
    scenario.write({
      [total]: `-- the sum\nCREATE AGGREGATE app.total (amount integer) (stype = int4, sfunc = app.z_add);\nREVOKE ALL ON FUNCTION app.total(int) FROM PUBLIC;\n`,
    })
    expect((await scenario.gate('run')).stdout).not.toContain('object changed')
    expect(
      await queried(scenario, "SELECT xmin::text FROM pg_proc WHERE proname = 'total'"),
    ).toEqual(before)
  },
)

test.each(serverVersions)(
  'PostgreSQL %s: edited and dropped by hand, it is reported and as its file says again',
  async (version) => {
    const scenario = await arrange(version, { ...base, ...objects })
    await runs(scenario)
    const before = await queried(scenario, definition)
    expect(await scenario.gate('drift')).toMatchObject({ exitCode: 0 })
    await queried(
      scenario,
      "CREATE OR REPLACE AGGREGATE app.total(int) (SFUNC = app.z_add, STYPE = int, INITCOND = '9')",
    )
    const drift = await scenario.gate('drift')
    expect(drift).toMatchObject({ exitCode: 3 })
    expect(drift.stdout).toMatch(
      /different +aggregate app\.total\(integer\): definition\n +made by migrations\/objects\/aggregates\/total\.sql:1\n +files: .*INITCOND = '0'.*\n +database: .*INITCOND = '9'/,
    )
    const planned = JSON.parse((await scenario.gate('plan', '--json')).stdout) as {
      readonly objects: unknown
    }
    expect(planned.objects).toMatchObject([{ action: 'compare', reason: 'changed by hand' }])
    const run = await scenario.gate('run')
    expect(run.stderr).toMatch(/aggregate app\.total\(integer\) replaced .*somebody had changed it/)
    expect(await queried(scenario, definition)).toEqual(before)
    await upToDate(scenario)
    await queried(scenario, 'DROP AGGREGATE app.total(int) CASCADE')
    const missing = await scenario.gate('drift')
    expect(missing.stdout).toMatch(/missing +aggregate app\.total\(integer\)/)
    expect((await scenario.gate('run')).stderr).toMatch(
      /aggregate app\.total\(integer\) created .*somebody had dropped it/,
    )
    expect(await queried(scenario, definition)).toEqual(before)
    await upToDate(scenario)
  },
)

test.each(serverVersions)(
  'PostgreSQL %s: made again with its function; owner, grants and comments by hand stay',
  async (version) => {
    const scenario = await arrange(version, { ...base, ...objects })
    await runs(scenario)
    const role = `aggregates_${version}`
    await scenario.database.sql
      .unsafe(
        `DO $$ BEGIN CREATE ROLE ${role}; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
GRANT USAGE, CREATE ON SCHEMA app TO ${role}; ALTER AGGREGATE app.total(int) OWNER TO ${role}; GRANT EXECUTE ON FUNCTION app.total(int) TO pg_monitor WITH GRANT OPTION`,
      )
      .simple()
    await runs(scenario)
    await upToDate(scenario)
    const before = await queried(scenario, definition)
    // Another name of an argument: the function is dropped, and what needs it.
    scenario.write({
      'objects/z_add.sql': String(objects['objects/z_add.sql'])
        .replace('(int, int)', '(a int, b int)')
        .replace('$1 + $2', 'a + b + 0'),
    })
    await runs(scenario)
    scenario.write({
      'objects/z_add.sql': String(objects['objects/z_add.sql'])
        .replace('(int, int)', '(c int, b int)')
        .replace('$1 + $2', 'c + b'),
    })
    const run = await scenario.gate('run')
    expect(run).toMatchObject({ exitCode: 0 })
    expect(run.stdout).toContain('made again  aggregate app.total(integer)')
    expect(await queried(scenario, definition)).toEqual(before)
    await upToDate(scenario)
  },
)

test.each(serverVersions)(
  'PostgreSQL %s: of an ordered set and of all rows, and one that becomes the other',
  async (version) => {
    const first = 'objects/first.sql'
    const ordered = `CREATE AGGREGATE app.first(ORDER BY float8) (SFUNC = ordered_set_transition, STYPE = internal, FINALFUNC = mode_final, FINALFUNC_EXTRA);
GRANT EXECUTE ON FUNCTION app.first(float8) TO pg_monitor;
COMMENT ON AGGREGATE app.first(ORDER BY float8) IS 'x';
`
    const scenario = await arrange(version, {
      ...base,
      [first]: 'CREATE AGGREGATE app.first(float8) (SFUNC = float8pl, STYPE = float8);\n',
      'objects/rows.sql':
        "CREATE AGGREGATE app.rows(*) (SFUNC = int8inc, STYPE = int8, INITCOND = '0');\nGRANT EXECUTE ON FUNCTION app.rows() TO pg_monitor;\n",
    })
    await runs(scenario)
    await upToDate(scenario)
    // No comment on them: the text of their files says nothing else of their names.
    const drift = await scenario.gate('drift')
    expect(drift).toMatchObject({ exitCode: 0 })
    expect(drift.stdout).not.toContain('not seen')
    scenario.write({ [first]: ordered })
    const run = await scenario.gate('run')
    expect(run).toMatchObject({ exitCode: 0 })
    await upToDate(scenario)
    expect((await queried(scenario, definition)).join()).toContain('ORDER BY double precision')
    expect(await scenario.gate('schema', 'dump')).toMatchObject({ exitCode: 0 })
  },
)

test.each(serverVersions)(
  'PostgreSQL %s: a file that is gone leaves an orphan, and @drop in its place drops it',
  async (version) => {
    const scenario = await arrange(version, { ...base, ...objects })
    await runs(scenario)
    await queried(scenario, 'CREATE VIEW app.mine AS SELECT app.total(1) AS n')
    scenario.remove(total)
    expect((await scenario.gate('run')).stderr).toContain(
      'aggregate app.total(integer) was made from objects/aggregates/total.sql, which does not define it any more',
    )
    scenario.write({ [total]: '-- @drop\n', 'objects/aggregates/sales.sql': '-- @drop\n' })
    const needed = await scenario.gate('run')
    expect(needed).toMatchObject({ exitCode: 4 })
    expect(needed.stdout).toContain(
      'aggregate app.total(integer) cannot be dropped: view app.mine depends on it',
    )
    await queried(scenario, 'DROP VIEW app.mine')
    expect((await scenario.gate('run')).stdout).toContain('2 objects changed')
    expect(await queried(scenario, definition)).toEqual([])
    await upToDate(scenario)
  },
)
