// Who blocks a migration that waits for a lock, and who queues behind it.

import { runsForUs } from '../../database/monitor/our-statements.ts'
import { reading } from '../../database/own-sql.ts'
import type { Reply, Row } from '../../database/session/reply.ts'
import type { LockQueue, OtherSession } from '../../events.ts'
import { queryInBrief } from '../../database/lock/describe-session.ts'
import type { LockKey } from '../../database/lock/locked-session.ts'
import { nameMessage } from '../../database/lock/named-statement.ts'

/** The comment in front of a message, by which the server's view of it is found: the file, and the run for certainty. */
export const messageName = (file: string, key: LockKey, runId: string): string =>
  `${nameMessage(file, key)} /* run ${runId} */`

const mostNamed = 5
const withinMs = 1_000
const deepestChain = 5

/** For the monitor: who blocks the message of that name, and who waits behind it. */
export const blockersQuery = (name: string): string =>
  reading(
    `SET LOCAL statement_timeout = ${withinMs}; SET LOCAL lock_timeout = ${withinMs}`,
    `WITH RECURSIVE ours AS MATERIALIZED (
    SELECT a.pid, pg_catalog.pg_blocking_pids(a.pid) AS blockers FROM pg_catalog.pg_stat_activity a
    WHERE ${runsForUs(name)} AND a.wait_event_type = 'Lock'
    ORDER BY a.query_start DESC LIMIT 1),
  behind AS MATERIALIZED (
    SELECT DISTINCT waiting.pid FROM ours
      JOIN pg_catalog.pg_locks AS taken ON taken.pid = ours.pid AND taken.locktype = 'relation'
      JOIN pg_catalog.pg_locks AS waiting ON waiting.locktype = 'relation' AND NOT waiting.granted
        AND waiting.database = taken.database AND waiting.relation = taken.relation
    WHERE ours.pid = ANY (pg_catalog.pg_blocking_pids(waiting.pid))),
  chain(pid, blocks, depth) AS (
    SELECT DISTINCT blocker.pid, NULL::pg_catalog.int4, 1 FROM ours, pg_catalog.unnest(ours.blockers) AS blocker(pid)
    UNION SELECT blocker.pid, chain.pid, chain.depth + 1
      FROM chain, pg_catalog.unnest(pg_catalog.pg_blocking_pids(chain.pid)) AS blocker(pid)
      WHERE chain.depth < ${deepestChain} AND chain.pid <> 0 AND blocker.pid NOT IN (SELECT pid FROM ours)),
  others AS (
    SELECT DISTINCT 'blocker' AS side, pid, blocks, max(depth) OVER (PARTITION BY pid) AS depth FROM chain
    UNION ALL SELECT 'behind', pid, NULL, 0 FROM behind)
SELECT others.side, others.pid, others.blocks, activity.application_name, activity.usename::pg_catalog.text AS "user", activity.state,
    extract(epoch FROM pg_catalog.clock_timestamp() - activity.xact_start)::pg_catalog.int4 AS age, activity.query
  FROM others LEFT JOIN pg_catalog.pg_stat_activity AS activity ON activity.pid = others.pid
  ORDER BY others.depth DESC, activity.xact_start NULLS LAST`,
  )

/** Undefined while the message does not wait for a lock, or when the server does not say. */
export const queueIn = (reply: Reply): LockQueue | undefined =>
  queueOf(reply.kind === 'done' ? (reply.sets.at(-1) ?? []) : [])

export const queueOf = (rows: readonly Row[]): LockQueue | undefined => {
  const on = (side: string): readonly OtherSession[] =>
    rows.filter((row) => row['side'] === side).map(sessionOf)
  const waitsFor = (pid: number): readonly number[] => [
    ...new Set(rows.flatMap((row) => (row['blocks'] === pid ? [Number(row['pid'])] : []))),
  ]
  const seen = new Map(on('blocker').map((session) => [session.pid, session]))
  const blockers = [...seen.values()].map((session) => {
    const others = waitsFor(session.pid)
    return others.length === 0 ? session : { ...session, waitsFor: others }
  })
  const behind = on('behind')
  if (blockers.length === 0) return undefined
  return {
    blockers: blockers.slice(0, mostNamed),
    behind: behind.slice(0, mostNamed),
    behindCount: behind.length,
  }
}

const sessionOf = (row: Row): OtherSession => ({
  pid: Number(row['pid']),
  applicationName: textOf(row['application_name']) ?? '',
  user: textOf(row['user']) ?? '',
  state: textOf(row['state']),
  ageSeconds: typeof row['age'] === 'number' ? row['age'] : undefined,
  query: row['state'] === null ? undefined : queryInBrief(textOf(row['query']) ?? ''),
})

const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' ? value : undefined
