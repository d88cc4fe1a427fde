// Objects that are defined once: made from their files, compared by definition, changed where they differ, and left alone where not.

import { expect, test } from '@jest/globals'
import { arrange, queried, runs, type Scenario } from '../support/scenario.ts'
import { serverVersions } from '../support/servers.ts'
import { readCatalog } from '../support/catalog.ts'
import { runGate, startGate, type Files, type Finished } from '../support/gate.ts'
import { until } from '../support/until.ts'

const base: Files = {
  '0001_base.sql': `CREATE SCHEMA app;
CREATE TABLE app.customer (id int PRIMARY KEY, name text NOT NULL, region text);
INSERT INTO app.customer VALUES (1, 'a', 'north'), (2, 'b', 'south');
`,
}

const objects: Files = {
  'objects/views/rich.sql': `-- Uses a function that is made later in the order of names.
CREATE VIEW app.rich AS SELECT id, app.zone(region) AS zone FROM app.customer;
COMMENT ON VIEW app.rich IS 'who buys';
`,
  'objects/functions/zone.sql': `CREATE FUNCTION app.zone(r text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT upper(r) $$;
`,
  'objects/functions/touched.sql': `CREATE FUNCTION app.touched() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.name := NEW.name; RETURN NEW; END $$;
`,
  'objects/triggers/touch.sql': `CREATE TRIGGER touch BEFORE UPDATE ON app.customer FOR EACH ROW EXECUTE FUNCTION app.touched();
`,
  'objects/policies/own.sql': `CREATE POLICY own ON app.customer FOR SELECT USING (name = current_user);
`,
  'objects/tables/customer.sql': `ALTER TABLE app.customer ENABLE ROW LEVEL SECURITY;
GRANT SELECT ON app.customer TO PUBLIC;
COMMENT ON TABLE app.customer IS 'the customers';
`,
  'objects/views/totals.sql': `CREATE MATERIALIZED VIEW app.totals AS SELECT zone, count(*) AS n FROM app.rich GROUP BY zone;
CREATE UNIQUE INDEX totals_zone ON app.totals (zone);
`,
  'objects/procedures/refresh.sql': `CREATE PROCEDURE app.refresh() LANGUAGE sql AS $$ REFRESH MATERIALIZED VIEW app.totals $$;
`,
}

/** Nothing to do: no line of the log says that something was changed. */
const isUpToDate = async ({ gate }: Scenario): Promise<void> => {
  const again = await gate('run')
  expect(again).toMatchObject({ exitCode: 0 })
  expect(again.stdout).toContain('up to date')
  expect(again.stderr).not.toContain('lock acquired')
}

test.each(serverVersions)(
  'PostgreSQL %s: makes all in the order of their needs, and nothing again',
  async (version) => {
    const scenario = await arrange(version, { ...base, ...objects })
    const first = await scenario.gate('run')
    expect(first.stdout + first.stderr).toContain('8 objects changed')
    expect(first).toMatchObject({ exitCode: 0 })
    await isUpToDate(scenario)
    expect(await queried(scenario, 'SELECT n FROM app.totals ORDER BY zone')).toEqual(['1', '1'])
    expect(
      await queried(
        scenario,
        'SELECT file FROM schemagate.schema_objects ORDER BY file COLLATE "C"',
      ),
    ).toEqual(
      Object.keys(objects)
        .map((name) => name.slice('objects/'.length))
        .sort(),
    )
  },
)

