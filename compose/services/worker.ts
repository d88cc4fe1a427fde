// The recording worker of the demo: takes one job at a time and meanwhile holds the only slot of its business.

import { randomBytes } from 'node:crypto'
import { hostname } from 'node:os'
import { setTimeout as wait } from 'node:timers/promises'
import contract from '../../migrations/contracts/worker.json' with { type: 'json' }
import { transcribeAndFinish } from './after-download.ts'
import { download } from './download.ts'
import { whileLeased } from './lease.ts'
import { codeOf, log } from './log.ts'
import {
  endJob,
  maxAttempts,
  renewSlot,
  takeJob,
  type Ending,
  type Job,
  type Queue,
} from './recording-jobs.ts'
import { runService, type Work } from './service.ts'
import { wholeNumber } from './settings.ts'

type Worker = {
  readonly queue: Queue
  readonly downloadMs: number
  readonly stopping: AbortSignal
}

const idleMs = 500

const prepare = (env: NodeJS.ProcessEnv): Work => {
  const leaseSeconds = wholeNumber(env, 'WORKER_LEASE_SECONDS', { from: 1, to: 86_400, unset: 300 })
  // How long the stand-in for a download takes.
  const downloadMs = wholeNumber(env, 'WORKER_DOWNLOAD_MS', { from: 0, to: 3_600_000, unset: 0 })
  return async ({ sql, stopping }) => {
    const queue = { sql, holder: nameHolder(), leaseSeconds }
    log('[worker] ready')
    await workOff({ queue, downloadMs, stopping })
  }
}

// In containers, host and process id come again after a restart; what the dead one holds is not ours.
const nameHolder = (): string =>
  `${hostname().slice(0, 64)}:${process.pid}:${randomBytes(6).toString('hex')}`

const workOff = async (worker: Worker): Promise<void> => {
  const { stopping } = worker
  while (!stopping.aborted) {
    const worked = await workOnce(worker).catch((error: unknown) => {
      log('[worker] the database refused or did not answer', { error: codeOf(error) })
      return 'idle' as const
    })
    // Being woken by the signal is not a failure.
    if (worked === 'idle')
      await wait(idleMs, undefined, { signal: stopping }).catch(() => undefined)
  }
}

const reasons = { done: 'success', failed: 'failure', 'given back': 'stopping' } as const

const workOnce = async (worker: Worker): Promise<'worked' | 'idle'> => {
  const taken = await takeJob(worker.queue)
  if (taken.kind === 'nothing due') return 'idle'
  // Other businesses may have jobs that are due.
  if (taken.kind === 'slot taken') return 'worked'
  const { job } = taken
  const call = { call_sid: job.call_sid, business_id: job.business_id }
  log('[WORKER_PICKED]', { job_type: job.job_type, ...call })
  log('[WORKER_SLOT_ACQUIRED]', call)
  const ending =
    taken.kind === 'job'
      ? await run(worker, job)
      : ({ kind: 'failed', error: 'WORKER_LOST' } as const)
  if (ending.kind === 'failed')
    log('[WORKER_JOB_FAILED]', {
      job_type: job.job_type,
      ...call,
      attempt: job.attempts,
      max_attempts: maxAttempts,
      error: ending.error,
    })
  const written = await endJob(worker.queue, job, ending)
  if (written === 'not ours')
    log('[worker] the slot expired, and another worker took the job', call)
  else log('[WORKER_RELEASE_SLOT]', { ...call, reason: reasons[ending.kind] })
  return 'worked'
}

// When the worker is asked to stop, it gives back its download at once: that may take longer than the worker has.
const run = async ({ queue, downloadMs, stopping }: Worker, job: Job): Promise<Ending> => {
  const lease = { seconds: queue.leaseSeconds, renew: () => renewSlot(queue, job) }
  try {
    const { fileName, sizeBytes } = await whileLeased(lease, (lost) =>
      download(job.call_sid, downloadMs, AbortSignal.any([stopping, lost])),
    )
    log('[WORKER_DOWNLOAD_DONE]', { call_sid: job.call_sid, file: fileName, bytes: sizeBytes })
    if (job.job_type === 'full') await transcribeAndFinish(queue, job)
    return { kind: 'done', fileName, sizeBytes }
  } catch (error) {
    return stopping.aborted ? { kind: 'given back' } : { kind: 'failed', error: codeOf(error) }
  }
}

await runService('worker', contract, prepare)
