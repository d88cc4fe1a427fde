// One worker on its way: it takes what comes next, does it, and looks at the clock and at its pace. Which rows come next, its
// route tells (route.ts).

import { setTimeout as sleep } from 'node:timers/promises'
import type { Announce } from '../../../events.ts'
import type { BackfillState } from '../state.ts'
import type { Walk } from './messages.ts'
import {
  nextPace,
  estimateProgress,
  withSample,
  type PaceNow,
  type Sample,
  type Step,
} from './pace.ts'

export type WalkContext = {
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
  readonly walk: Walk
  pace: PaceNow
}

/** How far all workers together are. */
export type Course = { state: BackfillState; samples: readonly Sample[] }

type Attempt = Step | { readonly kind: 'end of the way' }
export type Route = () => Promise<Attempt>

export const follow = async (
  route: Route,
  worker: Worker,
  course: Course,
  { announce, interruption, deadlineMs, total }: WalkContext,
): Promise<'end of the way' | 'out of time'> => {
  const { name, pace } = worker.walk.backfill
  const sample = (): void => {
    const newest = { atMs: performance.now(), rows: course.state.passVisited }
    course.samples = withSample(course.samples, newest)
  }
  sample()
  for (;;) {
    interruption.throwIfAborted()
    const attempt = await route()
    if (attempt.kind === 'end of the way') return attempt.kind
    const { now, pauseMs } = nextPace(worker.pace, attempt, pace)
    worker.pace = now
    sample()
    if (attempt.kind === 'held back')
      announce({ kind: 'backfill held back', name, by: attempt.by, heldBack: now.heldBack })
    else {
      const { passVisited: visited, passChanged: changed } = course.state
      const estimate = estimateProgress(course.samples, total)
      const { batchSize } = now
      announce({ kind: 'backfill progress', name, visited, changed, total, ...estimate, batchSize })
    }
    // Looked at after a batch: however short the time is, every run goes on a little.
    const untilDeadline = deadlineMs - performance.now()
    if (untilDeadline <= 0) return 'out of time'
    if (pauseMs > 0)
      await sleep(Math.min(pauseMs, untilDeadline), undefined, { signal: interruption })
  }
}
