// The recording worker of the demo: takes one job at a time and meanwhile holds the only slot of its business.

import { createHash } from 'node:crypto'
import { hostname } from 'node:os'
import { setTimeout as wait } from 'node:timers/promises'
import { codeOf, log, runService, type Service } from './service.ts'

type Sql = Service['sql']

const required = {
  recording_jobs: [
    ...[
      'id',
      'business_id',
      'call_sid',
      'job_type',
      'status',
      'attempts',
      'locked_by',
      'locked_at',
    ],
    ...['run_after', 'last_error', 'finished_at', 'file_name', 'size_bytes'],
  ],
  recording_slots: ['business_id', 'call_sid', 'locked_by', 'locked_at', 'expires_at'],
}

// Identity columns are bigint, which the driver hands over as text.
type Job = {
  readonly id: string
  readonly business_id: string
  readonly call_sid: string
  readonly job_type: string
  readonly attempts: number
}

const maxAttempts = 3
const idleMs = 500
const me = `${hostname()}:${process.pid}`

/** A job once begun is finished before the worker stops. */
const worker = async ({ sql, stopping }: Service): Promise<void> => {
  log('[worker] ready')
  while (!stopping.aborted) {
    const worked = await workOnce(sql).catch((error: unknown) => {
      log('[worker] the database refused or did not answer', { error: codeOf(error) })
      return 'idle' as const
    })
    // Being woken by the signal is no failure.
    if (worked === 'idle')
      await wait(idleMs, undefined, { signal: stopping }).catch(() => undefined)
  }
}

const workOnce = async (sql: Sql): Promise<'worked' | 'idle'> => {
  const job = await take(sql)
  if (job === undefined) return 'idle'
  const call = { call_sid: job.call_sid, business_id: job.business_id }
  log('[WORKER_PICKED]', { job_type: job.job_type, ...call })
  log('[WORKER_SLOT_ACQUIRED]', call)
  try {
    const { fileName, sizeBytes } = download(job.call_sid)
    log('[WORKER_DOWNLOAD_DONE]', { call_sid: job.call_sid, file: fileName, bytes: sizeBytes })
    await release(sql, job, {
      status: 'done',
      last_error: null,
      file_name: fileName,
      size_bytes: sizeBytes,
    })
    log('[WORKER_RELEASE_SLOT]', { ...call, reason: 'success' })
  } catch (error) {
    log('[WORKER_JOB_FAILED]', {
      job_type: job.job_type,
      ...call,
      attempt: job.attempts,
      max_attempts: maxAttempts,
      error: codeOf(error),
    })
    const status = job.attempts < maxAttempts ? 'queued' : 'failed'
    await release(sql, job, {
      status,
      last_error: codeOf(error),
      file_name: null,
      size_bytes: null,
    })
    log('[WORKER_RELEASE_SLOT]', { ...call, reason: 'failure' })
  }
  return 'worked'
}

// A job whose worker died stays 'running'; it may be taken again once the slot of that worker has expired.
// Two workers may choose two jobs of one business: the slot's primary key lets only one of them go on.
const take = (sql: Sql): Promise<Job | undefined> =>
  sql.begin(async (tx) => {
    const [job] = await tx<Job[]>`
      SELECT id, business_id, call_sid, job_type, attempts + 1 AS attempts FROM recording_jobs AS job
      WHERE ((status = 'queued' AND run_after <= now())
          OR (status = 'running' AND locked_at < now() - INTERVAL '5 minutes' AND attempts < ${maxAttempts}))
        AND NOT EXISTS (
          SELECT FROM recording_slots AS slot
          WHERE slot.business_id = job.business_id AND slot.expires_at > now()
        )
      ORDER BY run_after, id
      LIMIT 1
      FOR UPDATE SKIP LOCKED`
    if (job === undefined) return undefined
    const slot = await tx`
      INSERT INTO recording_slots (business_id, call_sid, locked_by)
      VALUES (${job.business_id}, ${job.call_sid}, ${me})
      ON CONFLICT (business_id) DO UPDATE SET call_sid = EXCLUDED.call_sid,
        locked_by = EXCLUDED.locked_by, locked_at = EXCLUDED.locked_at, expires_at = EXCLUDED.expires_at
      WHERE recording_slots.expires_at <= now()`
    if (slot.count === 0) return undefined
    await tx`
      UPDATE recording_jobs
      SET status = 'running', attempts = ${job.attempts}, locked_by = ${me}, locked_at = now()
      WHERE id = ${job.id}`
    return job
  })

// Stands in for the provider: the demo has no network, so size and name follow from the sid alone, and a
// sid that ends in '-missing' has no recording.
const download = (callSid: string): { fileName: string; sizeBytes: number } => {
  if (callSid.endsWith('-missing'))
    throw Object.assign(new Error('no such recording'), { code: 'RECORDING_MISSING' })
  const sizeBytes =
    100_000 + (createHash('sha256').update(callSid).digest().readUInt32BE() % 2_000_000)
  return { fileName: `${callSid.replaceAll(/[^\w-]/g, '_')}.mp3`, sizeBytes }
}

type Outcome = {
  readonly status: 'done' | 'queued' | 'failed'
  readonly last_error: string | null
  readonly file_name: string | null
  readonly size_bytes: number | null
}

// locked_by keeps a worker that was given up for dead from touching what another one has taken since.
const release = async (sql: Sql, job: Job, outcome: Outcome): Promise<void> => {
  await sql.begin(async (tx) => {
    await tx`
      UPDATE recording_jobs SET ${tx(outcome)}, locked_by = NULL, locked_at = NULL,
        run_after = CASE WHEN ${outcome.status} = 'queued'
          THEN now() + make_interval(secs => attempts) ELSE run_after END,
        finished_at = CASE WHEN ${outcome.status} = 'queued' THEN NULL ELSE now() END
      WHERE id = ${job.id} AND status = 'running' AND locked_by = ${me}`
    await tx`
      DELETE FROM recording_slots
      WHERE business_id = ${job.business_id} AND call_sid = ${job.call_sid} AND locked_by = ${me}`
  })
}

await runService('worker', required, worker)
