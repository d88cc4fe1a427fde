// What the database has of an object, as statements: the words of `schemagate schema dump`, for a few objects. One text of them is
// compared with what it was when its file was last applied.

import { comments, grantsAmong, securityLabels } from '../../catalog/dump/queries/belongings.ts'
import { defaultPrivileges, otherSources, standardAgain } from '../../catalog/dump/queries/other.ts'
import { relationSources } from '../../catalog/dump/queries/relations.ts'
import { castSources, routineSources } from '../../catalog/dump/queries/routines.ts'
import { qualified, selectOf, type Source } from '../../catalog/dump/queries/source.ts'
import { literal } from '../../database/literal.ts'
import type { Row } from '../../database/session/reply.ts'
import { keyOf, type Identity, type ObjectKind } from '../object-file.ts'

export type Piece = {
  readonly part: 'object' | 'main' | 'owner' | 'index' | 'comment' | 'label' | 'grant'
  /** Without a semicolon. */
  readonly text: string
  /** What removes it; undefined where nothing does. */
  readonly undo: string | undefined
}

export type Found = {
  readonly identity: Identity
  readonly class: string
  readonly oid: string
  /** 'VIEW app.customer', quoted; '' of default privileges. */
  readonly target: string
  /** The statement that drops it, or statements. */
  readonly drop: string
  readonly pieces: readonly Piece[]
  /** The pieces as one text. */
  readonly definition: string
}

const settings = ['DateStyle', 'IntervalStyle', 'TimeZone', 'extra_float_digits', 'bytea_output']

/** What the server's words depend on besides the search path. */
export const wording = `SET LOCAL DateStyle TO 'ISO, YMD'; SET LOCAL IntervalStyle TO postgres; SET LOCAL TimeZone TO 'UTC'; SET LOCAL extra_float_digits TO 3; SET LOCAL bytea_output TO hex; SET LOCAL quote_all_identifiers TO off`

/** What the login starts with, again. */
export const wordingOfLogin = [...settings, 'quote_all_identifiers']
  .map((name) => `SET LOCAL ${name} TO DEFAULT`)
  .join('; ')

const relationName = qualified('n.nspname', 'c.relname')

const typeWords = `CASE c.relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'f' THEN 'FOREIGN TABLE' ELSE 'TABLE' END`

const tableSource: Source = {
  class: 'pg_class',
  kind: "'table'",
  phase: 'table',
  from: 'pg_class c JOIN spaces n ON n.oid = c.relnamespace',
  where: "c.relkind IN ('r', 'p', 'f', 'v', 'm')",
  schema: 'n.nspname',
  name: 'c.relname',
  target: `${typeWords} || ' ' || ${relationName}`,
  statements: `CASE WHEN c.relrowsecurity THEN format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', ${relationName}) END,
      CASE WHEN c.relforcerowsecurity THEN format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', ${relationName}) END`,
}

const ofClass = (sources: readonly Source[], catalog: Source['class'], kind = ''): Source => {
  const found = sources.find((each) => each.class === catalog && each.kind.includes(kind))
  if (found === undefined) throw new Error(`no query for ${catalog}`)
  return found
}

const routine = ofClass(routineSources, 'pg_proc')

const wholeSources: readonly Source[] = [
  ofClass(relationSources, 'pg_class', 'view'),
  { ...routine, name: `p.proname || '(' || oidvectortypes(p.proargtypes) || ')'` },
  ofClass(relationSources, 'pg_trigger'),
  ofClass(relationSources, 'pg_policy'),
  ofClass(routineSources, 'pg_operator'),
  ofClass(castSources, 'pg_cast'),
  ofClass(otherSources, 'pg_event_trigger'),
  ...(['pg_ts_config', 'pg_ts_dict', 'pg_ts_parser', 'pg_ts_template'] as const).map((catalog) =>
    ofClass(routineSources, catalog),
  ),
  // In place of what COMMENT ON takes, which is nothing.
  { ...defaultPrivileges('all'), target: standardAgain },
  tableSource,
]

const indexSource = ofClass(relationSources, 'pg_class', 'index')

const amongWanted = (source: Source): string =>
  selectOf({
    ...source,
    isOwn: 'true',
    from: `${source.from} JOIN wanted w ON w.kind = ${source.kind} AND w.schema = ${source.schema ?? "''"}
      AND w.relation = ${source.relation ?? "''"}::text AND w.name = (${source.name})::text`,
  })

