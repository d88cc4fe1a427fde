// What somebody may have renamed: of each suspect, what is beside it in the database, no file makes, and has its definition.

import { literal } from '../database/literal.ts'
import { reading } from '../database/own-sql.ts'
import { rowsOf, type Session } from '../database/session/session.ts'
import { objectKey, type ObjectName } from '../schema/effects/effect.ts'
import type { Timeline } from '../schema/history/model/timeline.ts'
import type { Renamed } from '../reconcile/renamed/renamed-object.ts'
import type { Suspect } from '../reconcile/renamed/suspects.ts'
import { readEvidence, type EvidenceRequest } from './read-evidence.ts'

export type RenamedRequest = Omit<EvidenceRequest, 'timelines' | 'checks'> & {
  readonly suspects: readonly Suspect[]
  /** All objects of the history, by their keys. */
  readonly known: ReadonlySet<string>
}

/** Reads only. Throws `connection-lost`, `server-busy`, `server-refused`. */
export const readRenamed = async (
  session: Session,
  { suspects, known, ...request }: RenamedRequest,
): Promise<readonly Renamed[]> => {
  // Of a table that no file makes, no file explains anything.
  const within = suspects.filter(({ object: { schema, ...rest }, properties }) => {
    const name = tableOfSuspect(rest.table, properties)
    return name === '' || known.has(objectKey({ kind: 'table', schema, table: '', name }))
  })
  if (within.length === 0) return []
  const pairs = (await readNeighbours(session, within)).filter(
    (pair) => !known.has(objectKey(pair.now)) && hasColumns(pair),
  )
  const asked = pairs.flatMap((pair) => propertiesOf(pair).map((timeline) => ({ pair, timeline })))
  const { evidence } = await readEvidence(session, {
    ...request,
    timelines: asked.map(({ timeline }) => timeline),
    checks: [],
  })
  const differing = new Set(
    asked.flatMap(({ pair }, at) => (evidence[at]?.matches.includes(true) ? [] : [pair])),
  )
  const equivalent = pairs.filter((pair) => !differing.has(pair))
  // One of several is enough to ask for.
  const first = new Map(equivalent.toReversed().map((pair) => [pair.suspect, pair]))
  return [...first.values()].reverse().map(({ suspect: { object, version, why }, now }) => ({
    ...{ object, version, why, now },
  }))
}

type Pair = {
  readonly suspect: Suspect
  readonly now: ObjectName
  /** Of a table. */
  readonly columns: readonly string[]
}

// Under its other name; of a table, those of the columns that are there.
const propertiesOf = ({ suspect, now, columns }: Pair): readonly Timeline[] =>
  suspect.object.kind === 'table'
    ? suspect.properties
        .filter(({ object }) => columns.includes(object.name))
        .map((timeline) => ({ ...timeline, object: { ...timeline.object, table: now.name } }))
    : suspect.properties.map((timeline) => ({ ...timeline, object: now }))

// By their names, before their types are asked for.
const hasColumns = ({ suspect, columns }: Pair): boolean => {
  if (suspect.object.kind !== 'table') return suspect.properties.length > 0
  const found = new Set(columns)
  // Many a table has one column and nothing to do with another; of one that a file has dropped, for all we know, that is enough to ask.
  const fewest = suspect.why === 'dropped' ? 1 : 2
  return (
    found.size >= fewest &&
    suspect.columns.some(
      (names) => names.length === found.size && names.every((name) => found.has(name)),
    )
  )
}

// So many of one kind in one place are somebody's own schema, where no single one is what another was.
const mostNeighbours = 100

const readNeighbours = async (
  session: Session,
  suspects: readonly Suspect[],
): Promise<readonly Pair[]> => {
  const reply = await session.send(reading(neighboursQuery(suspects)))
  return rowsOf(session, reply).flatMap((row): readonly Pair[] => {
    const suspect = suspects[Number(row['suspect'])]
    if (suspect === undefined) return []
    const now = { ...suspect.object, name: String(row['name']) }
    return [{ suspect, now, columns: JSON.parse(String(row['columns'])) as string[] }]
  })
}

// An index is named within its schema; its table is said beside it.
const tableOfSuspect = (table: string, properties: readonly Timeline[]): string =>
  table === '' ? (properties[0]?.on?.name ?? '') : table

