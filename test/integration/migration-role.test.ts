// A login role that may become the owner of the schema, and has no rights of its own there.

import { describe, expect, test } from '@jest/globals'
import postgres from 'postgres'
import { administrator, databaseUrl } from '../support/database.ts'
import { expectNoLock } from '../support/effects.ts'
import { runGate, workFolder, type Files } from '../support/gate.ts'
import { startPooler } from '../support/pooler.ts'
import { withRoles } from '../support/roles.ts'
import { serverVersions } from '../support/servers.ts'

const files: Files = {
  'migrations/1_a.sql': `-- @verify sql SELECT count(*) = 0 FROM a WHERE note IS NULL
    CREATE TABLE a (id int PRIMARY KEY, note text DEFAULT 'x', mood text CHECK (mood IN ('good', 'bad')));`,
  'migrations/2_b.sql': 'ALTER TABLE a ADD COLUMN more int; CREATE TEMP TABLE scratch AS SELECT 1;',
}

const owners = `SELECT c.relname, n.nspname, c.relowner::regrole::text AS owner FROM pg_class c
  JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relname IN ('a', 'schema_migrations') ORDER BY 1`

describe.each(serverVersions)('MIGRATION_ROLE on PostgreSQL %s', (version) => {
  test('what migrations make belongs to it, under its "$user" schema, and so does the ledger', () =>
    withRoles(version, async ({ database: { sql }, owner, login, environment }) => {
      const folder = workFolder(files)
      const { exitCode, stdout } = await runGate({ folder, environment })
      expect({ exitCode, stdout }).toMatchObject({ exitCode: 0 })
      expect([...(await sql.unsafe(owners))]).toEqual([
        { relname: 'a', nspname: owner, owner: `"${owner}"` },
        { relname: 'schema_migrations', nspname: 'schemagate', owner: `"${owner}"` },
      ])
      expect(await sql`SELECT DISTINCT applied_by FROM schemagate.schema_migrations`).toEqual([
        { applied_by: login },
      ])
      expect(await runGate({ folder, environment })).toMatchObject({ exitCode: 0 })
      // What is there is recognised, though the login role itself may not even look into the schema.
      await sql`DELETE FROM schemagate.schema_migrations`
      const adopted = await runGate({ args: ['adopt'], folder, environment })
      expect(adopted.stdout).toContain('Adoption completed: 2 marked as reconciled')
      expect(adopted.exitCode).toBe(0)
    }))

  test.each(['RESET ROLE', 'SET ROLE NONE', 'SET SESSION AUTHORIZATION DEFAULT'])(
    'a file that goes back to the login role by %s fails, and is rolled back',
    (statement) =>
      withRoles(version, async ({ database: { sql }, owner, environment }) => {
        const folder = workFolder({
          ...files,
          'migrations/2_b.sql': `CREATE TABLE b (id int); ${statement};`,
        })
        const { exitCode, stdout } = await runGate({ folder, environment })
        expect(stdout).toContain(
          `error[role-left]: migrations/2_b.sql left the role ${owner} (MIGRATION_ROLE)`,
        )
        expect(stdout).toContain(`write SET ROLE "${owner}" instead`)
        expect(exitCode).toBe(1)
        expect(await sql`SELECT version::int AS v FROM schemagate.schema_migrations`).toEqual([
          { v: 1 },
        ])
        expect(await sql`SELECT FROM pg_class WHERE relname = 'b'`).toHaveLength(0)
      }),
  )

  test('a file may put on another role, and every file starts with MIGRATION_ROLE again', () =>
    withRoles(version, async ({ database: { sql, name }, owner, environment }) => {
      const admin = administrator(version)
      const other = `other_${name}`
      await admin.unsafe(`CREATE ROLE ${other}; GRANT ${other} TO "${owner}", login_${name}`)
      await sql.unsafe(`CREATE SCHEMA other AUTHORIZATION ${other}`)
      try {
        const folder = workFolder({
          'migrations/1_a.sql': `SET ROLE ${other}; CREATE TABLE other.b (id int)`,
          'migrations/2_b.sql': 'CREATE TABLE a (id int)',
        })
        const { exitCode, stdout } = await runGate({ folder, environment })
        expect({ exitCode, stdout }).toMatchObject({ exitCode: 0 })
        expect(
          await sql.unsafe(
            `SELECT relname, relowner::regrole::text AS owner FROM pg_class WHERE relname IN ('a', 'b') ORDER BY 1`,
          ),
        ).toEqual([
          { relname: 'a', owner: `"${owner}"` },
          { relname: 'b', owner: other },
        ])
      } finally {
        await sql.unsafe('DROP SCHEMA other CASCADE')
        await admin.unsafe(`DROP ROLE ${other}`)
      }
    }))

  test("statements without a transaction run under it too, and the session is the login role's again", () =>
    withRoles(version, async ({ database: { sql }, owner, login, environment }) => {
      const folder = workFolder({
        'migrations/1_a.sql': 'CREATE TABLE a (id int, note text); INSERT INTO a VALUES (1), (2);',
        'migrations/2_i.sql': `CREATE UNIQUE INDEX CONCURRENTLY a_id ON a (id);
          VACUUM a;
          REINDEX INDEX CONCURRENTLY a_id;
          CREATE TABLE c (id int);
          CREATE INDEX CONCURRENTLY a_note ON a (note);
          DROP INDEX CONCURRENTLY a_note;`,
        'migrations/3_b.sql': 'CREATE TABLE b (id int)',
      })
      const { exitCode, stdout, stderr } = await runGate({ folder, environment })
      expect({ exitCode, stdout }).toMatchObject({ exitCode: 0 })
      // VACUUM only warns, and passes over the tables of others.
      expect(stderr).not.toContain('permission denied')
      expect([
        ...(await sql.unsafe(`SELECT relname, relowner::regrole::text AS owner FROM pg_class
          WHERE relname IN ('a', 'a_id', 'a_note', 'b', 'c') ORDER BY 1`)),
      ]).toEqual(['a', 'a_id', 'b', 'c'].map((relname) => ({ relname, owner: `"${owner}"` })))
      expect(await sql`SELECT DISTINCT applied_by FROM schemagate.schema_migrations`).toEqual([
        { applied_by: login },
      ])
    }))

  test('duplicate keys are counted under it, and the INVALID index is dropped', () =>
    withRoles(version, async ({ database: { sql }, environment }) => {
      const folder = workFolder({
        'migrations/1_a.sql': 'CREATE TABLE a (id int); INSERT INTO a VALUES (1), (1), (2), (2);',
        'migrations/2_i.sql': 'CREATE UNIQUE INDEX CONCURRENTLY a_id ON a (id);',
      })
      const { exitCode, stdout } = await runGate({ folder, environment })
      expect(stdout).toContain('the index cannot be unique, 2 keys are in more than one row')
      expect(exitCode).toBe(1)
      expect(await sql`SELECT FROM pg_class WHERE relname = 'a_id'`).toHaveLength(0)
    }))

  test.each(['run', 'plan', 'doctor'])(
    'a role that is not there, or that the login role may not become: %s says so, exit 2, nothing ran',
    (command) =>
      withRoles(version, async ({ database: { sql }, login, owner, environment }) => {
        const folder = workFolder(files)
        const withRole = (role: string) =>
          runGate({
            args: [command],
            folder,
            environment: { ...environment, MIGRATION_ROLE: role },
          })
        const unknown = await withRole(owner.toLowerCase())
        expect(unknown.stdout + unknown.stderr).toContain(
          `error[migration-role-unknown]: the role ${owner.toLowerCase()} (MIGRATION_ROLE) does not exist`,
        )
        const denied = await withRole('pg_monitor')
        expect(denied.stdout + denied.stderr).toContain(
          `error[migration-role-denied]: the login role ${login} is not allowed to SET ROLE to pg_monitor (MIGRATION_ROLE)`,
        )
        expect([unknown.exitCode, denied.exitCode]).toEqual([2, 2])
        expect(await sql`SELECT to_regnamespace('schemagate')::text AS ledger`).toEqual([
          { ledger: null },
        ])
      }),
  )
})