/** The objects as the server writes them, with owner, grants and comments: what must be the same again. */
const definitions = `SELECT string_agg(line, E'\\n' ORDER BY line COLLATE "C") FROM (
  SELECT format('%s %s %s %s %s', c.relkind, c.relname, pg_get_userbyid(c.relowner), coalesce(c.relacl, acldefault('r', c.relowner)), obj_description(c.oid, 'pg_class'))
    || CASE WHEN c.relkind IN ('v', 'm') THEN pg_get_viewdef(c.oid) ELSE c.relrowsecurity::text || c.relforcerowsecurity::text END AS line
    FROM pg_class c WHERE c.relnamespace = 'app'::regnamespace AND c.relkind IN ('r', 'v', 'm')
  UNION ALL SELECT pg_get_indexdef(i.indexrelid) FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid WHERE c.relnamespace = 'app'::regnamespace
  UNION ALL SELECT format('%s %s %s %s', pg_get_functiondef(p.oid), pg_get_userbyid(p.proowner), coalesce(p.proacl, acldefault('f', p.proowner)), obj_description(p.oid, 'pg_proc')) FROM pg_proc p WHERE p.pronamespace = 'app'::regnamespace
  UNION ALL SELECT format('%s %s %s', pg_get_triggerdef(t.oid), t.tgenabled, obj_description(t.oid, 'pg_trigger')) FROM pg_trigger t WHERE NOT t.tgisinternal
  UNION ALL SELECT format('%s %s %s %s %s', y.polname, y.polcmd, y.polroles, pg_get_expr(y.polqual, y.polrelid), obj_description(y.oid, 'pg_policy')) FROM pg_policy y
  UNION ALL SELECT format('%s.%s %s %s', a.attrelid::regclass, a.attname, a.attacl, col_description(a.attrelid, a.attnum)) FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
    WHERE c.relnamespace = 'app'::regnamespace AND a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'v', 'm')
) x(line)`

const edits: Files = {
  'objects/views/rich.sql': `CREATE VIEW app.rich AS SELECT id, app.zone(region) AS zone, name FROM app.customer;
COMMENT ON COLUMN app.rich.zone IS 'where';
`,
  'objects/functions/zone.sql': `CREATE FUNCTION app.zone(r text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT lower(r) $$;
REVOKE ALL ON FUNCTION app.zone(text) FROM PUBLIC;
`,
  'objects/functions/touched.sql': `CREATE OR REPLACE FUNCTION app.touched() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
`,
  'objects/triggers/touch.sql': `CREATE TRIGGER touch AFTER UPDATE ON app.customer FOR EACH ROW EXECUTE FUNCTION app.touched();
`,
  'objects/policies/own.sql': `CREATE POLICY own ON app.customer FOR ALL USING (name = session_user);
COMMENT ON POLICY own ON app.customer IS 'only their own';
`,
  'objects/tables/customer.sql': `ALTER TABLE app.customer ENABLE ROW LEVEL SECURITY;
ALTER TABLE app.customer FORCE ROW LEVEL SECURITY;
GRANT SELECT (id) ON app.customer TO PUBLIC;
`,
  'objects/views/totals.sql': `CREATE MATERIALIZED VIEW app.totals AS SELECT zone, count(*) + 1 AS n FROM app.rich GROUP BY zone;
CREATE INDEX totals_n ON app.totals (n);
`,
  'objects/procedures/refresh.sql': `CREATE PROCEDURE app.refresh() LANGUAGE sql AS $$ REFRESH MATERIALIZED VIEW app.totals; SELECT 1 $$;
`,
}

const readDefinitions = async (scenario: Scenario): Promise<string> =>
  String((await queried(scenario, definitions))[0])

test.each(serverVersions)(
  'PostgreSQL %s: each kind, changed by its file, is as if it had never been another',
  async (version) => {
    const scenario = await arrange(version, { ...base, ...objects })
    await runs(scenario)
    scenario.write(edits)
    const edited = await scenario.gate('run')
    expect(edited.stdout).toContain('8 objects changed')
    expect(edited.stderr).not.toContain('somebody had')
    await isUpToDate(scenario)
    const fresh = await arrange(version, { ...base, ...edits })
    await runs(fresh)
    expect(await readDefinitions(scenario)).toBe(await readDefinitions(fresh))
  },
)

const handMade: readonly (readonly [kind: string, sql: string])[] = [
  [
    'view app.rich',
    "CREATE OR REPLACE VIEW app.rich AS SELECT id, 'x'::text AS zone FROM app.customer",
  ],
  [
    'function app.zone(text)',
    "CREATE OR REPLACE FUNCTION app.zone(r text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT 'x' $$",
  ],
  ['trigger touch of app.customer', 'ALTER TABLE app.customer DISABLE TRIGGER touch'],
  ['policy own of app.customer', 'ALTER POLICY own ON app.customer USING (true)'],
  [
    'table app.customer',
    'ALTER TABLE app.customer DISABLE ROW LEVEL SECURITY; REVOKE SELECT ON app.customer FROM PUBLIC; COMMENT ON TABLE app.customer IS NULL',
  ],
  [
    'materialized view app.totals',
    'DROP MATERIALIZED VIEW app.totals; CREATE MATERIALIZED VIEW app.totals AS SELECT 1 AS zone, 2 AS n; CREATE UNIQUE INDEX totals_zone ON app.totals (zone)',
  ],
  [
    'procedure app.refresh()',
    'CREATE OR REPLACE PROCEDURE app.refresh() LANGUAGE sql AS $$ SELECT 1 $$',
  ],
]

