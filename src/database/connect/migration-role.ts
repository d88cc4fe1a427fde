// The role that migrations run under must be there, and the login role must be able to become it: said before anything runs.

import { fail } from '../../errors/problem.ts'
import type { Connected } from './attempt.ts'

/** Throws `migration-role-unknown`, `migration-role-denied`. */
export const requireMigrationRole = ({
  server,
  session,
}: Pick<Connected<unknown>, 'server' | 'session'>): void => {
  const { role } = server.searchPath
  if (role === undefined) return
  const facts = { role, user: session.endpoint.user }
  if (server.migrationRole === 'unknown') fail('migration-role-unknown', facts)
  if (server.migrationRole === 'denied') fail('migration-role-denied', facts)
}
