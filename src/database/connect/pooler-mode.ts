// Which mode a pooler is in, shown by the process ids of the server connections that it gives to two sessions. It
// leaves nothing behind: no SET, no lock, and its one transaction is rolled back.

import { setTimeout as sleep } from 'node:timers/promises'
import { reading } from '../own-sql.ts'
import type { Reply } from '../session/reply.ts'
import { rowsOf, type Session } from '../session/session.ts'

/** 'unknown': the pool had no second connection to give. */
export type PoolerMode = 'no pooler' | 'session' | 'transaction' | 'unknown'

/** The process ids that each of two sessions got from the server, in their order. */
export type SeenPids = { readonly a: readonly number[]; readonly b: readonly number[] }

const patienceMs = 3_000
const pidQuery = 'SELECT pg_catalog.pg_backend_pid() AS pid'

/**
 * A asks for its process id, B opens a transaction and asks, A asks again, and B once more after its transaction.
 * Both sessions must be idle and of one endpoint. At most 12 s; after 'unknown' they are good for nothing
 * but `close`. Throws `connection-lost` (also in PgBouncer's statement mode, which breaks off at BEGIN), `server-refused`, `server-busy`.
 */
export const readPoolerMode = async (a: Session, b: Session): Promise<PoolerMode> => {
  const seen = { a: [] as number[], b: [] as number[] }
  // The last look is for a pooler that hands out the connection which rested longest (server_round_robin).
  for (const [who, text] of [
    ['a', reading(pidQuery)],
    ['b', `BEGIN READ ONLY; ${pidQuery}`],
    ['a', reading(pidQuery)],
    ['b', `ROLLBACK; ${reading(pidQuery)}`],
  ] as const) {
    const session = who === 'a' ? a : b
    const reply = await soon(session.send(text))
    if (reply === 'no answer') return 'unknown'
    const pid = Number(rowsOf(session, reply)[0]?.['pid'])
    if (reply.kind === 'done' && reply.handshakePid === pid) return 'no pooler'
    seen[who].push(pid)
    // At once: A would wait for ever for the only connection of a pool, which B has now.
    if (modeFrom(seen) === 'transaction') {
      await soon(b.send('ROLLBACK'))
      return 'transaction'
    }
  }
  return 'session'
}

/** Sessions that keep a connection each, and the same one, are in session mode; a shared or changed one proves transaction mode. */
export const modeFrom = ({ a, b }: SeenPids): 'session' | 'transaction' => {
  const changed = new Set(a).size > 1 || new Set(b).size > 1
  return changed || a.some((pid) => b.includes(pid)) ? 'transaction' : 'session'
}

const soon = (reply: Promise<Reply>): Promise<Reply | 'no answer'> =>
  Promise.race([reply, sleep(patienceMs, 'no answer' as const, { ref: false })])
