// What every kind of object gives to a dump: its names, its place in the order, and the statements that make it. Each kind is
// one query of the catalog in the server's own words; all of them return rows of one shape.

import { literal } from '../../../database/literal.ts'

/** The order of kinds where dependencies leave a choice. What belongs to a table or view follows it. */
export const phases = {
  schema: 0,
  language: 1,
  extension: 2,
  'foreign data': 3,
  collation: 4,
  type: 5,
  routine: 6,
  sequence: 7,
  table: 8,
  view: 9,
  'foreign key': 10,
  'event trigger': 11,
  publication: 12,
  'default privileges': 13,
} as const

/** One object, as its query returns it. Names in `target` and statements are quoted and qualified. */
export type SourceRow = {
  /** The catalog that it has its row in: 'pg_class'. */
  readonly class: string
  readonly oid: string
  readonly kind: string
  readonly phase: number
  /** '' where the kind has none. */
  readonly schema: string
  /** The table or view that it belongs to; '' for an object of its own. */
  readonly relation: string
  /** Unquoted. */
  readonly name: string
  /** What COMMENT ON takes: 'TABLE app.customer'. */
  readonly target: string
  /** Quoted; null where the kind has no owner. */
  readonly owner: string | null
  readonly statements: readonly string[]
}

export type Source = {
  readonly class: keyof typeof firstAlias
  readonly kind: string
  readonly phase: keyof typeof phases
  /** SQL: the relkind of what it belongs to, where that may be a view: then it follows the view. */
  readonly of?: string
  /** SQL, where something else than its oid says that it is the database's own. */
  readonly isOwn?: string
  /** SQL: FROM and joins; the object's own row has the alias of its catalog, its schema has `n` where it has one. */
  readonly from: string
  readonly where?: string
  readonly schema?: string
  readonly relation?: string
  readonly name: string
  readonly target: string
  readonly owner?: string
  /** An array of texts; elements that are NULL are left out. */
  readonly statements: string
}

/** The alias that a catalog has in all queries. */
const firstAlias = {
  pg_am: 'm',
  pg_cast: 'k',
  pg_class: 'c',
  pg_collation: 'o',
  pg_constraint: 'k',
  pg_conversion: 'v',
  pg_default_acl: 'd',
  pg_event_trigger: 'e',
  pg_extension: 'x',
  pg_foreign_data_wrapper: 'w',
  pg_foreign_server: 's',
  pg_language: 'l',
  pg_namespace: 'n',
  pg_opclass: 'o',
  pg_operator: 'o',
  pg_opfamily: 'f',
  pg_policy: 'y',
  pg_proc: 'p',
  pg_publication: 'b',
  pg_rewrite: 'w',
  pg_statistic_ext: 'x',
  pg_transform: 't',
  pg_trigger: 'g',
  pg_ts_config: 't',
  pg_ts_dict: 't',
  pg_ts_parser: 't',
  pg_ts_template: 't',
  pg_type: 't',
} as const

// Lower ones are of the objects that every new database has.
// https://www.postgresql.org/docs/current/system-catalog-initial-data.html#SYSTEM-CATALOG-OID-ASSIGNMENT
export const firstOwnOid = 16_384

/** Is it the database's own, neither an extension's nor of every new database? */
export const isOwn = (catalog: string, oid: string): string =>
  `${oid} >= ${firstOwnOid} AND NOT EXISTS (SELECT FROM pg_depend own WHERE own.classid = '${catalog}'::regclass AND own.objid = ${oid} AND own.deptype = 'e')`

export const qualified = (schema: string, name: string): string =>
  `format('%I.%I', ${schema}, ${name})`

/** A quoted role; needs no right on pg_authid. */
export const roleName = (oid: string): string => `quote_ident(pg_get_userbyid(${oid}))`

/** The items of text[] options for WITH (…); NULL for none. */
export const optionList = (options: string, prefix = ''): string =>
  `(SELECT string_agg('${prefix}' || quote_ident(split_part(op, '=', 1)) || '=' || quote_literal(substr(op, strpos(op, '=') + 1)), ', ' ORDER BY at)
    FROM unnest(${options}) WITH ORDINALITY opts(op, at))`

/** As optionList(), in the form of OPTIONS (…). */
export const foreignOptions = (options: string): string =>
  `(SELECT ' OPTIONS (' || string_agg(quote_ident(split_part(op, '=', 1)) || ' ' || quote_literal(substr(op, strpos(op, '=') + 1)), ', ' ORDER BY at) || ')'
    FROM unnest(${options}) WITH ORDINALITY opts(op, at))`

/**
 * As CTEs: `ledgers` (oid), the tables of each history; `spaces` (oid, nspname), the schemas that are dumped. A schema
 * that holds nothing but a ledger is none of them.
 */
export const spaces = (
  only: readonly string[] | undefined,
  ledgerTables: readonly string[],
): string =>
  `ledgers AS MATERIALIZED (SELECT c.oid, c.relnamespace FROM pg_class c WHERE c.relkind = 'r' AND c.relname IN (${ledgerTables.map(literal).join(', ')})
    AND EXISTS (SELECT FROM pg_class l WHERE l.relnamespace = c.relnamespace AND l.relname = 'schema_migrations' AND (SELECT count(*) FROM pg_attribute a
      WHERE a.attrelid = l.oid AND a.attname IN ('checksum', 'ordinal', 'run_id', 'applied_by', 'tool_version')) = 5)),
spaces AS MATERIALIZED (SELECT n.oid, n.nspname::text FROM pg_namespace n
  WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'${only === undefined ? '' : ` AND n.nspname = ANY (ARRAY[${only.map(literal).join(', ')}]::name[])`}
  AND NOT EXISTS (SELECT FROM pg_depend own WHERE own.classid = 'pg_namespace'::regclass AND own.objid = n.oid AND own.deptype = 'e')
  AND (n.oid NOT IN (SELECT relnamespace FROM ledgers) OR EXISTS (SELECT FROM pg_class c WHERE c.relnamespace = n.oid
      AND c.relkind NOT IN ('i', 'I', 't') AND c.oid NOT IN (SELECT oid FROM ledgers))
    OR EXISTS (SELECT FROM pg_proc p WHERE p.pronamespace = n.oid)))`

/** Needs the CTE `spaces`. */
export const selectOf = (source: Source): string => {
  const alias = firstAlias[source.class]
  const conditions = [
    source.isOwn ?? isOwn(source.class, `${alias}.oid`),
    ...(source.where === undefined ? [] : [source.where]),
  ]
  const phase =
    source.of === undefined
      ? phases[source.phase]
      : `CASE WHEN ${source.of} IN ('v', 'm') THEN ${phases.view} ELSE ${phases[source.phase]} END`
  return `SELECT '${source.class}' AS class, ${alias}.oid::text AS oid, ${source.kind} AS kind, ${phase} AS phase,
    ${source.schema ?? "''"}::text AS schema, ${source.relation ?? "''"}::text AS relation, (${source.name})::text AS name,
    ${source.target} AS target, ${source.owner === undefined ? 'NULL' : roleName(source.owner)}::text AS owner,
    to_json(array_remove(ARRAY[${source.statements}]::text[], NULL)) AS statements
  FROM ${source.from} WHERE ${conditions.join(' AND ')}`
}