const indexes = selectOf({
  ...indexSource,
  isOwn: 'true',
  from: `${indexSource.from} JOIN wanted w ON w.kind = 'materialized view' AND w.schema = tn.nspname AND w.name = tc.relname`,
})

const isFound = (catalog: string, oid: string): string =>
  `('${catalog}', ${oid}::text) IN (SELECT class, oid FROM found)`

type Said = {
  readonly rank: number
  readonly part: string
  readonly words: string
  readonly undo: string
}

const saidOf = (query: string, { rank, part, words, undo }: Said): string =>
  `SELECT h.kind, h.schema, h.relation, h.name, ${rank}, '${part}', ${words}, ${undo}, d.column::int8
    FROM holders h JOIN (${query}) d ON d.class = h.class AND d.oid = h.oid`

const target = `CASE d.target WHEN '' THEN h.target ELSE d.target END`

const grantWords = (verb: string, to: string): string =>
  `concat(${verb}, ' ', (SELECT string_agg(r || coalesce(' (' || d.column || ')', ''), ', ' ORDER BY at) FROM json_array_elements_text(d.rights) WITH ORDINALITY x(r, at)),
      ' ON ', d.target, ' ', ${to}, ' ', d.role)`

/**
 * CTEs that end with `pieces`: of each object that is there its statements, in their order. `wanted` is a query of kind, schema,
 * relation, name. Behind ownPath and `wording`.
 */
const piecesOf = (
  wanted: string,
): string => `WITH wanted(kind, schema, relation, name) AS MATERIALIZED (${wanted}),
spaces AS MATERIALIZED (SELECT n.oid, n.nspname::text FROM pg_namespace n WHERE n.nspname::text IN (SELECT schema FROM wanted)),
ledgers(oid) AS (SELECT NULL::oid WHERE false),
found AS MATERIALIZED (${[...wholeSources.map(amongWanted), indexes].join('\nUNION ALL\n')}),
holders AS (SELECT f.class, f.oid, f.target, f.owner, f.statements, f.kind AS own, f.name AS own_name, f.schema,
    CASE f.kind WHEN 'index' THEN 'materialized view' ELSE f.kind END AS kind, CASE f.kind WHEN 'index' THEN '' ELSE f.relation END AS relation,
    CASE f.kind WHEN 'index' THEN f.relation ELSE f.name END AS name FROM found f),
pieces(kind, schema, relation, name, rank, part, text, undo, at) AS (
  SELECT h.kind, h.schema, h.relation, h.name, 0, 'object', concat_ws(' ', h.class, h.oid, h.target), NULL, 0::int8 FROM holders h WHERE h.own <> 'index'
  UNION ALL SELECT h.kind, h.schema, h.relation, h.name, 1, 'main', s.text, NULL, s.at
    FROM holders h, json_array_elements_text(h.statements) WITH ORDINALITY s(text, at) WHERE h.own <> 'index'
  UNION ALL SELECT h.kind, h.schema, h.relation, h.name, 2, 'owner', format('ALTER %s OWNER TO %s', h.target, h.owner), NULL, 0
    FROM holders h WHERE h.owner IS NOT NULL AND h.own <> 'index'
  UNION ALL SELECT h.kind, h.schema, h.relation, h.name, 3, 'index',
    (SELECT string_agg(s.text, E';\\n' ORDER BY s.at) FROM json_array_elements_text(h.statements) WITH ORDINALITY s(text, at)), 'DROP ' || h.target, 0
    FROM holders h WHERE h.own = 'index'
  UNION ALL ${saidOf(comments, {
    ...{ rank: 4, part: 'comment' },
    words: `format('COMMENT ON %s IS %s', ${target}, d.words)`,
    undo: `format('COMMENT ON %s IS NULL', ${target})`,
  })}
  UNION ALL ${saidOf(securityLabels, {
    ...{ rank: 5, part: 'label' },
    words: `format('SECURITY LABEL FOR %s ON %s IS %s', d.provider, ${target}, d.words)`,
    undo: `format('SECURITY LABEL FOR %s ON %s IS NULL', d.provider, ${target})`,
  })}
  UNION ALL SELECT h.kind, h.schema, h.relation, h.name, 6, 'grant',
    ${grantWords('d.verb', `CASE d.verb WHEN 'GRANT' THEN 'TO' ELSE 'FROM' END`)} || CASE WHEN d."isGrantable" AND d.verb = 'GRANT' THEN ' WITH GRANT OPTION' ELSE '' END,
    ${grantWords(`CASE d.verb WHEN 'GRANT' THEN 'REVOKE' ELSE 'GRANT' END`, `CASE d.verb WHEN 'GRANT' THEN 'FROM' ELSE 'TO' END`)},
    CASE d.verb WHEN 'REVOKE' THEN 0 ELSE 1 END
    FROM holders h JOIN (${grantsAmong(isFound)}) d ON d.class = h.class AND d.oid = h.oid)`

