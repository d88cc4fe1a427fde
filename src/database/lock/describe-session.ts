// A session beside ours in words, for the log and for problems.

import type { OtherSession } from '../../events.ts'
import { withoutLiterals } from '../../sql/text/secrets.ts'

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

/** The blockers, as a tree: the root comes first, and under it whom it keeps waiting. */
export const describeBlockers = (blockers: readonly OtherSession[]): readonly string[] => {
  const shown = new Set<number>()
  const linesFrom = (session: OtherSession, depth: number): readonly string[] => {
    if (shown.has(session.pid)) return []
    shown.add(session.pid)
    const lead = depth === 0 ? 'blocked by' : `${'  '.repeat(depth)}which blocks`
    const kept = blockers.filter(({ waitsFor = [] }) => waitsFor.includes(session.pid))
    return [
      `${lead} ${describeSession(session)}`,
      ...kept.flatMap((each) => linesFrom(each, depth + 1)),
    ]
  }
  return [...leaders(blockers), ...blockers].flatMap((each) => linesFrom(each, 0))
}

const leaders = (blockers: readonly OtherSession[]): readonly OtherSession[] =>
  blockers.filter(
    ({ waitsFor = [] }) => !waitsFor.some((pid) => blockers.some((each) => each.pid === pid)),
  )

export type Leader = { readonly pid: number; readonly idleSeconds: number | undefined }

/** Those who wait for nobody else: with their end the others go on. */
export const leadersOf = (blockers: readonly OtherSession[]): readonly Leader[] =>
  leaders(blockers).map(({ pid, state, ageSeconds }) => ({
    pid,
    idleSeconds: state?.startsWith('idle in transaction') === true ? (ageSeconds ?? 0) : undefined,
  }))