test.each(serverVersions)(
  'PostgreSQL %s: each kind, changed by hand, is reported and as its file says again',
  async (version) => {
    const scenario = await arrange(version, { ...base, ...objects })
    await runs(scenario)
    const before = await readDefinitions(scenario)
    for (const [, sql] of handMade) await scenario.database.sql.unsafe(sql).simple()
    const run = await scenario.gate('run')
    expect(run).toMatchObject({ exitCode: 0 })
    for (const [object] of handMade)
      expect(run.stderr).toMatch(
        new RegExp(
          `${object.replace(/[().]/g, '.')} (replaced|made again) .*somebody had changed it`,
        ),
      )
    expect(await readDefinitions(scenario)).toBe(before)
    await isUpToDate(scenario)
  },
)

test.each(serverVersions)(
  'PostgreSQL %s: each kind, dropped by hand, is made again',
  async (version) => {
    const scenario = await arrange(version, { ...base, ...objects })
    await runs(scenario)
    const before = await readDefinitions(scenario)
    await scenario.database.sql
      .unsafe(
        'DROP FUNCTION app.zone CASCADE; DROP FUNCTION app.touched CASCADE; DROP POLICY own ON app.customer; DROP PROCEDURE app.refresh',
      )
      .simple()
    const run = await scenario.gate('run')
    expect(run.stderr).toContain(
      'view app.rich created (migrations/objects/views/rich.sql): somebody had dropped it',
    )
    expect(await readDefinitions(scenario)).toBe(before)
    await isUpToDate(scenario)
  },
)

test.each(serverVersions)(
  'PostgreSQL %s: what cannot be replaced is made again with all that needs it; owner, grants and comments stay',
  async (version) => {
    const scenario = await arrange(version, { ...base, ...objects })
    await runs(scenario)
    const role = `keeper_${version}`
    await scenario.database.sql
      .unsafe(
        `DO $$ BEGIN CREATE ROLE ${role}; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
GRANT USAGE ON SCHEMA app TO ${role}; GRANT CREATE ON SCHEMA app TO ${role};
ALTER MATERIALIZED VIEW app.totals OWNER TO ${role}; GRANT SELECT ON app.rich TO ${role}; GRANT SELECT (zone) ON app.rich TO ${role} WITH GRANT OPTION;
GRANT SELECT ON app.rich, app.customer TO ${role}; GRANT EXECUTE ON FUNCTION app.zone TO ${role}; COMMENT ON COLUMN app.rich.zone IS 'by hand'; COMMENT ON MATERIALIZED VIEW app.totals IS 'sums';
CREATE INDEX by_hand ON app.totals (n)`,
      )
      .simple()
    // What is kept is told once, and recorded.
    await runs(scenario)
    await isUpToDate(scenario)
    const before = await readDefinitions(scenario)
    // Another type: a column of the view changes with it, and that of the materialized view.
    scenario.write({
      'objects/functions/zone.sql':
        'CREATE FUNCTION app.zone(r text) RETURNS varchar LANGUAGE sql IMMUTABLE AS $$ SELECT upper(r) $$;\n',
    })
    const run = await scenario.gate('run')
    expect(run).toMatchObject({ exitCode: 0 })
    expect(run.stdout).toContain('made again  view app.rich')
    expect(run.stdout).toContain('made again  materialized view app.totals')
    const plain = (text: string): string =>
      text.replaceAll('character varying', 'text').replaceAll('::text', '')
    expect(plain(await readDefinitions(scenario))).toBe(plain(before))
    await isUpToDate(scenario)
  },
)

test('what was there before its file is replaced, and what it was is reported', async () => {
  const scenario = await arrange('18', base)
  await runs(scenario)
  await scenario.database.sql
    .unsafe(
      "CREATE FUNCTION app.zone(r text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT 'of others' $$",
    )
    .simple()
  scenario.write({
    'objects/functions/zone.sql':
      'CREATE FUNCTION app.zone(r text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT upper(r) $$;\n',
  })
  const run = await scenario.gate('run', '--json')
  expect(run.stderr).toMatch(
    /function app\.zone\(text\) replaced .*nothing was recorded of it; found ".*SELECT 'of others'.*" is no longer there/,
  )
  const [change] = (JSON.parse(run.stdout) as { objects: { found_unrecorded: string[] }[] }).objects
  expect(change?.found_unrecorded.join('\n')).toContain("SELECT 'of others'")
  await isUpToDate(scenario)
})

