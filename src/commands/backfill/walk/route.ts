// Where a worker goes: along the stretches of the table that are open, which all workers share, and in the end to the rows that
// were locked.

import type { KeyValues, Stretch } from '../key/key-sql.ts'
import { cutRange, doBatch, keyIn, look } from './batch.ts'
import { lookAtSkipped, type Range } from './messages.ts'
import type { Step } from './pace.ts'
import type { Course, Route, WalkContext, Worker } from './worker.ts'

/** The open stretches of a pass, in the order of the key, and who is just cutting a range from the first of them. */
export type Way = { open: readonly Stretch[]; turn: Promise<unknown>; readonly walkers: number }

/** What is handed out is nobody else's, so that every row has one worker. */
export const rangeRoute = (worker: Worker, way: Way, context: WalkContext): Route => {
  const { walk } = worker
  const { pause } = walk.backfill.pace
  const cut = (stretch: Stretch): ReturnType<typeof cutRange> =>
    cutRange(walk, stretch, worker.pace.batchSize, context)
  const next = lookingAhead(worker, way, () => inTurn(way, cut))
  // A range that could not be done at once: it stays with this worker, whose pace knows how much to do of it.
  let own: Stretch | undefined
  return async () => {
    const found = own === undefined ? await next.take() : await cut(own)
    if (found.kind !== 'range') return found
    // It may have waited long for its turn, and another worker may have failed meanwhile.
    context.interruption.throwIfAborted()
    const doing = doBatch(walk, found, context)
    // Before a rest, the look would be old by the time it is used: a standby may have fallen behind since.
    if (own === undefined && way.walkers === 1 && pause.ms === 0) next.lookAhead()
    const step = await doing
    own = step.kind === 'advanced' ? own && restOf(own, found) : (own ?? found)
    return step
  }
}

type Next = {
  readonly take: () => Promise<Cut>
  /** Sends the look behind the batch that the server is at, so that it need not wait for us between the two. */
  readonly lookAhead: () => void
}

// By how much a range may be larger than it would be cut now.
const tolerance = 1.5

// For who walks alone: others would wait for their turn as long as the batch takes.
const lookingAhead = (worker: Worker, way: Way, cutNext: () => Promise<Cut>): Next => {
  let ahead: { readonly found: Promise<Cut | undefined>; readonly open: Way['open'] } | undefined
  return {
    take: async () => {
      const [found, open] = [await ahead?.found, ahead?.open]
      ahead = undefined
      // What held it back may be over, and rows may have come since.
      if (found?.kind !== 'range') return cutNext()
      if (found.rows <= worker.pace.batchSize * tolerance) return found
      way.open = open ?? way.open
      return cutNext()
    },
    lookAhead: () => {
      const { open } = way
      // Behind a batch that fails, its transaction has failed, too; what else is wrong, the next look tells.
      ahead = { found: cutNext().catch(() => undefined), open }
    },
  }
}

type Cut = Awaited<ReturnType<typeof cutRange>>

const inTurn = (way: Way, cut: (stretch: Stretch) => Promise<Cut>): Promise<Cut> => {
  const turn = way.turn.then(async (): Promise<Cut> => {
    const [first, ...others] = way.open
    // Never: the last one has no end.
    if (first === undefined) return { kind: 'end of the way' }
    const found = await cut(first)
    if (found.kind === 'range') {
      const rest = restOf(first, found)
      way.open = rest === undefined ? others : [rest, ...others]
    }
    return found
  })
  way.turn = turn.catch(() => undefined)
  return turn
}

const restOf = ({ upTo }: Stretch, { upTo: after }: Range): Stretch | undefined =>
  upTo?.every((value, at) => value === after[at]) === true ? undefined : { after, upTo }

// So many keys are named one by one in a statement.
const longestList = 500

export const skippedRoute = (worker: Worker, course: Course, context: WalkContext): Route => {
  const { walk } = worker
  let after: KeyValues | undefined
  let visitedInRound = 0
  return async (): Promise<Step | { readonly kind: 'end of the way' }> => {
    const size = Math.min(worker.pace.batchSize, longestList)
    const looked = await look(walk, lookAtSkipped(walk, after, size), context)
    if (looked.kind !== 'rows') return looked
    const list = looked.rows.map(({ key }) => keyIn(key))
    if (list.length > 0) {
      const before = course.state.passVisited
      const step = await doBatch(walk, { kind: 'skipped before', list }, context)
      if (step.kind === 'advanced') after = list.at(-1)
      visitedInRound += course.state.passVisited - before
      return step
    }
    if (after === undefined) return { kind: 'end of the way' }
    const freed = visitedInRound > 0
    after = undefined
    visitedInRound = 0
    return freed ? { kind: 'advanced', rows: 0, tookMs: 0 } : { kind: 'held back', by: 'locks' }
  }
}
