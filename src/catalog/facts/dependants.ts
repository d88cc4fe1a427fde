// What would go with an object when it is dropped, as pg_depend has it: views of views, triggers, policies, functions. An operator is
// linked with its commutator and its negator: they stay, and forget it.
// https://www.postgresql.org/docs/current/catalog-pg-depend.html

// What stands for an object: the row type of a view, the rule that is its query.
const wholes = `CASE d.classid WHEN 'pg_rewrite'::regclass THEN (SELECT w.ev_class FROM pg_rewrite w WHERE w.oid = d.objid) ELSE d.objid END`
const wholeClass = `CASE d.classid WHEN 'pg_rewrite'::regclass THEN 'pg_class'::regclass ELSE d.classid END`

const kindOfRelation = `CASE c.relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' END`

const signature = `p.proname || '(' || oidvectortypes(p.proargtypes) || ')'`

// As the sources of a dump name them.
const operatorSignature = `o.oprname || '(' || concat_ws(', ', format_type(nullif(o.oprleft, 0), NULL), format_type(o.oprright, NULL)) || ')'`

const castTypes = `format_type(k.castsource, NULL) || ' AS ' || format_type(k.casttarget, NULL)`

const textSearchCatalogs: Readonly<Record<string, readonly [string, string]>> = {
  configuration: ['pg_ts_config', 'cfg'],
  dictionary: ['pg_ts_dict', 'dict'],
  parser: ['pg_ts_parser', 'prs'],
  template: ['pg_ts_template', 'tmpl'],
}

const textSearch = ([kind, [catalog, prefix]]: readonly [
  string,
  readonly [string, string],
]): string =>
  `  UNION ALL SELECT 'text search ${kind}', n.nspname, '', t.${prefix}name, NULL
    FROM ${catalog} t JOIN pg_namespace n ON n.oid = t.${prefix}namespace WHERE g.class = '${catalog}'::regclass AND t.oid = g.oid`

export type Origin = {
  /** 'pg_class' */
  readonly class: string
  /** As SQL; NULL is nothing. */
  readonly oid: string
  /** Of one column of a relation: its number, as SQL. */
  readonly column?: string
}

/** Operators are linked in circles. */
const deepest = 50

const originOf = ({ class: catalog, oid, column }: Origin): string =>
  column === undefined
    ? `SELECT '${catalog}'::regclass::oid, ${oid}::oid, false, false, 0`
    : `SELECT (${wholeClass})::oid, ${wholes}, false, d.deptype = 'n', 1 FROM pg_depend d
    WHERE d.refclassid = '${catalog}'::regclass AND d.refobjid = ${oid}::oid AND d.refobjsubid = ${column} AND d.deptype IN ('n', 'a', 'i', 'P', 'S')`

/**
 * Rows of words (the server's), kind, schema, relation, name (NULL of what no file of migrations/objects/ can define), bytes (of a
 * materialized view with its indexes), is_linked (it would stay, and be another), is_needing (it does not go along without CASCADE).
 * What needs another one of them comes behind that. Behind ownPath.
 */
export const dependantsQuery = (
  origin: Origin,
): string => `WITH RECURSIVE reached(class, oid, is_linked, is_needing, depth) AS (
  ${originOf(origin)}
  UNION SELECT x.class, x.oid, g.is_linked OR x.is_linked, x.is_needing, g.depth + 1 FROM reached g, LATERAL (
    SELECT (${wholeClass})::oid, ${wholes}, false, d.deptype = 'n' FROM pg_depend d WHERE d.refclassid = g.class AND d.refobjid = g.oid AND d.deptype IN ('n', 'a', 'i', 'P', 'S')
    UNION ALL SELECT 'pg_operator'::regclass::oid, o.oid, true, false FROM pg_operator o
      WHERE g.class = 'pg_operator'::regclass AND g.oid IN (o.oprcom, o.oprnegate) AND o.oprcode <> 0::oid) x(class, oid, is_linked, is_needing)
  WHERE (x.class, x.oid) <> (g.class, g.oid) AND g.depth < ${deepest}
),
gone AS (SELECT class, oid, bool_and(is_linked) AS is_linked, bool_or(is_needing) AS is_needing, max(depth) AS depth FROM reached GROUP BY 1, 2)
SELECT pg_describe_object(g.class, g.oid, 0) AS words, k.kind, k.schema, k.relation, k.name, coalesce(k.bytes, 0) AS bytes, g.is_linked, g.is_needing
FROM gone g LEFT JOIN LATERAL (
  SELECT ${kindOfRelation} AS kind, n.nspname::text AS schema, '' AS relation, c.relname::text AS name, CASE c.relkind WHEN 'm' THEN pg_total_relation_size(c.oid) END AS bytes
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE g.class = 'pg_class'::regclass AND c.oid = g.oid AND c.relkind IN ('v', 'm')
  UNION ALL SELECT CASE p.prokind WHEN 'p' THEN 'procedure' WHEN 'a' THEN 'aggregate' ELSE 'function' END, n.nspname, '', ${signature}, NULL
    FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE g.class = 'pg_proc'::regclass AND p.oid = g.oid
  UNION ALL SELECT 'trigger', n.nspname, c.relname, t.tgname, NULL
    FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE g.class = 'pg_trigger'::regclass AND t.oid = g.oid
  UNION ALL SELECT 'policy', n.nspname, c.relname, y.polname, NULL
    FROM pg_policy y JOIN pg_class c ON c.oid = y.polrelid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE g.class = 'pg_policy'::regclass AND y.oid = g.oid
  UNION ALL SELECT 'operator', n.nspname, '', ${operatorSignature}, NULL
    FROM pg_operator o JOIN pg_namespace n ON n.oid = o.oprnamespace WHERE g.class = 'pg_operator'::regclass AND o.oid = g.oid
  UNION ALL SELECT 'cast', '', '', ${castTypes}, NULL FROM pg_cast k WHERE g.class = 'pg_cast'::regclass AND k.oid = g.oid
  UNION ALL SELECT 'event trigger', '', '', e.evtname, NULL FROM pg_event_trigger e WHERE g.class = 'pg_event_trigger'::regclass AND e.oid = g.oid
${Object.entries(textSearchCatalogs).map(textSearch).join('\n')}
) k ON true
WHERE (g.class = '${origin.class}'::regclass AND g.oid = ${origin.oid}::oid) IS NOT TRUE
  AND NOT (g.class = 'pg_type'::regclass AND EXISTS (SELECT FROM pg_type t LEFT JOIN pg_type e ON e.oid = t.typelem
    WHERE t.oid = g.oid AND (t.typrelid <> 0 OR e.typrelid <> 0)))
  AND NOT (g.class = 'pg_attrdef'::regclass AND EXISTS (SELECT FROM pg_attrdef a JOIN pg_class c ON c.oid = a.adrelid WHERE a.oid = g.oid AND c.relkind = 'v'))
  AND NOT (g.class = 'pg_class'::regclass AND EXISTS (SELECT FROM pg_class c LEFT JOIN pg_index i ON i.indexrelid = c.oid LEFT JOIN pg_class m ON m.oid = i.indrelid
    WHERE c.oid = g.oid AND (c.relkind = 't' OR m.relkind IN ('m', 't'))))
  AND NOT (g.class = 'pg_trigger'::regclass AND EXISTS (SELECT FROM pg_trigger t WHERE t.oid = g.oid AND t.tgisinternal))
  AND NOT (g.class = 'pg_constraint'::regclass AND EXISTS (SELECT FROM pg_trigger t WHERE t.tgconstraint = g.oid AND NOT t.tgisinternal))
ORDER BY g.depth, g.oid`
