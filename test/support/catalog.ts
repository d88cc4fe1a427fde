// Everything that the schemas of users hold, as sorted lines of the server's own words, so that two databases compare as a
// whole. The ledger's schema is left out; the order of columns within their table is, too.

import type { TestDatabase } from './database.ts'

const lines = `
WITH schemas AS (
  SELECT oid, nspname AS s FROM pg_namespace
  WHERE nspname !~ '^pg_' AND nspname NOT IN ('information_schema', 'schemagate')),
relations AS (
  SELECT c.*, s.s, format('%I.%I', s.s, c.relname) AS named FROM pg_class c JOIN schemas s ON s.oid = c.relnamespace),
tables AS (SELECT * FROM relations WHERE relkind IN ('r', 'p', 'v', 'm', 'f', 'c'))
SELECT concat_ws(' ', 'schema', s) AS line FROM schemas
UNION ALL SELECT concat_ws(' ', 'extension', extname, extversion) FROM pg_extension
UNION ALL SELECT concat_ws(' ', 'relation', named, 'kind', relkind, 'persistence', relpersistence,
    'row security', relrowsecurity, relforcerowsecurity, pg_get_partkeydef(oid), reloptions) FROM relations
UNION ALL SELECT concat_ws(' ', 'column', t.named, a.attname, format_type(a.atttypid, a.atttypmod),
    CASE WHEN a.attnotnull THEN 'NOT NULL' END, 'default ' || pg_get_expr(d.adbin, d.adrelid),
    'identity ' || nullif(a.attidentity::text, ''), 'generated ' || nullif(a.attgenerated::text, ''), 'collation ' || o.collname)
  FROM tables t JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
  LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum LEFT JOIN pg_collation o ON o.oid = a.attcollation
UNION ALL SELECT concat_ws(' ', 'constraint', coalesce(t.named, k.contypid::regtype::text), k.conname,
    pg_get_constraintdef(k.oid), CASE WHEN k.convalidated THEN 'validated' ELSE 'not validated' END)
  FROM pg_constraint k JOIN schemas s ON s.oid = k.connamespace LEFT JOIN relations t ON t.oid = k.conrelid
UNION ALL SELECT concat_ws(' ', 'index', pg_get_indexdef(i.indexrelid), CASE WHEN i.indisvalid THEN 'valid' ELSE 'INVALID' END)
  FROM relations r JOIN pg_index i ON i.indexrelid = r.oid
UNION ALL SELECT concat_ws(' ', 'view', named, pg_get_viewdef(oid)) FROM relations WHERE relkind IN ('v', 'm')
UNION ALL SELECT concat_ws(' ', 'function', pg_get_functiondef(f.oid))
  FROM pg_proc f JOIN schemas s ON s.oid = f.pronamespace WHERE f.prokind IN ('f', 'p')
UNION ALL SELECT concat_ws(' ', 'aggregate', f.oid::regprocedure, g.aggtransfn, g.aggfinalfn, g.aggtranstype::regtype, g.agginitval)
  FROM pg_aggregate g JOIN pg_proc f ON f.oid = g.aggfnoid JOIN schemas s ON s.oid = f.pronamespace
UNION ALL SELECT concat_ws(' ', 'trigger', pg_get_triggerdef(g.oid), g.tgenabled)
  FROM relations r JOIN pg_trigger g ON g.tgrelid = r.oid WHERE NOT g.tgisinternal
UNION ALL SELECT concat_ws(' ', 'enum', t.oid::regtype, string_agg(e.enumlabel, ', ' ORDER BY e.enumsortorder))
  FROM pg_type t JOIN schemas s ON s.oid = t.typnamespace JOIN pg_enum e ON e.enumtypid = t.oid GROUP BY t.oid
UNION ALL SELECT concat_ws(' ', 'domain', t.oid::regtype, format_type(t.typbasetype, t.typtypmod), t.typnotnull, t.typdefault)
  FROM pg_type t JOIN schemas s ON s.oid = t.typnamespace WHERE t.typtype = 'd'
UNION ALL SELECT concat_ws(' ', 'sequence', q.seqrelid::regclass, q.seqtypid::regtype, q.seqstart, q.seqincrement, q.seqmin,
    q.seqmax, q.seqcycle, 'owned by ' || (SELECT format('%s %s', d.refobjid::regclass, d.refobjsubid) FROM pg_depend d
      WHERE d.objid = q.seqrelid AND d.deptype IN ('a', 'i') AND d.refclassid = 'pg_class'::regclass))
  FROM relations r JOIN pg_sequence q ON q.seqrelid = r.oid
UNION ALL SELECT concat_ws(' ', 'policy', p.policyname, 'on', p.schemaname, p.tablename, p.permissive, p.roles, p.cmd, p.qual, p.with_check)
  FROM pg_policies p JOIN schemas s ON s.s = p.schemaname
UNION ALL SELECT concat_ws(' ', 'comment', pg_describe_object(classoid, objoid, objsubid), description)
  FROM pg_description WHERE objoid IN (SELECT oid FROM relations)
    OR objoid IN (SELECT p.oid FROM pg_proc p JOIN schemas s ON s.oid = p.pronamespace)
    OR objoid IN (SELECT p.oid FROM pg_type p JOIN schemas s ON s.oid = p.typnamespace)
    OR objoid IN (SELECT p.oid FROM pg_constraint p JOIN schemas s ON s.oid = p.connamespace)`

export const readCatalog = async ({
  sql,
}: Pick<TestDatabase, 'sql'>): Promise<readonly string[]> => {
  const rows = await sql.begin(async (transaction) => {
    // So that every name comes out qualified.
    await transaction.unsafe('SET LOCAL search_path TO pg_catalog')
    return transaction.unsafe(lines)
  })
  return rows.map(({ line }) => String(line)).sort()
}

export type LedgerRowSeen = {
  readonly name: string
  readonly state: string
  readonly reconciled: boolean
  readonly recognised_by: string | null
}

/** In the order of versions; undefined when there is no ledger. */
export const readLedgerRows = async ({
  sql,
}: Pick<TestDatabase, 'sql'>): Promise<readonly LedgerRowSeen[] | undefined> => {
  const [found] = await sql.unsafe(
    `SELECT to_regclass('schemagate.schema_migrations') IS NOT NULL AS there,
      to_regnamespace('schemagate') IS NOT NULL AS schema`,
  )
  if (found?.['schema'] !== true) return undefined
  if (found['there'] !== true) throw new Error('a ledger schema without a ledger')
  return [
    ...(await sql.unsafe<LedgerRowSeen[]>(
      'SELECT name, state, reconciled, recognised_by FROM schemagate.schema_migrations ORDER BY version::int',
    )),
  ]
}

/** Each row as 'name: state'. */
export const ledgerStates = async (
  database: Pick<TestDatabase, 'sql'>,
): Promise<readonly string[] | undefined> =>
  (await readLedgerRows(database))?.map(({ name, state }) => `${name}: ${state}`)
