// While a migration's message runs on the work connection: looks again and again whether it waits for a lock, and for whom.
//
// Over a connection of its own: a snapshot in the transaction that holds the migration lock, were it for a millisecond, can
// keep a CREATE INDEX CONCURRENTLY of others waiting until that transaction ends.

import { setTimeout as sleep } from 'node:timers/promises'
import type { Endpoint } from '../config/endpoint.ts'
import { openSession, type Session, type SessionContext } from '../database/session.ts'
import type { LockQueue } from '../events.ts'
import type { LockTimeout } from '../sql/duration.ts'
import { askWhoBlocks } from './blockers.ts'

export type WatchRequest = {
  readonly endpoint: Endpoint
  readonly context: SessionContext
  /** The message's comment, see messageName(). */
  readonly name: string
  readonly lockTimeout: LockTimeout
  /** Told when others stand in the way than before, and again from time to time. */
  readonly onBlocked: (queue: LockQueue, sinceMs: number) => void
}

export type Watch = {
  /** Ends the looking; whom the message was last seen to wait for. */
  readonly end: () => LockQueue | undefined
}

const everyMs = 1_000
const sayAgainMs = 10_000
const shortestMs = 20

/** Most messages are over before the first look: it costs them nothing. */
export const watchBlockers = (request: WatchRequest): Watch => {
  const over = new AbortController()
  let last: LockQueue | undefined
  void look(request, over.signal, (queue) => {
    last = queue
  })
  return {
    end: () => {
      over.abort()
      return last
    },
  }
}

const look = async (
  { endpoint, context, name, lockTimeout, onBlocked }: WatchRequest,
  over: AbortSignal,
  remember: (queue: LockQueue) => void,
): Promise<void> => {
  const started = performance.now()
  // A short timeout is half over at the first look.
  const pauseMs = Math.max(shortestMs, Math.min(everyMs, (lockTimeout.ms || everyMs * 2) / 2))
  let said = ''
  let saidAt = 0
  let watch: Session | undefined
  for (;;) {
    await sleep(pauseMs, undefined, { signal: over, ref: false }).catch(() => undefined)
    if (over.aborted) return
    watch ??= openWatch(endpoint, context, over)
    const queue = await askWhoBlocks(watch, name)
    if (queue === undefined) continue
    // Too late: the next message may have the same name.
    if (isOver(over)) return
    remember(queue)
    const pids = queue.blockers.map(({ pid }) => pid).join()
    const now = performance.now()
    if (pids === said && now - saidAt < sayAgainMs) continue
    said = pids
    saidAt = now
    onBlocked(queue, Math.round(now - started))
  }
}

// Given up at once when it is over: the end of a run must not wait for an answer that nobody needs.
const openWatch = (endpoint: Endpoint, context: SessionContext, over: AbortSignal): Session => {
  const watch = openSession(endpoint, 'watch', context)
  over.addEventListener('abort', () => {
    watch.drop('no longer needed')
  })
  return watch
}

// Asked anew: the compiler takes what it was before a wait for what it is.
const isOver = ({ aborted }: AbortSignal): boolean => aborted
