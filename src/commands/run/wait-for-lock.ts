// The migration lock: who waits for it looks at the ledger meanwhile, and need not have it when the holder has done everything.

import { ledgerTable, quotedLedger } from '../../database/ledger/ledger.ts'
import { acquireLock, type LockResult } from '../../database/lock/acquire.ts'
import { describeHolder } from '../../database/lock/holder.ts'
import { lockKeyOf } from '../../database/lock/key.ts'
import { problem } from '../../errors/problem.ts'
import { isDoneMeanwhile, type Look } from './look-at-ledger.ts'
import { failedOutcome, goodOutcome, type Outcome } from './outcome/outcome.ts'
import type { Run } from './run.ts'

/** Throws what the ledger gives reason to refuse while it waits, and what acquireLock() throws. */
export const waitForLock = (run: Run, database: Look): Promise<LockResult> => {
  const { config, context } = run
  const { session, connection, monitor, server } = database
  return acquireLock({
    work: connection,
    reading: session,
    monitor,
    server,
    key: lockKeyOf(ledgerTable(config.ledgerSchema)),
    waitMs: config.lockWaitMs,
    ledger: quotedLedger(config.ledgerSchema),
    isSatisfied: () => isDoneMeanwhile(run, database),
    announce: context.announce,
    interruption: context.interruption,
  })
}

/** How a run ends that did not get the lock. */
export const withoutLock = (
  lock: Exclude<LockResult, { kind: 'acquired' }>,
  { config, context: { announce }, course }: Run,
): Outcome => {
  if (lock.kind === 'satisfied') {
    announce({ kind: 'leader finished', waitedMs: lock.waitedMs })
    course.pending = []
    return goodOutcome('done by another process', course)
  }
  const waitedSeconds = Math.round(lock.waitedMs / 1_000)
  announce({ kind: 'lock not obtained', waitedSeconds, then: config.onLockTimeout })
  if (config.onLockTimeout === 'skip') return goodOutcome('skipped', course)
  const pending = course.pending.length
  const facts = { waitedSeconds, pending, holder: describeHolder(lock.holder) }
  return failedOutcome([problem('lock-timeout', facts)], course)
}
