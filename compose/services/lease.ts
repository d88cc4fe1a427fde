// Keeps a lease while the work under it goes on, and ends the work when the lease is lost. It knows no table.

import { setTimeout as wait } from 'node:timers/promises'

export type Lease = {
  readonly seconds: number
  readonly renew: () => Promise<'held' | 'lost'>
}

class LeaseLostError extends Error {
  override readonly name = 'LeaseLostError'
  readonly code = 'LEASE_LOST'
}

/** What the work resolves to. Throws LeaseLostError when the work ended by `lost`, which it must heed. */
export const whileLeased = async <Result>(
  lease: Lease,
  work: (lost: AbortSignal) => Promise<Result>,
): Promise<Result> => {
  const over = new AbortController()
  const lost = new AbortController()
  void keepRenewing(lease, over.signal).then((end) => {
    if (end === 'lost') lost.abort()
  })
  try {
    return await work(lost.signal)
  } catch (error) {
    throw lost.signal.aborted ? new LeaseLostError('the lease was lost') : error
  } finally {
    over.abort()
  }
}

// A renewal each quarter of the lease. The database may be the one that is gone: two renewals without an answer, and the
// lease is given up when at most three quarters have passed, before another worker can have it.
const keepRenewing = async (
  { seconds, renew }: Lease,
  over: AbortSignal,
): Promise<'over' | 'lost'> => {
  const quarterMs = (seconds * 1_000) / 4
  let heldAt = performance.now()
  for (;;) {
    await pause(quarterMs, over)
    if (over.aborted) return 'over'
    const askedAt = performance.now()
    const answer = await Promise.race([renew().catch(() => 'none'), pause(quarterMs, over)])
    if (answer === 'held') heldAt = askedAt
    else if (answer === 'lost' || performance.now() - heldAt > 1.5 * quarterMs) return 'lost'
  }
}

// Being woken is not a failure.
const pause = (ms: number, woken: AbortSignal): Promise<'none'> =>
  wait(ms, 'none' as const, { signal: woken }).catch(() => 'none' as const)
