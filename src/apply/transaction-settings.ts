// How our transaction begins, and what of its session it leaves to the next.

import { endWhenAbandoned } from '../database/server/abandoned.ts'
import { identifier, literal } from '../database/literal.ts'
import { asNewSession } from '../database/server/login-settings.ts'
import { cleanSession, ownPath, pathOfFiles } from '../database/own-sql.ts'
import type { Server } from '../database/server/server.ts'
import type { LockTimeout, StatementTimeout } from '../sql/duration.ts'

export const opening = (parts: Limited): string =>
  [
    // Said, because a pooled connection may carry other defaults that somebody left in it.
    'BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE',
    cleanSession,
    limitsOf(parts),
    ...endWhenAbandoned(parts.server),
    ownPath,
  ].join('; ')

type Limited = {
  readonly server: Server
  readonly statementTimeout: StatementTimeout
  readonly lockTimeout: LockTimeout
}

/** For the rest of the transaction. */
export const limitsOf = ({ server, statementTimeout, lockTimeout }: Limited): string =>
  [
    `SET LOCAL statement_timeout = ${statementTimeout.ms}`,
    `SET LOCAL lock_timeout = ${lockTimeout.ms}`,
    'SET LOCAL idle_in_transaction_session_timeout = 0',
    ...(server.versionNumber >= 170_000 ? ['SET LOCAL transaction_timeout = 0'] : []),
  ].join('; ')

// What a file left in its session must not reach the next file, nor another client of the pooler; its settings are off
// already, for the fence. Behind a pooler prepared statements and session locks are other clients'.
export const dropSessionObjects = (
  { connectionKind }: Server,
  where: 'file goes on' | 'file ends' = 'file ends',
): string =>
  [
    'CLOSE ALL',
    'UNLISTEN *',
    'DISCARD TEMP',
    // A trigger or a function may ask for currval() where no text shows it.
    ...(connectionKind === 'DIRECT' && where === 'file goes on' ? [] : ['DISCARD SEQUENCES']),
    ...(connectionKind === 'DIRECT'
      ? ['DEALLOCATE ALL', 'SELECT pg_catalog.pg_advisory_unlock_all()']
      : []),
  ].join('; ')

/** For the rest of the transaction. */
export const setLocalRole = (role: string): string => `SET LOCAL ROLE ${identifier(role)}`

/** What a file starts with, for the rest of the transaction. A pooled connection may be older than they are. Behind ownPath. */
export const settingsOfLogin = ({ connectionKind, login }: Server): string =>
  connectionKind === 'DIRECT'
    ? pathOfFiles
    : `${asNewSession};\nSELECT pg_catalog.set_config('search_path', ${literal(login.path)}, true) AS path`
