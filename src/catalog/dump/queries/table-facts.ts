// What the catalog says of tables, in the server's words: columns, constraints, options. table-text.ts makes statements of it.

import { keySettings, sequenceOptions } from './relations.ts'
import { foreignOptions, isOwn, optionList, qualified, roleName } from './source.ts'
import { collate } from './types.ts'

export type ColumnFacts = {
  readonly name: string
  readonly type: string
  readonly collate: string
  readonly compression: string | null
  readonly options: string | null
  /** Is it the table's own? A child table has others of its parent. */
  readonly isLocal: boolean
  /** 'NOT NULL', with its name where that is not the usual one; of its parent's, null. */
  readonly notNull: string | null
  /** 'GENERATED … AS IDENTITY …' */
  readonly identity: string | null
  /** 'GENERATED ALWAYS AS (…) STORED' */
  readonly generated: string | null
  readonly default: { readonly id: string; readonly expression: string } | null
  /** Is the default that of each parent, so that it comes with the column? */
  readonly inheritsDefault: boolean
  readonly statements: readonly string[]
}

export type ConstraintFacts = {
  readonly oid: string
  /** pg_constraint.contype */
  readonly type: 'c' | 'p' | 'u' | 'x' | 'n'
  readonly name: string
  readonly definition: string
  readonly place: 'inline' | 'apart'
  /** The oid of its index. */
  readonly index: string | null
  /** Of its index. */
  readonly settings: string | null
}

export type TableFacts = {
  readonly oid: string
  readonly schema: string
  readonly name: string
  readonly qualified: string
  /** pg_class.relkind */
  readonly kind: 'r' | 'p' | 'f'
  readonly owner: string
  readonly isUnlogged: boolean
  readonly isPartition: boolean
  readonly bound: string | null
  readonly parents: readonly string[] | null
  readonly ofType: string | null
  readonly partitionKey: string | null
  readonly method: string | null
  readonly storage: string | null
  readonly tablespace: string | null
  readonly server: string | null
  readonly columns: readonly ColumnFacts[] | null
  readonly constraints: readonly ConstraintFacts[] | null
  /** After it. */
  readonly statements: readonly string[]
  /** The sequences that it owns, after it has its own owner: they must have the same. */
  readonly owned: string | null
}

const table = qualified('n.nspname', 'c.relname')

const alterColumn = (words: string): string =>
  `format('ALTER ' || CASE c.relkind WHEN 'f' THEN 'FOREIGN ' ELSE '' END || 'TABLE ONLY %s ALTER COLUMN %I ${words}', ${table}, a.attname`

const ownSequence = `(SELECT format('GENERATED %s AS IDENTITY', CASE a.attidentity WHEN 'a' THEN 'ALWAYS' ELSE 'BY DEFAULT' END)
      || coalesce(' (' || nullif(ltrim(concat(
        CASE WHEN qn.nspname <> n.nspname OR qc.relname <> c.relname || '_' || a.attname || '_seq' THEN ' SEQUENCE NAME ' || ${qualified('qn.nspname', 'qc.relname')} END,
        ${sequenceOptions})), '') || ')', '')
    FROM pg_depend md JOIN pg_sequence q ON q.seqrelid = md.objid JOIN pg_class qc ON qc.oid = q.seqrelid JOIN pg_namespace qn ON qn.oid = qc.relnamespace
    WHERE md.classid = 'pg_class'::regclass AND md.refclassid = 'pg_class'::regclass AND md.refobjid = c.oid AND md.refobjsubid = a.attnum AND md.deptype = 'i')`

// An identity's sequence is as persistent as its table unless somebody has changed it.
const sequencePersistence = `(SELECT format('ALTER SEQUENCE %s SET %s', ${qualified('qn.nspname', 'qc.relname')}, CASE qc.relpersistence WHEN 'u' THEN 'UNLOGGED' ELSE 'LOGGED' END)
    FROM pg_depend md JOIN pg_class qc ON qc.oid = md.objid AND qc.relkind = 'S' JOIN pg_namespace qn ON qn.oid = qc.relnamespace
    WHERE md.classid = 'pg_class'::regclass AND md.refclassid = 'pg_class'::regclass AND md.refobjid = c.oid AND md.refobjsubid = a.attnum AND md.deptype = 'i'
      AND qc.relpersistence <> c.relpersistence)`

