// The queue of recordings in the database: taking a job together with the only slot of its business, keeping that, and writing
// down how the job ended. The slot is the lease of both: a job that is running while its business has no unexpired slot has
// lost its worker. Every moment is by the clock of the database.

import type postgres from 'postgres'

export type Queue = {
  readonly sql: postgres.Sql
  /** Different for every process, for it tells whose a job and a slot are. */
  readonly holder: string
  /** For so long a slot stays taken without being renewed. */
  readonly leaseSeconds: number
}

// Identity columns are bigint, which the driver hands over as text.
export type Job = {
  readonly id: string
  readonly business_id: string
  readonly call_sid: string
  readonly job_type: string
  readonly attempts: number
}

export type Taken =
  | { readonly kind: 'job'; readonly job: Job }
  /** Its worker was lost in the last attempt that it had: to be ended, not to be run. */
  | { readonly kind: 'spent job'; readonly job: Job }
  /** Another worker was faster with a job of the same business. */
  | { readonly kind: 'slot taken' }
  | { readonly kind: 'nothing due' }

// With a pause that doubles, more than four minutes: a provider that is down for a moment costs no recording.
export const maxAttempts = 8

export const takeJob = ({ sql, holder, leaseSeconds }: Queue): Promise<Taken> =>
  sql.begin(async (tx): Promise<Taken> => {
    const found =
      (await lockFirst(tx, tx`status = 'running'`)) ??
      (await lockFirst(tx, tx`status = 'queued' AND run_after <= now()`))
    if (found === undefined) return { kind: 'nothing due' }
    const { status, ...rest } = found
    const isSpent = status === 'running' && rest.attempts >= maxAttempts
    const job = { ...rest, attempts: isSpent ? rest.attempts : rest.attempts + 1 }
    // The primary key decides between two workers that chose two jobs of one business, and also where this transaction
    // has not seen the slot of another one yet.
    const slot = await tx`
      INSERT INTO recording_slots (business_id, call_sid, locked_by, locked_at, expires_at)
      VALUES (${job.business_id}, ${job.call_sid}, ${holder}, now(), now() + make_interval(secs => ${leaseSeconds}))
      ON CONFLICT (business_id) DO UPDATE SET call_sid = EXCLUDED.call_sid,
        locked_by = EXCLUDED.locked_by, locked_at = EXCLUDED.locked_at, expires_at = EXCLUDED.expires_at
      WHERE recording_slots.expires_at <= now()`
    if (slot.count === 0) return { kind: 'slot taken' }
    await tx`
      UPDATE recording_jobs
      SET status = 'running', attempts = ${job.attempts}, locked_by = ${holder}, locked_at = now()
      WHERE id = ${job.id}`
    return { kind: isSpent ? 'spent job' : 'job', job }
  })

type Found = Job & { readonly status: 'queued' | 'running' }

// One condition at a time, for each has an index of its own.
const lockFirst = async (
  tx: postgres.TransactionSql,
  condition: postgres.PendingQuery<postgres.Row[]>,
): Promise<Found | undefined> => {
  const [found] = await tx<Found[]>`
    SELECT id, business_id, call_sid, job_type, attempts, status FROM recording_jobs AS job
    WHERE ${condition} AND NOT EXISTS (
      SELECT FROM recording_slots AS slot
      WHERE slot.business_id = job.business_id AND slot.expires_at > now()
    )
    ORDER BY run_after, id
    LIMIT 1
    FOR UPDATE OF job SKIP LOCKED`
  return found
}

/** 'lost' when another worker has the slot. */
export const renewSlot = async (
  { sql, holder, leaseSeconds }: Queue,
  { business_id, call_sid }: Job,
): Promise<'held' | 'lost'> => {
  const { count } = await sql`
    UPDATE recording_slots SET expires_at = now() + make_interval(secs => ${leaseSeconds})
    WHERE business_id = ${business_id} AND call_sid = ${call_sid} AND locked_by = ${holder}`
  return count === 0 ? 'lost' : 'held'
}

export type Ending =
  | { readonly kind: 'done'; readonly fileName: string; readonly sizeBytes: number }
  | { readonly kind: 'failed'; readonly error: string }
  /** The worker stops: the next one begins again, and the attempt does not count. */
  | { readonly kind: 'given back' }

/** 'not ours' when the slot expired and another worker has taken the job: then nothing is written. */
export const endJob = (
  { sql, holder }: Queue,
  job: Job,
  ending: Ending,
): Promise<'written' | 'not ours'> =>
  sql.begin(async (tx) => {
    const { pauseSeconds, ...row } = rowAfter(job, ending)
    const { count } = await tx`
      UPDATE recording_jobs SET ${tx(row)}, locked_by = NULL, locked_at = NULL,
        run_after = coalesce(now() + make_interval(secs => ${pauseSeconds}), run_after),
        finished_at = CASE WHEN ${row.status} <> 'queued' THEN now() END
      WHERE id = ${job.id} AND status = 'running' AND locked_by = ${holder}`
    await tx`
      DELETE FROM recording_slots
      WHERE business_id = ${job.business_id} AND call_sid = ${job.call_sid} AND locked_by = ${holder}`
    return count === 0 ? 'not ours' : 'written'
  })

type Row = {
  readonly status: 'done' | 'queued' | 'failed'
  readonly attempts: number
  readonly last_error?: string | null
  readonly file_name: string | null
  readonly size_bytes: number | null
  readonly pauseSeconds: number | null
}

const rowAfter = ({ attempts }: Job, ending: Ending): Row => {
  const row = { attempts, file_name: null, size_bytes: null, pauseSeconds: null }
  switch (ending.kind) {
    case 'done': {
      const { fileName, sizeBytes } = ending
      return {
        ...row,
        status: 'done',
        last_error: null,
        file_name: fileName,
        size_bytes: sizeBytes,
      }
    }
    case 'failed':
      return attempts < maxAttempts
        ? { ...row, status: 'queued', last_error: ending.error, pauseSeconds: 2 ** attempts }
        : { ...row, status: 'failed', last_error: ending.error }
    case 'given back':
      return { ...row, status: 'queued', attempts: attempts - 1 }
  }
}
