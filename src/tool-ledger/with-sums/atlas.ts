// Atlas: a row for each file, with how many of its statements are done. https://atlasgo.io/concepts/migration-directory-integrity

import { literal } from '../../database/literal.ts'
import type { Migration } from '../../migrations/migration.ts'
import {
  descriptionOf,
  implied,
  type Claim,
  type ToolLedger,
  type ToolRow,
} from '../tool-ledger.ts'

// FNV-1, 32 bits.
const hashOf = (name: string): bigint => {
  let hash = 2_166_136_261
  for (const byte of Buffer.from(name)) hash = (Math.imul(hash, 16_777_619) ^ byte) >>> 0
  return BigInt(hash)
}

export const atlas: ToolLedger = {
  dialect: 'atlas',
  schema: 'atlas_schema_revisions',
  table: 'atlas_schema_revisions',
  columns: {
    ...{ version: 'text', type: 'number', applied: 'number', total: 'number' },
    ...{ error: 'text', hash: 'text' },
  },
  orderBy: 'version',
  claims: (rows, files) => rows.flatMap((row) => claimsOf(row, files)),
  lock: () => hashOf('atlas_migrate_execute'),
  write: (table, migration) => {
    const version = literal(migration.version)
    return [
      `DELETE FROM ${table} WHERE version = ${version} AND applied < total`,
      `INSERT INTO ${table} (version, description, type, applied, total, executed_at, execution_time, error, error_stmt, hash, partial_hashes, operator_version)
      SELECT ${version}, ${literal(descriptionOf(migration).replaceAll(' ', '_'))}, 2, 1, 1, pg_catalog.transaction_timestamp(),
        (extract(epoch FROM pg_catalog.clock_timestamp() - pg_catalog.transaction_timestamp()) * 1000000000)::pg_catalog.int8,
        '', '', ${literal(migration.source?.checksum ?? '')}, 'null', 'schemagate'
      WHERE NOT EXISTS (SELECT FROM ${table} WHERE version = ${version})`,
    ]
  },
}

const claimsOf = (
  { version = '', type, applied = '0', total = '0', error = '', hash }: ToolRow,
  files: readonly Migration[],
): readonly Claim[] => {
  // Its own first row.
  if (version.startsWith('.')) return []
  // A baseline: all up to there.
  if (type === '1') {
    const at = files.findLastIndex((each) => each.version === version)
    return files.slice(0, at + 1).map(implied)
  }
  return error === '' && Number(applied) >= Number(total)
    ? [{ version, state: 'applied', checksum: hash?.replace(/^h1:/, '') }]
    : [{ version, state: 'unfinished', because: `${applied} of ${total} statements` }]
}
