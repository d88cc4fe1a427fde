// What the catalog says of the table that a backfill scans: its columns, its indexes, and about how many rows it has.

import { identifier, literal } from '../../../database/literal.ts'
import { ownPath, pathOfFiles } from '../../../database/own-sql.ts'
import type { Server } from '../../../database/server/server.ts'
import { rowsOf, type Session } from '../../../database/session/session.ts'
import type { TableName } from '../file/backfill.ts'
import { setLocalRoleOf, reading } from '../clean-session.ts'
import type { ColumnFacts, IndexFacts, Key, TableFacts } from './facts.ts'

/** Who is asked. */
export type Asked = { readonly session: Session; readonly server: Server }

/** Undefined when there is no table of that name. */
export const readTableFacts = async (
  { session, server }: Asked,
  table: TableName,
): Promise<TableFacts | undefined> => {
  const text = reading(`${setLocalRoleOf(server)} ${find(table)}; ${query()}`)
  const [row] = rowsOf(session, await session.send(text))
  if (row === undefined) return undefined
  const estimate = Number(row['estimate'])
  return {
    quoted: `${identifier(String(row['schema']))}.${identifier(String(row['name']))}`,
    columns: JSON.parse(String(row['columns'])) as ColumnFacts[],
    indexes: JSON.parse(String(row['indexes'])) as IndexFacts[],
    estimatedRows: estimate < 0 ? undefined : estimate,
  }
}

// A name means what it means to the file that says it.
const find = ({ schema, name }: TableName): string => {
  const written = [...(schema === undefined ? [] : [schema]), name].map(identifier).join('.')
  return `${pathOfFiles}; SELECT pg_catalog.set_config('schemagate.table',
    pg_catalog.to_regclass(${literal(written)})::pg_catalog.oid::pg_catalog.text, true); ${ownPath}`
}

const query = (): string => `SELECT n.nspname::text AS schema, c.relname::text AS name,
  CASE c.relkind WHEN 'p' THEN (SELECT coalesce(sum(leaf.reltuples), 0)
      FROM pg_catalog.pg_partition_tree(c.oid) AS tree JOIN pg_catalog.pg_class AS leaf ON leaf.oid = tree.relid
      WHERE tree.isleaf AND leaf.reltuples > 0)
    ELSE c.reltuples END::pg_catalog.int8::text AS estimate,
  ${columns} AS columns, ${indexes} AS indexes
FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.oid = nullif(pg_catalog.current_setting('schemagate.table', true), '')::pg_catalog.oid AND c.relkind IN ('r', 'p')`

// Comparing whole keys asks for the same operators. https://www.postgresql.org/docs/current/btree.html (5 is '>')
const operatorSchema = `(SELECT pg_catalog.quote_ident(n.nspname) FROM pg_catalog.pg_index AS x
      CROSS JOIN pg_catalog.generate_series(0, x.indnkeyatts - 1) AS at
      JOIN pg_catalog.pg_opclass AS opc ON opc.oid = x.indclass[at] AND opc.opcdefault
      JOIN pg_catalog.pg_am AS am ON am.oid = opc.opcmethod AND am.amname = 'btree'
      JOIN pg_catalog.pg_amop AS op ON op.amopfamily = opc.opcfamily AND op.amopstrategy = 5
        AND op.amoplefttype = opc.opcintype AND op.amoprighttype = opc.opcintype
      JOIN pg_catalog.pg_operator AS o ON o.oid = op.amopopr JOIN pg_catalog.pg_namespace AS n ON n.oid = o.oprnamespace
    WHERE x.indrelid = c.oid AND x.indkey[at] = a.attnum LIMIT 1)`

const columns = `(SELECT coalesce(pg_catalog.json_agg(pg_catalog.json_build_object('name', a.attname,
    'type', pg_catalog.format('%I.%I', tn.nspname, t.typname), 'nullable', NOT a.attnotnull,
    'operators', ${operatorSchema},
    'collation', (SELECT pg_catalog.format('%I.%I', n.nspname, co.collname) FROM pg_catalog.pg_collation AS co
      JOIN pg_catalog.pg_namespace AS n ON n.oid = co.collnamespace WHERE co.oid = a.attcollation))), '[]')::text
  FROM pg_catalog.pg_attribute AS a JOIN pg_catalog.pg_type AS t ON t.oid = a.atttypid
    JOIN pg_catalog.pg_namespace AS tn ON tn.oid = t.typnamespace
  WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped)`

// The columns behind indnkeyatts are INCLUDEd and no part of the key. Bit 1 of indoption is DESC: a mixture of both
// directions cannot be scanned by comparing whole keys.
const indexes = `(SELECT coalesce(pg_catalog.json_agg(pg_catalog.json_build_object('name', i.relname,
    'valid', x.indisvalid AND x.indisready, 'unique', x.indisunique,
    'partial', x.indpred IS NOT NULL,
    'ordered', am.amname = 'btree' AND (SELECT count(DISTINCT x.indoption[at] & 1) = 1
        AND bool_and(opc.opcdefault AND x.indcollation[at] = coalesce(a.attcollation, 0))
      FROM pg_catalog.generate_series(0, x.indnkeyatts - 1) AS at
        JOIN pg_catalog.pg_opclass AS opc ON opc.oid = x.indclass[at]
        LEFT JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = x.indkey[at]),
    'columns', (SELECT pg_catalog.json_agg(coalesce(a.attname::text, '') ORDER BY at)
      FROM pg_catalog.generate_series(0, x.indnkeyatts - 1) AS at
        LEFT JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = x.indkey[at]))
    ORDER BY i.relname), '[]')::text
  FROM pg_catalog.pg_index AS x JOIN pg_catalog.pg_class AS i ON i.oid = x.indexrelid
    JOIN pg_catalog.pg_am AS am ON am.oid = i.relam
  WHERE x.indrelid = c.oid)`

const integers = ['pg_catalog.int8', 'pg_catalog.int4', 'pg_catalog.int2']

/** For a table that was never analysed: the span of a key that is a number. Undefined for another key. */
export const spanOfKey = async (
  { session, server }: Asked,
  table: string,
  key: Key,
): Promise<number | undefined> => {
  const [column, second] = key
  if (column === undefined || second !== undefined || !integers.includes(column.type))
    return undefined
  const name = identifier(column.name)
  const [row] = rowsOf(
    session,
    await session.send(
      reading(
        `${setLocalRoleOf(server)} SELECT (max(${name})::pg_catalog.numeric - min(${name}) + 1)::pg_catalog.text AS span FROM ${table}`,
      ),
    ),
  )
  return row?.['span'] == null ? 0 : Number(row['span'])
}
