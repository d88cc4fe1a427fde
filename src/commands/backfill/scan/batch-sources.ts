// What a worker does next: from the ranges of the table that are open, which all workers share, and in the end to the rows that
// were locked.

import type { KeyValues, KeyRange } from '../key/key-sql.ts'
import { nextRange, doBatch, keyIn, readRows } from './batch.ts'
import { skippedRowsQuery, type RangeBatch } from './messages.ts'
import type { Step } from './pace.ts'
import type { ScanProgress, BatchSource, ScanContext, Worker } from './worker.ts'

/** The remaining ranges of a pass, in the order of the key, and who is just taking a range from the first of them. */
export type RangeQueue = {
  open: readonly KeyRange[]
  turn: Promise<unknown>
  readonly workerCount: number
}

/** What is handed out is nobody else's, so that every row has one worker. */
export const rangeSource = (
  worker: Worker,
  queue: RangeQueue,
  context: ScanContext,
): BatchSource => {
  const { scan } = worker
  const { pause } = scan.backfill.pace
  const find = (range: KeyRange): ReturnType<typeof nextRange> =>
    nextRange(scan, range, worker.pace.batchSize, context)
  const next = prefetching(worker, queue, () => inTurn(queue, find))
  // A range that could not be done at once: it stays with this worker, whose pace knows how much to do of it.
  let own: KeyRange | undefined
  return async () => {
    const found = own === undefined ? await next.take() : await find(own)
    if (found.kind !== 'range') return found
    // It may have waited long for its turn, and another worker may have failed meanwhile.
    context.interruption.throwIfAborted()
    const doing = doBatch(scan, found, context)
    // Before a rest, the look would be old by the time it is used: a standby may have fallen behind since.
    if (own === undefined && queue.workerCount === 1 && pause.ms === 0) next.prefetch()
    const step = await doing
    own = step.kind === 'advanced' ? own && remainingRange(own, found) : (own ?? found)
    return step
  }
}

type Next = {
  readonly take: () => Promise<NextRange>
  /** Sends the look behind the batch that the server is at, so that it need not wait for us between the two. */
  readonly prefetch: () => void
}

// By how much a range may be larger than it would be now.
const tolerance = 1.5

// For who scans alone: others would wait for their turn as long as the batch takes.
const prefetching = (
  worker: Worker,
  queue: RangeQueue,
  findNext: () => Promise<NextRange>,
): Next => {
  let prefetched:
    | { readonly found: Promise<NextRange | undefined>; readonly open: RangeQueue['open'] }
    | undefined
  return {
    take: async () => {
      const [found, open] = [await prefetched?.found, prefetched?.open]
      prefetched = undefined
      // What held it back may be over, and rows may have come since.
      if (found?.kind !== 'range') return findNext()
      if (found.rows <= worker.pace.batchSize * tolerance) return found
      queue.open = open ?? queue.open
      return findNext()
    },
    prefetch: () => {
      const { open } = queue
      // Behind a batch that fails, its transaction has failed, too; what else is wrong, the next look tells.
      prefetched = { found: findNext().catch(() => undefined), open }
    },
  }
}

type NextRange = Awaited<ReturnType<typeof nextRange>>

const inTurn = (
  queue: RangeQueue,
  find: (range: KeyRange) => Promise<NextRange>,
): Promise<NextRange> => {
  const turn = queue.turn.then(async (): Promise<NextRange> => {
    const [first, ...others] = queue.open
    // Never: the last one has no end.
    if (first === undefined) return { kind: 'no rows left' }
    const found = await find(first)
    if (found.kind === 'range') {
      const remaining = remainingRange(first, found)
      queue.open = remaining === undefined ? others : [remaining, ...others]
    }
    return found
  })
  queue.turn = turn.catch(() => undefined)
  return turn
}

const remainingRange = ({ upTo }: KeyRange, { upTo: after }: RangeBatch): KeyRange | undefined =>
  upTo?.every((value, at) => value === after[at]) === true ? undefined : { after, upTo }

// So many keys are named one by one in a statement.
const longestList = 500

export const skippedSource = (
  worker: Worker,
  progress: ScanProgress,
  context: ScanContext,
): BatchSource => {
  const { scan } = worker
  let after: KeyValues | undefined
  let visitedInRound = 0
  return async (): Promise<Step | { readonly kind: 'no rows left' }> => {
    const size = Math.min(worker.pace.batchSize, longestList)
    const read = await readRows(scan, skippedRowsQuery(scan, after, size), context)
    if (read.kind !== 'rows') return read
    const list = read.rows.map(({ key }) => keyIn(key))
    if (list.length > 0) {
      const before = progress.state.passVisited
      const step = await doBatch(scan, { kind: 'skipped before', list }, context)
      if (step.kind === 'advanced') after = list.at(-1)
      visitedInRound += progress.state.passVisited - before
      return step
    }
    if (after === undefined) return { kind: 'no rows left' }
    const freed = visitedInRound > 0
    after = undefined
    visitedInRound = 0
    return freed ? { kind: 'advanced', rows: 0, tookMs: 0 } : { kind: 'held back', by: 'locks' }
  }
}
