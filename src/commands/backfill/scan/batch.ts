// One message of a scan to the server and what became of it: a look, or a batch.

import type { Row } from '../../../database/session/reply.ts'
import { problem, SchemagateError } from '../../../errors/problem.ts'
import { answerOf, explainBatch, classify } from '../failure.ts'
import type { KeyValues, KeyRange } from '../key/key-sql.ts'
import { readStateRow } from '../state/state.ts'
import {
  batchMessage,
  conditionOf,
  nextRowsQuery,
  lastRowsQuery,
  type Batch,
  type RangeBatch,
  type Scan,
} from './messages.ts'
import type { Step } from './pace.ts'
import type { ScanContext } from './worker.ts'

export type RowsRead = Step | { readonly kind: 'rows'; readonly rows: readonly Row[] }

/** Throws `server-refused`, `connection-lost`, and when it is interrupted. */
export const readRows = async (
  { backfill, locked: { work } }: Scan,
  query: string,
  { interruption }: ScanContext,
): Promise<RowsRead> => {
  const answer = await answerOf(work, await work.send(query), interruption)
  if (answer.kind === 'failed') {
    if (classify(answer.error) !== 'fatal') return { kind: 'held back', by: 'locks' }
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

/** The first rows of a range, up to `batchSize` of them; 'no rows left' where one without an end has no more. */
export const nextRange = async (
  scan: Scan,
  range: KeyRange,
  batchSize: number,
  context: ScanContext,
): Promise<Step | RangeBatch | { readonly kind: 'no rows left' }> => {
  const { after } = range
  const full = await readRows(scan, nextRowsQuery(scan, range, batchSize), context)
  if (full.kind !== 'rows') return full
  const [row] = full.rows
  if (row !== undefined)
    return { kind: 'range', after, upTo: keyIn(row['key']), rows: Number(row['rows']) }
  // The look before is cheaper than to count what is there; it shows of the last rows only that they are not a whole batch.
  const remaining = await readRows(scan, lastRowsQuery(scan, range, batchSize), context)
  if (remaining.kind !== 'rows') return remaining
  const [last] = remaining.rows
  // Up to the very end, though its row may be gone: there it meets what is done already.
  const upTo = range.upTo ?? (last === undefined ? undefined : keyIn(last['key']))
  if (upTo === undefined) return { kind: 'no rows left' }
  return { kind: 'range', after, upTo, rows: Number(last?.['rows'] ?? 0) }
}

/** Throws `backfill-failed`, `backfill-taken-over`, `connection-lost`, and when it is interrupted. */
export const doBatch = async (
  scan: Scan,
  batch: Batch,
  { interruption, onState }: ScanContext,
): Promise<Step> => {
  const { work } = scan.locked
  const { text, statement } = batchMessage(scan, batch)
  const rows = batch.kind === 'range' ? batch.rows : batch.list.length
  const startedMs = performance.now()
  const answer = await answerOf(work, await work.send(text), interruption)
  if (answer.kind === 'answered') {
    const tookMs = performance.now() - startedMs
    const [row = {}] = answer.reply.sets.at(-1) ?? []
    onState(readStateRow(row))
    return { kind: 'advanced', rows, tookMs }
  }
  const failure = classify(answer.error)
  if (failure === 'held back by locks') return { kind: 'held back', by: 'locks' }
  if (failure === 'too slow' && rows > 1) return { kind: 'too slow' }
  if (failure === 'a row fails' && rows > 1) return { kind: 'a row fails', rows }
  const sent = { statement, condition: conditionOf(scan, batch) }
  throw new SchemagateError([
    explainBatch(answer.error, scan.backfill, { batch, key: scan.key, sent }),
  ])
}