test('a dependant without a file refuses, with the list; with a file it is made again', async () => {
  const scenario = await arrange('18', { ...base, ...objects })
  await runs(scenario)
  await scenario.database.sql.unsafe('CREATE VIEW app.mine AS SELECT zone FROM app.rich').simple()
  scenario.write({ 'objects/views/rich.sql': 'CREATE VIEW app.rich AS SELECT 1 AS zone;\n' })
  const before = await readDefinitions(scenario)
  const refused = await scenario.gate('run')
  expect(refused).toMatchObject({ exitCode: 4 })
  expect(refused.stdout).toContain(
    'error[object-needed]: view app.rich cannot be dropped: view app.mine depends on it',
  )
  expect(await readDefinitions(scenario)).toBe(before)
  scenario.write({
    'objects/views/mine.sql': 'CREATE VIEW app.mine AS SELECT zone FROM app.rich;\n',
  })
  await runs(scenario)
  await isUpToDate(scenario)
})

test('a file that is gone leaves an orphan; @drop in its place drops it', async () => {
  const scenario = await arrange('18', { ...base, ...objects })
  await runs(scenario)
  scenario.remove('objects/procedures/refresh.sql')
  scenario.remove('objects/triggers/touch.sql')
  const run = await scenario.gate('run')
  expect(run.stdout).toContain('up to date')
  expect(run.stderr).toContain(
    'procedure app.refresh() was made from objects/procedures/refresh.sql, which does not define it any more',
  )
  scenario.write({ 'objects/functions/touched.sql': '-- @drop\n' })
  const needed = await scenario.gate('run')
  expect(needed).toMatchObject({ exitCode: 4 })
  expect(needed.stdout).toContain('function app.touched() cannot be dropped')
  scenario.write({
    'objects/triggers/touch.sql': '-- @drop\n',
    'objects/procedures/refresh.sql': '-- @drop\n',
  })
  const dropped = await scenario.gate('run')
  expect(dropped.stdout).toContain('3 objects changed')
  expect(
    await queried(
      scenario,
      "SELECT count(*) FROM pg_proc WHERE pronamespace = 'app'::regnamespace",
    ),
  ).toEqual(['1'])
  await isUpToDate(scenario)
})

test('the last file that is gone leaves an orphan, too, whatever else there is to do', async () => {
  const scenario = await arrange('18', {
    ...base,
    'objects/procedures/refresh.sql': objects['objects/procedures/refresh.sql'] ?? '',
  })
  await runs(scenario)
  scenario.remove('objects/procedures/refresh.sql')
  const orphaned = 'procedure app.refresh() was made from objects/procedures/refresh.sql'
  const planned = await scenario.gate('plan')
  expect(planned).toMatchObject({ exitCode: 0 })
  expect(planned.stdout).toContain('orphan  procedure app.refresh()')
  const told = await scenario.gate('run')
  expect(told.stdout).toContain('up to date')
  expect(told.stderr).toContain(orphaned)
  scenario.write({ '0002_more.sql': 'CREATE TABLE app.more (id int)' })
  const applied = await scenario.gate('run')
  expect(applied).toMatchObject({ exitCode: 0 })
  expect(applied.stderr.split(orphaned)).toHaveLength(2)
  scenario.write({ 'objects/procedures/refresh.sql': '-- @drop\n' })
  await runs(scenario)
  scenario.remove('objects/procedures/refresh.sql')
  const later = await scenario.gate('run')
  expect(later).toMatchObject({ exitCode: 0 })
  expect(later.stderr).not.toContain(orphaned)
})

test('an orphan is reported by the run that changes other objects, too', async () => {
  const scenario = await arrange('18', { ...base, ...objects })
  await runs(scenario)
  scenario.remove('objects/procedures/refresh.sql')
  const totals = String(objects['objects/views/totals.sql'])
  scenario.remove('objects/views/totals.sql')
  scenario.write({
    'objects/reports/totals.sql': totals,
    'objects/views/another.sql': 'CREATE VIEW app.another AS SELECT 1 AS one;\n',
  })
  const run = await scenario.gate('run')
  expect(run.stdout).toContain('1 object changed')
  expect(run.stderr.split('does not define it any more')).toHaveLength(2)
  expect(run.stderr).toContain(
    'procedure app.refresh() was made from objects/procedures/refresh.sql',
  )
})

