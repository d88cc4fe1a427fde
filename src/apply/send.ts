// Sends the message of a migration, watches who stands in its way, and keeps the last marker that came back: how far the
// server got.

import type { Reply } from '../database/reply.ts'
import type { Announce, LockQueue } from '../events.ts'
import type { LockedSession } from '../lock/locked-session.ts'
import type { Migration } from '../migrations/migration.ts'
import type { LockTimeout, StatementTimeout } from '../sql/duration.ts'
import { markerColumn, type MigrationMessage } from './message.ts'
import { watchBlockers } from './watch.ts'

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

export type Sending = Timeouts & {
  readonly locked: LockedSession
  readonly announce: Announce
  readonly interruption: AbortSignal
}

export type Sent = {
  readonly reply: Reply
  readonly lastMarker: number | undefined
  /** Whom it was last seen to wait for. */
  readonly queue: LockQueue | undefined
}

export const sendMessage = async (
  migration: Migration,
  { name, text }: MigrationMessage,
  sending: Sending,
): Promise<Sent> => {
  const { locked, announce, interruption } = sending
  const { work } = locked
  let lastMarker: number | undefined
  const watch = watchBlockers({
    endpoint: work.endpoint,
    context: { announce, interruption },
    name,
    lockTimeout: timeoutsOf(migration, sending).lockTimeout,
    onBlocked: (queue, sinceMs) => {
      announce({ kind: 'migration waits for a lock', file: migration.file, sinceMs, queue })
    },
  })
  const reply = await work.send(text, (row) => {
    if (markerColumn in row) lastMarker = Number(row[markerColumn])
  })
  return { reply, lastMarker, queue: watch.end() }
}
