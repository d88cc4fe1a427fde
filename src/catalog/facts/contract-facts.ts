// Reads what the database has of the things that contracts name: one statement, whatever their number. Writes nothing, and
// takes no lock but the moment's ACCESS SHARE under which the server writes out a definition.

import type {
  ColumnFacts,
  Facts,
  FactsRequest,
  RelationFacts,
  RelationKind,
} from '../../contract/facts.ts'
import { splitName } from '../../contract/contract.ts'
import { literal } from '../../database/literal.ts'
import { reading } from '../../database/own-sql.ts'
import type { Row } from '../../database/session/reply.ts'
import { loginPath, schemasOfPath } from '../../database/server/server.ts'
import { rowsOf, type Session } from '../../database/session/session.ts'
import { isCondition } from '../../errors/server/sqlstate.ts'

const statementTimeoutMs = 60_000

export type FactsReply =
  | { readonly kind: 'facts'; readonly facts: Facts }
  /** Another session holds a table whose definitions were to be read. */
  | { readonly kind: 'blocked'; readonly message: string }

/**
 * For a message of several statements, which is a transaction by itself. One row. On our own path the server writes every name
 * of another schema with its schema.
 */
export const factsStatements = (
  request: FactsRequest,
  lockTimeoutMs: number,
): readonly string[] => [
  `SET LOCAL lock_timeout = ${lockTimeoutMs}`,
  `SET LOCAL statement_timeout = ${statementTimeoutMs + lockTimeoutMs}`,
  // Machine code for one query would take longer than the query.
  'SET LOCAL jit = off',
  query(request),
]

export const factsOfRow = (row: Row | undefined): Facts =>
  factsOf(JSON.parse(String(row?.['facts'])) as FactsRow)

/** One round trip. Throws `connection-lost`, `server-busy`, `server-refused`. */
export const readFacts = async (
  session: Session,
  request: FactsRequest,
  lockTimeoutMs: number,
): Promise<FactsReply> => {
  const reply = await session.send(reading(...factsStatements(request, lockTimeoutMs)))
  if (reply.kind === 'server error' && isCondition(reply.error.sqlstate, 'lockFailure'))
    return { kind: 'blocked', message: reply.error.message }
  return { kind: 'facts', facts: factsOfRow(rowsOf(session, reply)[0]) }
}

const named = (name: string): Readonly<Record<string, string | undefined>> => {
  const { schema, name: plain } = splitName(name)
  return { asked: name, schema, name: plain }
}

const json = (value: unknown): string => `${literal(JSON.stringify(value))}::json`

const query = ({ relations, enums, functions }: FactsRequest): string => `WITH
path AS MATERIALIZED (
  SELECT n.oid AS namespace, n.nspname AS schema, p.rank
  FROM ${loginPath}, json_array_elements_text(${schemasOfPath}) WITH ORDINALITY AS p(schema, rank)
  JOIN pg_namespace n ON n.nspname = p.schema
),
asked AS MATERIALIZED (
  SELECT * FROM json_to_recordset(${json(relations.map(({ name, ...rest }) => ({ ...named(name), ...rest })))})
    AS r(asked text, schema text, name text, defaults text[], indexes text[], "indexDefinitions" text[],
      constraints text[], "constraintDefinitions" text[])
),
relation AS MATERIALIZED (
  SELECT DISTINCT ON (a.asked) a.*, c.oid, n.nspname, c.relname, c.relkind
  FROM asked a
  JOIN pg_class c ON c.relname = a.name AND c.relkind = ANY ('{r,p,f,v,m}')
  JOIN pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN path ON path.namespace = n.oid
  WHERE CASE WHEN a.schema IS NULL THEN path.rank IS NOT NULL ELSE n.nspname = a.schema END
  ORDER BY a.asked, path.rank
)
SELECT json_build_object(
  'path', coalesce((SELECT json_agg(schema ORDER BY rank) FROM path), '[]'),
  'relations', coalesce((SELECT json_agg(json_build_object('asked', asked, 'schema', nspname, 'name', relname,
      'kind', CASE WHEN relkind IN ('v', 'm') THEN 'view' ELSE 'table' END,
      'columns', ${columns}, 'indexes', ${indexes}, 'constraints', ${constraints})) FROM relation r), '[]'),
  'near', CASE WHEN (SELECT count(*) FROM relation) = (SELECT count(*) FROM asked) THEN '[]' ELSE ${near} END,
  'enums', coalesce((SELECT json_agg(json_build_object('asked', asked, 'schema', schema, 'name', name, 'labels', labels))
    FROM ${enumsOf(enums)}), '[]'),
  'extensions', coalesce((SELECT json_agg(extname) FROM pg_extension), '[]'),
  'functions', coalesce((SELECT json_agg(json_build_object('schema', n.nspname, 'name', p.proname,
      'argumentTypes', ARRAY (SELECT format_type(t, NULL) FROM unnest(p.proargtypes) WITH ORDINALITY AS a(t, at) ORDER BY at),
      'returns', CASE WHEN p.prokind <> 'p' THEN CASE WHEN p.proretset THEN 'SETOF ' ELSE '' END || format_type(p.prorettype, NULL) END)
      ORDER BY p.oid)
    FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
    WHERE p.proname = ANY (ARRAY (SELECT json_array_elements_text(${json(functions)})))), '[]')
)::text AS facts`