test('a table of others under the name of ours does not keep who has no files of objects from a run', async () => {
  const scenario = await arrange('18', base)
  await runs(scenario)
  await scenario.database.sql.unsafe('CREATE VIEW schemagate.schema_objects AS SELECT 1 / 0 AS one')
  for (const command of ['run', 'plan'])
    expect(await scenario.gate(command)).toMatchObject({ exitCode: 0 })
})

test('a file that defines another object leaves the first one, and drops it with @drop', async () => {
  const zone = 'objects/functions/zone.sql'
  const scenario = await arrange('18', { ...base, [zone]: objects[zone] ?? '' })
  await runs(scenario)
  const other =
    'CREATE FUNCTION app.zone(r text, upper boolean) RETURNS text LANGUAGE sql AS $$ SELECT r $$;\n'
  scenario.write({ [zone]: other })
  await runs(scenario)
  const orphaned = await scenario.gate('run')
  expect(orphaned.stderr).toContain(
    'function app.zone(text) was made from objects/functions/zone.sql',
  )
  scenario.write({ [zone]: `-- @drop\n${other}` })
  await runs(scenario)
  expect(
    await queried(
      scenario,
      "SELECT oid::regprocedure FROM pg_proc WHERE pronamespace = 'app'::regnamespace",
    ),
  ).toEqual(['app.zone(text,boolean)'])
  await isUpToDate(scenario)
})

test('a view whose text says * has the columns that a migration has added, whoever ran that', async () => {
  const stars = {
    // The new column comes before one that is there, so that OR REPLACE cannot do it.
    'objects/all.sql': 'CREATE VIEW app.all_of AS SELECT *, 1 AS one FROM app.customer;\n',
    'objects/more.sql': 'CREATE VIEW app.more AS SELECT * FROM app.all_of;\n',
    'objects/names.sql':
      'CREATE VIEW app.names AS SELECT name, count(*) AS n FROM app.customer GROUP BY name;\n',
    'objects/natural.sql':
      'CREATE MATERIALIZED VIEW app.natural AS SELECT c.id FROM app.customer c NATURAL JOIN app.all_of;\n',
    'objects/body.sql':
      'CREATE FUNCTION app.first_of() RETURNS record LANGUAGE sql BEGIN ATOMIC SELECT c FROM (SELECT * FROM app.customer) c; END;\n',
  }
  const scenario = await arrange('18', { ...base, ...stars })
  await runs(scenario)
  const untouched = "SELECT oid || ' ' || xmin FROM pg_class WHERE relname = 'names'"
  const names = await queried(scenario, untouched)
  scenario.write({ '0002_more.sql': 'ALTER TABLE app.customer ADD COLUMN since date' })
  const planned = JSON.parse((await scenario.gate('plan', '--json')).stdout) as {
    readonly objects: readonly { readonly file: string; readonly reason: string }[]
  }
  expect(planned.objects.map(({ file }) => file)).toEqual([
    ...['all', 'body', 'more', 'natural'].map((name) => `migrations/objects/${name}.sql`),
  ])
  expect(planned.objects[0]?.reason).toBe('columns may be new')
  // As an image without these files has it, or a runner that was killed behind the migrations.
  for (const name of Object.keys(stars)) scenario.remove(name)
  await runs(scenario)
  scenario.write(stars)
  const run = await scenario.gate('run')
  expect(run.stdout).toContain('4 objects changed')
  expect(run.stderr).not.toContain('somebody had changed it')
  expect(await queried(scenario, untouched)).toEqual(names)
  await isUpToDate(scenario)
  const fresh = await arrange('18', {
    ...base,
    ...stars,
    '0002_more.sql': 'ALTER TABLE app.customer ADD COLUMN since date',
  })
  await runs(fresh)
  expect((await scenario.gate('schema', 'dump')).stdout).toBe(
    (await fresh.gate('schema', 'dump')).stdout,
  )
  scenario.write({ '0003_even.sql': 'ALTER TABLE app.customer ADD COLUMN until date' })
  expect((await scenario.gate('run')).stdout).toContain('1 applied, 4 objects changed')
  await isUpToDate(scenario)
})

