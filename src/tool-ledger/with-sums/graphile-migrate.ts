// graphile-migrate: a row for each committed migration, which names the one before it by its sum.

import { literal } from '../../database/literal.ts'
import type { Claim, ToolLedger } from '../tool-ledger.ts'

export const graphileMigrate: ToolLedger = {
  dialect: 'graphile-migrate',
  schema: 'graphile_migrate',
  table: 'migrations',
  columns: { hash: 'text', filename: 'text' },
  orderBy: 'filename',
  claims: (rows) =>
    rows.map(({ hash, filename = '' }): Claim => ({
      version: /^\d+/.exec(filename)?.[0] ?? filename,
      state: 'applied',
      checksum: hash,
    })),
  lock: () => 4_727_445_306_447_283n,
  write: (table, { source }) => {
    const filename = literal(source?.entry.replace(/^.*\//, '') ?? '')
    const hash = literal(source?.checksum ?? '')
    return [
      `INSERT INTO ${table} (hash, previous_hash, filename, date)
      SELECT ${hash}, (SELECT hash FROM ${table} WHERE filename < ${filename} ORDER BY filename DESC LIMIT 1), ${filename}, pg_catalog.clock_timestamp()
      WHERE NOT EXISTS (SELECT FROM ${table} WHERE hash = ${hash})`,
    ]
  },
}