const inTheirOrder = 'rank, at, text COLLATE "C"'

/** Rows for readDefinitions(). */
export const definitionsQuery = (identities: readonly Identity[]): string => {
  const rows = identities.map(
    ({ kind, schema, relation, name }) =>
      `(${[kind, schema, relation, name].map((each) => `${literal(each)}::text`).join(', ')})`,
  )
  const wanted =
    rows.length === 0
      ? `SELECT ''::text, ''::text, ''::text, ''::text WHERE false`
      : `VALUES ${rows.join(', ')}`
  return `${piecesOf(wanted)} SELECT kind, schema, relation, name, part, text, undo FROM pieces ORDER BY kind, schema, relation, name, ${inTheirOrder}`
}

/** By keyOf(). */
export const readDefinitions = (rows: readonly Row[]): ReadonlyMap<string, Found> => {
  const pieces = new Map<string, { readonly identity: Identity; readonly pieces: Piece[] }>()
  for (const row of rows) {
    const identity = identityIn(row)
    const key = keyOf(identity)
    const entry = pieces.get(key) ?? { identity, pieces: [] }
    pieces.set(key, entry)
    entry.pieces.push({
      part: String(row['part']) as Piece['part'],
      text: String(row['text']),
      undo: typeof row['undo'] === 'string' ? row['undo'] : undefined,
    })
  }
  return new Map([...pieces].map(([key, entry]) => [key, foundOf(entry)]))
}

const foundOf = ({ identity, pieces }: Pick<Found, 'identity' | 'pieces'>): Found => {
  const [catalog = '', oid = '', ...words] = (pieces[0]?.text ?? '').split(' ')
  const said = pieces.filter(({ part }) => part !== 'object')
  const last = words.join(' ')
  const named =
    identity.kind === 'default privileges'
      ? { target: '', drop: last }
      : { target: last, drop: `DROP ${last}` }
  return {
    ...{ identity, class: catalog, oid, ...named, pieces: said },
    definition: said.map(({ text }) => text).join(';\n'),
  }
}

export const identityIn = (row: Row): Identity => ({
  kind: String(row['kind']) as ObjectKind,
  schema: String(row['schema']),
  relation: String(row['relation']),
  name: String(row['name']),
})

/**
 * One row {objects}, a JSON array of what is recorded: kind, schema, relation, name, file, checksum, and whether the database has it
 * as it was recorded ('same', 'before migrations', 'different', 'missing'). `lastOrdinal` is that of the ledger, as SQL.
 */
export const recordedStates = (
  table: string,
  lastOrdinal: string,
): string => `${piecesOf(`SELECT kind, schema, relation, name FROM ${table}`)},
definitions AS (SELECT kind, schema, relation, name, coalesce(string_agg(text, E';\\n' ORDER BY ${inTheirOrder}) FILTER (WHERE part <> 'object'), '') AS definition
  FROM pieces GROUP BY 1, 2, 3, 4)
SELECT coalesce(json_agg(json_build_object('kind', r.kind, 'schema', r.schema, 'relation', r.relation, 'name', r.name, 'file', r.file, 'checksum', r.checksum,
    'state', CASE WHEN d.definition IS NULL AND NOT (r.kind = 'default privileges' AND r.definition = '') THEN 'missing'
      WHEN coalesce(d.definition, '') <> r.definition THEN 'different'
      WHEN (to_jsonb(r) ->> 'ledger_ordinal')::int8 < ${lastOrdinal} THEN 'before migrations' ELSE 'same' END)
    ORDER BY r.kind, r.schema, r.relation, r.name), '[]')::text AS objects
FROM ${table} r LEFT JOIN definitions d ON d.kind = r.kind AND d.schema = r.schema AND d.relation = r.relation AND d.name = r.name`
