// The walk over a table, by one worker or by several: each looks where its next batch ends, does it, and records it in the same
// transaction. What was locked meanwhile comes at the end. Deciding is in pace.ts and failure.ts; here it is done.

import { setMaxListeners } from 'node:events'
import { rowsOf } from '../../../database/session.ts'
import { problem, SchemagateError } from '../../../errors/problem.ts'
import type { LockedSession } from '../../../database/lock/locked-session.ts'
import { openStretches, selectAhead } from '../ahead.ts'
import { reading } from '../clean-session.ts'
import type { Stretch } from '../key/key-sql.ts'
import { askIfDone } from '../preflight.ts'
import { finishState, startPass, type BackfillState, type StateOf } from '../state.ts'
import { keyIn } from './batch.ts'
import { recordOf, type Walk } from './messages.ts'
import { startPace } from './pace.ts'
import { rangeRoute, skippedRoute, type Way } from './route.ts'
import { follow, type Course, type WalkContext, type Worker } from './worker.ts'

export type Walked = {
  readonly kind: 'done' | 'out of time'
  readonly state: BackfillState
}

/**
 * `others` are further workers. Throws `backfill-failed`, `backfill-not-done`, `backfill-taken-over`, `connection-lost`, and
 * when it is interrupted.
 */
export const walkTable = async (
  walk: Walk,
  others: readonly LockedSession[],
  claimed: BackfillState,
  told: WalkContext,
): Promise<Walked> => {
  const { backfill, locked, server, schema, runId } = walk
  const asked = { session: locked.work, server }
  const at = { ledgerSchema: schema, migrationRole: server.searchPath.role }
  const of: StateOf = { session: locked.work, at, name: backfill.name, runId }
  const course: Course = { state: claimed, samples: [] }
  const context = keeping(course, told)
  const first: Worker = { walk, pace: startPace(backfill.pace) }
  const workers = [
    first,
    ...others.map((each) => ({ walk: { ...walk, locked: each }, pace: first.pace })),
  ]
  let open = await stillOpen(walk, claimed)
  for (;;) {
    const together = await walkTogether(workers, open, course, context)
    // By one of them: it is their rivals that these rows wait for.
    const left = skippedRoute(first, course, context)
    if (
      together === 'out of time' ||
      (await follow(left, first, course, context)) === 'out of time'
    )
      return { kind: 'out of time', state: course.state }
    if ((await askIfDone(asked, backfill, context.interruption)) !== 'not done')
      return { kind: 'done', state: await finishState(of) }
    const { passChanged } = course.state
    // Rows that came in behind the walk, as those of a random key do: the next pass finds them.
    course.state = await startPass(of)
    course.samples = []
    open = openStretches(undefined, [])
    const { name, file } = backfill
    if (passChanged === 0) throw new SchemagateError([problem('backfill-not-done', { file, name })])
  }
}

// Answers come in another order than the commits that they tell of.
const keeping = (course: Course, context: WalkContext): WalkContext => ({
  ...context,
  onState: (state) => {
    if (state.batches > course.state.batches) course.state = state
    context.onState(course.state)
  },
})

const stillOpen = async (walk: Walk, { cursor }: BackfillState): Promise<readonly Stretch[]> => {
  const { work } = walk.locked
  const rows = rowsOf(work, await work.send(reading(selectAhead(recordOf(walk), walk.key))))
  return openStretches(
    cursor,
    rows.map((row) => ({ after: keyIn(row['after']), upTo: keyIn(row['up_to']) })),
  )
}

const walkTogether = async (
  workers: readonly Worker[],
  open: readonly Stretch[],
  course: Course,
  context: WalkContext,
): Promise<'end of the way' | 'out of time'> => {
  const way: Way = { open, turn: Promise.resolve(), walkers: workers.length }
  const halt = new AbortController()
  const interruption = AbortSignal.any([context.interruption, halt.signal])
  // Each that rests listens: Node would take more than ten for a leak.
  setMaxListeners(0, interruption)
  const walking = workers.map((worker) => {
    const own = { ...context, interruption }
    return follow(rangeRoute(worker, way, own), worker, course, own)
  })
  try {
    const ends = await Promise.all(walking)
    return ends.includes('out of time') ? 'out of time' : 'end of the way'
  } finally {
    // When one fails, the others stop behind the batch that they are at.
    halt.abort()
    await Promise.allSettled(walking)
  }
}
