// Files that change what their own login starts with. One run of all files, and a run for each of them, make the same: what a
// new session would start with holds from the next file on.

import { describe, expect, test } from '@jest/globals'
import { createDatabase, databaseUrl } from '../support/database.ts'
import { runGate, workFolder, writeFiles, type Files } from '../support/gate.ts'
import { startPooler } from '../support/pooler.ts'
import { withRoles } from '../support/roles.ts'
import { serverVersions, type ServerVersion } from '../support/servers.ts'

const onDatabase = (what: string): string =>
  `DO $$ BEGIN EXECUTE format('ALTER DATABASE %I ${what}', current_database()); END $$;`

const probe = `CREATE TABLE probe AS SELECT now() AS at;
  CREATE TABLE IF NOT EXISTS zone AS SELECT current_setting('TimeZone') AS name;`

const makesSchema = 'CREATE SCHEMA app;'

const histories: Readonly<Record<string, Files>> = {
  'a path of the database': {
    'migrations/1_path.sql': `${makesSchema} ${onDatabase('SET search_path = app, public')}`,
    'migrations/2_t.sql': probe,
  },
  'a path that a statement sets': {
    'migrations/1_app.sql': makesSchema,
    'migrations/2_path.sql': 'ALTER ROLE SESSION_USER IN DATABASE "DATABASE" SET search_path = app',
    'migrations/3_t.sql': probe,
    'migrations/4_u.sql': 'CREATE TABLE u (id int)',
  },
  'a time zone': {
    'migrations/1_zone.sql': onDatabase("SET timezone = ''Asia/Tokyo''"),
    'migrations/2_t.sql': probe,
  },
  'a setting that is taken back': {
    'migrations/1_path.sql': `${makesSchema} ${onDatabase('SET search_path = app, public')}`,
    'migrations/2_t.sql': probe,
    'migrations/3_back.sql': `CREATE FUNCTION back() RETURNS void LANGUAGE plpgsql AS $f$ BEGIN
      EXECUTE format('ALTER DATABASE %I RESET search_path', current_database()); END $f$; SELECT back();`,
    'migrations/4_u.sql': 'CREATE TABLE u (id int)',
  },
  'a role that the login puts on': {
    'migrations/1_path.sql': `${makesSchema} ${onDatabase('SET search_path = app, public')}
      DO $$ BEGIN EXECUTE format('ALTER ROLE %I IN DATABASE %I SET search_path = public', session_user, current_database()); END $$;`,
    'migrations/2_t.sql': probe,
    'migrations/3_u.sql': 'ALTER ROLE ALL IN DATABASE "DATABASE" SET timezone = \'Asia/Tokyo\';',
    'migrations/4_u.sql': "CREATE TABLE u AS SELECT current_setting('TimeZone') AS name",
  },
  'statement by statement, in mid-file': {
    'migrations/1_path.sql': `${makesSchema} ${onDatabase('SET search_path = app, public')}
      CREATE TABLE w (id int);
      CREATE INDEX CONCURRENTLY i ON w (id);
      CREATE TABLE v (id int);`,
    'migrations/2_t.sql': probe,
    'migrations/3_i.sql': 'CREATE INDEX CONCURRENTLY p ON probe (at); CREATE TABLE u (id int);',
  },
}

// With what the session had where they were made.
const found = `SELECT n.nspname AS schema, c.relname AS name, CASE c.relname WHEN 'zone' THEN
    (xpath('//name/text()', query_to_xml(format('SELECT name FROM %I.zone', n.nspname), false, false, '')))[1]::text END AS zone
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'i') AND n.nspname IN ('app', 'public') ORDER BY 1, 2`

type Made = { readonly tables: readonly unknown[]; readonly stderr: string }

/** How many runs the files come in. */
const make = async (
  version: ServerVersion,
  files: Files,
  runs: 'one run' | 'a run for each',
  way: (port: number) => Promise<{ port: number; stop: () => Promise<void> }>,
): Promise<Made> => {
  const { name, sql, port } = await createDatabase(version)
  const through = await way(port)
  try {
    const environment = { DATABASE_URL: databaseUrl(through.port, name) }
    const all = Object.entries(files).map(
      ([file, text]) => [file, String(text).replaceAll('DATABASE"', `${name}"`)] as const,
    )
    const folder = workFolder({})
    let stderr = ''
    for (const [at, [file, text]] of all.entries()) {
      writeFiles(folder, { [file]: text })
      if (runs === 'one run' && at < all.length - 1) continue
      const ran = await runGate({ folder, environment })
      expect(ran.exitCode === 0 ? '' : ran.stdout).toBe('')
      stderr += ran.stderr
    }
    return { tables: [...(await sql.unsafe(found))], stderr }
  } finally {
    await through.stop()
  }
}

const straight = (port: number) => Promise.resolve({ port, stop: () => Promise.resolve() })
const pooled = (port: number) => startPooler(port, 3)

