// How large the tables are that a plan would lock.

import { literal } from '../../database/literal.ts'
import { pathOfFiles, readingInCleanSession } from '../../database/own-sql.ts'
import { rowsOf, type Session } from '../../database/session/session.ts'
import type { TableSizes } from '../../reconcile/table-size.ts'

// A table that somebody holds would keep us waiting: its size is then left unknown.
const withinMs = 1_000

/** Of those that exist; the size of an index is that of its table. Reads only. */
export const readTableSizes = async (
  session: Session,
  names: readonly string[],
): Promise<TableSizes> => {
  if (names.length === 0) return new Map()
  const list = names.map((name) => `(${literal(name)})`).join(', ')
  const reply = await session.send(
    readingInCleanSession(
      `SET LOCAL lock_timeout = ${withinMs}; SET LOCAL statement_timeout = ${10 * withinMs}`,
      // A name means what it means to the file that says it.
      pathOfFiles,
      `SELECT n.name, pg_catalog.pg_total_relation_size(c.oid) AS bytes, c.reltuples AS rows
      FROM (VALUES ${list}) AS n(name)
      JOIN LATERAL (SELECT coalesce((SELECT i.indrelid FROM pg_catalog.pg_index i
          WHERE i.indexrelid OPERATOR(pg_catalog.=) r.oid), r.oid) AS oid
        FROM pg_catalog.pg_class r
        WHERE r.oid OPERATOR(pg_catalog.=) pg_catalog.to_regclass(n.name)::pg_catalog.oid) AS found ON true
      JOIN pg_catalog.pg_class c ON c.oid OPERATOR(pg_catalog.=) found.oid`,
    ),
  )
  if (reply.kind === 'server error') {
    await session.send('ROLLBACK')
    return new Map()
  }
  return new Map(
    rowsOf(session, reply).map((row) => {
      const rows = Number(row['rows'])
      const size = { bytes: Number(row['bytes']), rows: rows < 0 ? undefined : rows }
      return [String(row['name']), size]
    }),
  )
}
