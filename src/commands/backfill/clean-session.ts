// Every message of a backfill is a transaction of its own that says all it needs: a pooled connection may carry what another
// client left in it, and keeps nothing of its own.

import { endWhenAbandoned } from '../../database/server/abandoned.ts'
import { identifier } from '../../database/literal.ts'
import { cleanSession, ownPath } from '../../database/own-sql.ts'
import type { Server } from '../../database/server/server.ts'

// A key that holds a date must read the same in every session, whatever its role's DateStyle is.
const opening = (access: 'READ ONLY' | 'READ WRITE'): string =>
  `BEGIN ISOLATION LEVEL READ COMMITTED ${access}; ${cleanSession}; ${ownPath}; SET LOCAL datestyle = 'ISO'`

/**
 * Before what is the application's, its tables and what its files say: from here on MIGRATION_ROLE, where it is set. For the
 * transaction only, so that a pooler may be between; the login role begins each.
 */
export const setLocalRoleOf = ({ searchPath: { role } }: Server): string =>
  role === undefined ? '' : `SET LOCAL ROLE ${identifier(role)};`

/** Before what is ours again. */
export const resetLocalRole = ({ searchPath: { role } }: Server): string =>
  role === undefined ? '' : 'SET LOCAL ROLE NONE;'

/** Limits of the role or the database that would end a transaction for taking its time. */
export const noTimeLimits = ({ versionNumber }: Server): string =>
  `SET LOCAL idle_in_transaction_session_timeout = 0${versionNumber >= 170_000 ? '; SET LOCAL transaction_timeout = 0' : ''}`

// Whoever alters the table holds up even those who only look.
const lockTimeoutMs = 5_000

/** A message that reads, and yields the rows of its queries. */
export const reading = (queries: string): string =>
  `${opening('READ ONLY')}; SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = ${lockTimeoutMs}; ${queries}\n; COMMIT`

/** As reading(), for what may look at many rows: it ends by itself when its runner is gone. */
export const readingLong = (server: Server, queries: string): string =>
  reading([...endWhenAbandoned(server), queries].join('; '))

/** As reading(), for what writes; `settings` are SET LOCAL statements. */
export const writing = (
  statements: string,
  settings = `SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = ${lockTimeoutMs}`,
): string => `${opening('READ WRITE')}; ${settings}; ${statements}\n; COMMIT`
