// The names of what a contract could speak of: for a snapshot, which then reads the facts of just these. Not what belongs
// to an extension, to the ledger, or to PostgreSQL itself; not partitions, which come and go.

import type { FactsRequest } from '../../contract/facts.ts'
import { literal } from '../../database/literal.ts'
import { reading } from '../../database/own-sql.ts'
import { loginPath, schemasOfPath } from '../../database/server/server.ts'
import { rowsOf, type Session } from '../../database/session/session.ts'

export type Listing = Pick<FactsRequest, 'relations' | 'enums'> & {
  readonly views: readonly string[]
  readonly extensions: readonly string[]
  /** With their argument types. */
  readonly functions: readonly string[]
  /** Enums that a column of each table has. */
  readonly enumsOf: Readonly<Record<string, readonly string[]>>
}

/** Names are as a contract has them: with the schema unless the search path finds it. Throws as rowsOf() does. */
export const readListing = async (session: Session, ledgerSchema: string): Promise<Listing> => {
  const reply = await session.send(reading('SET LOCAL jit = off', query(ledgerSchema)))
  const [row] = rowsOf(session, reply)
  return JSON.parse(String(row?.['listing'])) as Listing
}

const isOwn = (catalog: string, oid: string): string =>
  `NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = '${catalog}'::regclass AND d.objid = ${oid} AND d.deptype = 'e')`

const namesOf = (select: string): string => `coalesce((SELECT json_agg(${select}`

const query = (ledgerSchema: string): string => `WITH path AS MATERIALIZED (
  SELECT n.oid AS namespace, p.rank
  FROM ${loginPath}, json_array_elements_text(${schemasOfPath}) WITH ORDINALITY AS p(schema, rank)
  JOIN pg_namespace n ON n.nspname = p.schema
),
own AS MATERIALIZED (
  SELECT n.oid, n.nspname FROM pg_namespace n
  WHERE n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', ${literal(ledgerSchema)})
),
relation AS MATERIALIZED (
  SELECT c.oid, c.relkind, CASE WHEN path.rank IS NOT NULL AND NOT EXISTS (
      SELECT FROM pg_class other JOIN path earlier ON earlier.namespace = other.relnamespace
      WHERE other.relname = c.relname AND earlier.rank < path.rank) THEN c.relname::text ELSE own.nspname || '.' || c.relname END AS name
  FROM pg_class c JOIN own ON own.oid = c.relnamespace LEFT JOIN path ON path.namespace = c.relnamespace
  WHERE c.relkind = ANY ('{r,p,f,v,m}') AND NOT c.relispartition AND ${isOwn('pg_class', 'c.oid')}
),
enum AS MATERIALIZED (
  SELECT t.oid, t.typarray, CASE WHEN path.rank IS NOT NULL THEN t.typname::text ELSE own.nspname || '.' || t.typname END AS name
  FROM pg_type t JOIN own ON own.oid = t.typnamespace LEFT JOIN path ON path.namespace = t.typnamespace
  WHERE t.typtype = 'e' AND ${isOwn('pg_type', 't.oid')}
)
SELECT json_build_object(
  'relations', ${namesOf(`json_build_object('name', r.name,
      'defaults', ARRAY (SELECT a.attname FROM pg_attribute a WHERE a.attrelid = r.oid AND a.attnum > 0 AND a.atthasdef
        AND NOT a.attisdropped AND a.attgenerated = ''),
      'indexes', i.names, 'indexDefinitions', i.names, 'constraints', k.names, 'constraintDefinitions', k.names)`)})
    FROM relation r,
    LATERAL (SELECT ARRAY (SELECT c.relname FROM pg_index x JOIN pg_class c ON c.oid = x.indexrelid WHERE x.indrelid = r.oid
      AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = x.indexrelid AND k.contype IN ('p', 'u', 'x')))) AS i(names),
    LATERAL (SELECT ARRAY (SELECT k.conname FROM pg_constraint k WHERE k.conrelid = r.oid
      AND k.contype IN ('p', 'u', 'f', 'c', 'x'))) AS k(names)
    WHERE r.relkind IN ('r', 'p', 'f')), '[]'),
  'views', ${namesOf('r.name')}) FROM relation r WHERE r.relkind IN ('v', 'm')), '[]'),
  'enums', ${namesOf('e.name')}) FROM enum e), '[]'),
  'enumsOf', coalesce((SELECT json_object_agg(used.name, used.enums) FROM (
      SELECT r.name, json_agg(DISTINCT e.name) AS enums FROM relation r JOIN pg_attribute a ON a.attrelid = r.oid AND a.attnum > 0
      JOIN enum e ON a.atttypid IN (e.oid, e.typarray) GROUP BY r.name) used), '{}'),
  'extensions', ${namesOf('x.extname')}) FROM pg_extension x WHERE x.extname <> 'plpgsql'), '[]'),
  'functions', ${namesOf(`CASE WHEN path.rank IS NOT NULL THEN '' ELSE own.nspname || '.' END || p.proname || '('
      || array_to_string(ARRAY (SELECT format_type(t, NULL) FROM unnest(p.proargtypes) WITH ORDINALITY AS a(t, at) ORDER BY at), ', ') || ')'`)})
    FROM pg_proc p JOIN own ON own.oid = p.pronamespace LEFT JOIN path ON path.namespace = p.pronamespace
    WHERE p.prokind IN ('f', 'p') AND ${isOwn('pg_proc', 'p.oid')}), '[]')
)::text AS listing`
