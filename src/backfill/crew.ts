// The sessions of further workers, beside the one that the lock was taken for.

import { openSession, type Session, type SessionContext } from '../database/session.ts'
import type { Server } from '../database/server.ts'
import { answeringWithin } from '../database/silence.ts'
import { watched, type Watching } from '../database/watch.ts'
import type { LockedSession } from '../lock/locked-session.ts'

export type Crew = {
  /** Each with a session of its own; the lock is the same. */
  readonly others: readonly LockedSession[]
  /** Why there are fewer than were asked for, in words. Undefined when there are not. */
  readonly lacking: string | undefined
  readonly close: () => Promise<void>
}

const withinMs = 5_000

/** Up to `count` of them: as many as the server, or the pooler, has connections for at the same time. */
export const gatherCrew = async (
  locked: LockedSession,
  server: Server,
  count: number,
  context: SessionContext,
): Promise<Crew> => {
  if (count === 0) return { others: [], lacking: undefined, close: () => Promise.resolve() }
  const { work } = locked
  // All in a transaction at the same time: a pooler would lend one connection to each of them in turn.
  const hold = 'BEGIN; SELECT pg_catalog.pg_backend_pid() AS pid'
  await work.send(hold)
  const asked = await Promise.all(
    Array.from({ length: count }, async () => {
      const session = openSession(work.endpoint, 'backfill', context)
      return { session, reply: await answeringWithin(session, withinMs).send(hold) }
    }),
  )
  await work.send('COMMIT')
  const others: LockedSession[] = []
  let lacking: string | undefined
  for (const { session, reply } of asked) {
    if (reply.kind === 'done') {
      await session.send('COMMIT')
      const pid = Number(reply.sets[0]?.[0]?.['pid'])
      others.push(memberOf(locked, session, { server: { ...server, pid }, context }))
    } else {
      lacking ??= reply.kind === 'lost' ? reply.reason : reply.error.message
      await session.close()
    }
  }
  const close = async (): Promise<void> => {
    await Promise.all(others.map(({ work }) => work.close()))
  }
  return { others, lacking, close }
}

const memberOf = (
  locked: LockedSession,
  session: Session,
  watching: Pick<Watching, 'server' | 'context'>,
): LockedSession => {
  // Given up when the lock is lost, and when the server is silent altogether: these with it.
  const { lost } = locked.work
  lost.addEventListener('abort', () => {
    session.drop(String(lost.reason))
  })
  return { ...locked, work: watched(session, { ...watching, silentSeconds: Infinity }) }
}
