// At what pace to go on: how many rows the next batch has, how long to wait before it, and when that will be all. Pure.

import type { Pace } from '../file/backfill.ts'

/** What became of one attempt to go on. */
export type Step =
  | { readonly kind: 'advanced'; readonly rows: number; readonly tookMs: number }
  | { readonly kind: 'held back'; readonly by: 'locks' | 'replication lag' }
  /** The server's time limit for a batch struck. */
  | { readonly kind: 'too slow' }
  /** One of so many rows is one that the statement fails at. */
  | { readonly kind: 'a row fails'; readonly rows: number }

export type PaceNow = {
  readonly batchSize: number
  /** How often in a row nothing went on. */
  readonly heldBack: number
  /** Among so many rows to come is one that failed; 0 when there is none. */
  readonly failedWithin: number
}

/** A batch that takes many times longer than it should is given up and made smaller; a role's own limit does not count. */
export const longestBatchMs = ({ targetDuration }: Pick<Pace, 'targetDuration'>): number =>
  Math.max(30_000, targetDuration.ms * 20)

const firstBatchSize = 1_000
const lagPauseMs = 1_000
const firstLockPauseMs = 100
const longestLockPauseMs = 10_000

export const startPace = ({ batchSize }: Pace): PaceNow => ({
  batchSize: Math.min(firstBatchSize, batchSize),
  heldBack: 0,
  failedWithin: 0,
})

export const nextPace = (
  now: PaceNow,
  step: Step,
  pace: Pace,
): { readonly now: PaceNow; readonly pauseMs: number } => {
  const within = (size: number): number => Math.max(1, Math.min(Math.round(size), pace.batchSize))
  switch (step.kind) {
    case 'advanced': {
      const failedWithin = Math.max(0, now.failedWithin - step.rows)
      if (failedWithin > 0) return { now: searchIn(failedWithin), pauseMs: pace.pause.ms }
      const size = sizeAfter(now.batchSize, step, pace.targetDuration.ms)
      return {
        now: { ...now, batchSize: within(size), heldBack: 0, failedWithin },
        pauseMs: pace.pause.ms,
      }
    }
    case 'a row fails':
      return { now: searchIn(step.rows), pauseMs: pace.pause.ms }
    case 'too slow':
      return { now: { ...now, batchSize: within(now.batchSize / 4) }, pauseMs: pace.pause.ms }
    case 'held back': {
      const heldBack = now.heldBack + 1
      if (step.by === 'replication lag') return { now: { ...now, heldBack }, pauseMs: lagPauseMs }
      // A smaller batch meets fewer locks, and lets go of its own sooner.
      const batchSize = within(now.batchSize / 2)
      const pauseMs = Math.min(firstLockPauseMs * 2 ** now.heldBack, longestLockPauseMs)
      return { now: { ...now, batchSize, heldBack }, pauseMs }
    }
  }
}

// By halves, so that in the end a batch of one row fails: whoever has to correct it knows which.
const searchIn = (rows: number): PaceNow => ({
  batchSize: Math.ceil(rows / 2),
  heldBack: 0,
  failedWithin: rows,
})

// At most doubled or halved: one batch that was slow by chance does not decide much.
const sizeAfter = (
  size: number,
  { rows, tookMs }: Extract<Step, { kind: 'advanced' }>,
  targetMs: number,
): number => {
  // The last rows of a table tell nothing of a whole batch.
  if (rows < size) return size
  // A target of 0 is none: batches grow to the most that they may have.
  const factor = targetMs === 0 ? 2 : targetMs / Math.max(1, tookMs)
  return size * Math.max(0.5, Math.min(factor, 2))
}
