// What a database has besides what the files speak of, as far as it decides how closely it must be looked at.

import { quotedLedger } from '../../database/ledger/ledger.ts'
import { literal } from '../../database/literal.ts'
import { reading } from '../../database/own-sql.ts'
import { rowsOf, type Session } from '../../database/session/session.ts'

// Lower ones are of the objects that every new database has.
// https://www.postgresql.org/docs/current/system-catalog-initial-data.html#SYSTEM-CATALOG-OID-ASSIGNMENT
const firstOwnOid = 16_384

export type NewDatabase = {
  /** How many locks on objects all sessions of the server can hold at once. */
  readonly mostLocks: number
}

/**
 * Undefined where it has an object of its own besides schemas, the ledger, and what belongs to the ledger. Temporary ones count.
 * Throws as rowsOf() does.
 */
export const readNewDatabase = async (
  session: Session,
  ledgerSchema: string,
): Promise<NewDatabase | undefined> => {
  const none = [
    // Indexes and TOAST tables belong to others.
    `pg_class WHERE relkind NOT IN ('i', 'I', 't') AND oid IS DISTINCT FROM pg_catalog.to_regclass(${literal(quotedLedger(ledgerSchema))})`,
    'pg_type WHERE typrelid = 0 AND typelem = 0',
    'pg_proc WHERE true',
    'pg_extension WHERE true',
  ].map((from) => `NOT EXISTS (SELECT FROM pg_catalog.${from} AND oid >= ${firstOwnOid})`)
  // https://www.postgresql.org/docs/current/runtime-config-locks.html#GUC-MAX-LOCKS-PER-TRANSACTION
  const number = (name: string): string => `current_setting('${name}')::int8`
  const reply = await session.send(
    reading(`SELECT ${none.join(' AND ')} AS is_new,
    (${number('max_locks_per_transaction')} * (${number('max_connections')} + ${number('max_prepared_transactions')}))::text AS most_locks`),
  )
  const [row] = rowsOf(session, reply)
  return row?.['is_new'] === true ? { mostLocks: Number(row['most_locks']) } : undefined
}

/** SQL, as a boolean: may something of the database's own have a hand in what a statement makes? */
export const eventTriggersQuery =
  "EXISTS (SELECT FROM pg_catalog.pg_event_trigger WHERE evtenabled <> 'D' AND evtevent <> 'login')"

/** Throws as rowsOf() does. */
export const hasEventTriggers = async (session: Session): Promise<boolean> => {
  const reply = await session.send(reading(`SELECT ${eventTriggersQuery} AS has_any`))
  return rowsOf(session, reply)[0]?.['has_any'] === true
}
