// The advisory lock's key, from the ledger's full name: two applications in one database, each with a ledger of
// its own, do not meet.

import { createHash, randomBytes } from 'node:crypto'
import type { LockKey } from './locked-session.ts'

export const lockKeyOf = (ledgerName: string): LockKey =>
  createHash('sha256').update(`schemagate ${ledgerName}`).digest().readBigInt64BE() as LockKey

/** Of one try to take the lock. */
export const randomToken = (): LockKey => randomBytes(8).readBigInt64BE() as LockKey

/**
 * The condition, on any connection, that somebody holds the lock of a token. pg_locks would say it too, but its answer takes as
 * long as everything else in a migration's message together. Where it does not hold, the lock is left taken, shared, until the
 * transaction ends, which it does with an error.
 */
export const isHeld = (token: LockKey): string =>
  `NOT pg_catalog.pg_try_advisory_xact_lock_shared(${token})`

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
