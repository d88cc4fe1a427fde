// Schemas, extensions, languages, collations, conversions and types, as CREATE statements.

import { qualified, type Source } from './source.ts'

// PostgreSQL 15 to 18 call the same columns by other names.
const fieldOf = (alias: string, name: string): string => `(to_jsonb(${alias}) ->> '${name}')`

export const schemaSource: Source = {
  class: 'pg_namespace',
  kind: "'schema'",
  phase: 'schema',
  from: 'spaces sp JOIN pg_namespace n ON n.oid = sp.oid',
  isOwn: 'true',
  name: 'n.nspname',
  schema: 'n.nspname',
  target: "format('SCHEMA %I', n.nspname)",
  owner: 'n.nspowner',
  // A new database has it; what is said of it then is what differs.
  statements: "CASE WHEN n.nspname <> 'public' THEN format('CREATE SCHEMA %I', n.nspname) END",
}

const handlers = `concat_ws(' ', 'HANDLER ' || nullif(l.lanplcallfoid, 0)::regproc::text, 'INLINE ' || nullif(l.laninline, 0)::regproc::text,
  'VALIDATOR ' || nullif(l.lanvalidator, 0)::regproc::text)`

/** Those that belong to no schema: a dump of some schemas leaves them out. */
export const databaseSources: readonly Source[] = [
  {
    class: 'pg_extension',
    kind: "'extension'",
    phase: 'extension',
    from: 'pg_extension x JOIN pg_namespace n ON n.oid = x.extnamespace',
    name: 'x.extname',
    target: "format('EXTENSION %I', x.extname)",
    statements: "format('CREATE EXTENSION IF NOT EXISTS %I WITH SCHEMA %I', x.extname, n.nspname)",
  },
  {
    class: 'pg_language',
    kind: "'language'",
    phase: 'language',
    from: 'pg_language l',
    where: 'l.lanispl',
    name: 'l.lanname',
    target: "format('LANGUAGE %I', l.lanname)",
    owner: 'l.lanowner',
    statements: `format('CREATE%s LANGUAGE %I %s', CASE WHEN l.lanpltrusted THEN ' TRUSTED' ELSE '' END, l.lanname, ${handlers})`,
  },
  {
    class: 'pg_am',
    kind: "'access method'",
    phase: 'language',
    from: 'pg_am m',
    name: 'm.amname',
    target: "format('ACCESS METHOD %I', m.amname)",
    statements: `format('CREATE ACCESS METHOD %I TYPE %s HANDLER %s', m.amname, CASE m.amtype WHEN 'i' THEN 'INDEX' ELSE 'TABLE' END, m.amhandler)`,
  },
]

const collationOptions = `concat_ws(', ',
    'provider = ' || CASE o.collprovider WHEN 'b' THEN 'builtin' WHEN 'i' THEN 'icu' WHEN 'd' THEN 'default' ELSE 'libc' END,
    CASE WHEN NOT o.collisdeterministic THEN 'deterministic = false' END,
    CASE WHEN o.collprovider <> 'c' THEN 'locale = ' || quote_literal(coalesce(${fieldOf('o', 'colllocale')}, ${fieldOf('o', 'colliculocale')}))
      WHEN o.collcollate = o.collctype THEN 'locale = ' || quote_literal(o.collcollate::text)
      ELSE 'lc_collate = ' || quote_literal(o.collcollate::text) || ', lc_ctype = ' || quote_literal(o.collctype::text) END,
    'rules = ' || quote_literal(${fieldOf('o', 'collicurules')}))`

const inSchema = (catalog: string, alias: string, namespace: string): string =>
  `${catalog} ${alias} JOIN spaces n ON n.oid = ${alias}.${namespace}`

const typeName = qualified('n.nspname', 't.typname')

