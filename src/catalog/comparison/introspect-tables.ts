// SQL that describes catalog objects in fragments, in the very form that effects/ gives to what a file defines: text, and
// objects for what must be put into the server's words ({"t": type}, {"e": expression}, {"d": default}, {"q": query}).
// Every query selects (id, alt, fragments) for the queries of its kinds; `alt` marks an object that has another name than the
// query says, offered where the server chose the name.
// Catalogs: https://www.postgresql.org/docs/current/catalogs.html

// Runs with search_path set to pg_catalog, so that names of other schemas come out qualified.

const relationName = (alias: string): string =>
  `(SELECT n.nspname || '.' || r.relname FROM pg_class r JOIN pg_namespace n ON n.oid = r.relnamespace WHERE r.oid = ${alias})`

/** The row type of a relation, quoted as catalog-query.ts does: what is written alike need not be translated. */
export const rowType = (alias: string): string =>
  `(SELECT '"' || replace(n.nspname, '"', '""') || '"."' || replace(r.relname, '"', '""') || '"'
    FROM pg_class r JOIN pg_namespace n ON n.oid = r.relnamespace WHERE r.oid = ${alias})`

const columnNames = (relation: string, numbers: string): string =>
  `(SELECT string_agg(a.attname, ', ' ORDER BY listed.ord) FROM unnest(${numbers}) WITH ORDINALITY listed(num, ord)
    JOIN pg_attribute a ON a.attrelid = ${relation} AND a.attnum = listed.num)`

const expression = (sql: string, relation: string): string =>
  `jsonb_build_object('e', ${sql}, 'on', ${rowType(relation)})`

const relations = `
SELECT p.id, false AS alt, CASE p.property
  WHEN 'existence' THEN jsonb_build_array(CASE c.relkind
    WHEN 'r' THEN 'table' WHEN 'f' THEN 'table' WHEN 'p' THEN 'partitioned table' WHEN 'v' THEN 'view'
    WHEN 'm' THEN 'materialized view' WHEN 'S' THEN 'sequence' WHEN 'c' THEN 'composite type' ELSE 'index' END)
  WHEN 'comment' THEN jsonb_build_array(obj_description(c.oid, 'pg_class'))
  WHEN 'row security' THEN jsonb_build_array(CASE WHEN c.relrowsecurity THEN 'enabled' ELSE 'disabled' END)
  WHEN 'definition' THEN CASE WHEN c.relkind IN ('v', 'm') THEN
    jsonb_build_array(jsonb_build_object('q', rtrim(pg_get_viewdef(c.oid), ';'))) END
  END AS fragments
FROM queries p JOIN pg_namespace s ON s.nspname = p.schema JOIN pg_class c ON c.relnamespace = s.oid AND c.relname = p.name
WHERE p.kind IN ('table', 'view', 'materialized view', 'sequence') AND c.relkind <> 'c'`

const columns = `
SELECT p.id, false, CASE p.property
  WHEN 'existence' THEN jsonb_build_array('column')
  WHEN 'type' THEN jsonb_build_array(jsonb_build_object('t', format_type(a.atttypid, a.atttypmod)))
  WHEN 'nullability' THEN jsonb_build_array(CASE WHEN a.attnotnull THEN 'NOT NULL' ELSE 'NULL' END)
  WHEN 'comment' THEN jsonb_build_array(col_description(a.attrelid, a.attnum))
  WHEN 'default' THEN CASE
    WHEN a.attidentity <> '' THEN jsonb_build_array(
      'GENERATED ' || CASE a.attidentity WHEN 'a' THEN 'ALWAYS' ELSE 'BY DEFAULT' END || ' AS IDENTITY')
    ELSE CASE a.attgenerated::text WHEN 's' THEN jsonb_build_array('GENERATED STORED ')
      WHEN 'v' THEN jsonb_build_array('GENERATED VIRTUAL ') ELSE '[]' END || jsonb_build_array(jsonb_build_object('d', pg_get_expr(d.adbin, d.adrelid), 'on', ${rowType('a.attrelid')}, 'column', a.attname))
    END
  END
FROM queries p JOIN pg_namespace s ON s.nspname = p.schema
JOIN pg_class c ON c.relnamespace = s.oid AND c.relname = p.tab
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = p.name AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE p.kind = 'column'`

