// What doctor says of a login role that may become the owner of the schema: the rights of a run are those of both.

import { describe, expect, test } from '@jest/globals'
import postgres from 'postgres'
import { bad, diagnosed } from '../support/diagnosis.ts'
import { workFolder, type Files } from '../support/gate.ts'
import { withRoles } from '../support/roles.ts'
import { serverVersions } from '../support/servers.ts'

const files: Files = {
  'migrations/1_a.sql': `-- @verify sql SELECT count(*) = 0 FROM a WHERE note IS NULL
    CREATE TABLE a (id int PRIMARY KEY, note text DEFAULT 'x', mood text CHECK (mood IN ('good', 'bad')));`,
  'migrations/2_b.sql': 'ALTER TABLE a ADD COLUMN more int; CREATE TEMP TABLE scratch AS SELECT 1;',
}

describe.each(serverVersions)('doctor with MIGRATION_ROLE on PostgreSQL %s', (version) => {
  test('judges its rights, not those of the login role', () =>
    withRoles(version, async ({ database: { sql, url }, owner, login, environment }) => {
      const folder = workFolder(files)
      await sql.unsafe(`CREATE TABLE "${owner}".a (id int PRIMARY KEY, note text DEFAULT 'x',
          mood text CHECK (mood IN ('good', 'bad')));
        ALTER TABLE "${owner}".a OWNER TO "${owner}"`)
      const well = await diagnosed(folder, environment)
      expect({ exitCode: well.exitCode, bad: bad(well) }).toEqual({ exitCode: 0, bad: [] })
      expect(well.of('role').sentence).toBe(
        `${owner} (MIGRATION_ROLE, set by ${login}), not a superuser, inherits from no other role`,
      )
      expect(well.of('ledger_rights').sentence).toBe(
        `${login} may create schemagate.schema_migrations`,
      )
      expect(well.of('schema_rights').sentence).toBe(
        `may create in ${owner}, the first schema of the search path that exists`,
      )
      expect(well.of('ownership').level).toBe('ok')
      expect(well.of('migrations').sentence).toContain('would mark 1 that the database already has')

      // Without it the table is not even seen; told by its full name, it is somebody else's.
      const other = workFolder({
        'migrations/1_b.sql': `ALTER TABLE "${owner}".a ADD COLUMN b int`,
      })
      const ill = await diagnosed(other, { DATABASE_URL: environment.DATABASE_URL })
      expect(ill.exitCode).toBe(1)
      expect(ill.of('ownership')).toMatchObject({
        level: 'problem',
        detail: [`migrations/1_b.sql: ${owner}.a belongs to ${owner}`],
        advice: `MIGRATION_ROLE=${owner}, which ${login} may become.`,
      })
      expect(await diagnosed(other, environment)).toMatchObject({ exitCode: 0 })
      // The ledger is the login role's, and what it may not do the other role does not make up for.
      await sql.unsafe(`REVOKE CREATE ON DATABASE ${new URL(url).pathname.slice(1)} FROM ${login}`)
      const unwritable = await diagnosed(other, environment)
      expect(unwritable.exitCode).toBe(2)
      expect(unwritable.of('ledger_rights').problems?.[0]?.code).toBe('ledger-not-permitted')
    }))

  test('who stands in the way of what it alters is told, though the login role may not look there', () =>
    withRoles(version, async ({ database: { sql }, owner, environment }) => {
      const folder = workFolder({ 'migrations/1_b.sql': `ALTER TABLE a ADD COLUMN b int` })
      await sql.unsafe(
        `CREATE TABLE "${owner}".a (id int); ALTER TABLE "${owner}".a OWNER TO "${owner}"`,
      )
      const blocker = postgres(environment.DATABASE_URL, { max: 1, fetch_types: false })
      await blocker.unsafe(`SET ROLE "${owner}"; BEGIN; SELECT FROM "${owner}".a`)
      const { of } = await diagnosed(folder, { ...environment, MIGRATION_LOCK_TIMEOUT: '1ms' })
      expect(of('transactions').detail.join()).toContain('blocks pending files')
      await blocker.end({ timeout: 1 })
    }))
})
