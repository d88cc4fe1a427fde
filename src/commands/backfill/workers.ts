// The sessions of further workers, beside the one that the lock was taken for.

import { setMaxListeners } from 'node:events'
import { openSession, type SessionContext } from '../../database/session/session.ts'
import type { Server } from '../../database/server/server.ts'
import { answeringWithin } from '../../database/session/silence.ts'
import { watched } from '../../database/monitor/liveness.ts'
import { noTimeLimits } from './clean-session.ts'
import type { LockedSession } from '../../database/lock/locked-session.ts'

export type WorkerSessions = {
  /** Each with a session of its own; the lock is the same. */
  readonly others: readonly LockedSession[]
  /** Why there are fewer than were asked for, in words. Undefined when there are not. */
  readonly lacking: string | undefined
  readonly close: () => Promise<void>
}

const withinMs = 5_000

/** Up to `count` of them: as many as the server, or the pooler, has connections for at the same time. */
export const openWorkers = async (
  locked: LockedSession,
  server: Server,
  count: number,
  context: SessionContext,
): Promise<WorkerSessions> => {
  if (count === 0) return { others: [], lacking: undefined, close: () => Promise.resolve() }
  const { work, monitor } = locked
  // Each session listens: Node would take more than ten for a leak.
  setMaxListeners(0, context.interruption)
  // All in a transaction at the same time: a pooler would lend one connection to each of them in turn.
  const hold = `BEGIN; ${noTimeLimits(server)}; SELECT pg_catalog.pg_backend_pid() AS pid`
  await work.send(hold)
  const asked = await Promise.all(
    Array.from({ length: count }, async () => {
      const session = openSession(work.endpoint, 'backfill', context)
      return { session, reply: await answeringWithin(session, withinMs).send(hold) }
    }),
  )
  await work.send('COMMIT')
  const others: LockedSession[] = []
  const drop = (): void => {
    for (const { work: other } of others) other.drop(String(work.lost.reason))
  }
  // Given up when the lock is lost, and when the server is silent altogether: the others with it.
  work.lost.addEventListener('abort', drop, { once: true })
  let lacking: string | undefined
  for (const { session, reply } of asked) {
    if (reply.kind === 'done') {
      await session.send('COMMIT')
      const pid = Number(reply.sets[0]?.[0]?.['pid'])
      const watching = { server: { ...server, pid }, monitor, silentSeconds: Infinity }
      others.push({ ...locked, work: watched(session, watching) })
    } else {
      lacking ??= reply.kind === 'lost' ? reply.reason : reply.error.message
      await session.close()
    }
  }
  const close = async (): Promise<void> => {
    work.lost.removeEventListener('abort', drop)
    await Promise.all(others.map((other) => other.work.close()))
  }
  return { others, lacking, close }
}
