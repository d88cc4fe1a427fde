import { describe, expect, test } from '@jest/globals'
import { randomBytes } from 'node:crypto'
import { administrator, createDatabase } from '../support/database.ts'
import { runGate, workFolder } from '../support/gate.ts'
import { serverVersions } from '../support/servers.ts'

describe.each(serverVersions)('session state on PostgreSQL %s', (version) => {
  test('what a file sets in its session does not reach the next file', async () => {
    const { url, sql } = await createDatabase(version)
    const folder = workFolder({
      'migrations/1_sets.sql': `CREATE SCHEMA other;
        SET search_path TO other; SET work_mem = '77MB'; SET TIME ZONE 'Asia/Tokyo';
        SET statement_timeout = '7s'; SET lock_timeout = '7s';
        CREATE TEMP TABLE leftover (id int); PREPARE leftover AS SELECT 1;
        DECLARE leftover CURSOR WITH HOLD FOR SELECT 1; LISTEN leftover;
        SELECT pg_advisory_lock(42);
        CREATE TABLE in_other (id int)`,
      'migrations/2_sees.sql': `CREATE TABLE public.seen AS SELECT
          current_setting('search_path') AS search_path, current_setting('work_mem') AS work_mem,
          current_setting('timezone') AS timezone, current_setting('statement_timeout') AS statement_timeout,
          to_regclass('leftover')::text AS temp_table,
          (SELECT count(*)::int FROM pg_prepared_statements) AS prepared,
          (SELECT count(*)::int FROM pg_cursors WHERE is_holdable) AS cursors,
          (SELECT count(*)::int FROM pg_listening_channels()) AS channels,
          (SELECT count(*)::int FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()) AS locks;
        CREATE TABLE in_public (id int); PREPARE leftover AS SELECT 2; CREATE TEMP TABLE leftover (id text)`,
    })
    const result = await runGate({ folder, environment: { DATABASE_URL: url } })
    expect(result).toMatchObject({ exitCode: 0 })
    const [fresh] =
      await sql`SELECT current_setting('work_mem') AS work_mem, current_setting('timezone') AS timezone`
    expect(await sql`SELECT * FROM seen`).toEqual([
      {
        search_path: '"$user", public',
        work_mem: fresh?.['work_mem'] as unknown,
        timezone: fresh?.['timezone'] as unknown,
        statement_timeout: '2min',
        temp_table: null,
        prepared: 0,
        cursors: 0,
        channels: 0,
        locks: 0,
      },
    ])
    expect(
      await sql`SELECT to_regclass('other.in_other')::text AS a, to_regclass('public.in_public')::text AS b`,
    ).toEqual([{ a: 'other.in_other', b: 'in_public' }])
  })

  test('a file that sets a role without rights is recorded, and the next one runs as before', async () => {
    const { url, sql } = await createDatabase(version)
    const role = `weak_${randomBytes(4).toString('hex')}`
    const admin = administrator(version)
    await admin.unsafe(`CREATE ROLE ${role}`)
    try {
      const folder = workFolder({
        'migrations/1_role.sql': `CREATE TABLE a (id int); SET ROLE ${role}`,
        'migrations/2_authorization.sql': `CREATE TABLE b (id int); SET SESSION AUTHORIZATION ${role}`,
        'migrations/3_as_before.sql':
          'CREATE TABLE c AS SELECT current_user::text AS who, session_user::text AS login',
      })
      const result = await runGate({ folder, environment: { DATABASE_URL: url } })
      expect(result).toMatchObject({ exitCode: 0 })
      expect(await sql`SELECT * FROM c`).toEqual([{ who: 'postgres', login: 'postgres' }])
      const rows = await sql`SELECT applied_by FROM schemagate.schema_migrations`
      expect(rows.map(({ applied_by }) => applied_by as string)).toEqual([
        'postgres',
        'postgres',
        'postgres',
      ])
    } finally {
      await admin.unsafe(`DROP ROLE ${role}`)
    }
  })

  test("a pg_dump-style first file that empties search_path does not break the next one, nor a database's own search_path", async () => {
    const { url, sql, name } = await createDatabase(version)
    await administrator(version).unsafe(`ALTER DATABASE ${name} SET search_path TO app, public`)
    const folder = workFolder({
      'migrations/1_dump.sql': `SET statement_timeout = 0;
        SET client_encoding = 'UTF8'; SET standard_conforming_strings = on;
        SELECT pg_catalog.set_config('search_path', '', false);
        SET default_tablespace = ''; SET default_table_access_method = heap; SET row_security = off;
        CREATE SCHEMA app; CREATE TABLE app.from_dump (id integer NOT NULL);`,
      'migrations/2_unqualified.sql':
        'ALTER TABLE from_dump ADD COLUMN note text; CREATE TABLE later (id int)',
    })
    expect(await runGate({ folder, environment: { DATABASE_URL: url } })).toMatchObject({
      exitCode: 0,
    })
    expect(await sql`SELECT to_regclass('app.later') IS NOT NULL AS there`).toEqual([
      { there: true },
    ])
  })

  test('a file that resets all settings is recorded like any other', async () => {
    const { url } = await createDatabase(version)
    const folder = workFolder({
      'migrations/1_reset.sql':
        "SET work_mem = '9MB'; CREATE TABLE a (id int); RESET ALL; RESET ROLE",
    })
    expect(await runGate({ folder, environment: { DATABASE_URL: url } })).toMatchObject({
      exitCode: 0,
    })
  })

  test('a file that drops and re-creates schema public is applied and recorded', async () => {
    const { url, sql } = await createDatabase(version)
    const folder = workFolder({
      'migrations/1_first.sql': 'CREATE TABLE a (id int)',
      'migrations/2_again.sql':
        'DROP SCHEMA public CASCADE; CREATE SCHEMA public; CREATE TABLE b (id int)',
      'migrations/3_after.sql': 'ALTER TABLE b ADD COLUMN c int',
    })
    expect(await runGate({ folder, environment: { DATABASE_URL: url } })).toMatchObject({
      exitCode: 0,
    })
    expect(await sql`SELECT count(*)::int AS n FROM schemagate.schema_migrations`).toEqual([
      { n: 3 },
    ])
  })

  test('with the ledger in public, a file that drops public is rolled back and told so', async () => {
    const { url, sql } = await createDatabase(version)
    const folder = workFolder({
      'migrations/1_first.sql': 'CREATE TABLE a (id int)',
      'migrations/2_again.sql': 'DROP SCHEMA public CASCADE; CREATE SCHEMA public',
    })
    const { exitCode, stdout } = await runGate({
      folder,
      environment: { DATABASE_URL: url, LEDGER_SCHEMA: 'public' },
    })
    expect(exitCode).toBe(1)
    expect(stdout).toContain(
      'migrations/2_again.sql failed while it was being recorded in public.schema_migrations',
    )
    expect(await sql`SELECT count(*)::int AS n FROM public.schema_migrations`).toEqual([{ n: 1 }])
  })

  test('defaults of the database that would kill or confuse a run do not: timeouts, isolation', async () => {
    const { url, name, sql } = await createDatabase(version)
    const admin = administrator(version)
    const settings = [
      `default_transaction_isolation = 'repeatable read'`,
      `idle_in_transaction_session_timeout = '300ms'`,
      `statement_timeout = '300ms'`,
      `lock_timeout = '300ms'`,
      ...(version === '18' ? [`transaction_timeout = '300ms'`] : []),
    ]
    for (const setting of settings) await admin.unsafe(`ALTER DATABASE ${name} SET ${setting}`)
    const folder = workFolder({
      'migrations/1_slow.sql': 'CREATE TABLE a (id int); SELECT pg_sleep(0.9)',
      'migrations/2_slow.sql': 'CREATE TABLE b (id int); SELECT pg_sleep(0.9)',
    })
    const result = await runGate({ folder, environment: { DATABASE_URL: url } })
    expect(result).toMatchObject({ exitCode: 0 })
    await sql`SET statement_timeout = 0`
    expect(await sql`SELECT count(*)::int AS n FROM schemagate.schema_migrations`).toEqual([
      { n: 2 },
    ])
  })

  test('a file that the parser cannot read is sent whole, and what the server refuses of it leaves nothing behind', async () => {
    const { url, sql } = await createDatabase(version)
    // A clause that no PostgreSQL knows stops the parser; the server refuses it, too, before anything runs.
    const folder = workFolder({
      'migrations/1_future.sql':
        'CREATE TABLE a (id int);\nCREATE TABLE b (id int) WITH FUTURE SYNTAX;',
    })
    const { exitCode, stderr, stdout } = await runGate({
      folder,
      environment: { DATABASE_URL: url },
    })
    expect(stderr).toContain('the parser cannot read it')
    expect(stdout).toContain('migrations/1_future.sql:2:')
    expect(exitCode).toBe(1)
    expect(await sql`SELECT to_regclass('a') IS NULL AS rolled_back`).toEqual([
      { rolled_back: true },
    ])
  })
})
