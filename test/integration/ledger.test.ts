import { describe, expect, test } from '@jest/globals'
import { createDatabase, until } from '../support/database.ts'
import { runGate, startGate, workFolder } from '../support/gate.ts'
import { serverVersions } from '../support/servers.ts'

const create = 'CREATE TABLE IF NOT EXISTS a (id int); INSERT INTO a VALUES (1);'

describe.each(serverVersions)('a ledger that is tampered with on PostgreSQL %s', (version) => {
  test.each([
    ['a rule', 'CREATE RULE r AS ON INSERT TO schemagate.schema_migrations DO INSTEAD NOTHING'],
    [
      'a trigger',
      `CREATE FUNCTION swallow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
      CREATE TRIGGER t BEFORE INSERT ON schemagate.schema_migrations FOR EACH ROW EXECUTE FUNCTION swallow()`,
    ],
  ])('%s that swallows the row: rolled back, exit 1, never "applied"', async (_, swallow) => {
    const { url, sql } = await createDatabase(version)
    const folder = workFolder({ 'migrations/1_a.sql': `${create} ${swallow}` })
    const { exitCode, stdout, stderr } = await runGate({
      folder,
      environment: { DATABASE_URL: url },
    })
    expect(exitCode).toBe(1)
    expect(stdout).toContain(
      'error[not-recorded]: migrations/1_a.sql ran, but schemagate.schema_migrations',
    )
    expect(stderr).not.toContain('applied migrations/1_a.sql')
    expect(await sql`SELECT to_regclass('a')::text AS a`).toEqual([{ a: null }])
  })

  test.each(['TRUNCATE schemagate.schema_migrations', 'DELETE FROM schemagate.schema_migrations'])(
    'a file that does %s is rolled back, and what was recorded stays',
    async (statement) => {
      const { url, sql } = await createDatabase(version)
      const folder = workFolder({ 'migrations/1_a.sql': create, 'migrations/2_b.sql': statement })
      const { exitCode, stdout } = await runGate({ folder, environment: { DATABASE_URL: url } })
      expect(exitCode).toBe(1)
      expect(stdout).toContain('error[not-recorded]: migrations/2_b.sql')
      expect(await sql`SELECT version::int AS v FROM schemagate.schema_migrations`).toEqual([
        { v: 1 },
      ])
    },
  )

  test('that cannot be created is told with the words of the server, exit 4', async () => {
    const { url, sql } = await createDatabase(version)
    await sql.unsafe(`CREATE FUNCTION no() RETURNS event_trigger LANGUAGE plpgsql
      AS $$BEGIN RAISE EXCEPTION 'no DDL on Fridays'; END$$;
      CREATE EVENT TRIGGER fridays ON ddl_command_start EXECUTE FUNCTION no()`)
    const folder = workFolder({ 'migrations/1_a.sql': create })
    const { exitCode, stdout } = await runGate({ folder, environment: { DATABASE_URL: url } })
    expect(exitCode).toBe(4)
    expect(stdout).toContain('error[ledger-not-created]')
    expect(stdout).toContain('SQLSTATE P0001: no DDL on Fridays')
  })

  test('that another session is creating is waited for within MIGRATION_LOCK_WAIT_SECONDS, then exit 75', async () => {
    const { url, client } = await createDatabase(version)
    const other = client()
    await other.unsafe('BEGIN; CREATE SCHEMA schemagate')
    const folder = workFolder({ 'migrations/1_a.sql': create })
    const environment = { DATABASE_URL: url, MIGRATION_LOCK_WAIT_SECONDS: '1' }
    const { exitCode, stdout } = await runGate({ folder, environment })
    expect(exitCode).toBe(75)
    expect(stdout).toContain('error[ledger-busy]')
    await other.unsafe('ROLLBACK')
  })

  test('that another session has made in the same moment is taken as it is', async () => {
    const { url, sql, client } = await createDatabase(version)
    const other = client()
    await other.unsafe('BEGIN; CREATE SCHEMA schemagate')
    const folder = workFolder({ 'migrations/1_a.sql': create })
    const gate = startGate({ folder, environment: { DATABASE_URL: url } })
    const waiting = `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`
    await until('it waits', async () => (await sql.unsafe(waiting)).length === 1)
    await other.unsafe('COMMIT')
    expect(await gate.finished).toMatchObject({ exitCode: 0 })
  })

  test('that is locked is waited for, and SIGTERM ends the waiting', async () => {
    const { url, client } = await createDatabase(version)
    const folder = workFolder({ 'migrations/1_a.sql': create })
    await runGate({ folder, environment: { DATABASE_URL: url } })
    const other = client()
    await other.unsafe('BEGIN; LOCK TABLE schemagate.schema_migrations IN ROW EXCLUSIVE MODE')
    const more = workFolder({ 'migrations/1_a.sql': create, 'migrations/2_b.sql': 'SELECT 1' })
    const gate = startGate({ folder: more, environment: { DATABASE_URL: url } })
    await until('it waits', () => gate.stderr().includes('Acquired migration lock'))
    const killed = performance.now()
    gate.process.kill('SIGTERM')
    expect(await gate.finished).toMatchObject({ exitCode: 143 })
    expect(performance.now() - killed).toBeLessThan(5_000)
    await other.unsafe('ROLLBACK')
  })
})

