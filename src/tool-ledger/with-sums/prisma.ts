// Prisma: a row for each try. https://www.prisma.io/docs/orm/prisma-migrate/workflows/patching-and-hotfixing

import { hash } from 'node:crypto'
import { literal } from '../../database/literal.ts'
import type { Claim, ToolLedger } from '../tool-ledger.ts'

export const prisma: ToolLedger = {
  dialect: 'prisma',
  table: '_prisma_migrations',
  columns: {
    ...{ migration_name: 'text', checksum: 'text', started_at: 'time' },
    ...{ finished_at: 'time', rolled_back_at: 'time' },
  },
  orderBy: 'started_at',
  claims: (rows) => {
    const claims = new Map<string, Claim>()
    for (const { migration_name: version = '', checksum, finished_at, rolled_back_at } of rows) {
      if (rolled_back_at !== undefined) continue
      if (finished_at !== undefined) claims.set(version, { version, state: 'applied', checksum })
      else if (!claims.has(version))
        claims.set(version, { version, state: 'unfinished', because: 'finished_at is empty' })
    }
    return [...claims.values()]
  },
  // A checkout on another system changes the ends of lines.
  twins: ({ text }) => ['\n', '\r\n'].map((end) => hash('sha256', text.replaceAll(/\r?\n/g, end))),
  lock: () => 72_707_369n,
  write: (table, { version, source }) => {
    const of = `migration_name = ${literal(version)} AND rolled_back_at IS NULL`
    return [
      `UPDATE ${table} SET rolled_back_at = pg_catalog.clock_timestamp() WHERE ${of} AND finished_at IS NULL`,
      `INSERT INTO ${table} (id, checksum, finished_at, migration_name, logs, rolled_back_at, started_at, applied_steps_count)
      SELECT pg_catalog.gen_random_uuid()::pg_catalog.text, ${literal(source?.checksum ?? '')}, pg_catalog.clock_timestamp(), ${literal(version)},
        NULL, NULL, pg_catalog.transaction_timestamp(), 1
      WHERE NOT EXISTS (SELECT FROM ${table} WHERE ${of})`,
    ]
  },
}
