// Drizzle: the hash of each file, and the journal's time of it, by which it decides what is pending: all that is later than the last.

import { literal } from '../../database/literal.ts'
import type { Migration } from '../../migrations/migration.ts'
import type { Claim, ToolLedger, ToolRow } from '../tool-ledger.ts'

export const drizzle: ToolLedger = {
  dialect: 'drizzle',
  schema: 'drizzle',
  table: '__drizzle_migrations',
  columns: { id: 'number', hash: 'text', created_at: 'number', name: 'text if there' },
  orderBy: 'created_at, id',
  claims: (rows, files) => rows.flatMap((row) => claimOf(row, files)),
  write: (table, { source }) => [
    `INSERT INTO ${table} (hash, created_at) SELECT ${literal(source?.checksum ?? '')}, ${source?.stamp ?? 'NULL'}
    WHERE NOT EXISTS (SELECT FROM ${table} WHERE created_at = ${source?.stamp ?? 'NULL'})`,
  ],
}

const claimOf = (
  { hash: checksum, created_at: stamp, name }: ToolRow,
  files: readonly Migration[],
): Claim => {
  const file =
    files.find(({ source }) => source?.stamp === stamp) ??
    files.find(({ source }) => source?.checksum === checksum)
  return { version: file?.version ?? name ?? stamp ?? '', state: 'applied', checksum }
}
