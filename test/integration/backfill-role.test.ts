// Backfills of tables of a role that the login role may become: what is the application's is done under it, the record of it belongs to
// that role, too, and is written by the login role.

import { describe, expect, test } from '@jest/globals'
import { countedTable, expectOnceEach, fill, stateOf, stretchesAhead } from '../support/backfill.ts'
import { databaseUrl, until, type TestDatabase } from '../support/database.ts'
import { runGate, startGate, workFolder } from '../support/gate.ts'
import { startPooler } from '../support/pooler.ts'
import { withRoles, type Roles } from '../support/roles.ts'
import { serverVersions, superuser } from '../support/servers.ts'

/** Everything of the application in the role's own schema, where nobody else has rights. Each row says who updated it. */
const arrange = async ({ database, owner }: Roles): Promise<void> => {
  const name = database.name
  await database.sql.unsafe(`ALTER DATABASE ${name} SET search_path = "$user", public;
    SET ROLE "${owner}"; SET search_path = "${owner}";
    ${countedTable(
      'tenant text COLLATE "und-x-icu", no int, by text, PRIMARY KEY (tenant, no)',
      `SELECT CASE WHEN n % 2 = 0 THEN 'a' ELSE 'B' END, n FROM generate_series(1, 1000) AS n`,
    )}
    RESET ROLE; SET search_path = "${owner}", public`)
}

const statement = 'UPDATE t SET filled = 1, by = current_user WHERE :batch'
const done = '-- @done sql SELECT NOT EXISTS (SELECT FROM t WHERE filled IS NULL)\n'

const folderWith = (directives: string): string =>
  workFolder({
    'migrations/backfills/fill.sql': `-- @table t\n-- @key tenant, no\n${directives}${statement};`,
  })

const args = ['backfill', 'fill', '--strict']

const expectDone = async ({ database, owner }: Roles): Promise<void> => {
  await expectOnceEach(database, 1_000)
  expect([...(await database.sql`SELECT DISTINCT by FROM t`)]).toEqual([{ by: owner }])
  expect(await stateOf(database)).toMatchObject({ state: 'done', visited: 1_000, changed: 1_000 })
}

const recordOwners = async ({ sql }: TestDatabase): Promise<readonly string[]> => {
  const rows =
    await sql`SELECT DISTINCT tableowner AS owner FROM pg_tables WHERE schemaname = 'schemagate'`
  return rows.map(({ owner }) => String(owner))
}

describe.each(serverVersions)(
  'schemagate backfill under MIGRATION_ROLE on PostgreSQL %s',
  (version) => {
    test.each([
      ['waiting for locked rows', ''],
      ['leaving out locked rows', '-- @skip-locked on\n'],
      ['with several workers', '-- @workers 3\n'],
    ])(
      '%s: reads, counts and changes as that role, and its record belongs to that role',
      (_, directives) =>
        withRoles(version, async (roles) => {
          await arrange(roles)
          const { environment, database, owner } = roles
          const folder = folderWith(`-- @batch-size 150\n${done}${directives}`)
          expect(await runGate({ args, folder, environment })).toMatchObject({ exitCode: 0 })
          await expectDone(roles)
          expect(await recordOwners(database)).toEqual([owner])
          expect(await stretchesAhead(database)).toBe(0)
        }),
    )

    test('leaves locked rows of it out, and goes on with them, when they are free', () =>
      withRoles(version, async (roles) => {
        await arrange(roles)
        const { environment, database } = roles
        const folder = folderWith('-- @batch-size 150\n-- @skip-locked on\n')
        const rival = database.client()
        await rival.unsafe(
          `BEGIN; SELECT FROM "${roles.owner}".t WHERE no IN (7, 8, 500) FOR UPDATE`,
        )
        const gate = startGate({ args, folder, environment })
        await until('it waits for them', () =>
          gate.stderr().includes('BACKFILL fill waits: another session has locked rows'),
        )
        expect(await stateOf(database)).toMatchObject({ skipped: 3, visited: 997, changed: 997 })
        await rival`COMMIT`
        expect(await gate.finished).toMatchObject({ exitCode: 0 })
        await expectDone(roles)
      }))

    test('without it the login role is refused, with the reason; nothing is changed', () =>
      withRoles(version, async (roles) => {
        await arrange(roles)
        const { DATABASE_URL } = roles.environment
        const { stdout, exitCode } = await runGate({
          ...{ args, folder: folderWith('') },
          environment: { DATABASE_URL },
        })
        expect(exitCode).not.toBe(0)
        expect(stdout).toMatch(/error\[backfill-/)
        expect([...(await roles.database.sql`SELECT DISTINCT updates FROM t`)]).toEqual([
          { updates: 0 },
        ])
      }))

    test('of a role that is not there, or that it may not become, it says so', () =>
      withRoles(version, async ({ environment }) => {
        for (const [role, code] of [
          ['nobody_at_all', 'migration-role-unknown'],
          ['pg_monitor', 'migration-role-denied'],
        ] as const) {
          const { exitCode, stdout } = await runGate({
            ...{ args, folder: workFolder({ 'migrations/backfills/fill.sql': fill() }) },
            environment: { ...environment, MIGRATION_ROLE: role },
          })
          expect(stdout).toContain(`error[${code}]`)
          expect(exitCode).toBe(2)
        }
      }))
  },
)

describe.each(serverVersions)(
  'the same through PgBouncer in transaction mode on PostgreSQL %s',
  (version) => {
    test.each([
      ['two workers', '-- @workers 2\n'],
      ['locked rows left out', '-- @skip-locked on\n'],
    ])('with %s', (_, directives) =>
      withRoles(version, async (roles) => {
        await arrange(roles)
        const { database, owner, login } = roles
        const pooler = await startPooler(database.port, 4, { auth_user: superuser })
        try {
          const url = databaseUrl(pooler.port, database.name, login, 'pw')
          const environment = { DATABASE_URL: url, MIGRATION_ROLE: owner }
          const folder = folderWith(`-- @batch-size 150\n${done}${directives}`)
          expect(await runGate({ args, folder, environment })).toMatchObject({ exitCode: 0 })
          await expectDone(roles)
        } finally {
          await pooler.stop()
        }
      }),
    )
  },
)
