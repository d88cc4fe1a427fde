// While a migration's message runs on the work connection, the monitor asks whether it waits for a lock, and for whom.

import type { Monitor } from '../../database/monitor/monitor.ts'
import type { LockQueue } from '../../events.ts'
import type { LockTimeout } from '../../sql/duration.ts'
import { blockersQuery, queueIn } from './blockers.ts'

export type WatchRequest = {
  readonly monitor: Monitor
  /** The message's comment, see messageName(). */
  readonly name: string
  readonly lockTimeout: LockTimeout
  /** Called when others block it than before, and again from time to time. */
  readonly onBlocked: (queue: LockQueue, sinceMs: number) => void
}

export type Watch = {
  /** Ends the looking; whom the message was last seen to wait for. */
  readonly end: () => LockQueue | undefined
}

const everyMs = 1_000
const sayAgainMs = 10_000
const shortestMs = 20

export const watchBlockers = ({ monitor, name, lockTimeout, onBlocked }: WatchRequest): Watch => {
  const started = performance.now()
  const pauseMs = pauseMsOf(lockTimeout)
  let last: LockQueue | undefined
  let said = ''
  let saidAt = 0
  const watching = monitor.watch({
    query: blockersQuery(name),
    // Most messages are over before the first look: it costs them nothing.
    firstAfterMs: pauseMs,
    everyMs: pauseMs,
    hear: (answer) => {
      const queue = answer === 'no answer' ? undefined : queueIn(answer)
      if (queue === undefined) return
      last = queue
      const pids = queue.blockers.map(({ pid }) => pid).join()
      const now = performance.now()
      if (pids === said && now - saidAt < sayAgainMs) return
      said = pids
      saidAt = now
      onBlocked(queue, Math.round(now - started))
    },
  })
  return {
    end: () => {
      watching.stop()
      return last
    },
  }
}

// A short timeout is half over at the first look.
const pauseMsOf = ({ ms }: LockTimeout): number =>
  Math.max(shortestMs, Math.min(everyMs, (ms || everyMs * 2) / 2))