const parentColumns = `pg_inherits h JOIN pg_attribute pa ON pa.attrelid = h.inhparent AND pa.attname = a.attname AND NOT pa.attisdropped
      LEFT JOIN pg_attrdef pd ON pd.adrelid = pa.attrelid AND pd.adnum = pa.attnum WHERE h.inhrelid = c.oid`

const isLocal = '(a.attislocal OR c.relispartition)'

// An inherited column starts with what its parent's has.
const storage = `CASE WHEN ${isLocal} THEN a.attstorage <> (SELECT ty.typstorage FROM pg_type ty WHERE ty.oid = a.atttypid)
      ELSE EXISTS (SELECT FROM ${parentColumns} AND pa.attstorage <> a.attstorage) END`

// Before PostgreSQL 18 NOT NULL has no row of its own.
const notNull = `CASE WHEN NOT a.attnotnull THEN NULL
      WHEN k.oid IS NOT NULL THEN CASE WHEN NOT k.convalidated OR NOT (k.conislocal OR c.relispartition) THEN NULL ELSE
        CASE WHEN k.conname <> c.relname || '_' || a.attname || '_not_null' THEN format('CONSTRAINT %I ', k.conname) ELSE '' END || 'NOT NULL'
        || CASE WHEN k.connoinherit THEN ' NO INHERIT' ELSE '' END END
      WHEN a.attislocal OR c.relispartition OR NOT EXISTS (SELECT FROM ${parentColumns} AND pa.attnotnull) THEN 'NOT NULL' END`

const columns = `(SELECT json_agg(json_build_object(
    'name', quote_ident(a.attname), 'type', format_type(a.atttypid, a.atttypmod), 'collate', ${collate('a.attcollation', 'a.atttypid')},
    'compression', CASE a.attcompression::text WHEN 'p' THEN 'pglz' WHEN 'l' THEN 'lz4' END, 'options', ${foreignOptions('a.attfdwoptions')},
    'isLocal', ${isLocal}, 'notNull', ${notNull},
    'identity', CASE WHEN a.attidentity <> '' THEN ${ownSequence} END,
    'generated', CASE a.attgenerated::text WHEN 's' THEN 'GENERATED ALWAYS AS (' || pg_get_expr(ad.adbin, ad.adrelid) || ') STORED'
      WHEN 'v' THEN 'GENERATED ALWAYS AS (' || pg_get_expr(ad.adbin, ad.adrelid) || ') VIRTUAL' END,
    'default', CASE WHEN ad.oid IS NOT NULL AND a.attgenerated = '' THEN json_build_object('id', ad.oid::text, 'expression', pg_get_expr(ad.adbin, ad.adrelid)) END,
    'inheritsDefault', NOT EXISTS (SELECT FROM ${parentColumns} AND pg_get_expr(pd.adbin, pd.adrelid) IS DISTINCT FROM pg_get_expr(ad.adbin, ad.adrelid)),
    'statements', array_remove(ARRAY[
      CASE WHEN a.attstattarget >= 0 THEN ${alterColumn('SET STATISTICS %s')}, a.attstattarget) END,
      CASE WHEN ${storage} THEN ${alterColumn('SET STORAGE %s')},
        CASE a.attstorage WHEN 'p' THEN 'PLAIN' WHEN 'e' THEN 'EXTERNAL' WHEN 'm' THEN 'MAIN' ELSE 'EXTENDED' END) END,
      CASE WHEN NOT ${isLocal} AND EXISTS (SELECT FROM ${parentColumns} AND pa.attcompression <> a.attcompression)
        THEN ${alterColumn('SET COMPRESSION %s')}, CASE a.attcompression::text WHEN 'p' THEN 'pglz' WHEN 'l' THEN 'lz4' ELSE 'default' END) END,
      CASE WHEN a.attoptions IS NOT NULL THEN ${alterColumn('SET (%s)')}, ${optionList('a.attoptions')}) END,
      CASE WHEN a.attidentity <> '' THEN ${sequencePersistence} END], NULL)) ORDER BY a.attnum)
  FROM pg_attribute a LEFT JOIN pg_attrdef ad ON ad.adrelid = a.attrelid AND ad.adnum = a.attnum
  LEFT JOIN pg_constraint k ON k.conrelid = c.oid AND k.contype = 'n' AND k.conkey = ARRAY[a.attnum]
  WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped)`

// CREATE TABLE makes one key of two that say the same.
const isRepeated = `k.contype = 'u' AND EXISTS (SELECT FROM pg_constraint same WHERE same.conrelid = k.conrelid AND same.contype IN ('p', 'u')
        AND same.conkey = k.conkey AND same.oid <> k.oid)`

