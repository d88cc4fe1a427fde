// Sequences, views, and what belongs to tables and views besides their columns: indexes, foreign keys, rules, triggers, policies,
// statistics objects.

import { optionList, qualified, type Source } from './source.ts'
import { collate } from './types.ts'

const relation = (alias = 'c', schema = 'n'): string =>
  qualified(`${schema}.nspname`, `${alias}.relname`)

// A sequence of an identity column comes with it.
const sequenceFrom = `pg_class c JOIN spaces n ON n.oid = c.relnamespace JOIN pg_sequence q ON q.seqrelid = c.oid`

const most = `CASE q.seqtypid WHEN 'int2'::regtype THEN 32767::int8 WHEN 'int4'::regtype THEN 2147483647::int8 ELSE 9223372036854775807::int8 END`
const least = `CASE q.seqtypid WHEN 'int2'::regtype THEN (-32768)::int8 WHEN 'int4'::regtype THEN (-2147483648)::int8 ELSE (-9223372036854775808)::int8 END`

/** ' INCREMENT BY …': what differs from a sequence that nothing was said of; the alias of pg_sequence is q. */
export const sequenceOptions = `concat(
    CASE WHEN q.seqincrement <> 1 THEN ' INCREMENT BY ' || q.seqincrement END,
    CASE WHEN q.seqmin <> CASE WHEN q.seqincrement > 0 THEN 1 ELSE ${least} END THEN ' MINVALUE ' || q.seqmin END,
    CASE WHEN q.seqmax <> CASE WHEN q.seqincrement > 0 THEN ${most} ELSE -1 END THEN ' MAXVALUE ' || q.seqmax END,
    CASE WHEN q.seqstart <> CASE WHEN q.seqincrement > 0 THEN q.seqmin ELSE q.seqmax END THEN ' START WITH ' || q.seqstart END,
    CASE WHEN q.seqcache <> 1 THEN ' CACHE ' || q.seqcache END, CASE WHEN q.seqcycle THEN ' CYCLE' END)`

const columnDefaults = `(SELECT string_agg(format('ALTER VIEW %s ALTER COLUMN %I SET DEFAULT %s', ${relation()}, a.attname, pg_get_expr(ad.adbin, ad.adrelid)), E';\\n' ORDER BY a.attnum)
    FROM pg_attrdef ad JOIN pg_attribute a ON a.attrelid = ad.adrelid AND a.attnum = ad.adnum WHERE ad.adrelid = c.oid)`

/** Statements that set what an index or a key has besides its definition; aliases: i, c its relation, n, tc its table, tn. */
const indexSettings = `CASE WHEN i.indisclustered THEN format('ALTER TABLE %s CLUSTER ON %I', ${relation('tc', 'tn')}, c.relname) END,
    CASE WHEN i.indisreplident AND tc.relreplident = 'i' THEN format('ALTER TABLE ONLY %s REPLICA IDENTITY USING INDEX %I', ${relation('tc', 'tn')}, c.relname) END,
    (SELECT string_agg(format('ALTER INDEX %s ALTER COLUMN %s SET STATISTICS %s', ${relation()}, a.attnum, a.attstattarget), E';\\n' ORDER BY a.attnum)
      FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attstattarget >= 0),
    (SELECT format('ALTER INDEX %I.%I ATTACH PARTITION %s', pn.nspname, pc.relname, ${relation()}) FROM pg_inherits h
      JOIN pg_class pc ON pc.oid = h.inhparent JOIN pg_namespace pn ON pn.oid = pc.relnamespace WHERE h.inhrelid = c.oid)`

const ofTable = `JOIN pg_class tc ON tc.oid = i.indrelid AND tc.oid NOT IN (SELECT oid FROM ledgers) JOIN spaces tn ON tn.oid = tc.relnamespace`

/** Of a key's index, what ADD CONSTRAINT does not say; as a text, or NULL. Needs the alias k of pg_constraint. */
export const keySettings = `(SELECT nullif(concat_ws(E';\\n',
      CASE WHEN c.reloptions IS NOT NULL THEN format('ALTER INDEX %s SET (%s)', ${relation()}, ${optionList('c.reloptions')}) END,
      (SELECT format('ALTER INDEX %s SET TABLESPACE %I', ${relation()}, sp.spcname) FROM pg_tablespace sp WHERE sp.oid = c.reltablespace),
      ${indexSettings}), '')
    FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN spaces n ON n.oid = c.relnamespace ${ofTable} WHERE i.indexrelid = k.conindid)`

