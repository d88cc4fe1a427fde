// The comment in front of what we send, by which pg_stat_activity shows it: to people, and to the next run, which looks for what a
// killed one left on the server.

import type { LockKey } from './locked-session.ts'

/** `key` is that of the lock it runs under: another application has files of the same name, and a ledger of its own. */
export const nameMessage = (what: string, key: LockKey): string =>
  `/* schemagate: ${withoutStars(what)} */ /* lock ${key} */`

// A star could end the comment, or open one inside it. Two files never get the same name by that.
const withoutStars = (what: string): string => what.replaceAll('%', '%25').replaceAll('*', '%2A')

const withStars = (what: string): string => what.replaceAll('%2A', '*').replaceAll('%25', '%')

/** Of a session's query, in which a name of any length may be cut. */
export const migrationNamed = (query: unknown): string | undefined => {
  const named =
    typeof query === 'string' ? /^\/\* schemagate: ([^*]*) \*\//.exec(query)?.[1] : undefined
  return named === undefined ? undefined : withStars(named)
}