test('a membership that does not let the login role become it counts as none', () =>
  withRoles('18', async ({ owner, login, environment }) => {
    await administrator('18').unsafe(`GRANT "${owner}" TO ${login} WITH SET FALSE`)
    const { exitCode, stdout } = await runGate({ folder: workFolder(files), environment })
    expect(stdout).toContain('error[migration-role-denied]')
    expect(exitCode).toBe(2)
  }))

test('through PgBouncer, the role does not leak into the pool', () =>
  withRoles('18', async ({ database, owner }) => {
    const pooler = await startPooler(database.port, 2)
    try {
      const url = databaseUrl(pooler.port, database.name)
      const folder = workFolder(files)
      const environment = { DATABASE_URL: url, MIGRATION_ROLE: owner }
      expect(await runGate({ folder, environment })).toMatchObject({ exitCode: 0 })
      const [row] = await database.sql.unsafe(owners)
      expect(row).toMatchObject({ relname: 'a', owner: `"${owner}"` })
      await expectNoLock(database.sql)
      const seen = await Promise.all(
        ['1', '2'].map(async () => {
          const client = postgres(url, { max: 1, fetch_types: false, prepare: false })
          const [, [found] = []] = (await client.unsafe(
            'BEGIN; SELECT current_user::text AS who, pg_sleep(0.2)',
          )) as unknown as Record<string, unknown>[][]
          await client.end({ timeout: 1 })
          return found?.['who']
        }),
      )
      expect(seen).toEqual(['postgres', 'postgres'])
    } finally {
      await pooler.stop()
    }
  }))

