// Flyway: a row for each thing that it did, numbered as they came. https://documentation.red-gate.com/flyway/flyway-concepts/migrations/flyway-schema-history-table

import { identifier, literal } from '../../database/literal.ts'
import { canonicalVersion } from '../../migrations/dialects/flyway-version.ts'
import { versionOfRepeatable, type Migration } from '../../migrations/migration.ts'
import {
  implied,
  type Claim,
  type LockedTable,
  type ToolLedger,
  type ToolRow,
} from '../tool-ledger.ts'

// 'Flyway' in ASCII, and Java's hash of the table's quoted name.
const lockOf = ({ schema, table }: LockedTable): bigint => {
  const name = `${identifier(schema)}.${identifier(table)}`
  let hash = 0
  for (let at = 0; at < name.length; at++) hash = (Math.imul(hash, 31) + name.charCodeAt(at)) | 0
  return 0x46_6c_79_77_61_79n + BigInt(hash)
}

export const flyway: ToolLedger = {
  dialect: 'flyway',
  table: 'flyway_schema_history',
  columns: {
    ...{ installed_rank: 'number', version: 'text', description: 'text', type: 'text' },
    ...{ checksum: 'number', success: 'yes or no' },
  },
  orderBy: 'installed_rank',
  claims: (rows, files) => {
    const claims = new Map<string, Claim>()
    for (const row of rows)
      for (const claim of claimsOf(row, files, claims)) claims.set(claim.version, claim)
    return [...claims.values()]
  },
  lock: lockOf,
  write: (table, migration) => {
    const isVersioned = migration.runs === undefined
    const version = isVersioned ? literal(displayed(migration)) : 'NULL'
    const of = isVersioned
      ? `version = ${version} AND type NOT IN (${undoing}, 'BASELINE')`
      : `version IS NULL AND description = ${literal(descriptionIn(migration))}`
    // What has run once more has a row more; of a version, only where the last was undone.
    const isNew = isVersioned
      ? `NOT EXISTS (SELECT FROM ${table} r WHERE ${of} AND NOT EXISTS
        (SELECT FROM ${table} u WHERE u.version = ${version} AND u.type IN (${undoing}) AND u.installed_rank > r.installed_rank))`
      : 'true'
    return [
      `DELETE FROM ${table} WHERE ${of} AND NOT success`,
      `INSERT INTO ${table} (installed_rank, version, description, type, script, checksum, installed_by, installed_on, execution_time, success)
      SELECT coalesce((SELECT pg_catalog.max(installed_rank) FROM ${table}), 0) + 1, ${version}, ${literal(descriptionIn(migration))},
        ${migration.version.startsWith('B') ? "'SQL_BASELINE'" : "'SQL'"}, ${literal(migration.source?.entry ?? '')}, ${migration.source?.checksum ?? 'NULL'},
        session_user, pg_catalog.clock_timestamp(),
        (extract(epoch FROM pg_catalog.clock_timestamp() - pg_catalog.transaction_timestamp()) * 1000)::pg_catalog.int4, true WHERE ${isNew}`,
    ]
  },
}

const undoing = "'UNDO_SQL', 'UNDO_JDBC', 'UNDO_SCRIPT', 'DELETE'"

const claimsOf = (
  { version: raw, description = '', type = '', checksum, success }: ToolRow,
  files: readonly Migration[],
  before: Map<string, Claim>,
): readonly Claim[] => {
  if (raw === undefined) {
    const version = versionOfRepeatable(description.replaceAll(' ', '_'))
    // Each run has a row; of one that failed or was deleted, nothing is known. What made the schema has none of them.
    before.delete(version)
    return success === 'true' && type === 'SQL' ? [{ version, state: 'applied', checksum }] : []
  }
  const number = canonicalVersion(raw)
  if (type.startsWith('UNDO') || type === 'DELETE') {
    if (success === 'true') before.delete(number)
    return []
  }
  // It stands for all up to its version, whether it ran a file or somebody set it.
  if (type.includes('BASELINE')) {
    const at = files.findLastIndex(
      ({ version }) => canonicalVersion(version.replace('B', '')) === number,
    )
    return at === -1 ? [{ version: number, state: 'applied' }] : files.slice(0, at + 1).map(implied)
  }
  return success === 'true'
    ? [{ version: number, state: 'applied', checksum }]
    : [{ version: number, state: 'unfinished', because: 'success = false' }]
}

/** As it is in the file's name, with points: '1.0', '01'. */
const displayed = ({ name }: Migration): string =>
  (/^[VB]([\d._]+?)__/.exec(name)?.[1] ?? '').replaceAll('_', '.')

const descriptionIn = ({ name }: Migration): string =>
  name.replace(/^(?:[VB][\d._]+?|R)__/, '').replaceAll('_', ' ')
