// A pool of a single server connection, which our lock has taken, would let our work wait for ever.

import { setTimeout as sleep } from 'node:timers/promises'
import { describeEndpoint } from '../../config/endpoint.ts'
import { reading } from '../own-sql.ts'
import { modeFrom } from '../connect/pooler-mode.ts'
import type { Server } from '../server/server.ts'
import { rowsOf } from '../session/session.ts'
import { fail } from '../../errors/problem.ts'
import type { Announce } from '../../events.ts'
import type { LockedSession } from './locked-session.ts'

// Long enough for a pool that is only busy. While we wait, our lock keeps one of its connections from everybody else.
const waitMs = 5_000

/** Throws `pooler-too-small` when the work session gets no answer in time. Asks nothing of a server itself; the answer tells the mode of a pooler. */
export const requireSecondConnection = async (
  { work, holderPid }: LockedSession,
  { connectionKind, pid: firstPid }: Server,
  announce: Announce,
): Promise<void> => {
  if (connectionKind === 'DIRECT') return
  const bound = sleep(waitMs, 'no answer' as const, { ref: false })
  const answer = await Promise.race([
    work.send(reading('SELECT pg_catalog.pg_backend_pid() AS pid')),
    bound,
  ])
  if (answer !== 'no answer') {
    const pid = Number(rowsOf(work, answer)[0]?.['pid'])
    announce({ kind: 'pooler mode', mode: modeFrom({ a: [firstPid, pid], b: [holderPid] }) })
    return
  }
  const waitedSeconds = waitMs / 1_000
  fail('pooler-too-small', { endpoint: describeEndpoint(work.endpoint), waitedSeconds })
}