const onTable = (from: string, column: string): string =>
  `${from} JOIN pg_class c ON c.oid = ${column} JOIN spaces n ON n.oid = c.relnamespace`

const ofRelation = { schema: 'n.nspname', relation: 'c.relname' } as const

const firing = (state: string, word: string, name: string): string =>
  `CASE ${state} WHEN 'D' THEN format('ALTER TABLE %s DISABLE ${word} %I', ${relation()}, ${name})
    WHEN 'R' THEN format('ALTER TABLE %s ENABLE REPLICA ${word} %I', ${relation()}, ${name})
    WHEN 'A' THEN format('ALTER TABLE %s ENABLE ALWAYS ${word} %I', ${relation()}, ${name}) END`

const policy = `format('CREATE POLICY %I ON %s', y.polname, ${relation()}) || CASE WHEN y.polpermissive THEN '' ELSE ' AS RESTRICTIVE' END
    || CASE y.polcmd WHEN 'r' THEN ' FOR SELECT' WHEN 'a' THEN ' FOR INSERT' WHEN 'w' THEN ' FOR UPDATE' WHEN 'd' THEN ' FOR DELETE' ELSE '' END
    || CASE WHEN y.polroles = '{0}' THEN '' ELSE ' TO ' || (SELECT string_agg(CASE WHEN r.oid = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(r.oid)) END, ', '
      ORDER BY pg_get_userbyid(r.oid) COLLATE "C") FROM unnest(y.polroles) r(oid)) END
    || coalesce(' USING (' || pg_get_expr(y.polqual, y.polrelid) || ')', '')
    || coalesce(' WITH CHECK (' || pg_get_expr(y.polwithcheck, y.polrelid) || ')', '')`

