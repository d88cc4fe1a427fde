// Why a unique index could not be built: how many keys occur more than once, and the query that shows them. The keys are in the
// server's own words, from the INVALID index that the build left.

import { literal } from '../../database/literal.ts'
import { reading } from '../../database/own-sql.ts'
import { rowsOf, type Session } from '../../database/session/session.ts'
import type { RelationName } from '../../schema/effects/effect.ts'

export type Duplicates = {
  /** Undefined when counting took too long. */
  readonly keys: number | undefined
  /** Shows them, the most frequent first. */
  readonly query: string
}

const countWithinMs = 20_000

/** Undefined when the build left nothing to read them from. */
export const findDuplicates = async (
  work: Session,
  { index, table }: { readonly index: RelationName; readonly table: RelationName },
): Promise<Duplicates | undefined> => {
  const [row] = rowsOf(work, await work.send(reading(keysQuery(index, table))))
  const { keys, present, condition, relation } = row ?? {}
  if (typeof keys !== 'string' || typeof relation !== 'string') return undefined
  const where = [present, condition].filter((each) => typeof each === 'string').join(' AND ')
  const groups = `FROM ${relation}${where === '' ? '' : ` WHERE ${where}`} GROUP BY ${keys} HAVING count(*) > 1`
  const query = `SELECT ${keys}, count(*) ${groups} ORDER BY count(*) DESC LIMIT 20`
  const counted = await work.send(
    reading(
      `SET LOCAL statement_timeout = ${countWithinMs}`,
      `SELECT count(*)::pg_catalog.int4 AS n FROM (SELECT 1 ${groups}) AS keys`,
    ),
  )
  if (counted.kind !== 'done') return { keys: undefined, query }
  return { keys: Number(counted.sets.at(-1)?.[0]?.['n']), query }
}

// NULLs are not equal, unless the index says so; those rows are not duplicates.
const keysQuery = (index: RelationName, table: RelationName): string => `SELECT
    pg_catalog.string_agg(k.sql, ', ' ORDER BY k.n) AS keys,
    CASE WHEN NOT i.indnullsnotdistinct THEN pg_catalog.string_agg('(' || k.sql || ') IS NOT NULL', ' AND ' ORDER BY k.n) END AS present,
    pg_catalog.pg_get_expr(i.indpred, i.indrelid) AS condition,
    pg_catalog.format('%I.%I', ${literal(table.schema)}, ${literal(table.name)}) AS relation
  FROM pg_catalog.pg_index i
    JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid AND c.relname = ${literal(index.name)}
    JOIN pg_catalog.pg_namespace s ON s.oid = c.relnamespace AND s.nspname = ${literal(index.schema)}
    CROSS JOIN LATERAL (SELECT n, pg_catalog.pg_get_indexdef(i.indexrelid, n, true) AS sql
      FROM pg_catalog.generate_series(1, i.indnkeyatts) n) k
  WHERE NOT i.indisvalid GROUP BY i.indexrelid, i.indrelid, i.indpred, i.indnullsnotdistinct`
