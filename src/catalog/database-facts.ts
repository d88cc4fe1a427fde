// What a database has besides what the files speak of, as far as it decides how closely it must be looked at.

import { reading } from '../database/own-sql.ts'
import { rowsOf, type Session } from '../database/session.ts'

// Lower ones are of the objects that every new database has.
// https://www.postgresql.org/docs/current/system-catalog-initial-data.html#SYSTEM-CATALOG-OID-ASSIGNMENT
const firstOwnOid = 16_384

/** Is it as CREATE DATABASE makes it? Temporary schemas do not count. Throws as rowsOf() does. */
export const isNew = async (session: Session): Promise<boolean> => {
  const none = ['pg_class', 'pg_type', 'pg_proc', 'pg_extension'].map(
    (catalog) => `NOT EXISTS (SELECT FROM pg_catalog.${catalog} WHERE oid >= ${firstOwnOid})`,
  )
  const reply = await session.send(
    reading(`SELECT ${none.join(' AND ')} AND NOT EXISTS (SELECT FROM pg_catalog.pg_namespace
    WHERE oid >= ${firstOwnOid} AND nspname !~ '^pg_') AS is_new`),
  )
  return rowsOf(session, reply)[0]?.['is_new'] === true
}

/** May something of the database's own have a hand in what a statement makes? Throws as rowsOf() does. */
export const hasEventTriggers = async (session: Session): Promise<boolean> => {
  const reply = await session.send(
    reading(
      `SELECT EXISTS (SELECT FROM pg_catalog.pg_event_trigger WHERE evtenabled <> 'D' AND evtevent <> 'login') AS has_any`,
    ),
  )
  return rowsOf(session, reply)[0]?.['has_any'] === true
}
