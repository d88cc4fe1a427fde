// While a migration's message runs on the work connection: looks again and again whether it waits for a lock, and for whom.
//
// Over a connection of its own: a snapshot in the transaction that holds the migration lock, were it for a millisecond, can
// keep a CREATE INDEX CONCURRENTLY of others waiting until that transaction ends.

import { setTimeout as sleep } from 'node:timers/promises'
import type { Endpoint } from '../config/endpoint.ts'
import { openSession, type SessionContext } from '../database/session.ts'
import type { LockQueue } from '../events.ts'
import type { LockTimeout } from '../sql/duration.ts'
import { askWhoBlocks } from './blockers.ts'

export type WatchRequest = {
  readonly endpoint: Endpoint
  readonly context: SessionContext
  /** The message's comment, see messageName(). */
  readonly name: string
  readonly lockTimeout: LockTimeout
  /** Reported when others are in the way than before, and again from time to time. */
  readonly onBlocked: (queue: LockQueue, sinceMs: number) => void
}

export type Watch = {
  /** Ends the looking; whom the message was last seen to wait for. */
  readonly end: () => LockQueue | undefined
}

const everyMs = 1_000
const sayAgainMs = 10_000
const shortestMs = 20

export const watchBlockers = (request: WatchRequest): Watch => {
  let over: AbortController | undefined
  let last: LockQueue | undefined
  const pauseMs = pauseMsOf(request.lockTimeout)
  // Most messages are over before the first look: it costs them nothing.
  const first = setTimeout(() => {
    over = new AbortController()
    void look(request, { pauseMs, over: over.signal }, (queue) => {
      last = queue
    })
  }, pauseMs).unref()
  return {
    end: () => {
      clearTimeout(first)
      over?.abort()
      return last
    },
  }
}

// A short timeout is half over at the first look.
const pauseMsOf = ({ ms }: LockTimeout): number =>
  Math.max(shortestMs, Math.min(everyMs, (ms || everyMs * 2) / 2))

type Looking = { readonly pauseMs: number; readonly over: AbortSignal }

const look = async (
  { endpoint, context, name, onBlocked }: WatchRequest,
  { pauseMs, over }: Looking,
  remember: (queue: LockQueue) => void,
): Promise<void> => {
  const started = performance.now() - pauseMs
  let said = ''
  let saidAt = 0
  const watch = openSession(endpoint, 'watch', context)
  // Given up at once when it is over: the end of a run must not wait for an answer that nobody needs.
  const drop = (): void => {
    watch.drop('no longer needed')
  }
  over.addEventListener('abort', drop, { once: true })
  for (;;) {
    const queue = await askWhoBlocks(watch, name)
    // Too late: the next message may have the same name.
    if (over.aborted) return
    if (queue !== undefined) remember(queue)
    const pids = queue?.blockers.map(({ pid }) => pid).join()
    const now = performance.now()
    if (queue !== undefined && (pids !== said || now - saidAt >= sayAgainMs)) {
      said = pids ?? ''
      saidAt = now
      onBlocked(queue, Math.round(now - started))
    }
    await sleep(pauseMs, undefined, { signal: over, ref: false }).catch(() => undefined)
    if (isOver(over)) return
  }
}

// Asked again: the compiler takes what it was before a wait for what it is.
const isOver = ({ aborted }: AbortSignal): boolean => aborted