// NULL where it is the type's own.
const collation = (column: string, standard: string): string =>
  `(SELECT format('%I.%I', cn.nspname, co.collname) FROM pg_collation co JOIN pg_namespace cn ON cn.oid = co.collnamespace
    WHERE co.oid = ${column} AND ${column} IS DISTINCT FROM ${standard})`

/** ' COLLATE …', or ''. */
export const collate = (column: string, type: string): string =>
  `coalesce(' COLLATE ' || ${collation(column, typeCollation(type))}, '')`

const typeCollation = (type: string): string =>
  `(SELECT ty.typcollation FROM pg_type ty WHERE ty.oid = ${type})`

const enumType = `format(E'CREATE TYPE %s AS ENUM (%s)', ${typeName},
    (SELECT E'\\n    ' || string_agg(quote_literal(en.enumlabel), E',\\n    ' ORDER BY en.enumsortorder) || E'\\n' FROM pg_enum en WHERE en.enumtypid = t.oid))`

const compositeType = `format('CREATE TYPE %s AS (%s)', ${typeName},
    (SELECT E'\\n    ' || string_agg(format('%I %s', a.attname, format_type(a.atttypid, a.atttypmod))
      || ${collate('a.attcollation', 'a.atttypid')}, E',\\n    ' ORDER BY a.attnum) || E'\\n'
      FROM pg_attribute a WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped))`

const domainType = `format('CREATE DOMAIN %s AS %s', ${typeName}, format_type(t.typbasetype, t.typtypmod))
    || ${collate('t.typcollation', 't.typbasetype')} || coalesce(' DEFAULT ' || t.typdefault, '')
    || CASE WHEN t.typnotnull THEN coalesce((SELECT CASE WHEN dn.conname <> t.typname || '_not_null' THEN format(' CONSTRAINT %I', dn.conname) END
        FROM pg_constraint dn WHERE dn.contypid = t.oid AND dn.contype = 'n'), '') || ' NOT NULL' ELSE '' END`

const rangeType = `(SELECT format('CREATE TYPE %s AS RANGE (%s)', ${typeName}, concat_ws(', ', 'SUBTYPE = ' || format_type(r.rngsubtype, NULL),
      (SELECT 'SUBTYPE_OPCLASS = ' || format('%I.%I', cn.nspname, oc.opcname) FROM pg_opclass oc JOIN pg_namespace cn ON cn.oid = oc.opcnamespace
        WHERE oc.oid = r.rngsubopc AND NOT oc.opcdefault),
      'COLLATION = ' || ${collation('r.rngcollation', typeCollation('r.rngsubtype'))},
      'CANONICAL = ' || nullif(r.rngcanonical::oid, 0)::regproc::text, 'SUBTYPE_DIFF = ' || nullif(r.rngsubdiff::oid, 0)::regproc::text,
      'MULTIRANGE_TYPE_NAME = ' || r.rngmultitypid::regtype::text)) FROM pg_range r WHERE r.rngtypid = t.oid)`

const functionOf = (word: string, column: string): string =>
  `'${word} = ' || nullif(${column}::oid, 0)::regproc::text`

