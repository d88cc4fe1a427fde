// The migration lock, or our connection, is gone while a file runs: it may have ended the session itself, and would do so
// in each run.

import type { Reply, ServerError } from '../../database/session/reply.ts'
import { interrupted } from '../../errors/interruption.ts'
import { problem, type Problem } from '../../errors/problem.ts'
import type { Migration } from '../../migrations/migration.ts'
import { endsSessions } from '../../sql/transaction/ends-sessions.ts'
import { queryCanceled } from '../../errors/server/sqlstate.ts'

type File = Pick<Migration, 'file' | 'text'>

export const lockLost = ({ file, text }: File): Problem =>
  endsSessions(text) ? problem('sessions-ended', { file }) : problem('lock-lost', { file })

export const connectionLost = (
  { file, text }: File,
  { role, reason }: { readonly role: string; readonly reason: string },
): Problem =>
  endsSessions(text)
    ? problem('sessions-ended', { file, role, reason })
    : problem('connection-lost', { role, reason, file })

type Sent = {
  readonly migration: File
  readonly interruption: AbortSignal
  /** Completes the sentence 'stopped by SIGTERM …'. */
  readonly during: string
}

/** Why the answer to a message did not come: a signal has stopped the run, or the connection is gone. */
export const noAnswer = (
  reply: Extract<Reply, { kind: 'lost' }>,
  { migration, interruption, during }: Sent,
): Problem =>
  interruption.aborted ? interrupted(interruption, during) : connectionLost(migration, reply)

/** Undefined where it is not the signal that made the server cancel it. */
export const stoppedBySignal = (
  { sqlstate }: ServerError,
  { interruption, during }: Sent,
): Problem | undefined =>
  interruption.aborted && sqlstate === queryCanceled ? interrupted(interruption, during) : undefined
