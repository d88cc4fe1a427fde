// The proof that the lock was taken. Applying and writing the ledger accept nothing else, so doing either
// without the lock does not compile; only acquire.ts makes one.

import type { Monitor } from '../monitor/monitor.ts'
import type { Session } from '../session/session.ts'

export type LockKey = bigint & { readonly brand: 'LockKey' }

export type LockedSession = {
  readonly brand: 'LockedSession'
  /** Where migrations run and the ledger is written. */
  readonly work: Session
  /** Holds the lock in an open transaction and does nothing else. */
  readonly lock: Session
  /** Beside the two there is no other connection. */
  readonly monitor: Monitor
  readonly lease: { readonly stop: () => void }
  readonly key: LockKey
  /** Locked beside `key` in the same transaction, and nobody else's: while it is held, so is `key`, and by us. */
  readonly token: LockKey
  /** The server process that holds the lock. */
  readonly holderPid: number
}
