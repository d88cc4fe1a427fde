// Logins that come and go, as a secret store makes them, and one role that each of them may become: the ledger is the role's.

import { describe, expect, test } from '@jest/globals'
import {
  administrator,
  createDatabase,
  databaseUrl,
  type TestDatabase,
} from '../support/database.ts'
import { runGate, workFolder, writeFiles, type Finished } from '../support/gate.ts'
import { serverVersions, type ServerVersion } from '../support/servers.ts'

type Rotation = {
  readonly database: TestDatabase
  readonly owner: string
  readonly folder: string
  /** As the first or the second login, under the role. */
  readonly as: (
    login: 1 | 2,
    args: readonly string[],
    more?: Readonly<Record<string, string>>,
  ) => Promise<Finished>
  readonly login: (number: 1 | 2) => string
}

/** What the logins have of the role's: `INHERIT`, or only what they put on. */
type Kind = 'INHERIT' | 'NOINHERIT'

const withLogins = async (
  version: ServerVersion,
  kind: Kind,
  use: (rotation: Rotation) => Promise<void>,
): Promise<void> => {
  const database = await createDatabase(version)
  const { name, port } = database
  const admin = administrator(version)
  const owner = `Owner ${name}`
  const login = (number: 1 | 2): string => `v${number}_${name}`
  await admin.unsafe(`CREATE ROLE "${owner}"; GRANT CREATE ON DATABASE ${name} TO "${owner}"`)
  for (const each of [login(1), login(2)])
    await admin.unsafe(`CREATE ROLE ${each} LOGIN ${kind} PASSWORD 'pw' IN ROLE "${owner}"`)
  await database.sql.unsafe(`CREATE SCHEMA "${owner}" AUTHORIZATION "${owner}"`)
  const folder = workFolder({
    'migrations/1_a.sql':
      'CREATE TABLE a (id int PRIMARY KEY, seen int); INSERT INTO a SELECT generate_series(1, 20)',
    'migrations/backfills/seen.sql': '-- @table a\n-- @key id\nUPDATE a SET seen = 1 WHERE :batch;',
  })
  const as: Rotation['as'] = (number, args, more = {}) =>
    runGate({
      args,
      folder,
      environment: {
        DATABASE_URL: databaseUrl(port, name, login(number), 'pw'),
        MIGRATION_ROLE: owner,
        ...more,
      },
    })
  try {
    await use({ database, owner, folder, as, login })
  } finally {
    await database.drop()
    await admin.unsafe(`DROP ROLE ${login(1)}; DROP ROLE ${login(2)}; DROP ROLE "${owner}"`)
  }
}

const expectDone = ({ exitCode, stdout, stderr }: Finished): void => {
  expect(exitCode === 0 ? '' : stdout + stderr).toBe('')
}

const second = {
  'migrations/2_b.sql': 'CREATE TABLE b (id int)',
  'migrations/3_i.sql': 'CREATE INDEX CONCURRENTLY i ON b (id)',
}

const kinds: readonly Kind[] = ['INHERIT', 'NOINHERIT']

describe.each(serverVersions)('on PostgreSQL %s', (version) => {
  test.each(kinds)('what the first login has begun, the second goes on with: %s', (kind) =>
    withLogins(version, kind, async ({ database: { sql }, owner, folder, as, login }) => {
      expectDone(await as(1, ['run']))
      expectDone(await as(1, ['backfill', '--all', '--strict']))
      expect(
        await sql`SELECT DISTINCT pg_get_userbyid(relowner) AS owner FROM pg_class WHERE relnamespace = 'schemagate'::regnamespace`,
      ).toEqual([{ owner }])
      writeFiles(folder, second)
      for (const args of [
        ['status'],
        ['plan'],
        ['doctor'],
        ['run'],
        ['status'],
        ['backfill', '--all', '--strict'],
      ])
        expectDone(await as(2, args))
      expect(
        await sql`SELECT version::int AS version, applied_by FROM schemagate.schema_migrations ORDER BY version::int`,
      ).toEqual([
        { version: 1, applied_by: login(1) },
        { version: 2, applied_by: login(2) },
        { version: 3, applied_by: login(2) },
      ])
      // Nothing is left that would keep the first from being dropped; what was granted to it goes by DROP OWNED.
      await sql.unsafe(
        `${kind === 'INHERIT' ? '' : `DROP OWNED BY ${login(1)};`} DROP ROLE ${login(1)}; CREATE ROLE ${login(1)}`,
      )
      expectDone(await as(2, ['run']))
    }),
  )

  test('a ledger that a login has made without the role is handed over by it', () =>
    withLogins(version, 'INHERIT', async ({ database: { sql }, owner, folder, as, login }) => {
      await sql.unsafe(`GRANT CREATE ON SCHEMA public TO ${login(1)}`)
      expectDone(await as(1, ['run'], { MIGRATION_ROLE: '' }))
      expectDone(await as(1, ['backfill', '--all', '--strict'], { MIGRATION_ROLE: '' }))
      writeFiles(folder, second)
      const refused = await as(2, ['run'])
      expect(refused.exitCode).toBe(4)
      expect(refused.stdout).toContain(`the schema schemagate belongs to ${login(1)}`)
      expect(refused.stdout).toContain(`ALTER SCHEMA schemagate OWNER TO "${owner}";`)
      writeFiles(folder, { 'migrations/4_c.sql': 'CREATE TABLE c (id int)' })
      expectDone(await as(1, ['run']))
      expectDone(await as(2, ['run']))
      expect(
        await sql`SELECT DISTINCT pg_get_userbyid(relowner) AS owner FROM pg_class WHERE relnamespace = 'schemagate'::regnamespace`,
      ).toEqual([{ owner }])
    }))

  test('where that login is gone, the refusal has the SQL that hands it over', () =>
    withLogins(version, 'INHERIT', async ({ database: { sql }, as, login }) => {
      await sql.unsafe(`GRANT CREATE ON SCHEMA public TO ${login(1)}`)
      expectDone(await as(1, ['run'], { MIGRATION_ROLE: '' }))
      const refused = await as(2, ['status'])
      const cure = /as a superuser: (ALTER .*;) If a role of your own/.exec(refused.stdout)?.[1]
      await sql.unsafe(cure ?? 'no cure')
      expectDone(await as(2, ['run']))
    }))

  test('a ledger of a login that has made itself a member of nothing is a stranger’s', () =>
    withLogins(version, 'INHERIT', async ({ database: { sql, name }, as, login }) => {
      await sql.unsafe(`REVOKE "Owner ${name}" FROM ${login(1)}; GRANT CREATE ON DATABASE ${name} TO ${login(1)};
        GRANT CREATE ON SCHEMA public TO ${login(1)}`)
      expectDone(await as(1, ['run'], { MIGRATION_ROLE: '' }))
      const { exitCode, stdout } = await as(2, ['run'])
      expect(stdout).toContain('error[ledger-not-ours]')
      expect(exitCode).toBe(4)
    }))
})