// indoption: 1 is DESC, 2 is NULLS FIRST. https://www.postgresql.org/docs/current/catalog-pg-index.html
const indexElements = `(
  SELECT jsonb_agg(e.part ORDER BY k, e.at) FROM generate_series(1, i.indnkeyatts) k,
  LATERAL (VALUES
    (0, to_jsonb(CASE WHEN k > 1 THEN ', ' ELSE '' END)),
    (1, CASE WHEN i.indkey[k - 1] = 0 THEN ${expression('pg_get_indexdef(i.indexrelid, k, false)', 'i.indrelid')} || '{"in": "index"}'
      ELSE to_jsonb((SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = i.indrelid AND a.attnum = i.indkey[k - 1])) END),
    -- What is an expression's own, the server leaves out of the whole definition.
    (2, to_jsonb(coalesce((SELECT ' COLLATE ' || o.collname FROM pg_collation o WHERE o.oid = i.indcollation[k - 1]
      AND CASE WHEN i.indkey[k - 1] = 0
        THEN strpos(pg_get_indexdef(i.indexrelid), pg_get_indexdef(i.indexrelid, k, false) || ' COLLATE ') > 0
        ELSE o.oid <> (SELECT b.attcollation FROM pg_attribute b WHERE b.attrelid = i.indrelid AND b.attnum = i.indkey[k - 1]) END), ''))),
    (3, (SELECT to_jsonb(CASE WHEN o.opcdefault THEN '' ELSE ' ' || o.opcname END) FROM pg_opclass o WHERE o.oid = i.indclass[k - 1])),
    (4, to_jsonb(CASE i.indoption[k - 1] WHEN 1 THEN ' DESC NULLS LAST' WHEN 2 THEN ' NULLS FIRST' WHEN 3 THEN ' DESC' ELSE '' END))
  ) e(at, part))`

// It is the constraint's, then.
const isOfKey = (index: string): string =>
  `EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = ${index}.indexrelid AND k.contype IN ('p', 'u', 'x'))`

const indexes = `
SELECT p.id, c.relname <> p.name, CASE p.property
  WHEN 'existence' THEN jsonb_build_array(CASE WHEN ${isOfKey('i')} THEN 'index of a key' ELSE 'index' END)
  WHEN 'validation' THEN jsonb_build_array(
    CASE WHEN i.indisvalid AND i.indisready AND i.indislive THEN 'valid' ELSE 'INVALID' END)
  WHEN 'definition' THEN
    jsonb_build_array(CASE WHEN i.indisunique THEN 'UNIQUE ' ELSE '' END || 'INDEX ON ', ${relationName('i.indrelid')},
      ' USING ' || m.amname || ' (')
    || ${indexElements} || jsonb_build_array(')')
    || CASE WHEN i.indnatts > i.indnkeyatts THEN jsonb_build_array(' INCLUDE ('
      || ${columnNames('i.indrelid', '(i.indkey::int2[])[i.indnkeyatts:]')} || ')') ELSE '[]' END
    || jsonb_build_array(CASE WHEN i.indnullsnotdistinct THEN ' NULLS NOT DISTINCT' ELSE '' END)
    || CASE WHEN i.indpred IS NULL THEN '[]' ELSE jsonb_build_array(' WHERE (',
      ${expression('pg_get_expr(i.indpred, i.indrelid)', 'i.indrelid')}, ')') END
  END
FROM queries p JOIN pg_namespace s ON s.nspname = p.schema
JOIN LATERAL (
  SELECT c.oid FROM pg_class c WHERE c.relname = p.name AND c.relnamespace = s.oid
  UNION SELECT x.indexrelid FROM pg_class t JOIN pg_index x ON x.indrelid = t.oid AND x.indisvalid
    WHERE p.alternates AND t.relname = p.on_table AND t.relnamespace = s.oid
) named(oid) ON true
JOIN pg_class c ON c.oid = named.oid JOIN pg_index i ON i.indexrelid = c.oid JOIN pg_am m ON m.oid = c.relam
WHERE p.kind = 'index' AND (p.of_key OR NOT ${isOfKey('i')})`

