// How far a build is, and whom it waits for: asked over a short-lived session of its own, in autocommit. Not over the
// session that holds the migration lock: a question there leaves its open transaction as one that the build waits for.

import { runsForUs } from '../../database/our-statements.ts'
import { reading } from '../../database/own-sql.ts'
import type { Row } from '../../database/reply.ts'
import { openSession, type Session, type SessionContext } from '../../database/session.ts'
import type { IndexProgress } from '../../events.ts'

export type Watched = {
  readonly work: Session
  /** What is in front of the statement, or the process that runs it. */
  readonly who: string | number
  readonly onProgress: (progress: IndexProgress) => void
  readonly context: SessionContext
}

const tellEveryMs = 5_000
const askEveryMs = 1_000

/** Watches until it is stopped. An answer that does not come stops nothing. */
export const watch = ({ work, who, onProgress, context }: Watched): (() => void) => {
  let session: Session | undefined
  let asking = false
  let toldAt = Date.now()
  let phase = ''
  const ask = async (): Promise<void> => {
    if (asking) return
    asking = true
    session ??= openSession(work.endpoint, 'watch', context)
    const reply = await session.send(reading(query(who)))
    asking = false
    const row = reply.kind === 'done' ? reply.sets.at(-1)?.[0] : undefined
    if (row === undefined) return
    const progress = readProgress(row)
    if (progress.phase === phase && Date.now() - toldAt < tellEveryMs) return
    phase = progress.phase
    toldAt = Date.now()
    onProgress(progress)
  }
  const timer = setInterval(() => void ask(), askEveryMs)
  return () => {
    clearInterval(timer)
    // Not waited for: the end of a build must not wait for an answer that nobody needs.
    session?.drop('no longer needed')
    void session?.close()
  }
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

export const readProgress = (row: Row): IndexProgress => {
  const waitsFor = row['waits_for']
  const phase = String(row['phase'])
  return {
    pid: Number(row['pid']),
    phase,
    // While it waits the server still shows the counts of the phase before.
    percent: phase.startsWith('waiting')
      ? undefined
      : (share(row['blocks_done'], row['blocks_total']) ??
        share(row['tuples_done'], row['tuples_total'])),
    waitsFor:
      typeof waitsFor === 'string' ? (JSON.parse(waitsFor) as IndexProgress['waitsFor']) : [],
  }
}

// A total of 0 is one that the phase does not count.
const share = (done: unknown, total: unknown): number | undefined =>
  Number(total) > 0 ? Math.min(100, Math.floor((Number(done) / Number(total)) * 100)) : undefined
