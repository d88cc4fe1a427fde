// A pool of a single server connection, which our lock has taken, would let our work wait for ever.

import { setTimeout as sleep } from 'node:timers/promises'
import { describeEndpoint } from '../config/endpoint.ts'
import type { Server } from '../database/server.ts'
import { fail } from '../errors/problem.ts'
import type { LockedSession } from './locked-session.ts'

/** Throws `pooler-too-small` when the work session gets no answer within `waitMs`. Asks nothing of a server itself. */
export const requireSecondConnection = async (
  { work }: LockedSession,
  { way }: Server,
  waitMs: number,
): Promise<void> => {
  if (way === 'DIRECT') return
  const boundMs = Math.max(waitMs, 1_000)
  const bound = sleep(boundMs, 'no answer' as const, { ref: false })
  if ((await Promise.race([work.send('SELECT 1'), bound])) !== 'no answer') return
  const waitedSeconds = Math.round(boundMs / 1_000)
  fail('pooler-too-small', { endpoint: describeEndpoint(work.endpoint), waitedSeconds })
}