// Arrays instead of objects: there may be tens of thousands of them.
const columns = `(SELECT json_agg(json_build_array(a.attname, format_type(a.atttypid, a.atttypmod), NOT a.attnotnull,
      CASE WHEN a.attidentity <> '' THEN 'identity' WHEN a.attgenerated <> '' THEN 'generated'
        WHEN a.atthasdef THEN 'default' ELSE 'nothing' END,
      CASE WHEN a.atthasdef AND a.attname = ANY (r.defaults) THEN
        (SELECT pg_get_expr(d.adbin, d.adrelid) FROM pg_attrdef d WHERE d.adrelid = a.attrelid AND d.adnum = a.attnum) END)
      ORDER BY a.attnum)
    FROM pg_attribute a WHERE a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped)`

const indexes = `CASE WHEN r.indexes <> '{}' THEN (SELECT json_agg(json_build_object('name', c.relname, 'unique', i.indisunique, 'valid', i.indisvalid,
      'definition', CASE WHEN c.relname = ANY (r."indexDefinitions") THEN substring(pg_get_indexdef(c.oid) FROM ' USING (.*)$') END))
    FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE i.indrelid = r.oid AND c.relname = ANY (r.indexes)) END`

const constraints = `CASE WHEN r.constraints <> '{}' THEN (SELECT json_agg(json_build_object('name', c.conname, 'validated', c.convalidated,
      'definition', CASE WHEN c.conname = ANY (r."constraintDefinitions")
        THEN regexp_replace(pg_get_constraintdef(c.oid), ' NOT VALID$', '') END))
    FROM pg_constraint c WHERE c.conrelid = r.oid AND c.conname = ANY (r.constraints)) END`

const near = `coalesce((SELECT json_agg(near.relname) FROM (SELECT c.relname FROM pg_class c JOIN path ON path.namespace = c.relnamespace
    WHERE c.relkind = ANY ('{r,p,f,v,m}') ORDER BY c.relname LIMIT 5000) near), '[]')`

const enumsOf = (
  enums: readonly string[],
): string => `(SELECT DISTINCT ON (a.asked) a.asked, n.nspname AS schema, t.typname AS name,
      ARRAY (SELECT e.enumlabel FROM pg_enum e WHERE e.enumtypid = t.oid ORDER BY e.enumsortorder) AS labels
    FROM json_to_recordset(${json(enums.map(named))}) AS a(asked text, schema text, name text)
    JOIN pg_type t ON t.typname = a.name AND t.typtype = 'e'
    JOIN pg_namespace n ON n.oid = t.typnamespace
    LEFT JOIN path ON path.namespace = n.oid
    WHERE CASE WHEN a.schema IS NULL THEN path.rank IS NOT NULL ELSE n.nspname = a.schema END
    ORDER BY a.asked, path.rank) found`

type FactsRow = {
  readonly path: readonly string[]
  readonly relations: readonly {
    readonly asked: string
    readonly schema: string
    readonly name: string
    readonly kind: RelationKind
    readonly columns: readonly ColumnRow[] | null
    readonly indexes:
      readonly { name: string; unique: boolean; valid: boolean; definition: string | null }[] | null
    readonly constraints:
      readonly { name: string; validated: boolean; definition: string | null }[] | null
  }[]
  readonly near: readonly string[]
  readonly enums: readonly {
    readonly asked: string
    readonly schema: string
    readonly name: string
    readonly labels: readonly string[]
  }[]
  readonly extensions: readonly string[]
  readonly functions: readonly {
    readonly schema: string
    readonly name: string
    readonly argumentTypes: readonly string[]
    readonly returns: string | null
  }[]
}

type ColumnRow = readonly [
  name: string,
  type: string,
  nullable: boolean,
  filledBy: ColumnFacts['filledBy'],
  sql: string | null,
]

const factsOf = (row: FactsRow): Facts => ({
  searchPath: row.path,
  relations: new Map(row.relations.map((each) => [each.asked, relationOf(each)])),
  enums: new Map(row.enums.map(({ asked, ...facts }) => [asked, facts])),
  extensions: new Set(row.extensions),
  functions: row.functions.map(({ returns, ...rest }) => ({
    ...rest,
    returns: returns ?? undefined,
  })),
  otherRelations: row.near,
})

const relationOf = ({
  schema,
  name,
  kind,
  columns: columnRows,
  indexes: indexRows,
  constraints: constraintRows,
}: FactsRow['relations'][number]): RelationFacts => ({
  schema,
  name,
  kind,
  columns: new Map(
    (columnRows ?? []).map(([column, type, nullable, filledBy, sql]) => [
      column,
      { type, nullable, filledBy, default: sql ?? undefined },
    ]),
  ),
  indexes: new Map(
    (indexRows ?? []).map(({ name: index, unique, valid, definition }) => [
      index,
      { unique, valid, definition: definition ?? undefined },
    ]),
  ),
  constraints: new Map(
    (constraintRows ?? []).map(({ name: constraint, validated, definition }) => [
      constraint,
      { validated, definition: definition ?? undefined },
    ]),
  ),
})
