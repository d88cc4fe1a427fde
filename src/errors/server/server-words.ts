// What the server said of an error, as the lines of a problem.

import { deadlockDetected, isRowCollision } from './sqlstate.ts'

export const rolledBack =
  'This migration was rolled back whole; those before it are applied and recorded; none after it was attempted.'

export const keptDone =
  'The statements before this one are done and recorded, and do not run again; this one is not recorded. Earlier migrations are applied and recorded; none after it was attempted.'

export const noneLeft =
  'The half-built index is dropped, now or by the next run; the table is as before, and the statements before this one are done and recorded.'

export type ServerWords = {
  sqlstate: string
  message: string
  serverDetail: string | undefined
  hint: string | undefined
  context: string | undefined
  internalQuery: string | undefined
}

export const serverLines = (facts: ServerWords): readonly string[] =>
  [
    `SQLSTATE ${facts.sqlstate}: ${facts.message}`,
    facts.serverDetail === undefined ? '' : `detail: ${facts.serverDetail}`,
    facts.hint === undefined ? '' : `hint: ${facts.hint}`,
    facts.internalQuery === undefined ? '' : `query: ${facts.internalQuery}`,
    facts.context === undefined ? '' : `context: ${facts.context}`,
  ].filter((line) => line !== '')

/** A migration that did not get a lock, in all of its tries. */
export type Blocked = ServerWords & {
  tries: number
  /** Each in words; none when they could not be seen. */
  blockers: readonly string[]
  /** Those of them who wait for nobody else; 0 is a prepared transaction. */
  leaders: readonly { readonly pid: number; readonly idleSeconds: number | undefined }[]
  /** How many sessions waited for it. */
  behind: number
}

export const inTries = ({ tries }: Blocked): string => (tries > 1 ? ` in ${tries} tries` : '')

/** What another session has done, by SQLSTATE; none for a lock that it holds. */
export const collisionIn = ({ sqlstate }: Blocked): string | undefined => {
  if (sqlstate === deadlockDetected) return 'lost a deadlock against another session'
  return isRowCollision(sqlstate)
    ? 'collided with another session that changed the same rows at the same time'
    : undefined
}

export const blockedBy = ({ blockers, behind }: Blocked): readonly string[] => [
  ...blockers,
  ...(behind === 0 ? [] : [`${behind} more session${behind === 1 ? '' : 's'} queued behind it`]),
]

/** How to have them gone: the command, with their pids. */
export const endLeaders = ({ leaders }: Blocked): string => {
  const pids = leaders.filter(({ pid }) => pid !== 0)
  const [first] = pids
  if (leaders.length > pids.length)
    return "Look for it: SELECT gid, owner, prepared FROM pg_prepared_xacts; and end it: COMMIT PREPARED '<gid>' or ROLLBACK PREPARED '<gid>'; then run again."
  if (first === undefined)
    return 'Run again when the session that holds the lock (pg_stat_activity, pg_blocking_pids) has ended.'
  const sql = pids.map(({ pid }) => `SELECT pg_terminate_backend(${pid});`).join(' ')
  return pids.every(({ idleSeconds }) => idleSeconds !== undefined)
    ? `It holds its locks and does nothing (for ${first.idleSeconds ?? 0} s). End it, and run again: ${sql}`
    : `Run again when it has finished, or end it: ${sql}`
}