test.each(serverVersions)(
  'a file that renames every UNIQUE constraint of the database passes over the ledger, on PostgreSQL %s',
  async (version) => {
    const { url, sql } = await createDatabase(version)
    const everyOne = `DO $$ DECLARE k record; BEGIN
      FOR k IN SELECT conrelid::regclass AS t, conname FROM pg_constraint WHERE contype = 'u' AND conrelid >= 16384 LOOP
        EXECUTE format('ALTER TABLE %s RENAME CONSTRAINT %I TO %I', k.t, k.conname, k.conname || '_old');
      END LOOP; END $$;`
    const folder = workFolder({
      'migrations/1_a.sql': 'CREATE TABLE a (id int, CONSTRAINT a_id UNIQUE (id));',
      'migrations/2_b.sql': everyOne,
      'migrations/3_c.sql': 'CREATE TABLE c (id int);',
    })
    for (const expected of ['3 applied', 'up to date, 3 recorded'])
      expect(await runGate({ folder, environment: { DATABASE_URL: url } })).toMatchObject({
        exitCode: 0,
        stdout: expect.stringContaining(expected),
      })
    expect(
      await sql`SELECT conname FROM pg_constraint WHERE contype = 'u' AND conrelid >= 16384`,
    ).toEqual([{ conname: 'a_id_old' }])
  },
)

test('a server without room for a second connection: exit 75, to be tried again', async () => {
  const { url, sql, name } = await createDatabase('18')
  const role = `lonely_${name}`
  await sql.unsafe(`CREATE ROLE ${role} LOGIN PASSWORD 'lonely-secret-1' CONNECTION LIMIT 1;
    GRANT CREATE ON DATABASE ${name} TO ${role}`)
  try {
    const folder = workFolder({ 'migrations/1_a.sql': 'SELECT 1' })
    const lonely = url.replace(/\/\/.*@/, `//${role}:lonely-secret-1@`)
    const { exitCode, stdout } = await runGate({ folder, environment: { DATABASE_URL: lonely } })
    expect(stdout).toContain(
      'error[server-busy]: the server cannot serve the lock connection of schemagate now',
    )
    expect(exitCode).toBe(75)
  } finally {
    await sql.unsafe(`DROP OWNED BY ${role}; DROP ROLE ${role}`)
  }
})

test('strings are read as the parser reads them, whatever the database says', async () => {
  const { url, sql, name } = await createDatabase('18')
  await sql.unsafe(`ALTER DATABASE ${name} SET standard_conforming_strings = off`)
  const folder = workFolder({
    'migrations/1_a.sql': String.raw`CREATE TABLE paths (p text); INSERT INTO paths VALUES ('C:\');`,
  })
  expect(await runGate({ folder, environment: { DATABASE_URL: url } })).toMatchObject({
    exitCode: 0,
  })
  const [row] = await sql`SELECT length(p) AS n FROM paths`
  expect(row).toEqual({ n: 3 })
})

test("variables that only libpq's own clients read do not stop the gate", async () => {
  const { url } = await createDatabase('18')
  const folder = workFolder({ 'migrations/1_a.sql': 'SELECT 1' })
  const environment = {
    DATABASE_URL: url,
    PGTARGETSESSIONATTRS: 'any',
    PGBACKOFF: 'x',
    PG_HOST: 'db',
    LOGLEVEL: 'x',
  }
  expect(await runGate({ folder, environment })).toMatchObject({ exitCode: 0 })
})

test('a reader of the log that goes away does not stop a migration', async () => {
  const { url, sql } = await createDatabase('18')
  const folder = workFolder({
    'migrations/1_a.sql': 'CREATE TABLE a (id int); SELECT pg_sleep(0.3)',
  })
  const gate = startGate({ folder, environment: { DATABASE_URL: url } })
  gate.process.stderr?.destroy()
  gate.process.stdout?.destroy()
  expect(await gate.finished).toMatchObject({ exitCode: 0 })
  expect(await sql`SELECT count(*)::int AS n FROM schemagate.schema_migrations`).toEqual([{ n: 1 }])
})
