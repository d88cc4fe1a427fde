// One lock everywhere, direct or pooled: a connection of its own that holds pg_try_advisory_xact_lock in an open
// transaction. Waiters poll and roll back between tries, so nobody ever blocks CREATE INDEX
// CONCURRENTLY, and a killed process lets go by itself (docs/design/facts.md).

import { setTimeout as sleep } from 'node:timers/promises'
import { isCondition } from '../../errors/server/sqlstate.ts'
import type { Reply } from '../session/reply.ts'
import { openSession, rowsOf, type Session } from '../session/session.ts'
import type { Server } from '../server/server.ts'
import { answeringWithin, silenceMs } from '../session/silence.ts'
import { watched } from '../monitor/liveness.ts'
import type { Monitor } from '../monitor/monitor.ts'
import type { Announce, LockHolder } from '../../events.ts'
import { findLockHolder } from './holder.ts'
import { randomToken } from './key.ts'
import { keepLease, leaseSettings } from './lease.ts'
import type { LockedSession, LockKey } from './locked-session.ts'

export type LockRequest = {
  /** Not watched yet. */
  readonly work: Session
  /** For questions while we wait; watched. */
  readonly reading: Session
  readonly monitor: Monitor
  readonly server: Server
  readonly key: LockKey
  readonly waitMs: number
  /** The ledger's quoted name, to see what the holder runs. */
  readonly ledger: string
  /** Asked between tries: has the leader done everything that this image needs? */
  readonly isSatisfied: () => Promise<boolean>
  readonly announce: Announce
  readonly interruption: AbortSignal
}

export type LockResult =
  | { readonly kind: 'acquired'; readonly locked: LockedSession; readonly waitedMs: number }
  | { readonly kind: 'satisfied'; readonly waitedMs: number }
  | {
      readonly kind: 'timed out'
      readonly waitedMs: number
      readonly holder: LockHolder | undefined
    }

const pauseMs = 150
const jitterMs = 100
const progressEveryMs = 5_000
// A connection costs a server more than a question.
const reopenMs = 1_000
// The work is done; a network that has gone silent must not keep the services waiting.
const releaseWithinMs = 2_000

export const acquireLock = async (request: LockRequest): Promise<LockResult> => {
  const { work, server, waitMs, announce, interruption } = request
  // A message to a pool that others have used up waits there for its turn.
  const boundMs = server.connectionKind === 'POOLER' ? Math.max(waitMs, silenceMs) : silenceMs
  const openLock = (): Session =>
    answeringWithin(openSession(work.endpoint, 'lock', { announce, interruption }), boundMs)
  return poll(openLock, request)
}

/** True when the server confirmed the release; a lost connection has let go already. */
export const releaseLock = async ({ lock, lease }: LockedSession): Promise<boolean> => {
  lease.stop()
  const bound = new AbortController()
  const reply = await Promise.race([
    lock.send('COMMIT'),
    sleep(releaseWithinMs, undefined, { signal: bound.signal, ref: false }),
  ])
  bound.abort()
  await lock.close()
  return reply?.kind === 'done'
}

// Where hundreds of runners start at once, a new connection may get no answer in time, or no place on the server. Nothing could
// be lost with it, so there is another try. One that has answered before has gone silent for another reason.
const poll = async (openLock: () => Session, request: LockRequest): Promise<LockResult> => {
  const { reading, key, waitMs, ledger, isSatisfied, announce, interruption } = request
  const started = Date.now()
  let announcedAt = Number.NEGATIVE_INFINITY
  let lock = openLock()
  let isNew = true
  try {
    for (let tries = 0; ; tries++) {
      // Looked at before trying: a follower that takes the lock only to find nothing to do holds up all the others.
      if (tries > 0 && (await isSatisfied())) {
        await lock.close()
        return { kind: 'satisfied', waitedMs: Date.now() - started }
      }
      const taken = await tryLock(lock, request)
      const waitedMs = Date.now() - started
      if (taken.kind === 'taken')
        return { kind: 'acquired', locked: hold(lock, taken, request), waitedMs }
      if (taken.kind !== 'held') {
        mustPass(lock, taken, isNew && waitedMs < waitMs && !interruption.aborted)
        announce({ kind: 'connection lost while waiting', reason: reasonOf(taken) })
        await lock.close()
        lock = openLock()
        isNew = true
      } else if (tries > 0 && waitedMs >= waitMs) {
        const holder = await findLockHolder(reading, key, ledger)
        await lock.close()
        return { kind: 'timed out', waitedMs, holder }
      } else if (Date.now() - announcedAt >= progressEveryMs) {
        announcedAt = Date.now()
        const holder = await findLockHolder(reading, key, ledger)
        announce({ kind: 'lock busy', holder, waitedSeconds: Math.round(waitedMs / 1_000) })
      }
      isNew &&= taken.kind !== 'held'
      const untilTimeout = Math.max(waitMs - (Date.now() - started), 0)
      const pause = Math.min(pauseMs + Math.random() * jitterMs, untilTimeout)
      await sleep(taken.kind === 'held' ? pause : reopenMs, undefined, { signal: interruption })
    }
  } catch (error) {
    await lock.close()
    throw error
  }
}

type Failed = Exclude<Reply, { kind: 'done' }>

const mustPass = (lock: Session, reply: Failed, mayWait: boolean): void => {
  const passes = reply.kind === 'lost' || isCondition(reply.error.sqlstate, 'passing')
  if (!passes || !mayWait) rowsOf(lock, reply)
}

const reasonOf = (reply: Failed): string =>
  reply.kind === 'lost' ? reply.reason : reply.error.message

type Taken = Pick<LockedSession, 'token' | 'holderPid'> & { readonly kind: 'taken' }

const hold = (
  lock: Session,
  { token, holderPid }: Taken,
  { work, monitor, key, server }: LockRequest,
): LockedSession => ({
  brand: 'LockedSession',
  // The lease tells when the server is silent altogether.
  work: watched(work, { server, monitor, silentSeconds: Infinity }),
  lock,
  monitor,
  lease: keepLease(lock, work),
  ...{ key, token, holderPid },
})

// READ COMMITTED must be said: under a role's default of REPEATABLE READ the open transaction would keep its
// snapshot, and every CREATE INDEX CONCURRENTLY in the database would wait for it.
const tryLock = async (
  lock: Session,
  { key, server }: LockRequest,
): Promise<Taken | Failed | { readonly kind: 'held' }> => {
  const token = randomToken()
  const take = (lockKey: LockKey): string => `pg_catalog.pg_try_advisory_xact_lock(${lockKey})`
  const reply = await lock.send(
    `BEGIN ISOLATION LEVEL READ COMMITTED;
    ${leaseSettings(server)}
    SELECT ${take(key)} AND ${take(token)} AS acquired, pg_catalog.pg_backend_pid() AS pid`,
  )
  if (reply.kind !== 'done') return reply
  const [row] = rowsOf(lock, reply)
  if (row?.['acquired'] === true) return { kind: 'taken', token, holderPid: Number(row['pid']) }
  const undone = await lock.send('ROLLBACK')
  return undone.kind === 'done' ? { kind: 'held' } : undone
}