test('through PgBouncer, a statement without a transaction is refused: nothing would keep the role', () =>
  withRoles('18', async ({ database, owner }) => {
    const pooler = await startPooler(database.port, 2)
    try {
      const folder = workFolder({
        'migrations/1_a.sql': 'CREATE TABLE a (id int);',
        'migrations/2_i.sql': 'SELECT 1;\nCREATE INDEX CONCURRENTLY a_id ON a (id);',
      })
      const environment = {
        DATABASE_URL: databaseUrl(pooler.port, database.name),
        MIGRATION_ROLE: owner,
      }
      const { exitCode, stdout } = await runGate({ folder, environment })
      expect(stdout).toContain(
        'migrations/2_i.sql: behind a pooler the setting MIGRATION_ROLE would not last until CREATE INDEX CONCURRENTLY',
      )
      expect(stdout).toContain('--> migrations/2_i.sql:2:1')
      expect(exitCode).toBe(4)
      expect(await database.sql`SELECT FROM pg_class WHERE relname = 'a'`).toHaveLength(0)
    } finally {
      await pooler.stop()
    }
  }))

test('a file that nobody could read runs under it too, and is verified', () =>
  withRoles('15', async ({ database: { sql }, owner, environment }) => {
    const folder = workFolder({
      'migrations/1_a.sql':
        '-- @verify sql SELECT count(*) = 0 FROM a\nCREATE TABLE a (system_user int)',
    })
    const { exitCode, stdout } = await runGate({ folder, environment })
    expect({ exitCode, stdout }).toMatchObject({ exitCode: 0 })
    expect([...(await sql.unsafe(owners))]).toEqual([
      { relname: 'a', nspname: owner, owner: `"${owner}"` },
      { relname: 'schema_migrations', nspname: 'schemagate', owner: `"${owner}"` },
    ])
  }))
