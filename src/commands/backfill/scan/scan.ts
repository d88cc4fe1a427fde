// The scan of a table, by one worker or by several: each looks where its next batch ends, does it, and records it in the same
// transaction. What was locked meanwhile comes at the end. Deciding is in pace.ts and failure.ts; here it is done.

import { setMaxListeners } from 'node:events'
import { rowsOf } from '../../../database/session/session.ts'
import { problem, SchemagateError } from '../../../errors/problem.ts'
import type { LockedSession } from '../../../database/lock/locked-session.ts'
import { remainingRanges, selectCompleted } from '../state/completed-ranges.ts'
import { reading } from '../clean-session.ts'
import type { KeyRange } from '../key/key-sql.ts'
import { askIfDone } from '../preflight.ts'
import { finishState, startPass, type BackfillState, type StateOf } from '../state/state.ts'
import { keyIn } from './batch.ts'
import { recordOf, type Scan } from './messages.ts'
import { startPace } from './pace.ts'
import { rangeSource, skippedSource, type RangeQueue } from './batch-sources.ts'
import { runWorker, type ScanProgress, type ScanContext, type Worker } from './worker.ts'

export type ScanResult = {
  readonly kind: 'done' | 'out of time'
  readonly state: BackfillState
}

/**
 * `others` are further workers. Throws `backfill-failed`, `backfill-not-done`, `backfill-taken-over`, `connection-lost`, and
 * when it is interrupted.
 */
export const scanTable = async (
  scan: Scan,
  others: readonly LockedSession[],
  claimed: BackfillState,
  outer: ScanContext,
): Promise<ScanResult> => {
  const { backfill, locked, server, schema, runId } = scan
  const asked = { session: locked.work, server }
  const at = { ledgerSchema: schema, migrationRole: server.searchPath.role }
  const of: StateOf = { session: locked.work, at, name: backfill.name, runId }
  const progress: ScanProgress = { state: claimed, samples: [] }
  const context = trackingProgress(progress, outer)
  const first: Worker = { scan, pace: startPace(backfill.pace) }
  const workers = [
    first,
    ...others.map((each) => ({ scan: { ...scan, locked: each }, pace: first.pace })),
  ]
  let open = await readRemainingRanges(scan, claimed)
  for (;;) {
    const together = await scanInParallel(workers, open, progress, context)
    // By one of them: it is their rivals that these rows wait for.
    const left = skippedSource(first, progress, context)
    if (
      together === 'out of time' ||
      (await runWorker(left, first, progress, context)) === 'out of time'
    )
      return { kind: 'out of time', state: progress.state }
    if ((await askIfDone(asked, backfill, context.interruption)) !== 'not done')
      return { kind: 'done', state: await finishState(of) }
    const { passChanged } = progress.state
    // Rows that came in behind the scan, as those of a random key do: the next pass finds them.
    progress.state = await startPass(of)
    progress.samples = []
    open = remainingRanges(undefined, [])
    const { name, file } = backfill
    if (passChanged === 0) throw new SchemagateError([problem('backfill-not-done', { file, name })])
  }
}

// Answers come in another order than the commits that they show.
const trackingProgress = (progress: ScanProgress, context: ScanContext): ScanContext => ({
  ...context,
  onState: (state) => {
    if (state.batches > progress.state.batches) progress.state = state
    context.onState(progress.state)
  },
})

const readRemainingRanges = async (
  scan: Scan,
  { cursor }: BackfillState,
): Promise<readonly KeyRange[]> => {
  const { work } = scan.locked
  const rows = rowsOf(work, await work.send(reading(selectCompleted(recordOf(scan), scan.key))))
  return remainingRanges(
    cursor,
    rows.map((row) => ({ after: keyIn(row['after']), upTo: keyIn(row['up_to']) })),
  )
}

const scanInParallel = async (
  workers: readonly Worker[],
  open: readonly KeyRange[],
  progress: ScanProgress,
  context: ScanContext,
): Promise<'no rows left' | 'out of time'> => {
  const queue: RangeQueue = { open, turn: Promise.resolve(), workerCount: workers.length }
  const halt = new AbortController()
  const interruption = AbortSignal.any([context.interruption, halt.signal])
  // Each that rests listens: Node would take more than ten for a leak.
  setMaxListeners(0, interruption)
  const running = workers.map((worker) => {
    const own = { ...context, interruption }
    return runWorker(rangeSource(worker, queue, own), worker, progress, own)
  })
  try {
    const ends = await Promise.all(running)
    return ends.includes('out of time') ? 'out of time' : 'no rows left'
  } finally {
    // When one fails, the others stop behind the batch that they are at.
    halt.abort()
    await Promise.allSettled(running)
  }
}
