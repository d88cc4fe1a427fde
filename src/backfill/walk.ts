// The walk over a table: look where the next batch ends, do it, record it in the same transaction, look at the clock. What was
// locked meanwhile comes at the end. Deciding is in pace.ts and failure.ts; here it is done.

import { setTimeout as sleep } from 'node:timers/promises'
import type { Row } from '../database/reply.ts'
import { problem, SchemagateError } from '../errors/problem.ts'
import type { Announce } from '../events.ts'
import { answerOf, explainBatch, judge } from './failure.ts'
import type { KeyValues } from './key-sql.ts'
import {
  batchMessage,
  conditionOf,
  lookAhead,
  lookAtRest,
  lookAtSkipped,
  type Batch,
  type Walk,
} from './messages.ts'
import {
  nextPace,
  outlookOf,
  startPace,
  withSample,
  type PaceNow,
  type Sample,
  type Step,
} from './pace.ts'
import { askIfDone } from './preflight.ts'
import { finishState, readStateRow, startPass, type BackfillState, type StateOf } from './state.ts'

export type WalkContext = {
  readonly announce: Announce
  readonly interruption: AbortSignal
  /** By performance.now(); Infinity is none. */
  readonly deadlineMs: number
  readonly total: number | undefined
  /** Called with every state that was committed. */
  readonly onState: (state: BackfillState) => void
}

export type Walked = {
  readonly kind: 'done' | 'out of time'
  readonly state: BackfillState
}

/** Throws `backfill-failed`, `backfill-not-done`, `backfill-taken-over`, `connection-lost`, and when it is interrupted. */
export const walkTable = async (
  walk: Walk,
  claimed: BackfillState,
  context: WalkContext,
): Promise<Walked> => {
  const { backfill, locked, schema, runId } = walk
  const of: StateOf = { session: locked.work, schema, name: backfill.name, runId }
  const on: OnTheWay = { state: claimed, pace: startPace(backfill.pace), samples: [] }
  for (;;) {
    const route = [rangeRoute(walk, on, context), skippedRoute(walk, on, context)]
    for (const next of route)
      if ((await follow(next, walk, on, context)) === 'out of time')
        return { kind: 'out of time', state: on.state }
    if ((await askIfDone(locked.work, backfill, context.interruption)) !== 'not done')
      return { kind: 'done', state: await finishState(of) }
    const { passChanged } = on.state
    // Rows that came in behind the walk, as those of a random key do: the next pass finds them.
    on.state = await startPass(of)
    on.samples = []
    const { name, file } = backfill
    if (passChanged === 0) throw new SchemagateError([problem('backfill-not-done', { file, name })])
  }
}

/** Where the walk is now. */
type OnTheWay = { state: BackfillState; pace: PaceNow; samples: readonly Sample[] }

type Attempt = Step | { readonly kind: 'end of the way' }
type Next = () => Promise<Attempt>

const follow = async (
  next: Next,
  { backfill }: Walk,
  on: OnTheWay,
  { announce, interruption, deadlineMs, total }: WalkContext,
): Promise<'end of the way' | 'out of time'> => {
  const { name } = backfill
  const sample = (): void => {
    on.samples = withSample(on.samples, { atMs: performance.now(), rows: on.state.passVisited })
  }
  sample()
  for (;;) {
    interruption.throwIfAborted()
    const attempt = await next()
    if (attempt.kind === 'end of the way') return attempt.kind
    const { now, pauseMs } = nextPace(on.pace, attempt, backfill.pace)
    on.pace = now
    sample()
    if (attempt.kind === 'held back')
      announce({ kind: 'backfill held back', name, by: attempt.by, heldBack: now.heldBack })
    else {
      const { passVisited: visited, passChanged: changed } = on.state
      const outlook = outlookOf(on.samples, total)
      const { batchSize } = now
      announce({ kind: 'backfill progress', name, visited, changed, total, ...outlook, batchSize })
    }
    // Looked at after a batch: however short the time is, every run goes on a little.
    const untilDeadline = deadlineMs - performance.now()
    if (untilDeadline <= 0) return 'out of time'
    if (pauseMs > 0)
      await sleep(Math.min(pauseMs, untilDeadline), undefined, { signal: interruption })
  }
}

