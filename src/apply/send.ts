// Sends the message of a migration, keeps the last marker that comes back (how far the server got), and watches who is in
// its way while the answer is awaited.

import type { Reply, Row } from '../database/session/reply.ts'
import type { Notice } from '../database/session/notices.ts'
import type { Session } from '../database/session/session.ts'
import type { Announce, LockQueue } from '../events.ts'
import type { LockedSession } from '../database/lock/locked-session.ts'
import type { Migration } from '../migrations/migration.ts'
import type { LockTimeout, StatementTimeout } from '../sql/duration.ts'
import { markerColumn, type MigrationMessage } from './message.ts'
import { watchBlockers } from './blockers/watch-blockers.ts'

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

type Answer = { readonly reply: Reply; readonly lastMarker: number | undefined }

export type Posted = {
  readonly message: MigrationMessage
  readonly answer: Promise<Answer>
  /** What the server says meanwhile is held back until this is called: it belongs behind the words that begin with this one. */
  readonly tellNotices: (announce: Announce) => void
}

export const post = (message: MigrationMessage, work: Session): Posted => {
  const held: Notice[] = []
  let announce: Announce | undefined
  const tell = (notice: Notice): void => {
    if (announce === undefined) held.push(notice)
    else announce(notice)
  }
  const answered = async (): Promise<Answer> => {
    let lastMarker: number | undefined
    const onRow = (row: Row): undefined => {
      if (markerColumn in row) lastMarker = Number(row[markerColumn])
    }
    const reply = await work.send(message.text, onRow, tell, message.copies)
    return { reply, lastMarker }
  }
  const tellNotices: Posted['tellNotices'] = (to) => {
    announce = to
    for (const notice of held.splice(0)) tell(notice)
  }
  return { message, answer: answered(), tellNotices }
}

/** With whom it was last seen to wait for. */
export type Sent = Answer & { readonly queue: LockQueue | undefined }

export const awaitAnswer = async (
  migration: Migration,
  { message: { name }, answer, tellNotices }: Posted,
  sending: Sending,
): Promise<Sent> => {
  const { locked, announce } = sending
  tellNotices(announce)
  const watch = watchBlockers({
    monitor: locked.monitor,
    name,
    lockTimeout: timeoutsOf(migration, sending).lockTimeout,
    onBlocked: (queue, sinceMs) => {
      announce({ kind: 'migration waits for a lock', file: migration.file, sinceMs, queue })
    },
  })
  return { ...(await answer), queue: watch.end() }
}

export const sendMessage = (
  migration: Migration,
  message: MigrationMessage,
  sending: Sending,
): Promise<Sent> => awaitAnswer(migration, post(message, sending.locked.work), sending)
