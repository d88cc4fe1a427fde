// Which objects the files of migrations/objects/ have made, for who meets one of them elsewhere: a migration may drop it, and the same
// run makes it again.

import type { Row } from '../session/reply.ts'
import type { Session } from '../session/session.ts'
import { reading } from '../own-sql.ts'
import { quotedObjects } from './ledger.ts'
import { objectTables, refuseForeign, type LedgerAt } from './trust.ts'

export type MadeObject = {
  readonly kind: string
  readonly schema: string
  /** Of a trigger or policy; '' of others. */
  readonly relation: string
  readonly name: string
  /** The path within migrations/objects/. */
  readonly file: string
}

const withinMs = 5_000

/** None where there is no such table, or it is not to be trusted, or not read in time. */
export const readMadeObjects = async (
  session: Session,
  at: LedgerAt,
): Promise<readonly MadeObject[]> => {
  const reply = await session.send(
    reading(
      `SET LOCAL statement_timeout = ${withinMs}; SET LOCAL lock_timeout = ${withinMs}`,
      refuseForeign(at, objectTables),
      `SELECT kind, schema, relation, name, file FROM ${quotedObjects(at.ledgerSchema)}`,
    ),
  )
  return reply.kind === 'done' ? (reply.sets.at(-1) ?? []).map(objectIn) : []
}

const objectIn = (row: Row): MadeObject => ({
  kind: String(row['kind']),
  schema: String(row['schema']),
  relation: String(row['relation']),
  name: String(row['name']),
  file: String(row['file']),
})
