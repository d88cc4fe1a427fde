// One message of a walk to the server and what became of it: a look, or a batch.

import type { Row } from '../../../database/reply.ts'
import { problem, SchemagateError } from '../../../errors/problem.ts'
import { answerOf, explainBatch, judge } from '../failure.ts'
import type { KeyValues, Stretch } from '../key/key-sql.ts'
import { readStateRow } from '../state.ts'
import {
  batchMessage,
  conditionOf,
  lookAhead,
  lookAtRest,
  type Batch,
  type Range,
  type Walk,
} from './messages.ts'
import type { Step } from './pace.ts'
import type { WalkContext } from './worker.ts'

export type Looked = Step | { readonly kind: 'rows'; readonly rows: readonly Row[] }

/** Throws `server-refused`, `connection-lost`, and when it is interrupted. */
export const look = async (
  { backfill, locked: { work } }: Walk,
  query: string,
  { interruption }: WalkContext,
): Promise<Looked> => {
  const answer = await answerOf(work, await work.send(query), interruption)
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

export const keyIn = (text: unknown): KeyValues => JSON.parse(String(text)) as string[]

/** The first rows of a stretch, up to `batchSize` of them; 'end of the way' where one without an end has no more. */
export const cutRange = async (
  walk: Walk,
  stretch: Stretch,
  batchSize: number,
  context: WalkContext,
): Promise<Step | Range | { readonly kind: 'end of the way' }> => {
  const { after } = stretch
  const whole = await look(walk, lookAhead(walk, stretch, batchSize), context)
  if (whole.kind !== 'rows') return whole
  const [row] = whole.rows
  if (row !== undefined)
    return { kind: 'range', after, upTo: keyIn(row['key']), rows: Number(row['rows']) }
  // The look before is cheaper than to count what is there; it tells of the last rows only that they are no whole batch.
  const rest = await look(walk, lookAtRest(walk, stretch, batchSize), context)
  if (rest.kind !== 'rows') return rest
  const [last] = rest.rows
  // Up to the very end, though its row may be gone: there it meets what is done already.
  const upTo = stretch.upTo ?? (last === undefined ? undefined : keyIn(last['key']))
  if (upTo === undefined) return { kind: 'end of the way' }
  return { kind: 'range', after, upTo, rows: Number(last?.['rows'] ?? 0) }
}

/** Throws `backfill-failed`, `backfill-taken-over`, `connection-lost`, and when it is interrupted. */
export const doBatch = async (
  walk: Walk,
  batch: Batch,
  { interruption, onState }: WalkContext,
): Promise<Step> => {
  const { work } = walk.locked
  const { text, statement } = batchMessage(walk, batch)
  const rows = batch.kind === 'range' ? batch.rows : batch.list.length
  const startedMs = performance.now()
  const answer = await answerOf(work, await work.send(text), interruption)
  if (answer.kind === 'answered') {
    const tookMs = performance.now() - startedMs
    const [row = {}] = answer.reply.sets.at(-1) ?? []
    onState(readStateRow(row))
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
