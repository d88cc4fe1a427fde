// What of the definitions may be given to the planner. It evaluates what it can of a query: immutable functions over
// constants, stable ones where it estimates, SQL functions that it writes into the query, an operator over what ANALYZE
// has seen, the index expressions and policies of every table that it opens. And reading a literal runs the CHECK of a
// domain inside its type. All of that would be code of others under our rights, or our own with its effects.
// So nothing is planned that can reach a function which neither belongs to the server nor to an extension of a superuser.
// Dependencies show what uses such a function; names show whether an SQL text may mention it: rather too often
// than once too seldom, because only the planner itself knows what a name resolves to.
// https://www.postgresql.org/docs/current/catalog-pg-depend.html, https://www.postgresql.org/docs/current/xfunc-volatility.html

// Lower ones are of the objects that every new database has.
const firstOwnOid = 16_384

const ofExtension = (catalog: string, oid: string): string =>
  `EXISTS (SELECT FROM pg_depend m WHERE m.classid = '${catalog}'::regclass AND m.objid = ${oid} AND m.deptype = 'e')`

const isOwnType = (oid: string): string =>
  `(${oid} >= ${firstOwnOid} AND NOT ${ofExtension('pg_type', oid)})`

// What the server makes beside a range type is its own C.
const ofRange = `(l.lanname = 'internal' AND p.prosrc ~ '^(multi)?range_constructor')`

// Who owns an extension can make functions of his own its members.
const isGiven = (catalog: string, oid: string, owner: string): string =>
  `(${ofExtension(catalog, oid)} AND (SELECT r.rolsuper FROM pg_roles r WHERE r.oid = ${owner}))`

// Names in the text of a function are looked for where it is called, unless it has a path of its own: one of these could be
// taken for the function or operator that it means.
const isCaptured = `p.proconfig IS NULL AND (
      EXISTS (SELECT FROM regexp_split_to_table(lower(p.prosrc COLLATE "C"), '[^a-z0-9_$]+') w(word) JOIN pg_proc f ON f.proname = w.word::name
        WHERE f.oid >= ${firstOwnOid} AND NOT ${isGiven('pg_proc', 'f.oid', 'f.proowner')})
      OR EXISTS (SELECT FROM pg_operator f WHERE f.oid >= ${firstOwnOid} AND NOT ${isGiven('pg_operator', 'f.oid', 'f.oprowner')}))`

// Only a superuser can put C into the database. An extension's other functions are its owner's, who can replace them.
const foreign = `p.oid >= ${firstOwnOid} AND NOT ${ofRange} AND NOT (${ofExtension('pg_proc', 'p.oid')} AND l.lanname IN ('internal', 'c'))
    AND (NOT ${isGiven('pg_proc', 'p.oid', 'p.proowner')} OR ${isCaptured})`

// Risk 0: the planner never runs it, but reading a literal may, or estimating by an operator. 1: where it estimates, so
// only in a query. 2: wherever it is. PL/pgSQL cannot be written into a query as SQL can.
const foreignFunctions = `
    SELECT p.oid, CASE WHEN l.lanname = 'sql' OR p.prokind NOT IN ('f', 'p') THEN 2
      ELSE CASE p.provolatile WHEN 'v' THEN 0 WHEN 's' THEN 1 ELSE 2 END END AS risk
    FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang WHERE ${foreign}`

// Functions of the server's own that run queries, and are called stable.
const queryRunners = `
    SELECT p.oid, 1 FROM pg_proc p WHERE p.oid < ${firstOwnOid} AND p.proname IN ('table_to_xml', 'schema_to_xml', 'database_to_xml',
      'table_to_xml_and_xmlschema', 'schema_to_xml_and_xmlschema', 'database_to_xml_and_xmlschema')`

/** Can planning run anything of the database's at all? Triggers and defaults, which most functions are for, it does not run. */
export const hasForeignCode = `EXISTS (SELECT FROM (${foreignFunctions}) f WHERE f.risk > 0 OR EXISTS (SELECT FROM pg_depend d
      WHERE d.refclassid = 'pg_proc'::regclass AND d.refobjid = f.oid AND d.classid NOT IN ('pg_trigger'::regclass, 'pg_attrdef'::regclass)))
    OR EXISTS (SELECT FROM pg_foreign_table)`