test('a view whose text says * stays as it is where a column of it is out of reach, and the run says so', async () => {
  const scenario = await arrange('18', {
    ...base,
    'objects/all.sql': 'CREATE VIEW app.all_of AS SELECT *, 1 AS one FROM app.customer;\n',
  })
  await runs(scenario)
  await scenario.database.sql.unsafe('CREATE VIEW app.mine AS SELECT one FROM app.all_of').simple()
  scenario.write({ '0002_more.sql': 'ALTER TABLE app.customer ADD COLUMN since date' })
  const run = await scenario.gate('run', '--json')
  expect(run).toMatchObject({ exitCode: 0 })
  const { objects: changes } = JSON.parse(run.stdout) as { readonly objects: unknown }
  const obstacle =
    'view app.all_of cannot be dropped: view app.mine depends on it and cannot be made again from a file'
  expect(changes).toEqual([
    { change: 'kept', object: 'view app.all_of', file: 'migrations/objects/all.sql', obstacle },
  ])
  await isUpToDate(scenario)
  // Whoever edits it means it.
  scenario.write({
    'objects/all.sql': 'CREATE VIEW app.all_of AS SELECT *, 2 AS one FROM app.customer;\n',
  })
  const edited = await scenario.gate('run')
  expect(edited).toMatchObject({ exitCode: 4 })
  expect(edited.stdout).toContain(`error[object-needed]: ${obstacle}`)
  await scenario.database.sql.unsafe('DROP VIEW app.mine').simple()
  await runs(scenario)
  await isUpToDate(scenario)
})

test('a table of what was applied that an earlier build has made gets its new column', async () => {
  const scenario = await arrange('18', { ...base, ...objects })
  await runs(scenario)
  await scenario.database.sql.unsafe(
    'ALTER TABLE schemagate.schema_objects DROP COLUMN ledger_ordinal',
  )
  await isUpToDate(scenario)
  scenario.write({ 'objects/star.sql': 'CREATE VIEW app.star AS SELECT * FROM app.customer;\n' })
  await runs(scenario)
  expect(
    await queried(
      scenario,
      'SELECT name FROM schemagate.schema_objects WHERE ledger_ordinal IS NOT NULL',
    ),
  ).toEqual(['star'])
})

test('a migration may drop what a file makes, and nobody is said to have done it; what no file makes stays', async () => {
  const scenario = await arrange('18', { ...base, ...objects })
  await runs(scenario)
  const { sql } = scenario.database
  await sql
    .unsafe(
      'GRANT INSERT ON app.rich TO pg_monitor; CREATE MATERIALIZED VIEW app.mine AS SELECT 1 AS one',
    )
    .simple()
  scenario.write({ '0002_d.sql': 'DROP MATERIALIZED VIEW IF EXISTS app.mine;' })
  expect((await scenario.gate('run')).stdout).toContain('error[data-loss]')
  scenario.write({
    '0002_d.sql': 'DROP MATERIALIZED VIEW IF EXISTS app.totals; DROP VIEW IF EXISTS app.rich;',
  })
  const run = await scenario.gate('run')
  expect(run).toMatchObject({ exitCode: 0 })
  expect(run.stdout).toContain('1 applied, 2 objects changed')
  expect(run.stderr).not.toContain('somebody')
  await isUpToDate(scenario)
})

test('a file that moves changes nothing in the database', async () => {
  const scenario = await arrange('18', { ...base, ...objects })
  await runs(scenario)
  const before = await queried(
    scenario,
    "SELECT xmin::text FROM pg_class WHERE relnamespace = 'app'::regnamespace ORDER BY oid",
  )
  scenario.remove('objects/views/totals.sql')
  scenario.write({
    'objects/reports/totals.sql': `-- Moved.\n${String(objects['objects/views/totals.sql'])}`,
  })
  await runs(scenario)
  expect(
    await queried(
      scenario,
      "SELECT xmin::text FROM pg_class WHERE relnamespace = 'app'::regnamespace ORDER BY oid",
    ),
  ).toEqual(before)
  await isUpToDate(scenario)
})