const baseType = `format('CREATE TYPE %s (%s)', ${typeName}, concat_ws(', ', ${functionOf('INPUT', 't.typinput')}, ${functionOf('OUTPUT', 't.typoutput')},
      ${functionOf('RECEIVE', 't.typreceive')}, ${functionOf('SEND', 't.typsend')}, ${functionOf('TYPMOD_IN', 't.typmodin')},
      ${functionOf('TYPMOD_OUT', 't.typmodout')}, ${functionOf('ANALYZE', 't.typanalyze')}, ${functionOf('SUBSCRIPT', 't.typsubscript')},
      'INTERNALLENGTH = ' || CASE WHEN t.typlen < 0 THEN 'VARIABLE' ELSE t.typlen::text END, CASE WHEN t.typbyval THEN 'PASSEDBYVALUE' END,
      'ALIGNMENT = ' || CASE t.typalign WHEN 'c' THEN 'char' WHEN 's' THEN 'int2' WHEN 'd' THEN 'double' ELSE 'int4' END,
      'STORAGE = ' || CASE t.typstorage WHEN 'e' THEN 'external' WHEN 'x' THEN 'extended' WHEN 'm' THEN 'main' ELSE 'plain' END,
      'DEFAULT = ' || quote_literal(t.typdefault), 'ELEMENT = ' || nullif(t.typelem, 0)::regtype::text,
      CASE WHEN t.typcategory <> 'U' THEN 'CATEGORY = ' || quote_literal(t.typcategory::text) END, CASE WHEN t.typispreferred THEN 'PREFERRED = true' END,
      CASE WHEN t.typdelim <> ',' THEN 'DELIMITER = ' || quote_literal(t.typdelim::text) END, CASE WHEN t.typcollation <> 0 THEN 'COLLATABLE = true' END))`

export const typeSources: readonly Source[] = [
  {
    class: 'pg_collation',
    kind: "'collation'",
    phase: 'collation',
    from: inSchema('pg_collation', 'o', 'collnamespace'),
    schema: 'n.nspname',
    name: 'o.collname',
    target: `'COLLATION ' || ${qualified('n.nspname', 'o.collname')}`,
    owner: 'o.collowner',
    statements: `format('CREATE COLLATION %I.%I (%s)', n.nspname, o.collname, ${collationOptions})`,
  },
  {
    class: 'pg_conversion',
    kind: "'conversion'",
    phase: 'routine',
    from: inSchema('pg_conversion', 'v', 'connamespace'),
    schema: 'n.nspname',
    name: 'v.conname',
    target: `'CONVERSION ' || ${qualified('n.nspname', 'v.conname')}`,
    owner: 'v.conowner',
    statements: `format('CREATE%s CONVERSION %I.%I FOR %L TO %L FROM %s', CASE WHEN v.condefault THEN ' DEFAULT' ELSE '' END, n.nspname, v.conname,
      pg_encoding_to_char(v.conforencoding), pg_encoding_to_char(v.contoencoding), v.conproc)`,
  },
  {
    class: 'pg_type',
    kind: "CASE t.typtype WHEN 'd' THEN 'domain' ELSE 'type' END",
    phase: 'type',
    from: inSchema('pg_type', 't', 'typnamespace'),
    // Not the row types of tables, and not what comes with another type: its array, its multirange.
    where: `t.typtype IN ('e', 'c', 'd', 'r', 'b') AND t.typisdefined
      AND (t.typrelid = 0 OR (SELECT rt.relkind FROM pg_class rt WHERE rt.oid = t.typrelid) = 'c')
      AND NOT EXISTS (SELECT FROM pg_type el WHERE el.typarray = t.oid)`,
    schema: 'n.nspname',
    name: 't.typname',
    target: `CASE t.typtype WHEN 'd' THEN 'DOMAIN ' ELSE 'TYPE ' END || ${typeName}`,
    owner: 't.typowner',
    statements: `CASE t.typtype WHEN 'e' THEN ${enumType} WHEN 'c' THEN ${compositeType} WHEN 'd' THEN ${domainType}
      WHEN 'r' THEN ${rangeType} ELSE ${baseType} END`,
  },
]

/** Rows of {domain, oid, name, definition, place}: domain is the oid of its type. Needs the CTE `spaces`. */
export const domainConstraints = `SELECT t.oid::text AS domain, k.oid::text AS oid, quote_ident(k.conname) AS name, pg_get_constraintdef(k.oid) AS definition,
  CASE WHEN k.convalidated THEN 'inline' ELSE 'apart' END AS place
FROM pg_constraint k JOIN pg_type t ON t.oid = k.contypid JOIN spaces n ON n.oid = t.typnamespace WHERE k.contype = 'c' ORDER BY k.conname COLLATE "C"`