// From what is tainted to what it taints: whatever depends on it, and what has it as a part, where the planner looks at that
// part together with the whole.
const step = (whole: string, from: string, where: string): string =>
  `UNION ALL SELECT ${whole} FROM ${from} WHERE t.class = '${from.split(' ')[0] ?? ''}'::regclass AND ${where}`

const relation = (column: string): string => `'pg_class'::regclass, ${column}`
const type = (column: string): string => `'pg_type'::regclass, ${column}`

const steps = `SELECT d.classid, d.objid FROM pg_depend d WHERE d.refclassid = t.class AND d.refobjid = t.oid
  ${step(type('k.contypid'), 'pg_constraint k', 'k.oid = t.oid AND k.contypid <> 0')}
  ${step(relation('i.indrelid'), 'pg_class c JOIN pg_index i ON i.indexrelid = c.oid', 'c.oid = t.oid')}
  ${step(relation('i.inhparent'), 'pg_class c JOIN pg_inherits i ON i.inhrelid = c.oid', 'c.oid = t.oid')}
  ${step(type('c.reltype'), 'pg_class c', 'c.oid = t.oid AND c.reltype <> 0')}
  ${step(relation('y.polrelid'), 'pg_policy y JOIN pg_class c ON c.oid = y.polrelid', 'y.oid = t.oid AND c.relrowsecurity')}
  ${step(relation('x.stxrelid'), 'pg_statistic_ext x', 'x.oid = t.oid')}
  ${step(relation('c.oid'), 'pg_rewrite w JOIN pg_class c ON c.oid = w.ev_class', "w.oid = t.oid AND c.relkind = 'v'")}
  ${step(
    relation('f.adrelid'),
    'pg_attrdef f JOIN pg_attribute a ON a.attrelid = f.adrelid AND a.attnum = f.adnum',
    "f.oid = t.oid AND a.attgenerated = 'v'",
  )}
  ${step(
    type('u.side'),
    'pg_cast k JOIN foreign_functions f ON f.oid = k.castfunc, unnest(ARRAY[k.castsource, k.casttarget]) u(side)',
    `k.oid = t.oid AND ${isOwnType('u.side')}`,
  )}
  ${step(
    type('u.side'),
    'pg_operator o JOIN foreign_functions f ON f.oid = o.oprcode, unnest(ARRAY[o.oprleft, o.oprright]) u(side)',
    `o.oid = t.oid AND ${isOwnType('u.side')}`,
  )}
  ${step("'pg_opclass'::regclass, o.oid", 'pg_amop m JOIN pg_opclass o ON o.opcfamily = m.amopfamily', 'm.oid = t.oid')}
  ${step("'pg_opclass'::regclass, o.oid", 'pg_amproc m JOIN pg_opclass o ON o.opcfamily = m.amprocfamily', 'm.oid = t.oid')}
  ${step(type('o.opcintype'), 'pg_opclass o', `o.oid = t.oid AND ${isOwnType('o.opcintype')}`)}`

// By what an SQL text can reach the tainted. A type that has an operator or a cast of its own is tainted itself, and nobody
// comes to that operator without a value of that type. A cast between types of the server is in no text.
const handles = `
    SELECT 'word' AS kind, n.nspname AS schema, p.proname AS name, t.risk FROM tainted t JOIN pg_proc p ON p.oid = t.oid
      JOIN pg_namespace n ON n.oid = p.pronamespace WHERE t.class = 'pg_proc'::regclass AND t.risk > 0
    UNION ALL SELECT 'word', n.nspname, y.typname, 2 FROM tainted t JOIN pg_type e ON e.oid = t.oid
      JOIN pg_type y ON y.oid = CASE WHEN e.typelem <> 0 THEN e.typelem ELSE e.oid END
      JOIN pg_namespace n ON n.oid = y.typnamespace WHERE t.class = 'pg_type'::regclass
    UNION ALL SELECT 'word', n.nspname, c.relname, 2 FROM tainted t JOIN pg_class c ON c.oid = t.oid AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
      JOIN pg_namespace n ON n.oid = c.relnamespace WHERE t.class = 'pg_class'::regclass
    UNION ALL SELECT 'operator', n.nspname, o.oprname, 2 FROM tainted t JOIN pg_operator o ON o.oid = t.oid
      JOIN pg_namespace n ON n.oid = o.oprnamespace
      WHERE t.class = 'pg_operator'::regclass AND NOT ${isOwnType('o.oprleft')} AND NOT ${isOwnType('o.oprright')}
    UNION ALL SELECT 'everything', 'pg_catalog', '', 2 FROM pg_cast k JOIN foreign_functions f ON f.oid = k.castfunc
      WHERE NOT ${isOwnType('k.castsource')} AND NOT ${isOwnType('k.casttarget')}`