test('one file that fails takes back all of them, and leaves the migrations applied', async () => {
  const scenario = await arrange('18', {
    ...base,
    ...objects,
    'objects/views/z.sql': 'CREATE VIEW app.z AS\nSELECT nothing FROM app.rich;\n',
  })
  const run = await scenario.gate('run')
  expect(run).toMatchObject({ exitCode: 1 })
  expect(run.stdout).toContain('migrations/objects/views/z.sql:2:8')
  expect(
    await queried(
      scenario,
      "SELECT count(*) FROM pg_proc WHERE pronamespace = 'app'::regnamespace",
    ),
  ).toEqual(['0'])
  expect(await queried(scenario, 'SELECT count(*) FROM schemagate.schema_objects')).toEqual(['0'])
  expect(await queried(scenario, 'SELECT count(*) FROM schemagate.schema_migrations')).toEqual([
    '1',
  ])
})

test('functions that call each other, and a view that one of them reads, have an order; views in a circle have none', async () => {
  const scenario = await arrange('18', {
    ...base,
    'objects/a.sql':
      "CREATE FUNCTION app.a(n int) RETURNS int LANGUAGE sql AS 'SELECT app.b(n) + (SELECT count(*) FROM app.v)::int';\n",
    'objects/b.sql':
      "CREATE FUNCTION app.b(n int) RETURNS int LANGUAGE sql AS 'SELECT CASE WHEN n = 0 THEN 0 ELSE app.a(n - 1) END';\n",
    'objects/v.sql': 'CREATE VIEW app.v AS SELECT app.b(id) FROM app.customer;\n',
  })
  await runs(scenario)
  await isUpToDate(scenario)
  scenario.write({
    'objects/w.sql': 'CREATE VIEW app.w AS SELECT * FROM app.x;\n',
    'objects/x.sql': 'CREATE VIEW app.x AS SELECT * FROM app.w;\n',
  })
  const run = await scenario.gate('run')
  expect(run).toMatchObject({ exitCode: 4 })
  expect(run.stdout).toContain(
    'migrations/objects/w.sql needs itself: migrations/objects/w.sql needs migrations/objects/x.sql needs migrations/objects/w.sql',
  )
})

test('the body of a function is read when all is there, and refused with its file', async () => {
  const scenario = await arrange('18', {
    ...base,
    'objects/a.sql':
      "CREATE FUNCTION app.a() RETURNS int LANGUAGE sql AS 'SELECT app.missing()';\n",
  })
  const run = await scenario.gate('run')
  expect(run).toMatchObject({ exitCode: 1 })
  expect(run.stdout).toContain('migrations/objects/a.sql')
  expect(run.stdout).toContain('app.missing() does not exist')
})

test('what a migration of the same run changes is no hot fix', async () => {
  const scenario = await arrange('18', { ...base, ...objects })
  await runs(scenario)
  scenario.write({
    '0002_rename.sql': 'ALTER TABLE app.customer RENAME COLUMN region TO area;\n',
    'objects/views/rich.sql': String(objects['objects/views/rich.sql']).replace('region', 'area'),
  })
  const run = await scenario.gate('run')
  expect(run).toMatchObject({ exitCode: 0 })
  expect(run.stderr).not.toContain('somebody')
  await isUpToDate(scenario)
})

test('a materialized view that is large is not built again on the way', async () => {
  const big =
    'CREATE MATERIALIZED VIEW app.big AS SELECT i, md5(i::text) || md5(i::text) AS t FROM generate_series(1, 1200000) i;\n'
  const scenario = await arrange('18', { ...base, 'objects/big.sql': big })
  await runs(scenario)
  scenario.write({ 'objects/big.sql': big.replace('i, md5', 'i AS j, md5') })
  const run = await scenario.gate('run')
  expect(run).toMatchObject({ exitCode: 4 })
  expect(run.stdout).toMatch(/error\[object-large\]: .*materialized view app\.big \(1\d\d MB\)/)
})