const deferral = `CASE WHEN k.condeferrable THEN ' DEFERRABLE' ELSE '' END
  || CASE WHEN k.condeferred THEN ' INITIALLY DEFERRED' ELSE '' END`

const action = (column: string, event: string): string =>
  `CASE ${column} WHEN 'r' THEN ' ON ${event} RESTRICT' WHEN 'c' THEN ' ON ${event} CASCADE'
    WHEN 'n' THEN ' ON ${event} SET NULL' WHEN 'd' THEN ' ON ${event} SET DEFAULT' ELSE '' END`

const constraints = `
SELECT p.id, k.conname <> p.name, CASE p.property
  WHEN 'existence' THEN jsonb_build_array(CASE k.contype WHEN 'p' THEN 'PRIMARY KEY' WHEN 'u' THEN 'UNIQUE'
    WHEN 'c' THEN 'CHECK' WHEN 'f' THEN 'FOREIGN KEY' WHEN 'x' THEN 'EXCLUDE' WHEN 'n' THEN 'NOT NULL' ELSE 'CONSTRAINT TRIGGER' END)
  WHEN 'validation' THEN jsonb_build_array(CASE WHEN k.convalidated THEN 'validated' ELSE 'NOT VALID' END)
  WHEN 'definition' THEN CASE
    WHEN k.contype IN ('p', 'u') THEN jsonb_build_array(
      CASE WHEN k.contype = 'p' THEN 'PRIMARY KEY' WHEN i.indnullsnotdistinct THEN 'UNIQUE NULLS NOT DISTINCT' ELSE 'UNIQUE' END
      || ' (' || ${columnNames('k.conrelid', 'k.conkey')} || ')'
      || CASE WHEN i.indnatts > i.indnkeyatts
        THEN ' INCLUDE (' || ${columnNames('k.conrelid', '(i.indkey::int2[])[i.indnkeyatts:]')} || ')' ELSE '' END
      || ${deferral})
    WHEN k.contype = 'c' THEN jsonb_build_array('CHECK (', ${expression('pg_get_expr(k.conbin, k.conrelid)', 'k.conrelid')},
      CASE WHEN k.connoinherit THEN ') NO INHERIT' ELSE ')' END)
    WHEN k.contype = 'f' THEN jsonb_build_array('FOREIGN KEY (' || ${columnNames('k.conrelid', 'k.conkey')} || ') REFERENCES '
      || ${relationName('k.confrelid')} || ' (' || ${columnNames('k.confrelid', 'k.confkey')} || ')'
      || CASE k.confmatchtype WHEN 'f' THEN ' MATCH FULL' ELSE '' END
      || ${action('k.confupdtype', 'UPDATE')} || ${action('k.confdeltype', 'DELETE')} || ${deferral})
    ELSE jsonb_build_array(pg_get_constraintdef(k.oid)) END
  END
FROM queries p JOIN pg_namespace s ON s.nspname = p.schema
JOIN pg_class c ON c.relnamespace = s.oid AND c.relname = p.tab
JOIN pg_constraint k ON k.conrelid = c.oid AND (k.conname = p.name OR p.alternates)
LEFT JOIN pg_index i ON i.indexrelid = k.conindid AND k.contype IN ('p', 'u')
WHERE p.kind = 'constraint'`

/** By the kinds of object that each one describes. */
export const tableIntrospection = { relations, columns, indexes, constraints }
