// What the server said of an error, as the lines of a problem.

export const rolledBack =
  'This migration was rolled back whole; those before it are applied and recorded; none after it was attempted.'

export const keptDone =
  'The statements before this one are done and recorded, and do not run again; this one is not recorded. ' +
  'Earlier migrations are applied and recorded; none after it was attempted.'

export const noneLeft =
  'What the failed build left was dropped, or the next run drops it; the statements before it are done and recorded.'

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
  /** How many sessions waited for it. */
  behind: number
}

export const inTries = ({ tries }: Blocked): string => (tries > 1 ? ` in ${tries} tries` : '')

/** What another session has done, by SQLSTATE; none for a lock that it holds. */
export const collisionIn = ({ sqlstate }: Blocked): string | undefined => {
  if (sqlstate === '40P01') return 'lost a deadlock against another session'
  return sqlstate === '40001' || sqlstate === 'XX000'
    ? 'met another session that changed the same rows at the same time'
    : undefined
}

export const blockedBy = ({ blockers, behind }: Blocked): readonly string[] => [
  ...blockers.map((blocker) => `blocked by ${blocker}`),
  ...(behind === 0 ? [] : [`${behind} more session${behind === 1 ? '' : 's'} queued behind it`]),
]
