// What must be known before the first batch: the table and its key are there, and the server takes the statement. Nothing is
// written; what is missing is most likely a migration that has not been applied here yet.

import { pathOfFiles } from '../../database/own-sql.ts'
import { rowsOf } from '../../database/session/session.ts'
import { fail, problem, SchemagateError } from '../../errors/problem.ts'
import { placeAt } from '../../sql/text/offsets.ts'
import type { Backfill } from './file/backfill.ts'
import { setLocalRoleOf, readingLong } from './clean-session.ts'
import { answerOf, explainCheck, placeOf } from './failure.ts'
import type { Key } from './key/facts.ts'
import { checkKey } from './key/key.ts'
import { noRow } from './key/key-sql.ts'
import { forBatch } from './file/statement.ts'
import { readTableFacts, spanOfKey, type Asked } from './key/table-facts.ts'

export type Ready = {
  /** Quoted, with its schema. */
  readonly table: string
  readonly key: Key
  /** About how many rows the table has, when anything tells. */
  readonly total: number | undefined
}

/** Throws `backfill-too-early`, `backfill-key`, `backfill-check-failed`, `connection-lost`. */
export const checkReady = async (
  asked: Asked,
  backfill: Backfill,
  interruption: AbortSignal,
): Promise<Ready> => {
  const { file, table } = backfill
  const shown = `${table.schema === undefined ? '' : `${table.schema}.`}${table.name}`
  const facts = await readTableFacts(asked, table)
  if (facts === undefined)
    return fail('backfill-too-early', { file, missing: `the table ${shown}` })
  const checked = checkKey(backfill.key, shown, facts)
  if (checked.kind === 'missing column') {
    const meant = checked.nearest === undefined ? '' : `; did you mean ${checked.nearest}?`
    return fail('backfill-too-early', {
      file,
      missing: `the column ${shown}.${checked.column}${meant}`,
    })
  }
  if (checked.kind === 'unusable') {
    const { reason, cure } = checked
    return fail('backfill-key', { file, key: backfill.key, table: shown, reason, cure })
  }
  const { key } = checked
  await askForStatement(asked, backfill, { key, interruption })
  const total = facts.estimatedRows ?? (await spanOfKey(asked, facts.quoted, key))
  return { table: facts.quoted, key, total }
}

// EXPLAIN reads names, types and privileges as the statement itself would, and runs nothing.
const askForStatement = async (
  { session, server }: Asked,
  backfill: Backfill,
  { key, interruption }: { readonly key: Key; readonly interruption: AbortSignal },
): Promise<void> => {
  const condition = noRow(key)
  const statement = forBatch(backfill.statement, condition)
  const text = readingLong(server, `${setLocalRoleOf(server)} ${pathOfFiles}; EXPLAIN ${statement}`)
  const answer = await answerOf(session, await session.send(text), interruption)
  if (answer.kind === 'answered') return
  const before = Array.from(text.slice(0, text.indexOf(statement))).length
  const { position } = answer.error
  const inStatement = position === undefined ? undefined : position - before
  const place = placeOf(backfill, { statement, condition }, inStatement)
  throw explainCheck(answer.error, backfill, { what: 'its statement', place })
}

/** Whether @done says that nothing is left to do; 'not asked' for a backfill without it. */
export const askIfDone = async (
  { session, server }: Asked,
  backfill: Backfill,
  interruption: AbortSignal,
): Promise<'done' | 'not done' | 'not asked'> => {
  const { done, file, text } = backfill
  if (done === undefined) return 'not asked'
  const query = `${setLocalRoleOf(server)} ${pathOfFiles}; SELECT (${done.sql}\n) AS done`
  const reply = await session.send(readingLong(server, query))
  const answer = await answerOf(session, reply, interruption)
  if (answer.kind === 'failed')
    throw explainCheck(answer.error, backfill, { what: 'its @done', place: done.place })
  const value = rowsOf(session, answer.reply)[0]?.['done']
  if (typeof value === 'boolean') return value ? 'done' : 'not done'
  const facts = { directive: 'done', value: done.text, form: 'sql SELECT <a boolean>' }
  const place = { ...placeAt(file, text, 0), ...done.place }
  throw new SchemagateError([problem('malformed-directive', facts, place)])
}