export const relationSources: readonly Source[] = [
  {
    class: 'pg_class',
    kind: "'sequence'",
    phase: 'sequence',
    from: sequenceFrom,
    where: `NOT EXISTS (SELECT FROM pg_depend md WHERE md.classid = 'pg_class'::regclass AND md.objid = c.oid AND md.deptype = 'i')`,
    schema: 'n.nspname',
    name: 'c.relname',
    target: `'SEQUENCE ' || ${relation()}`,
    owner: 'c.relowner',
    statements: `format('CREATE%s SEQUENCE %s', CASE c.relpersistence WHEN 'u' THEN ' UNLOGGED' ELSE '' END, ${relation()})
      || CASE WHEN q.seqtypid <> 'int8'::regtype THEN ' AS ' || format_type(q.seqtypid, NULL) ELSE '' END || ${sequenceOptions}`,
  },
  {
    class: 'pg_class',
    kind: "CASE c.relkind WHEN 'm' THEN 'materialized view' ELSE 'view' END",
    phase: 'view',
    from: 'pg_class c JOIN spaces n ON n.oid = c.relnamespace',
    where: "c.relkind IN ('v', 'm')",
    schema: 'n.nspname',
    name: 'c.relname',
    target: `CASE c.relkind WHEN 'm' THEN 'MATERIALIZED VIEW ' ELSE 'VIEW ' END || ${relation()}`,
    owner: 'c.relowner',
    statements: `format(E'CREATE %s %s%s%s%s AS\\n%s%s', CASE c.relkind WHEN 'm' THEN 'MATERIALIZED VIEW' ELSE 'VIEW' END, ${relation()},
        (SELECT CASE WHEN am.amname <> 'heap' THEN format(' USING %I', am.amname) END FROM pg_am am WHERE am.oid = c.relam),
        ' WITH (' || ${optionList('c.reloptions')} || ')',
        (SELECT format(' TABLESPACE %I', sp.spcname) FROM pg_tablespace sp WHERE sp.oid = c.reltablespace), rtrim(pg_get_viewdef(c.oid), ';'),
        CASE c.relkind WHEN 'm' THEN E'\\n  WITH NO DATA' END), CASE c.relkind WHEN 'v' THEN ${columnDefaults} END`,
  },
  {
    class: 'pg_class',
    kind: "'index'",
    phase: 'table',
    of: 'tc.relkind',
    from: `pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN spaces n ON n.oid = c.relnamespace ${ofTable}`,
    where: `(i.indisvalid OR c.relkind = 'I') AND NOT EXISTS (SELECT FROM pg_constraint ik WHERE ik.conindid = i.indexrelid AND ik.contype IN ('p', 'u', 'x'))`,
    schema: 'tn.nspname',
    relation: 'tc.relname',
    name: 'c.relname',
    target: `'INDEX ' || ${relation()}`,
    statements: `pg_get_indexdef(c.oid) || coalesce((SELECT format(' TABLESPACE %I', sp.spcname) FROM pg_tablespace sp WHERE sp.oid = c.reltablespace), ''), ${indexSettings}`,
  },
  {
    class: 'pg_constraint',
    kind: "'foreign key'",
    phase: 'foreign key',
    from: onTable('pg_constraint k', 'k.conrelid'),
    where: "k.contype = 'f' AND k.conparentid = 0",
    ...ofRelation,
    name: 'k.conname',
    target: `format('CONSTRAINT %I ON %s', k.conname, ${relation()})`,
    statements: `format('ALTER TABLE %s%s ADD CONSTRAINT %I %s', CASE c.relkind WHEN 'p' THEN '' ELSE 'ONLY ' END, ${relation()}, k.conname, pg_get_constraintdef(k.oid))`,
  },
  {
    class: 'pg_rewrite',
    kind: "'rule'",
    phase: 'table',
    of: 'c.relkind',
    from: onTable('pg_rewrite w', 'w.ev_class'),
    where: "w.rulename <> '_RETURN'",
    ...ofRelation,
    name: 'w.rulename',
    target: `format('RULE %I ON %s', w.rulename, ${relation()})`,
    statements: `rtrim(pg_get_ruledef(w.oid), ';'), ${firing('w.ev_enabled', 'RULE', 'w.rulename')}`,
  },
  {
    class: 'pg_trigger',
    kind: "'trigger'",
    phase: 'table',
    of: 'c.relkind',
    from: onTable('pg_trigger g', 'g.tgrelid'),
    where: `NOT g.tgisinternal AND (g.tgparentid = 0 OR g.tgenabled <> (SELECT pg.tgenabled FROM pg_trigger pg WHERE pg.oid = g.tgparentid))`,
    ...ofRelation,
    name: 'g.tgname',
    target: `format('TRIGGER %I ON %s', g.tgname, ${relation()})`,
    // One that a partition has of its parent comes with it; what is said of it is whether it fires.
    statements: `CASE WHEN g.tgparentid = 0 THEN pg_get_triggerdef(g.oid) END, CASE WHEN g.tgparentid <> 0 AND g.tgenabled = 'O'
      THEN format('ALTER TABLE %s ENABLE TRIGGER %I', ${relation()}, g.tgname) ELSE ${firing('g.tgenabled', 'TRIGGER', 'g.tgname')} END`,
  },
  {
    class: 'pg_policy',
    kind: "'policy'",
    phase: 'table',
    from: onTable('pg_policy y', 'y.polrelid'),
    ...ofRelation,
    name: 'y.polname',
    target: `format('POLICY %I ON %s', y.polname, ${relation()})`,
    statements: policy,
  },
  {
    class: 'pg_statistic_ext',
    kind: "'statistics'",
    phase: 'table',
    of: 'c.relkind',
    from: `pg_statistic_ext x JOIN spaces n ON n.oid = x.stxnamespace JOIN pg_class c ON c.oid = x.stxrelid JOIN pg_namespace cn ON cn.oid = c.relnamespace`,
    schema: 'cn.nspname',
    relation: 'c.relname',
    name: 'x.stxname',
    target: `'STATISTICS ' || ${qualified('n.nspname', 'x.stxname')}`,
    owner: 'x.stxowner',
    statements: `pg_get_statisticsobjdef(x.oid), CASE WHEN x.stxstattarget >= 0
      THEN format('ALTER STATISTICS %I.%I SET STATISTICS %s', n.nspname, x.stxname, x.stxstattarget) END`,
  },
]

/** Rows of {oid, rule, shape}: a view of the same columns that needs nothing but their types. Needs the CTE `spaces`. */
export const viewShapes = `SELECT c.oid::text AS oid, w.oid::text AS rule, format(E'CREATE VIEW %s AS\\nSELECT\\n%s', ${relation()},
  (SELECT string_agg(format('    NULL::%s%s AS %I', format_type(a.atttypid, a.atttypmod), ${collate('a.attcollation', 'a.atttypid')}, a.attname), E',\\n' ORDER BY a.attnum)
    FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped)) AS shape
FROM pg_class c JOIN spaces n ON n.oid = c.relnamespace JOIN pg_rewrite w ON w.ev_class = c.oid AND w.rulename = '_RETURN' WHERE c.relkind = 'v'`
