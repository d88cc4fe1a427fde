// The one connection beside those that hold the lock and do the work. Over it is asked what becomes of a message that takes long:
// whether it still runs (liveness.ts), who blocks it, how far a build is. It is made when the first question is due, and
// given up when nobody has one any more: a connection that is silent for long may be gone without anybody's notice.
//
// Never asked over the connection that holds the migration lock: a snapshot in its transaction, were it for a millisecond, can
// keep a CREATE INDEX CONCURRENTLY waiting until that transaction ends.

import type { Endpoint } from '../../config/endpoint.ts'
import type { Reply } from '../session/reply.ts'
import { openSession, type Session, type SessionContext } from '../session/session.ts'

type Inquiry = {
  readonly query: string
  readonly firstAfterMs: number
  readonly everyMs: number
  /** Hears 'no answer' each time that the query is due again before the server has answered it. */
  readonly hear: (answer: Reply | 'no answer') => void
}

export type Monitor = {
  /** Asks again and again until it is stopped. What is answered after that, nobody hears. */
  readonly watch: (inquiry: Inquiry) => { readonly stop: () => void }
}

/** Connects with the first query. */
export const openMonitor = (endpoint: Endpoint, context: SessionContext): Monitor => {
  let session: Session | undefined
  let watching = 0
  let unanswered = 0
  const ask = async (query: string): Promise<Reply> => {
    const asked = (session ??= openSession(endpoint, 'watch', context))
    unanswered += 1
    const reply = await asked.send(query)
    unanswered -= 1
    // The next one is asked over a new connection.
    if (reply.kind === 'lost' && session === asked) session = undefined
    return reply
  }
  const giveUp = (): void => {
    // Nobody waits for an answer that nobody needs.
    if (unanswered > 0) session?.drop('no longer needed')
    void session?.close()
    session = undefined
  }
  const watch: Monitor['watch'] = ({ query, firstAfterMs, everyMs, hear }) => {
    let isAsking = false
    let isOver = false
    let repeating: NodeJS.Timeout | undefined
    const due = async (): Promise<void> => {
      if (isAsking) {
        hear('no answer')
        return
      }
      isAsking = true
      const reply = await ask(query)
      isAsking = false
      if (!isOver) hear(reply)
    }
    const first = setTimeout(() => {
      watching += 1
      repeating = setInterval(() => void due(), everyMs).unref()
      void due()
    }, firstAfterMs).unref()
    const stop = (): void => {
      if (isOver) return
      isOver = true
      clearTimeout(first)
      clearInterval(repeating)
      if (repeating !== undefined && --watching === 0) giveUp()
    }
    return { stop }
  }
  return { watch }
}
