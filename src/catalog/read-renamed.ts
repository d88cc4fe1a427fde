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
  const values = suspects.map(
    ({ object: { kind, schema, table }, properties }, at) =>
      `(${at}, ${literal(kind)}, ${literal(schema)}, ${literal(tableOfSuspect(table, properties))})`,
  )
  const reply = await session.send(reading(neighboursQuery(values)))
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

const neighboursQuery = (suspects: readonly string[]): string => `
SELECT * FROM (SELECT w.suspect, o.name, o.columns, row_number() OVER (PARTITION BY w.suspect ORDER BY o.name) AS nth
FROM (VALUES ${suspects.join(', ')}) w (suspect, kind, schema, tab)
JOIN pg_namespace n ON n.nspname = w.schema
LEFT JOIN pg_class t ON t.relnamespace = n.oid AND t.relname = w.tab
CROSS JOIN LATERAL (
  SELECT c.relname AS name, to_json(ARRAY(SELECT a.attname FROM pg_attribute a
      WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped))::text AS columns
    FROM pg_class c WHERE w.kind = 'table' AND c.relnamespace = n.oid AND c.relkind IN ('r', 'p', 'f') AND NOT c.relispartition
      AND NOT ${isMember('pg_class', 'c.oid')}
  UNION ALL SELECT c.relname, '[]' FROM pg_class c WHERE c.relnamespace = n.oid
    AND c.relkind = CASE w.kind WHEN 'view' THEN 'v' WHEN 'materialized view' THEN 'm' END AND NOT ${isMember('pg_class', 'c.oid')}
  UNION ALL SELECT a.attname, '[]' FROM pg_attribute a
    WHERE w.kind = 'column' AND a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
  UNION ALL SELECT c.relname, '[]' FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
    WHERE w.kind = 'index' AND i.indrelid = t.oid AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = c.oid)
  UNION ALL SELECT k.conname, '[]' FROM pg_constraint k WHERE w.kind = 'constraint' AND k.conrelid = t.oid
  UNION ALL SELECT g.tgname, '[]' FROM pg_trigger g WHERE w.kind = 'trigger' AND g.tgrelid = t.oid AND NOT g.tgisinternal
  UNION ALL SELECT p.polname, '[]' FROM pg_policy p WHERE w.kind = 'policy' AND p.polrelid = t.oid
  UNION ALL SELECT y.typname, '[]' FROM pg_type y WHERE w.kind = 'type' AND y.typnamespace = n.oid AND y.typtype IN ('e', 'd', 'c', 'r')
    AND (y.typrelid = 0 OR EXISTS (SELECT FROM pg_class c WHERE c.oid = y.typrelid AND c.relkind = 'c')) AND NOT ${isMember('pg_type', 'y.oid')}
) o) neighbours WHERE nth <= ${mostNeighbours} ORDER BY suspect, nth`
