// Between two tries of a migration that did not get its locks: everything is rolled back, and others have their turn.

import { setTimeout as sleep } from 'node:timers/promises'
import { interrupted } from '../errors/interruption.ts'
import type { Problem } from '../errors/problem.ts'
import type { LockedSession } from '../database/lock/locked-session.ts'
import type { Migration } from '../migrations/migration.ts'
import type { ApplyOptions, Attempt } from './attempt.ts'
import { connectionLost, lockLost } from './failure/lost.ts'

const firstPauseMs = 500
const longestPauseMs = 10_000

type Tried = Pick<Migration, 'file' | 'text'>

type Retrying = Pick<ApplyOptions, 'locked' | 'lockRetries' | 'announce' | 'interruption'>

/**
 * A migration that waits for a lock makes everybody wait who comes after it, readers too; so it steps back after
 * lock_timeout, lets them pass, and tries again.
 */
export const retryOnLockTimeout = async (
  migration: Tried,
  { locked, lockRetries, announce, interruption }: Retrying,
  attempt: () => Promise<Attempt>,
): Promise<Problem | undefined> => {
  for (let tries = 1; ; tries++) {
    const tried = await attempt()
    if (tried.kind === 'applied') return undefined
    if (tried.kind !== 'blocked') return tried.problem
    if (tries > lockRetries) return tried.giveUp(tries)
    const pauseMs = pauseMsAfter(tries, Math.random())
    const { sqlstate, queue } = tried
    announce({
      kind: 'migration retried',
      file: migration.file,
      sqlstate,
      nextTry: tries + 1,
      ofTries: lockRetries + 1,
      pauseMs,
      queue,
    })
    const found = await pauseBeforeRetry(migration, pauseMs, locked, interruption)
    if (found !== undefined) return found
  }
}

/**
 * Twice as long after each try, and then between half of it and all of it: runners that are in each other's way come apart.
 * `tries` counts from 1, `random` is from 0 to 1.
 */
export const pauseMsAfter = (tries: number, random: number): number => {
  const longest = Math.min(firstPauseMs * 2 ** (tries - 1), longestPauseMs)
  return Math.round(longest * (0.5 + random / 2))
}

/** Pauses; undefined when the next try may begin. A signal, or the loss of a connection, ends it at once. */
const pauseBeforeRetry = async (
  migration: Tried,
  pauseMs: number,
  { work, lock }: LockedSession,
  interruption: AbortSignal,
): Promise<Problem | undefined> => {
  const signal = AbortSignal.any([interruption, work.lost, lock.lost])
  await sleep(pauseMs, undefined, { signal }).catch(() => undefined)
  if (interruption.aborted)
    return interrupted(interruption, `while ${migration.file} waited for its next try`)
  if (lock.lost.aborted) return lockLost(migration)
  if (work.lost.aborted)
    return connectionLost(migration, { role: work.role, reason: String(work.lost.reason) })
  return undefined
}
