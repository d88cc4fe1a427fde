// The advisory lock's key, from the ledger's full name: two applications in one database, each with a ledger of
// its own, do not meet.

import { createHash } from 'node:crypto'
import type { LockKey } from './locked-session.ts'

export const lockKeyOf = (ledgerName: string): LockKey =>
  createHash('sha256').update(`schemagate ${ledgerName}`).digest().readBigInt64BE() as LockKey

/**
 * The condition by which pg_locks shows a granted advisory lock of a bigint key in this database.
 * https://www.postgresql.org/docs/current/view-pg-locks.html
 */
export const lockCondition = (key: LockKey): string => {
  const high = BigInt.asUintN(32, key >> 32n)
  const low = BigInt.asUintN(32, key)
  return `locktype = 'advisory' AND granted AND objsubid = 1 AND classid = ${high} AND objid = ${low}
    AND database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())`
}
