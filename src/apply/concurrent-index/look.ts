// What the catalog says of an index that is to be built: is it there, valid, and does somebody build it right now?

import { literal } from '../../database/literal.ts'
import { isOfNoOtherProgram, runsForUs } from '../../database/monitor/our-statements.ts'
import { reading } from '../../database/own-sql.ts'
import type { Row } from '../../database/session/reply.ts'
import { rowsOf, type Session } from '../../database/session/session.ts'
import type { RelationName } from '../../schema/effects/effect.ts'

export type IndexSeen = {
  readonly state: 'absent' | 'valid' | 'invalid'
  readonly table: 'none' | 'plain' | 'partitioned'
  /** A server process that builds it, runs the same statement for a run that was killed, or works on its table. */
  readonly builder: Builder | undefined
}

export type Builder = {
  readonly pid: number
  /**
   * `orphan`: our session, and its statement has our name in front. `stranger`: it builds the index, or runs our statement
   * under our login, and the session has the name of another program. `neighbour`: it locks the table as a
   * concurrent build does, and our role may not see what it runs.
   */
  readonly kind: 'orphan' | 'stranger' | 'neighbour'
}

/** `name` is what is in front of our own statement. Throws `connection-lost`, `server-busy`, `server-refused`. */
export const lookAtIndex = async (
  session: Session,
  { index, table, name }: { index: RelationName; table: RelationName; name: string },
): Promise<IndexSeen> => {
  const [row] = rowsOf(session, await session.send(reading(query(index, table, name))))
  const kinds = ['orphan', 'stranger', 'neighbour'] as const
  const [builder] = kinds.flatMap((each): Builder[] => {
    const pid = numberOf(row, each)
    return pid === undefined ? [] : [{ pid, kind: each }]
  })
  const valid = row?.['valid']
  const kind = row?.['table_kind']
  return {
    state: valid === true ? 'valid' : valid === false ? 'invalid' : 'absent',
    table: typeof kind !== 'string' ? 'none' : kind === 'p' ? 'partitioned' : 'plain',
    builder,
  }
}

/** Who works on the tables with these oids, which a subquery yields. */
export const lookAtTables = async (
  session: Session,
  tables: string,
): Promise<Builder | undefined> => {
  const reply = await session.send(reading(`SELECT ${worksOn(tables)} AS neighbour`))
  const pid = numberOf(rowsOf(session, reply)[0], 'neighbour')
  return pid === undefined ? undefined : { pid, kind: 'neighbour' }
}

const numberOf = (row: Row | undefined, column: string): number | undefined => {
  const value = row?.[column]
  return value === null || value === undefined ? undefined : Number(value)
}

const relationNamed = ({ schema, name }: RelationName): string =>
  `(SELECT c.oid FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = ${literal(schema)} AND c.relname = ${literal(name)})`

// pg_locks hides nothing of other roles. Autovacuum, which has no user, ends itself for whoever waits for its table.
// https://www.postgresql.org/docs/current/explicit-locking.html#LOCKING-TABLES
const worksOn = (
  tables: string,
): string => `(SELECT l.pid FROM pg_catalog.pg_locks l JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid
    WHERE l.locktype = 'relation' AND l.granted AND l.mode = 'ShareUpdateExclusiveLock' AND l.relation IN ${tables}
      AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())
      AND a.usesysid IS NOT NULL AND l.pid <> pg_catalog.pg_backend_pid() LIMIT 1)`

const query = (index: RelationName, table: RelationName, name: string): string => `SELECT
  (SELECT relkind FROM pg_catalog.pg_class WHERE oid = ${relationNamed(table)}) AS table_kind,
  (SELECT indisvalid AND indisready AND indislive FROM pg_catalog.pg_index
    WHERE indexrelid = ${relationNamed(index)}) AS valid,
  (SELECT a.pid FROM pg_catalog.pg_stat_activity a WHERE ${runsForUs(name)} AND ${isOfNoOtherProgram} LIMIT 1) AS orphan,
  coalesce((SELECT p.pid FROM pg_catalog.pg_stat_progress_create_index p
    WHERE p.index_relid = ${relationNamed(index)} AND p.pid <> pg_catalog.pg_backend_pid() LIMIT 1),
    (SELECT a.pid FROM pg_catalog.pg_stat_activity a WHERE ${runsForUs(name)} AND NOT ${isOfNoOtherProgram} LIMIT 1)) AS stranger,
  ${worksOn(relationNamed(table))} AS neighbour`