test('plan shows what would be looked at and executes nothing; JSON has the same, and drift knows what the files make', async () => {
  const scenario = await arrange('18', { ...base, ...objects })
  const fresh = await scenario.gate('plan')
  expect(fresh.stdout).toContain(
    'object  migrations/objects/views/rich.sql  not recorded: would be compared',
  )
  expect(fresh.stdout.indexOf('functions/zone.sql')).toBeLessThan(
    fresh.stdout.indexOf('views/rich.sql'),
  )
  expect(fresh.stdout).toContain('8 objects to compare or drop')
  await runs(scenario)
  expect((await scenario.gate('plan')).stdout).toContain(
    'nothing pending, 1 recorded; nothing was changed',
  )
  expect(await scenario.gate('drift')).toMatchObject({ exitCode: 0 })
  await scenario.database.sql
    .unsafe(
      "CREATE OR REPLACE FUNCTION app.zone(r text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT 'x' $$",
    )
    .simple()
  scenario.remove('objects/procedures/refresh.sql')
  scenario.write({ 'objects/views/totals.sql': '-- @drop\n' })
  const catalog = await readCatalog(scenario.database)
  const planned = JSON.parse((await scenario.gate('plan', '--json')).stdout) as {
    readonly objects: unknown
  }
  expect(planned.objects).toEqual([
    { action: 'compare', file: 'migrations/objects/functions/zone.sql', reason: 'changed by hand' },
    {
      action: 'drop',
      file: 'migrations/objects/views/totals.sql',
      object: 'materialized view app.totals',
    },
    { action: 'orphan', file: 'objects/procedures/refresh.sql', object: 'procedure app.refresh()' },
  ])
  expect(await readCatalog(scenario.database)).toEqual(catalog)
  const drift = await scenario.gate('drift')
  expect(drift).toMatchObject({ exitCode: 3 })
  expect(drift.stdout).toContain('made by migrations/objects/functions/zone.sql:1')
  const run = JSON.parse((await scenario.gate('run', '--json')).stdout) as {
    readonly objects: unknown
  }
  expect(run.objects).toMatchObject([
    { change: 'dropped', object: 'materialized view app.totals' },
    { change: 'replaced', object: 'function app.zone(text)', changed_by_hand: { what: 'changed' } },
  ])
})

test("under MIGRATION_ROLE the objects are the role's, and so is what is recorded of them", async () => {
  const scenario = await arrange('18', { ...base, ...objects })
  const { sql, url } = scenario.database
  const id = new URL(url).pathname.slice(1)
  const [login, owner] = [`${id}_login`, `${id}_owner`]
  await sql
    .unsafe(
      `CREATE ROLE ${owner} NOLOGIN; CREATE ROLE ${login} LOGIN NOINHERIT PASSWORD 'x' IN ROLE ${owner}; GRANT CREATE ON DATABASE ${id} TO ${owner}`,
    )
    .simple()
  const as = new URL(url)
  as.username = login
  as.password = 'x'
  const environment = { DATABASE_URL: String(as), MIGRATION_ROLE: owner }
  const gate = (): Promise<Finished> =>
    runGate({ args: ['run'], folder: scenario.folder, environment })
  expect(await gate()).toMatchObject({ exitCode: 0 })
  expect(
    await queried(
      scenario,
      `SELECT DISTINCT pg_get_userbyid(relowner) FROM pg_class WHERE relnamespace IN ('app'::regnamespace, 'schemagate'::regnamespace)`,
    ),
  ).toEqual([owner])
  await sql.unsafe('COMMENT ON VIEW app.rich IS NULL').simple()
  const again = await gate()
  expect(again.stdout).toContain('1 object changed')
  expect((await gate()).stdout).toContain('up to date')
})

test('a runner that is killed amid the objects leaves none of them, and the next one makes them all; two at once make them once', async () => {
  const slow = {
    'objects/slow.sql':
      'CREATE MATERIALIZED VIEW app.slow AS SELECT count(*) FROM app.totals, pg_sleep(3);\n',
  }
  const scenario = await arrange('18', { ...base, ...objects, ...slow })
  const { folder, database } = scenario
  const environment = { DATABASE_URL: database.url }
  const killed = startGate({ folder, environment })
  await until('the materialized view is being built', async () => {
    const rows = await database.sql.unsafe(
      "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'CREATE MATERIALIZED VIEW app.slow%'",
    )
    return rows.length > 0
  })
  killed.process.kill('SIGKILL')
  await killed.finished
  const both = await Promise.all([
    runGate({ folder, environment }),
    runGate({ folder, environment }),
  ])
  expect(both.map(({ exitCode }) => exitCode)).toEqual([0, 0])
  expect(both.map(({ stdout }) => stdout).join('\n')).toContain('9 objects changed')
  expect(
    both
      .map(({ stdout }) => stdout)
      .join('\n')
      .match(/objects changed/g),
  ).toHaveLength(1)
  await isUpToDate(scenario)
})
