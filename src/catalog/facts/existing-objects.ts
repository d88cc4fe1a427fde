// The names of what a database has, of the kinds that files make: not members of extensions, ledgers, partitions, what belongs to an
// identity, a key or a parent.

import { literal } from '../../database/literal.ts'
import { ownTables } from '../../database/ledger/trust.ts'
import { readingInCleanSession } from '../../database/own-sql.ts'
import { rowsOf, type Session } from '../../database/session/session.ts'
import type { ObjectKind, ObjectName, RelationName } from '../../schema/effects/effect.ts'
import { isOwn, spaces } from '../dump/queries/source.ts'

// `owner` is the table that it belongs to, where its name does not have that.
const named = (
  kind: string,
  [schema, table, name]: readonly [string, string, string],
  from: string,
  owner = table,
): string =>
  `SELECT ${kind} AS kind, ${schema}::text AS schema, ${table}::text AS "table", ${name}::text AS name, ${owner}::text AS owner FROM ${from}`

const ofTable = (catalog: string, alias: string, relation: string): string =>
  `${catalog} ${alias} JOIN pg_class c ON c.oid = ${alias}.${relation} JOIN spaces n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'v', 'm') AND NOT c.relispartition AND c.oid NOT IN (SELECT oid FROM ledgers) AND ${isOwn('pg_class', 'c.oid')}`

const query = [
  named("'schema'", ["''", "''", 'n.nspname'], "spaces n WHERE n.nspname <> 'public'"),
  named("'extension'", ["''", "''", 'x.extname'], `pg_extension x WHERE x.oid >= 16384`),
  named(
    `CASE c.relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' WHEN 'S' THEN 'sequence' ELSE 'table' END`,
    ['n.nspname', "''", 'c.relname'],
    `pg_class c JOIN spaces n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p', 'f', 'v', 'm', 'S') AND NOT c.relispartition
      AND ${isOwn('pg_class', 'c.oid')} AND c.oid NOT IN (SELECT oid FROM ledgers)
      AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND c.relkind = 'S' AND d.deptype IN ('a', 'i'))`,
  ),
  named(
    "'column'",
    ['n.nspname', 'c.relname', 'a.attname'],
    `${ofTable('pg_attribute', 'a', 'attrelid')} AND c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped AND a.attislocal`,
  ),
  named(
    "'constraint'",
    ['n.nspname', 'c.relname', 'k.conname'],
    `${ofTable('pg_constraint', 'k', 'conrelid')} AND k.contype IN ('c', 'p', 'u', 'f', 'x') AND k.conislocal AND k.conparentid = 0`,
  ),
  named(
    "'index'",
    ['n.nspname', "''", 'ic.relname'],
    `pg_index i JOIN pg_class ic ON ic.oid = i.indexrelid JOIN pg_class c ON c.oid = i.indrelid JOIN spaces n ON n.oid = c.relnamespace
      WHERE NOT c.relispartition AND c.oid NOT IN (SELECT oid FROM ledgers) AND ${isOwn('pg_class', 'ic.oid')}
      AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x'))`,
    'c.relname',
  ),
  named(
    "'trigger'",
    ['n.nspname', 'c.relname', 'g.tgname'],
    `${ofTable('pg_trigger', 'g', 'tgrelid')} AND NOT g.tgisinternal AND g.tgparentid = 0`,
  ),
  named("'policy'", ['n.nspname', 'c.relname', 'y.polname'], ofTable('pg_policy', 'y', 'polrelid')),
  named(
    "'type'",
    ['n.nspname', "''", 't.typname'],
    `pg_type t JOIN spaces n ON n.oid = t.typnamespace WHERE t.typtype IN ('e', 'c', 'd', 'r') AND ${isOwn('pg_type', 't.oid')}
      AND (t.typrelid = 0 OR (SELECT r.relkind FROM pg_class r WHERE r.oid = t.typrelid) = 'c')`,
  ),
  named(
    "'function'",
    ['n.nspname', "''", "p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ')'"],
    `pg_proc p JOIN spaces n ON n.oid = p.pronamespace WHERE ${isOwn('pg_proc', 'p.oid')}
      AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'i')`,
  ),
]

const found = `WITH ${spaces(undefined, ownTables)}, found AS (${query.join('\nUNION ALL ')})`

/** One value: what belongs to these tables, as a JSON text of ObjectName[] in the order of kind and name. */
export const belongingsQuery = (tables: readonly RelationName[]): string =>
  `${found} SELECT json_agg(json_build_object('kind', kind, 'schema', schema, 'table', "table", 'name', name)
    ORDER BY kind, schema COLLATE "C", "table" COLLATE "C", name COLLATE "C")::text FROM found
  WHERE (schema, owner) IN (${tables.map(({ schema, name }) => `(${literal(schema)}, ${literal(name)})`).join(', ')})`

/** In the order of kind and name. Reads only. Throws as rowsOf() does. */
export const readExistingObjects = async (
  session: Session,
  timeoutMs: number,
): Promise<readonly ObjectName[]> => {
  const reply = await session.send(
    readingInCleanSession(
      `SET LOCAL statement_timeout TO ${timeoutMs}; SET LOCAL lock_timeout TO ${timeoutMs}`,
      `${found}
SELECT * FROM found ORDER BY kind, schema COLLATE "C", "table" COLLATE "C", name COLLATE "C"`,
    ),
  )
  if (reply.kind === 'server error') await session.send('ROLLBACK')
  return rowsOf(session, reply).map(({ kind, schema, table, name }) => ({
    ...{ kind: String(kind) as ObjectKind, schema: String(schema) },
    ...{ table: String(table), name: String(name) },
  }))
}