// Syntax that stands for an operator without writing it.
const impliesOperator = String.raw`\m(in|between|case|nullif|distinct|like|ilike|similar|using|natural)\M`

const isQuery = String.raw`\m(select|values|table|with)\M`

const asWritten = (name: string): string => `lower(replace(${name}, '"', '""') COLLATE "C")`

/**
 * An SQL query for the keys of those of `asked` (a jsonb list of {key, path, part}) that must not be planned. `paths` is a
 * jsonb object: the schemas in which a path finds names.
 */
export const notPlannable = (asked: string, paths: string): string => `
  WITH RECURSIVE foreign_functions AS MATERIALIZED (${foreignFunctions} UNION ALL ${queryRunners}
  ), tainted(class, oid, risk) AS (
    (SELECT 'pg_proc'::regclass::oid, oid, risk FROM foreign_functions
      UNION ALL SELECT 'pg_class'::regclass, ftrelid, 2 FROM pg_foreign_table)
    UNION SELECT e.class, e.oid, 2 FROM tainted t CROSS JOIN LATERAL (${steps}
    ) e(class, oid)
  ), handles AS MATERIALIZED (
    SELECT DISTINCT kind, schema, name, risk, ${asWritten('name')} AS written, ${asWritten('schema')} AS schema_written FROM (${handles}) h
  ), asked AS MATERIALIZED (
    SELECT a.key, ${paths} -> coalesce(a.path, '') AS schemas, a.part, s.low, a.part ? 'q' OR s.low ~ '${isQuery}' AS queries,
      s.low ~ '${impliesOperator}' AS implies
    FROM jsonb_to_recordset(${asked}) AS a(key text, path text, part jsonb),
      LATERAL (SELECT lower(coalesce(a.part ->> 'e', a.part ->> 'd', a.part ->> 'w', a.part ->> 'q', a.part ->> 't') COLLATE "C")) s(low)
    WHERE s.low IS NOT NULL
  ), spoken AS (
    SELECT h.*, a.key FROM asked a, LATERAL regexp_split_to_table(a.low, '[^a-z0-9_$]+') w(word) JOIN handles h ON h.written = w.word
      WHERE h.kind = 'word' AND h.written ~ '^[a-z0-9_$]+$'
    UNION ALL SELECT h.*, a.key FROM handles h JOIN asked a ON strpos(a.low, h.written) > 0
      WHERE h.kind = 'word' AND h.written !~ '^[a-z0-9_$]+$'
    UNION ALL SELECT h.*, a.key FROM handles h JOIN asked a ON strpos(a.low, h.written) > 0
      OR a.implies AND h.written IN ('=', '<>', '<', '>', '<=', '>=', '~~', '!~~', '~~*', '!~~*', '~', '!~')
      WHERE h.kind = 'operator'
    UNION ALL SELECT h.*, a.key FROM handles h CROSS JOIN asked a WHERE h.kind = 'everything'
  )
  SELECT a.key FROM spoken s JOIN asked a USING (key)
    WHERE (s.risk = 2 OR a.queries) AND (a.schemas ? s.schema::text OR s.schema ~ '^pg_temp_' OR strpos(a.low, s.schema_written) > 0)
  UNION SELECT a.key FROM asked a JOIN pg_attribute c ON c.attrelid = to_regclass(a.part ->> 'on') AND c.attnum > 0 AND NOT c.attisdropped
    JOIN tainted t ON t.class = 'pg_type'::regclass AND t.oid = c.atttypid
    WHERE a.part ? 'w' OR c.attname = a.part ->> 'column' OR strpos(a.low, ${asWritten('c.attname')}) > 0`
