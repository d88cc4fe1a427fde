// One worker: it takes what comes next, does it, and looks at the clock and at its pace. Which rows come next, its
// source tells (batch-sources.ts).

import { setTimeout as sleep } from 'node:timers/promises'
import { estimateProgress, withSample, type Sample } from '../../../database/monitor/rate.ts'
import type { Announce } from '../../../events.ts'
import type { BackfillState } from '../state/state.ts'
import type { Scan } from './messages.ts'
import { nextPace, type PaceNow, type Step } from './pace.ts'

export type ScanContext = {
  readonly announce: Announce
  readonly interruption: AbortSignal
  /** By performance.now(); Infinity is none. */
  readonly deadlineMs: number
  readonly total: number | undefined
  /** Called with every state that was committed. */
  readonly onState: (state: BackfillState) => void
}

export type Worker = {
  /** With a session of its own. */
  readonly scan: Scan
  pace: PaceNow
}

/** How far all workers together are. */
export type ScanProgress = { state: BackfillState; samples: readonly Sample[] }

type Attempt = Step | { readonly kind: 'no rows left' }
export type BatchSource = () => Promise<Attempt>

export const runWorker = async (
  source: BatchSource,
  worker: Worker,
  progress: ScanProgress,
  { announce, interruption, deadlineMs, total }: ScanContext,
): Promise<'no rows left' | 'out of time'> => {
  const { name, pace } = worker.scan.backfill
  const sample = (): void => {
    const newest = { atMs: performance.now(), done: progress.state.passVisited }
    progress.samples = withSample(progress.samples, newest)
  }
  sample()
  for (;;) {
    interruption.throwIfAborted()
    const attempt = await source()
    if (attempt.kind === 'no rows left') return attempt.kind
    const { now, pauseMs } = nextPace(worker.pace, attempt, pace)
    worker.pace = now
    sample()
    if (attempt.kind === 'held back')
      announce({ kind: 'backfill held back', name, by: attempt.by, heldBack: now.heldBack })
    else {
      const { passVisited: visited, passChanged: changed } = progress.state
      const { perSecond: rowsPerSecond, secondsLeft } = estimateProgress(progress.samples, total)
      announce({
        ...{ kind: 'backfill progress', name, visited, changed, total, rowsPerSecond, secondsLeft },
        batchSize: now.batchSize,
      })
    }
    // Looked at after a batch: however short the time is, every run goes on a little.
    const untilDeadline = deadlineMs - performance.now()
    if (untilDeadline <= 0) return 'out of time'
    if (pauseMs > 0)
      await sleep(Math.min(pauseMs, untilDeadline), undefined, { signal: interruption })
  }
}
