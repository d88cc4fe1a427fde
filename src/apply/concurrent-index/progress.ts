// How far a build is, and whom it waits for, as the monitor reads it.

import type { Monitor } from '../../database/monitor/monitor.ts'
import { runsForUs } from '../../database/monitor/our-statements.ts'
import { estimateProgress, withSample, type Sample } from '../../database/monitor/rate.ts'
import { reading } from '../../database/own-sql.ts'
import type { Row } from '../../database/session/reply.ts'
import type { Announce, IndexProgress } from '../../events.ts'

export type Watched = {
  readonly monitor: Monitor
  /** What is in front of the statement, or the process that runs it. */
  readonly who: string | number
  /** The index or table, as it is shown. */
  readonly shown: string
  readonly announce: Announce
}

const sayAgainMs = 5_000
const askEveryMs = 1_000

/** Announces each new phase, and from time to time how far it is. */
export const announceProgress = ({
  monitor,
  who,
  shown,
  announce,
}: Watched): { readonly stop: () => void } => {
  const started = Date.now()
  let saidAt = started
  let phase = ''
  let samples: readonly Sample[] = []
  return monitor.watch({
    query: reading(query(who)),
    firstAfterMs: askEveryMs,
    everyMs: askEveryMs,
    hear: (answer) => {
      const row =
        answer !== 'no answer' && answer.kind === 'done' ? answer.sets.at(-1)?.[0] : undefined
      if (row === undefined) return
      const { counts, ...progress } = readProgress(row)
      const now = Date.now()
      if (progress.phase !== phase) samples = []
      if (counts !== undefined)
        samples = withSample(samples, { atMs: performance.now(), done: counts.done })
      if (progress.phase === phase && now - saidAt < sayAgainMs) return
      phase = progress.phase
      saidAt = now
      const seconds = Math.round((now - started) / 1_000)
      const rate = rateOf(counts, samples)
      announce({ kind: 'index progress', index: shown, seconds, ...progress, rate })
    },
  })
}

const query = (who: string | number): string => `SELECT a.pid,
    coalesce(p.phase, CASE a.wait_event_type WHEN 'Lock' THEN 'waiting for a lock' ELSE 'running' END) AS phase,
    p.blocks_done::pg_catalog.float8, p.blocks_total::pg_catalog.float8,
    p.tuples_done::pg_catalog.float8, p.tuples_total::pg_catalog.float8,
    (SELECT pg_catalog.json_agg(pg_catalog.json_build_object('pid', b.pid, 'user', coalesce(b.usename, ''),
        'application', coalesce(b.application_name, ''), 'state', coalesce(b.state, ''),
        'seconds', coalesce(extract(epoch FROM pg_catalog.clock_timestamp() - b.xact_start), 0)::pg_catalog.int4))
      FROM pg_catalog.pg_stat_activity b
      WHERE b.pid = ANY (pg_catalog.pg_blocking_pids(a.pid)) OR b.pid = p.current_locker_pid)::pg_catalog.text AS waits_for
  FROM pg_catalog.pg_stat_activity a LEFT JOIN pg_catalog.pg_stat_progress_create_index p ON p.pid = a.pid
  WHERE ${typeof who === 'number' ? `a.pid = ${who}` : runsForUs(who)} LIMIT 1`

type Counts = {
  readonly unit: 'blocks' | 'rows'
  readonly done: number
  readonly total: number
}

const rateOf = (counts: Counts | undefined, samples: readonly Sample[]): IndexProgress['rate'] => {
  const { perSecond = 0, secondsLeft } = estimateProgress(samples, counts?.total)
  return counts === undefined || perSecond <= 0
    ? undefined
    : { unit: counts.unit, perSecond, secondsLeft }
}

export const readProgress = (
  row: Row,
): Omit<IndexProgress, 'rate'> & { readonly counts: Counts | undefined } => {
  const waitsFor = row['waits_for']
  const phase = String(row['phase'])
  // While it waits the server still shows the counts of the phase before.
  const counts = phase.startsWith('waiting')
    ? undefined
    : (countsOf('blocks', row['blocks_done'], row['blocks_total']) ??
      countsOf('rows', row['tuples_done'], row['tuples_total']))
  return {
    pid: Number(row['pid']),
    phase,
    percent: counts && Math.min(100, Math.floor((counts.done / counts.total) * 100)),
    waitsFor:
      typeof waitsFor === 'string' ? (JSON.parse(waitsFor) as IndexProgress['waitsFor']) : [],
    counts,
  }
}

// A total of 0 is one that the phase does not count.
const countsOf = (unit: Counts['unit'], done: unknown, total: unknown): Counts | undefined =>
  Number(total) > 0 ? { unit, done: Number(done), total: Number(total) } : undefined
