// SYSTEM_USER is a reserved word since PostgreSQL 16, so the built-in parser (18) cannot read what 15 still takes: the
// same as a file with syntax of a newer server than the parser's.

import { expect, test } from '@jest/globals'
import { createDatabase } from '../support/database.ts'
import { runGate, workFolder } from '../support/gate.ts'

test('a file that only the server can read is sent whole, with a warning, and recorded', async () => {
  const { url, sql } = await createDatabase('15')
  const folder = workFolder({
    'migrations/1_old.sql': 'CREATE TABLE a (system_user int);\nCREATE TABLE b (id int)',
  })
  const { exitCode, stderr } = await runGate({ folder, environment: { DATABASE_URL: url } })
  expect(stderr).toContain('migrations/1_old.sql: the parser cannot read it')
  expect(exitCode).toBe(0)
  expect(await sql`SELECT version::int AS v FROM schemagate.schema_migrations`).toEqual([{ v: 1 }])
})

test('one that fails at run time is rolled back whole', async () => {
  const { url, sql } = await createDatabase('15')
  const folder = workFolder({
    'migrations/1_old.sql': 'CREATE TABLE a (system_user int);\nSELECT 1/0',
  })
  const { exitCode, stdout } = await runGate({ folder, environment: { DATABASE_URL: url } })
  expect(exitCode).toBe(1)
  expect(stdout).toContain('SQLSTATE 22012')
  expect(await sql`SELECT to_regclass('a')::text AS a`).toEqual([{ a: null }])
})

test.each(['COMMIT', 'ROLLBACK', 'COMMIT; BEGIN', 'END'])(
  'one that ends its transaction with %s is never recorded, and the report says what may be left',
  async (control) => {
    const { url, sql } = await createDatabase('15')
    const folder = workFolder({
      'migrations/1_old.sql': `CREATE TABLE a (system_user int);\n${control};\nCREATE TABLE b (id int)`,
      'migrations/2_next.sql': 'CREATE TABLE c (id int)',
    })
    const { exitCode, stdout } = await runGate({ folder, environment: { DATABASE_URL: url } })
    expect(exitCode).toBe(1)
    expect(stdout).toContain(
      'error[transaction-ended]: migrations/1_old.sql ended its own transaction',
    )
    expect(stdout).toContain('not attempted  migrations/2_next.sql')
    expect(await sql`SELECT count(*)::int AS n FROM schemagate.schema_migrations`).toEqual([
      { n: 0 },
    ])
    expect(await sql`SELECT to_regclass('c')::text AS c`).toEqual([{ c: null }])
  },
)

test('one that copies through the client is refused by us, not left hanging', async () => {
  const { url } = await createDatabase('15')
  const folder = workFolder({
    'migrations/1_old.sql': 'CREATE TABLE a (system_user int);\nCOPY a FROM STDIN',
  })
  const { exitCode, stdout } = await runGate({ folder, environment: { DATABASE_URL: url } })
  expect(stdout).toContain('the rows of this COPY do not follow it in the file')
  expect(exitCode).toBe(1)
})

test('one that commits and then fails: the report says what may be left', async () => {
  const { url, sql } = await createDatabase('15')
  const folder = workFolder({
    'migrations/1_old.sql': 'CREATE TABLE a (system_user int); COMMIT; SELECT 1/0',
  })
  const { exitCode, stdout } = await runGate({ folder, environment: { DATABASE_URL: url } })
  expect(exitCode).toBe(1)
  expect(stdout).toContain('error[unread-migration-failed]')
  expect(stdout).toContain('the statements before that COMMIT are in the database')
  expect(stdout).not.toContain('rolled back whole')
  expect(await sql`SELECT to_regclass('a')::text AS a`).toEqual([{ a: 'a' }])
})
