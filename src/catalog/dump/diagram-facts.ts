// Tables, their columns and foreign keys, as far as a diagram shows them. Partitions are left out: they look like their table.

import { ownTables } from '../../database/ledger/trust.ts'
import { readingInCleanSession } from '../../database/own-sql.ts'
import { rowsOf, type Session } from '../../database/session/session.ts'
import { isOwn, spaces } from './queries/source.ts'

export type DiagramTable = {
  readonly schema: string
  readonly name: string
  readonly columns: readonly {
    readonly name: string
    readonly type: string
    readonly isPrimary: boolean
    readonly isForeign: boolean
    readonly isUnique: boolean
  }[]
  readonly references: readonly {
    /** Of the foreign key. */
    readonly name: string
    readonly schema: string
    readonly table: string
    readonly columns: readonly string[]
    readonly isRequired: boolean
    /** At most one row for each that is referred to. */
    readonly isUnique: boolean
  }[]
}

const has = (type: string): string =>
  `EXISTS (SELECT FROM pg_constraint k WHERE k.conrelid = c.oid AND k.contype = '${type}' AND a.attnum = ANY (k.conkey)${type === 'u' ? ' AND cardinality(k.conkey) = 1' : ''})`

const columns = `(SELECT coalesce(json_agg(json_build_object('name', a.attname, 'type', format_type(a.atttypid, a.atttypmod),
    'isPrimary', ${has('p')}, 'isForeign', ${has('f')}, 'isUnique', ${has('u')}) ORDER BY a.attnum), '[]')
  FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped)`

const references = `(SELECT coalesce(json_agg(json_build_object('name', f.conname, 'schema', rn.nspname, 'table', r.relname,
    'columns', ARRAY (SELECT a.attname FROM unnest(f.conkey) WITH ORDINALITY u(num, at) JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = u.num ORDER BY u.at),
    'isRequired', NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum = ANY (f.conkey) AND NOT a.attnotnull),
    'isUnique', EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indisunique AND i.indpred IS NULL AND i.indexprs IS NULL
      AND (i.indkey::int2[])[0:i.indnkeyatts - 1] <@ f.conkey)) ORDER BY f.conname COLLATE "C"), '[]')
  FROM pg_constraint f JOIN pg_class r ON r.oid = f.confrelid JOIN pg_namespace rn ON rn.oid = r.relnamespace
  WHERE f.conrelid = c.oid AND f.contype = 'f' AND f.conparentid = 0)`

/** In the order of schema and name. Throws as rowsOf() does. */
export const readDiagram = async (
  session: Session,
  {
    schemas,
    timeoutMs,
  }: { readonly schemas: readonly string[] | undefined; readonly timeoutMs: number },
): Promise<readonly DiagramTable[]> => {
  const reply = await session.send(
    readingInCleanSession(
      `SET LOCAL statement_timeout TO ${10 * timeoutMs}; SET LOCAL lock_timeout TO ${timeoutMs}`,
      `WITH ${spaces(schemas, ownTables)}
SELECT json_build_object('schema', n.nspname, 'name', c.relname, 'columns', ${columns}, 'references', ${references})::text AS facts
FROM pg_class c JOIN spaces n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p', 'f') AND NOT c.relispartition
  AND ${isOwn('pg_class', 'c.oid')} AND c.oid NOT IN (SELECT oid FROM ledgers) ORDER BY n.nspname COLLATE "C", c.relname COLLATE "C"`,
    ),
  )
  if (reply.kind === 'server error') await session.send('ROLLBACK')
  return rowsOf(session, reply).map(({ facts }) => JSON.parse(String(facts)) as DiagramTable)
}