describe.each(serverVersions)('on PostgreSQL %s', (version) => {
  test.each(Object.entries(histories))('%s', async (_, files) => {
    const inOne = await make(version, files, 'one run', straight)
    const { tables } = await make(version, files, 'a run for each', straight)
    expect(inOne.tables).toEqual(tables)
    expect(inOne.stderr).toContain('continuing in a new session')
    expect(inOne.stderr).not.toContain('STOPPING')
    if (JSON.stringify(files).includes('CONCURRENTLY')) return
    expect((await make(version, files, 'one run', pooled)).tables).toEqual(tables)
  })

  test('behind a pooler whose connections are older than the settings', async () => {
    const { name, sql, port } = await createDatabase(version)
    const pooler = await startPooler(port, 2)
    try {
      const environment = { DATABASE_URL: databaseUrl(pooler.port, name) }
      const folder = workFolder({
        'migrations/1_a.sql': 'CREATE SCHEMA app; CREATE TABLE a (id int)',
      })
      expect(await runGate({ folder, environment })).toMatchObject({ exitCode: 0 })
      await sql.unsafe(`ALTER DATABASE ${name} SET search_path = app`)
      await sql.unsafe(`ALTER DATABASE ${name} SET timezone = 'Asia/Tokyo'`)
      writeFiles(folder, {
        'migrations/2_b.sql':
          "CREATE TABLE b AS SELECT current_setting('TimeZone') AS zone; CREATE TABLE IF NOT EXISTS c (id int)",
      })
      expect(await runGate({ folder, environment })).toMatchObject({ exitCode: 0 })
      expect(await sql`SELECT zone, to_regclass('app.c') IS NOT NULL AS c FROM app.b`).toEqual([
        { zone: 'Asia/Tokyo', c: true },
      ])
    } finally {
      await pooler.stop()
    }
  })

  test('what runs outside a transaction there is refused until the pooler has newer connections', async () => {
    const { name, sql, port } = await createDatabase(version)
    const folder = workFolder({
      'migrations/1_path.sql': `${makesSchema} ${onDatabase('SET search_path = app')} CREATE TABLE t (id int)`,
      'migrations/2_t.sql': 'CREATE TABLE t (id int)',
      'migrations/3_i.sql': 'CREATE INDEX CONCURRENTLY i ON t (id)',
    })
    const first = await startPooler(port, 2)
    const refused = await runGate({
      folder,
      environment: { DATABASE_URL: databaseUrl(first.port, name) },
    })
    await first.stop()
    expect(refused.stdout).toContain(
      'error[older-pooled-connections]: migrations/3_i.sql: CREATE INDEX CONCURRENTLY would run on a pooled connection',
    )
    expect(refused.exitCode).toBe(4)
    const second = await startPooler(port, 2)
    const { exitCode } = await runGate({
      folder,
      environment: { DATABASE_URL: databaseUrl(second.port, name) },
    })
    await second.stop()
    expect(exitCode).toBe(0)
    expect(
      await sql`SELECT indrelid = 'app.t'::regclass AS is_app FROM pg_index WHERE indexrelid = 'app.i'::regclass`,
    ).toEqual([{ is_app: true }])
  })

  test('under MIGRATION_ROLE, the settings of the login count', () =>
    withRoles(version, async ({ database: { sql, name }, owner, login, environment }) => {
      await sql.unsafe(`CREATE SCHEMA app AUTHORIZATION "${owner}"`)
      await sql.unsafe(`CREATE FUNCTION set_path() RETURNS void LANGUAGE plpgsql SECURITY DEFINER AS $f$ BEGIN
        ALTER ROLE "${login}" IN DATABASE "${name}" SET search_path = app; END $f$`)
      const folder = workFolder({
        'migrations/1_path.sql': 'SELECT set_path()',
        'migrations/2_t.sql': 'CREATE TABLE t (id int)',
      })
      const { exitCode, stdout } = await runGate({ folder, environment })
      expect(stdout).toContain('2 applied')
      expect(exitCode).toBe(0)
      expect(
        await sql`SELECT relowner::regrole::text AS owner FROM pg_class WHERE oid = 'app.t'::regclass`,
      ).toEqual([{ owner: `"${owner}"` }])
    }))
})

describe.each(serverVersions)('settings of the login on PostgreSQL %s', (version) => {
  test('what was marked before they changed is counted once in the session behind them', async () => {
    const { url, sql, name } = await createDatabase(version)
    await sql`CREATE TABLE made (id int)`
    const folder = workFolder({
      'migrations/1_made.sql': 'CREATE TABLE made (id int);',
      'migrations/2_zone.sql': `ALTER DATABASE "${name}" SET timezone = 'Asia/Tokyo';`,
      'migrations/3_t.sql': 'CREATE TABLE t (id int);',
    })
    const { exitCode, stdout } = await runGate({ folder, environment: { DATABASE_URL: url } })
    expect(stdout).toContain('Migration completed successfully')
    expect(exitCode).toBe(0)
    expect(
      await sql`SELECT version::int AS v, state FROM schemagate.schema_migrations ORDER BY ordinal`,
    ).toEqual([
      { v: 1, state: 'reconciled' },
      { v: 2, state: 'applied' },
      { v: 3, state: 'applied' },
    ])
  })
})
