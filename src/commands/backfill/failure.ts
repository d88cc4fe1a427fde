// What a server's error means for a backfill: worth another try, a batch too large, or the end.

import { shownQuery, type Reply, type ServerError } from '../../database/session/reply.ts'
import type { Session } from '../../database/session/session.ts'
import { fenceStates } from '../../database/session/fence-states.ts'
import { serverStateOf } from '../../errors/server/server-state.ts'
import { fail, problem, SchemagateError, type Place, type Problem } from '../../errors/problem.ts'
import { indexOfCharacter, placeAt } from '../../sql/text/offsets.ts'
import type { Backfill } from './file/backfill.ts'
import type { Batch } from './scan/messages.ts'
import type { Key } from './key/facts.ts'
import type { KeyValues } from './key/key-sql.ts'
import { originalIndex } from './file/statement.ts'
import { isCondition, queryCanceled } from '../../errors/server/sqlstate.ts'

export type Failure = 'held back by locks' | 'too slow' | 'a row fails' | 'fatal'

// data_exception, integrity_constraint_violation, raise_exception (a trigger's).
const aboutRows = /^(22|23|P0001)/

export const classify = ({ sqlstate }: ServerError): Failure => {
  // A serialization failure, too: rules and triggers may ask for more than READ COMMITTED gives.
  if (isCondition(sqlstate, 'lockFailure')) return 'held back by locks'
  if (sqlstate === queryCanceled) return 'too slow'
  return aboutRows.test(sqlstate) ? 'a row fails' : 'fatal'
}

/** The rows of each query of a message that read, or why it could not; throws for what another try does not cure. */
export const answerOf = async (
  session: Session,
  reply: Reply,
  interruption: AbortSignal,
): Promise<
  | { readonly kind: 'answered'; readonly reply: Extract<Reply, { kind: 'done' }> }
  | { readonly kind: 'failed'; readonly error: ServerError }
> => {
  if (reply.kind === 'done') return { kind: 'answered', reply }
  interruption.throwIfAborted()
  if (reply.kind === 'lost')
    return fail('connection-lost', { role: session.role, reason: reply.reason })
  await session.send('ROLLBACK')
  return { kind: 'failed', error: reply.error }
}

/** What was sent for a batch, to find an error's place in the file. */
export type Sent = {
  readonly statement: string
  readonly condition: (qualifier: string) => string
}

export const explainBatch = (
  error: ServerError,
  backfill: Backfill,
  { batch, key, sent }: { readonly batch: Batch; readonly key: Key; readonly sent: Sent },
): Problem => {
  const { name, file } = backfill
  if (error.raised === fenceStates.notRecorded)
    return problem('backfill-wrote-ledger', { name, file })
  // Its fence asserts nothing else.
  if (error.raised !== undefined) return problem('backfill-taken-over', { name })
  const { internalQuery, internalPosition } = error
  const position = internalQuery === shownQuery(sent.statement) ? internalPosition : undefined
  const place = placeOf(backfill, sent, position)
  const state = serverStateOf(error.sqlstate)
  if (state !== undefined) {
    const { context, internalQuery: query } = error
    const facts = { ...words(error), context, internalQuery: query }
    return problem(state, { ...facts, file, phase: rowsInWords(key, batch), work: 'batch' }, place)
  }
  return problem(
    'backfill-failed',
    { ...words(error), file, name, rows: rowsInWords(key, batch) },
    place,
  )
}

/** For a statement that the server was asked about before anything ran; `position` counts in it. */
export const explainCheck = (
  error: ServerError,
  backfill: Backfill,
  { what, place }: { readonly what: string; readonly place: Place },
): SchemagateError => {
  const { file } = backfill
  const found = isCondition(error.sqlstate, 'undefinedObject')
    ? problem('backfill-too-early', { file, missing: error.message }, place)
    : problem('backfill-check-failed', { ...words(error), file, what }, place)
  return new SchemagateError([found])
}

export const placeOf = (
  { file, text, statement }: Backfill,
  { statement: sent, condition }: Sent,
  position: number | undefined,
): Place => {
  if (position === undefined) return placeAt(file, text, statement.start)
  const index = originalIndex(statement, condition, indexOfCharacter(sent, position - 1))
  return placeAt(file, text, statement.start + index)
}

const words = ({ sqlstate, message, detail, hint }: ServerError) => ({
  sqlstate,
  message,
  serverDetail: detail,
  hint,
})

const rowsInWords = (key: Key, batch: Batch): string => {
  const named = (values: KeyValues): string =>
    key.map(({ name }, at) => `${name} = ${values[at] ?? ''}`).join(', ')
  if (batch.kind === 'skipped before') {
    const [first = [], second] = batch.list
    return second === undefined
      ? `in the row ${named(first)}`
      : `in ${batch.list.length} rows that were locked before, the first of them ${named(first)}`
  }
  if (batch.rows === 1) return `in the row ${named(batch.upTo)}`
  const rows = `in the ${batch.rows} rows`
  const after = batch.after === undefined ? 'from the first on' : `after ${named(batch.after)}`
  return `${rows} ${after}, up to ${named(batch.upTo)}`
}