const isMember = (catalog: string, oid: string): string =>
  `EXISTS (SELECT FROM pg_depend e WHERE e.classid = '${catalog}'::regclass AND e.objid = ${oid} AND e.deptype = 'e')`

const columnsOf = 'FROM pg_attribute a WHERE a.attnum > 0 AND NOT a.attisdropped'

// Of a table, those that have all of its columns and no others; to the tables that might, the longest of its names leads.
const neighboursQuery = (suspects: readonly Suspect[]): string => {
  const rows = suspects.map(
    ({ object: { kind, schema, table }, properties, columns }, at) =>
      `(${at}, ${literal(kind)}, ${literal(schema)}, ${literal(tableOfSuspect(table, properties))}, ${literal(JSON.stringify(columns))}::jsonb)`,
  )
  const rarest = suspects.flatMap(({ object, columns }) =>
    object.kind === 'table' ? columns.map(longest).map(literal) : [],
  )
  return `
WITH suspects(suspect, kind, schema, tab, columns) AS (VALUES ${rows.join(', ')}),
likely AS MATERIALIZED (SELECT DISTINCT a.attrelid ${columnsOf} AND a.attname::text = ANY (ARRAY[${rarest.join(', ')}]::text[])),
tables AS MATERIALIZED (SELECT c.relnamespace, c.relname, to_jsonb(ARRAY(SELECT a.attname ${columnsOf} AND a.attrelid = c.oid)) AS columns
  FROM likely l JOIN pg_class c ON c.oid = l.attrelid
  WHERE c.relkind IN ('r', 'p', 'f') AND NOT c.relispartition AND NOT ${isMember('pg_class', 'c.oid')}),
places AS MATERIALIZED (SELECT p.*, n.oid AS namespace, t.oid AS relation FROM (SELECT DISTINCT kind, schema, tab FROM suspects WHERE kind <> 'table') p
  JOIN pg_namespace n ON n.nspname = p.schema LEFT JOIN pg_class t ON t.relnamespace = n.oid AND t.relname = p.tab),
neighbours AS (
  SELECT w.suspect, t.relname AS name, t.columns::text AS columns FROM suspects w JOIN pg_namespace n ON n.nspname = w.schema
    JOIN tables t ON t.relnamespace = n.oid AND EXISTS (SELECT FROM jsonb_array_elements(w.columns) c WHERE c @> t.columns AND t.columns @> c)
    WHERE w.kind = 'table'
  UNION ALL SELECT w.suspect, o.name, '[]' FROM places p JOIN suspects w USING (kind, schema, tab) CROSS JOIN LATERAL (${besideIt}) o(name))
SELECT suspect, name, columns FROM (SELECT *, row_number() OVER (PARTITION BY suspect ORDER BY name) AS nth FROM neighbours) x
  WHERE nth <= ${mostNeighbours} ORDER BY suspect, nth`
}

const longest = (names: readonly string[]): string =>
  names.reduce((one, other) => (other.length > one.length ? other : one), '')

const besideIt = `
  SELECT c.relname FROM pg_class c WHERE p.kind IN ('view', 'materialized view') AND c.relnamespace = p.namespace
    AND c.relkind = CASE p.kind WHEN 'view' THEN 'v' ELSE 'm' END AND NOT ${isMember('pg_class', 'c.oid')}
  UNION ALL SELECT a.attname ${columnsOf} AND p.kind = 'column' AND a.attrelid = p.relation
  UNION ALL SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
    WHERE p.kind = 'index' AND i.indrelid = p.relation AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = c.oid)
  UNION ALL SELECT k.conname FROM pg_constraint k WHERE p.kind = 'constraint' AND k.conrelid = p.relation
  UNION ALL SELECT g.tgname FROM pg_trigger g WHERE p.kind = 'trigger' AND g.tgrelid = p.relation AND NOT g.tgisinternal
  UNION ALL SELECT y.polname FROM pg_policy y WHERE p.kind = 'policy' AND y.polrelid = p.relation
  UNION ALL SELECT y.typname FROM pg_type y WHERE p.kind = 'type' AND y.typnamespace = p.namespace AND y.typtype IN ('e', 'd', 'c', 'r')
    AND (y.typrelid = 0 OR EXISTS (SELECT FROM pg_class c WHERE c.oid = y.typrelid AND c.relkind = 'c')) AND NOT ${isMember('pg_type', 'y.oid')}`
