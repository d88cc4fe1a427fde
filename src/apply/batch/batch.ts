// A batch on its way to the server: its message is sent, and its answer awaited. Whatever else than its commit comes of it,
// nothing of it is in the database, and its files are to run one by one; only a signal and a lost connection end the run.

import type { Notice } from '../../database/session/notices.ts'
import type { Reply } from '../../database/session/reply.ts'
import { sessionFor } from '../../database/ledger/course.ts'
import { interrupted } from '../../errors/interruption.ts'
import type { Migration } from '../../migrations/migration.ts'
import type { ApplyOptions, Attempt, Step } from '../attempt.ts'
import type { FenceExpectation } from '../fence.ts'
import { noAnswer } from '../failure/lost.ts'
import { markerColumn } from '../message.ts'
import { batchMessage, timesColumn } from './message.ts'

export type Batch = { readonly steps: readonly Step[]; readonly text: string }

export type PendingBatch = Batch & {
  readonly answer: Promise<Reply>
  readonly heard: Heard
}

/** What has come back of a batch before its answer. */
type Heard = {
  /** How many of its files had run to their end. */
  done: number
  /** For each file, the server's notices while it ran. */
  readonly notices: readonly Notice[][]
  /** In seconds; see recordBatch(). */
  times: readonly number[]
}

/** One of its files, once the batch is committed. */
export type AppliedInBatch = {
  readonly durationMs: number
  readonly notices: readonly Notice[]
}

export type BatchResult =
  | { readonly kind: 'committed'; readonly files: readonly AppliedInBatch[] }
  | { readonly kind: 'rolled back' }
  /** The run ends with it. */
  | Extract<Attempt, { kind: 'failed' | 'lost' }>

/** `fence` is that before the first. */
export const makeBatch = (
  steps: readonly Step[],
  fence: FenceExpectation,
  options: ApplyOptions,
): Batch => ({ steps, text: batchMessage(steps, fence, options) })

export const sendBatch = (batch: Batch, { locked, course }: ApplyOptions): PendingBatch => {
  const migrations = batch.steps.map(({ prepared }) => prepared.migration)
  const heard: Heard = { done: 0, notices: migrations.map(() => []), times: [] }
  const listenerOf =
    (file: number) =>
    (notice: Notice): void => {
      heard.notices[file]?.push(notice)
    }
  const { send } = sessionFor(migrations, locked.work, course)
  const answer = send(
    batch.text,
    (row) => {
      const { [timesColumn]: times, [markerColumn]: done } = row
      if (typeof times === 'string') heard.times = times.split(' ').map(Number)
      if (done === undefined) return undefined
      heard.done = Number(done)
      return listenerOf(heard.done)
    },
    listenerOf(0),
  )
  return { ...batch, answer, heard }
}

/** To be called when everything that was sent before it is answered. Notes in the course where it stopped. */
export const receiveBatch = async (
  { steps, answer, heard }: PendingBatch,
  { locked, interruption, course }: ApplyOptions,
): Promise<BatchResult> => {
  const reply = await answer
  if (reply.kind === 'done') return { kind: 'committed', files: filesOf(heard) }
  const at = (steps[heard.done] ?? steps.at(-1))?.prepared.migration
  if (reply.kind === 'server error') await locked.work.send('ROLLBACK')
  const stopped = at && stoppedIn(at, reply, interruption)
  if (stopped === undefined) return { kind: 'rolled back' }
  course.at = at
  return stopped
}

const stoppedIn = (
  migration: Migration,
  reply: Exclude<Reply, { kind: 'done' }>,
  interruption: AbortSignal,
): Extract<Attempt, { kind: 'failed' | 'lost' }> | undefined => {
  const during = `in ${migration.file}`
  if (reply.kind === 'lost')
    return { kind: 'lost', problem: noAnswer(reply, { migration, interruption, during }) }
  // Whatever the error is about: nobody waits for its file to run by itself.
  return interruption.aborted
    ? { kind: 'failed', problem: interrupted(interruption, during) }
    : undefined
}

const filesOf = ({ notices, times }: Heard): readonly AppliedInBatch[] =>
  notices.map((own, file) => ({
    durationMs: Math.round(((times[file + 1] ?? 0) - (times[file] ?? 0)) * 1_000),
    notices: own,
  }))
