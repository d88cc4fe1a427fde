// A name that is not there may be that of a contrib module, or of another extension that people use: then that is what is missing.

import { literal } from '../../../database/literal.ts'
import { namesIn } from '../../../schema/effects/names/names-in.ts'
import { quoteName } from '../../../errors/define.ts'
import type { ReadStatement } from '../../../schema/history/history.ts'
import { isTree, subtrees, stringsOf } from '../../../sql/tree/tree.ts'
import { lookUp, type Failed } from './look-up.ts'
import {
  featureNotSupported,
  invalidSchemaName,
  undefinedFile,
  undefinedFunction,
  undefinedObject,
  undefinedTable,
} from '../../../errors/server/sqlstate.ts'

// The last two are those of CREATE EXTENSION itself.
const states: readonly string[] = [
  ...[undefinedObject, undefinedFunction, undefinedTable, invalidSchemaName],
  ...[featureNotSupported, undefinedFile],
]

export const namesNothing = (sqlstate: string): boolean => states.includes(sqlstate)

/** What each brings, in words; a name that ends in '*' stands for all that begin so. */
const brings: Readonly<Record<string, string>> = {
  pg_trgm: 'gin_trgm_ops gist_trgm_ops similarity word_similarity strict_word_similarity show_trgm',
  citext: 'citext citext_ops',
  hstore: 'hstore gin_hstore_ops gist_hstore_ops hstore_to_json hstore_to_jsonb akeys avals',
  ltree: 'ltree lquery ltxtquery gist_ltree_ops nlevel subpath text2ltree',
  'uuid-ossp': 'uuid_generate_* uuid_nil uuid_ns_*',
  pgcrypto: 'crypt gen_salt digest hmac gen_random_bytes pgp_* encrypt decrypt',
  unaccent: 'unaccent',
  tablefunc: 'crosstab crosstab2 crosstab3 crosstab4 connectby normal_rand',
  fuzzystrmatch:
    'levenshtein levenshtein_less_equal soundex difference metaphone dmetaphone daitch_mokotoff',
  intarray: 'gin__int_ops gist__int_ops gist__intbig_ops query_int icount uniq idx',
  cube: 'cube gist_cube_ops',
  earthdistance: 'earth ll_to_earth earth_distance earth_box',
  isn: 'ean13 isbn isbn13 issn upc',
  seg: 'seg',
  lo: 'lo lo_manage',
  dblink: 'dblink dblink_*',
  postgres_fdw: 'postgres_fdw postgres_fdw_*',
  file_fdw: 'file_fdw',
  pg_stat_statements: 'pg_stat_statements pg_stat_statements_*',
  pg_buffercache: 'pg_buffercache pg_buffercache_*',
  pgstattuple: 'pgstattuple pgstattuple_approx pgstatindex',
  amcheck: 'bt_index_check bt_index_parent_check verify_heapam',
  pgrowlocks: 'pgrowlocks',
  bloom: 'bloom',
  moddatetime: 'moddatetime',
  autoinc: 'autoinc',
  postgis: 'geometry geography box3d st_* postgis_*',
  vector:
    'vector halfvec sparsevec hnsw ivfflat vector_l2_ops vector_cosine_ops vector_ip_ops halfvec_*',
  timescaledb: 'create_hypertable time_bucket add_retention_policy add_compression_policy',
  pg_cron: 'cron.*',
  pg_partman: 'partman.*',
  hll: 'hll hll_*',
  rum: 'rum rum_*',
}

export const missingExtension = async (
  statement: ReadStatement,
  { session }: Failed,
): Promise<string | undefined> => {
  const { node, path } = statement
  const created = 'CreateExtensionStmt' in node ? node.CreateExtensionStmt.extname : undefined
  const wanted = created === undefined ? extensionsFor(namesOf(node)) : [created]
  if (wanted.length === 0) return undefined
  const [[who] = [], rows = []] = await lookUp(
    session,
    'SELECT pg_catalog.current_database()::pg_catalog.text AS database',
    `SELECT a.name::pg_catalog.text AS name, n.nspname::pg_catalog.text AS schema,
      coalesce((SELECT pg_catalog.bool_or(v.trusted OR NOT v.superuser) FROM pg_catalog.pg_available_extension_versions v WHERE v.name = a.name), false) AS trusted
    FROM pg_catalog.pg_available_extensions a
      LEFT JOIN pg_catalog.pg_extension e ON e.extname = a.name
      LEFT JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace
    WHERE a.name IN (${wanted.map((each) => literal(each)).join(', ')})`,
  )
  if (who === undefined) return undefined
  const database = String(who['database'])
  for (const name of wanted) {
    const found = rows.find((each) => each['name'] === name)
    const advice = adviceOn(name, found, { database, path, created: created !== undefined })
    if (advice !== undefined) return advice
  }
  return undefined
}

const adviceOn = (
  name: string,
  found: Readonly<Record<string, unknown>> | undefined,
  { database, path, created }: { database: string; path: readonly string[]; created: boolean },
): string | undefined => {
  const sql = `CREATE EXTENSION ${quoteName(name)};`
  if (found === undefined)
    return `The server does not have the extension ${name}: install its package on the server (postgresql-contrib for what comes with PostgreSQL; a managed service lists what it allows)${created ? '' : `, then ${sql} in the database ${database}`}, and run again.`
  if (created) return undefined
  const schema = found['schema']
  if (typeof schema !== 'string')
    return (
      `It comes with the extension ${name}, which the database ${database} does not have: ${sql} ` +
      (found['trusted'] === true
        ? 'before this statement, or in an earlier migration.'
        : 'as a superuser, and run again.')
    )
  return path.includes(schema)
    ? undefined
    : `It comes with the extension ${name}, which is in the schema ${schema}, and that is not in the search_path: write ${quoteName(schema)}. before the name, and run again.`
}

const namesOf = (node: ReadStatement['node']): readonly string[] => [
  ...(['type', 'function', 'relation'] as const).flatMap((kind) =>
    namesIn(node, kind).flatMap(({ schema, name }) => [
      name,
      ...(schema === undefined ? [] : [`${schema}.${name}`]),
    ]),
  ),
  ...subtrees(node).flatMap((part) => [
    ...stringsOf(part['opclass']),
    ...stringsOf(part['opclassname']),
    ...['fdwname', 'accessMethod', 'access_method'].flatMap((key) =>
      typeof part[key] === 'string' ? [part[key]] : [],
    ),
  ]),
  ...plainIndexes(node),
]

// gin and gist have operator classes for few types of their own; for numbers, dates and text these two bring them.
const plainIndexes = (node: ReadStatement['node']): readonly string[] =>
  subtrees(node).flatMap((part) => {
    const method = part['accessMethod'] ?? part['access_method']
    if (method !== 'gin' && method !== 'gist') return []
    return subtrees(part).some(
      (each) => isTree(each['IndexElem']) && !('opclass' in each['IndexElem']),
    )
      ? [`btree_${method} `]
      : []
  })

const extensionsFor = (names: readonly string[]): readonly string[] => [
  ...new Set(
    names.flatMap((name) => {
      const plain = name.trim()
      if (name !== plain) return [plain]
      return Object.entries(brings)
        .filter(([, words]) =>
          words
            .split(' ')
            .some((word) =>
              word.endsWith('*') ? plain.startsWith(word.slice(0, -1)) : word === plain,
            ),
        )
        .map(([extension]) => extension)
    }),
  ),
]
