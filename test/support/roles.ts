// A login role that may become the owner of the schema, and has no rights of its own there.

import { administrator, createDatabase, databaseUrl, type TestDatabase } from './database.ts'
import type { ServerVersion } from './servers.ts'

export type Roles = {
  readonly database: TestDatabase
  readonly owner: string
  readonly login: string
  readonly environment: { readonly DATABASE_URL: string; readonly MIGRATION_ROLE: string }
}

/** `owner` has a schema of its own name, with a space in it. */
export const withRoles = async (
  version: ServerVersion,
  use: (roles: Roles) => Promise<void>,
): Promise<void> => {
  const database = await createDatabase(version)
  const { name, port } = database
  const [owner, login] = [`Owner ${name}`, `login_${name}`]
  const admin = administrator(version)
  await admin.unsafe(`CREATE ROLE "${owner}"; CREATE ROLE ${login} LOGIN NOINHERIT PASSWORD 'pw' IN ROLE "${owner}";
    GRANT CREATE ON DATABASE ${name} TO ${login}`)
  await database.sql.unsafe(`CREATE SCHEMA "${owner}" AUTHORIZATION "${owner}"`)
  try {
    await use({
      database,
      owner,
      login,
      environment: { DATABASE_URL: databaseUrl(port, name, login, 'pw'), MIGRATION_ROLE: owner },
    })
  } finally {
    await database.drop()
    await admin.unsafe(`DROP ROLE ${login}; DROP ROLE "${owner}"`)
  }
}