// A key of a partitioned table or a partition is by itself: partitions would otherwise get theirs under names of the server's.
const constraints = `(SELECT json_agg(json_build_object('oid', k.oid::text, 'type', k.contype, 'name', quote_ident(k.conname), 'definition', pg_get_constraintdef(k.oid),
    'place', CASE WHEN NOT k.convalidated OR k.contype IN ('p', 'u', 'x') AND (c.relkind = 'p' OR c.relispartition)
      OR ${isRepeated} THEN 'apart' ELSE 'inline' END,
    'index', nullif(k.conindid, 0)::text, 'settings', CASE WHEN k.contype IN ('p', 'u', 'x') THEN ${keySettings} END)
    ORDER BY position(k.contype::text IN 'puxcn'), k.conname COLLATE "C")
  FROM pg_constraint k WHERE k.conrelid = c.oid AND (k.contype IN ('p', 'u', 'x') OR k.contype = 'c' AND (k.conislocal OR c.relispartition)
    OR k.contype = 'n' AND NOT k.convalidated AND k.conislocal))`

const alterTable = (words: string): string => `format('ALTER TABLE ONLY %s ${words}', ${table})`

const toast = `(SELECT ${optionList('tt.reloptions', 'toast.')} FROM pg_class tt WHERE tt.oid = c.reltoastrelid)`

/** One row of TableFacts as JSON for each table. Needs the CTEs of spaces(). */
export const tableFacts = `SELECT json_build_object('oid', c.oid::text, 'schema', n.nspname, 'name', c.relname,
  'qualified', ${table}, 'kind', c.relkind, 'owner', ${roleName('c.relowner')}, 'isUnlogged', c.relpersistence = 'u', 'isPartition', c.relispartition,
  'bound', pg_get_expr(c.relpartbound, c.oid),
  'parents', (SELECT json_agg(${qualified('hn.nspname', 'hc.relname')} ORDER BY h.inhseqno) FROM pg_inherits h JOIN pg_class hc ON hc.oid = h.inhparent
    JOIN pg_namespace hn ON hn.oid = hc.relnamespace WHERE h.inhrelid = c.oid),
  'ofType', format_type(nullif(c.reloftype, 0), NULL), 'partitionKey', pg_get_partkeydef(c.oid),
  'method', (SELECT quote_ident(am.amname) FROM pg_am am WHERE am.oid = c.relam AND am.amname <> 'heap'),
  'storage', nullif(concat_ws(', ', ${optionList('c.reloptions')}, ${toast}), ''),
  'tablespace', (SELECT quote_ident(sp.spcname) FROM pg_tablespace sp WHERE sp.oid = c.reltablespace),
  'server', (SELECT format('SERVER %I', s.srvname) || coalesce(${foreignOptions('ft.ftoptions')}, '') FROM pg_foreign_table ft
    JOIN pg_foreign_server s ON s.oid = ft.ftserver WHERE ft.ftrelid = c.oid),
  'columns', ${columns}, 'constraints', ${constraints},
  'statements', array_remove(ARRAY[
    CASE WHEN c.relreplident = 'f' THEN ${alterTable('REPLICA IDENTITY FULL')} WHEN c.relreplident = 'n' AND c.relkind <> 'f' THEN ${alterTable('REPLICA IDENTITY NOTHING')} END,
    CASE WHEN c.relrowsecurity THEN ${alterTable('ENABLE ROW LEVEL SECURITY').replace(' ONLY', '')} END,
    CASE WHEN c.relforcerowsecurity THEN ${alterTable('FORCE ROW LEVEL SECURITY')} END], NULL),
  'owned', (SELECT string_agg(format('ALTER SEQUENCE %s OWNED BY %s.%I', ${qualified('qn.nspname', 'qc.relname')}, ${table}, oa.attname), E';\\n' ORDER BY qc.relname COLLATE "C")
      FROM pg_depend md JOIN pg_class qc ON qc.oid = md.objid AND qc.relkind = 'S' JOIN pg_namespace qn ON qn.oid = qc.relnamespace
      JOIN pg_attribute oa ON oa.attrelid = c.oid AND oa.attnum = md.refobjsubid
      WHERE md.classid = 'pg_class'::regclass AND md.refclassid = 'pg_class'::regclass AND md.refobjid = c.oid AND md.deptype = 'a'))::text AS facts
FROM pg_class c JOIN spaces n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'f') AND ${isOwn('pg_class', 'c.oid')} AND c.oid NOT IN (SELECT oid FROM ledgers)`
