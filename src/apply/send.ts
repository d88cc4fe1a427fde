// Sends the message of a migration, and keeps the last marker that came back: how far the server got.

import type { Reply } from '../database/reply.ts'
import type { LockedSession } from '../lock/locked-session.ts'
import type { Migration } from '../migrations/migration.ts'
import type { LockTimeout, StatementTimeout } from '../sql/duration.ts'
import { markerColumn, type MigrationMessage } from './message.ts'

export type Timeouts = {
  readonly statementTimeout: StatementTimeout
  readonly lockTimeout: LockTimeout
}

/** The file's own, or those of the run. */
export const timeoutsOf = (
  { directives }: Migration,
  { statementTimeout, lockTimeout }: Timeouts,
): Timeouts => ({
  statementTimeout: directives.statementTimeout ?? statementTimeout,
  lockTimeout: directives.lockTimeout ?? lockTimeout,
})

export type Sent = { readonly reply: Reply; readonly lastMarker: number | undefined }

export const sendMessage = async (
  { work }: LockedSession,
  { text }: MigrationMessage,
): Promise<Sent> => {
  let lastMarker: number | undefined
  const reply = await work.send(text, (row) => {
    if (markerColumn in row) lastMarker = Number(row[markerColumn])
  })
  return { reply, lastMarker }
}
