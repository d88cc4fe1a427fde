// The lock is held on a lease that is renewed every second. When nobody renews it (the runner is frozen, or the network has
// gone silent without closing anything) the server ends the lock's transaction by itself, and others can go on. When the
// server does not answer, the runner knows that it may have lost the lock, and gives up its work.

import type { Server } from '../server/server.ts'
import { everySecond, silenceMs } from '../session/silence.ts'
import type { Session } from '../session/session.ts'

const leaseMs = 20_000

/**
 * The settings of the transaction that holds the lock. The lease is a limit of our own, whatever limit the role has.
 * SET takes no snapshot, as a SELECT would, for which every CREATE INDEX CONCURRENTLY could come to wait.
 */
export const leaseSettings = ({ versionNumber }: Server): string =>
  `${renewal};${versionNumber >= 170_000 ? ' SET LOCAL transaction_timeout = 0;' : ''}`

const renewal = `SET LOCAL idle_in_transaction_session_timeout = ${leaseMs}`

/** Renews the lease until it is stopped; gives `work` up when the lock is lost. */
export const keepLease = (lock: Session, work: Session): { readonly stop: () => void } => {
  let unansweredSeconds = 0
  let isOut = false
  const renew = async (): Promise<void> => {
    isOut = true
    const reply = await lock.send(renewal)
    isOut = false
    // An error is the cancel of an interruption; whether the lock is still there, the fence asks.
    if (reply.kind !== 'lost') return
    beats.stop()
    work.drop(reply.reason, 'lock')
  }
  const beats = everySecond(() => {
    unansweredSeconds = isOut ? unansweredSeconds + 1 : 0
    if (!isOut) void renew()
    else if (unansweredSeconds * 1_000 >= silenceMs)
      lock.drop(`no answer within ${silenceMs / 1_000} s`)
  })
  return beats
}
