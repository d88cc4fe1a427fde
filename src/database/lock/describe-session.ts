// A session beside ours in words, for the log and for problems.

import type { OtherSession } from '../../events.ts'
import { withoutLiterals } from '../../sql/secrets.ts'

const longestQuery = 120

/** One line, and without its values: they are somebody's data, or a password. */
export const queryInBrief = (query: string): string => {
  const shown = withoutLiterals(query)
  return shown.length > longestQuery ? `${shown.slice(0, longestQuery - 1)}…` : shown
}

/** 'pid 4711 (psql, user app), idle in transaction for 340 s: SELECT …'. */
export const describeSession = (session: OtherSession): string => {
  const { pid, applicationName, user, state, ageSeconds, query } = session
  // What pg_blocking_pids() says of one: it belongs to no process.
  if (pid === 0) return 'a prepared transaction (see pg_prepared_xacts)'
  const who = [applicationName, user === '' ? '' : `user ${user}`].filter((each) => each !== '')
  const head = `pid ${pid}${who.length === 0 ? '' : ` (${who.join(', ')})`}`
  if (state === undefined) return `${head}; the rest is shown to members of pg_read_all_stats`
  const since = ageSeconds === undefined ? '' : ` for ${ageSeconds} s`
  return `${head}, ${state}${since}${query === undefined || query === '' ? '' : `: ${query}`}`
}