const rangeRoute =
  (walk: Walk, on: OnTheWay, context: WalkContext): Next =>
  async () => {
    const { cursor: after } = on.state
    const { batchSize } = on.pace
    // Cheaper than to count what is there; it tells of the last rows only that they are no whole batch.
    for (const question of [lookAhead, lookAtRest]) {
      const looked = await look(walk, question(walk, after, batchSize), context)
      if (looked.kind !== 'rows') return looked
      const [row] = looked.rows
      if (row === undefined) continue
      const rows = Number(row['rows'])
      return doBatch(walk, { kind: 'range', after, upTo: keyIn(row), rows }, on, context)
    }
    return { kind: 'end of the way' }
  }

// So many keys are named one by one in a statement.
const longestList = 500

const skippedRoute = (walk: Walk, on: OnTheWay, context: WalkContext): Next => {
  let after: KeyValues | undefined
  let visitedInRound = 0
  return async () => {
    if (walk.backfill.lockedRows === 'wait') return { kind: 'end of the way' }
    const size = Math.min(on.pace.batchSize, longestList)
    const looked = await look(walk, lookAtSkipped(walk, after, size), context)
    if (looked.kind !== 'rows') return looked
    const list = looked.rows.map(keyIn)
    if (list.length > 0) {
      const before = on.state.passVisited
      const step = await doBatch(walk, { kind: 'skipped before', list }, on, context)
      if (step.kind === 'advanced') after = list.at(-1)
      visitedInRound += on.state.passVisited - before
      return step
    }
    if (after === undefined) return { kind: 'end of the way' }
    const freed = visitedInRound > 0
    after = undefined
    visitedInRound = 0
    return freed ? { kind: 'advanced', rows: 0, tookMs: 0 } : { kind: 'held back', by: 'locks' }
  }
}

type Looked = Step | { readonly kind: 'rows'; readonly rows: readonly Row[] }

const look = async (
  { backfill, locked: { work } }: Walk,
  question: string,
  { interruption }: WalkContext,
): Promise<Looked> => {
  const answer = await answerOf(work, await work.send(question), interruption)
  if (answer.kind === 'failed') {
    if (judge(answer.error) !== 'fatal') return { kind: 'held back', by: 'locks' }
    const { sqlstate, message } = answer.error
    const facts = { role: work.role, sqlstate, message }
    throw new SchemagateError([problem('server-refused', facts)])
  }
  const [lag, rows = []] = answer.reply.sets
  const most = backfill.pace.maxReplicationLag.ms
  if (most > 0 && Number(lag?.[0]?.['lag']) * 1_000 > most)
    return { kind: 'held back', by: 'replication lag' }
  return { kind: 'rows', rows }
}

const keyIn = (row: Row): KeyValues => JSON.parse(String(row['key'])) as string[]

const doBatch = async (
  walk: Walk,
  batch: Batch,
  on: OnTheWay,
  { interruption, onState }: WalkContext,
): Promise<Step> => {
  const { work } = walk.locked
  const { text, statement } = batchMessage(walk, batch, on.state.batches)
  const rows = batch.kind === 'range' ? batch.rows : batch.list.length
  const startedMs = performance.now()
  const answer = await answerOf(work, await work.send(text), interruption)
  if (answer.kind === 'answered') {
    const tookMs = performance.now() - startedMs
    const [row = {}] = answer.reply.sets.at(-1) ?? []
    on.state = readStateRow(row)
    onState(on.state)
    return { kind: 'advanced', rows, tookMs }
  }
  const judgement = judge(answer.error)
  if (judgement === 'held back by locks') return { kind: 'held back', by: 'locks' }
  if (judgement === 'too slow' && rows > 1) return { kind: 'too slow' }
  if (judgement === 'a row fails' && rows > 1) return { kind: 'a row fails', rows }
  const sent = { statement, condition: conditionOf(walk, batch) }
  throw new SchemagateError([
    explainBatch(answer.error, walk.backfill, { batch, key: walk.key, sent }),
  ])
}
