// A network that goes silent closes nothing: without a bound of our own, an answer that never comes is waited for until
// TCP gives up, a quarter of an hour later.

import type { Session } from './session.ts'

/** How long an answer may fail to come that takes the server no time. */
export const silenceMs = 10_000

/**
 * Calls `act` every second until it is stopped. Who waits counts calls, not the clock: after a process was frozen, what
 * came in meanwhile is read before the second call.
 */
export const everySecond = (act: () => void): { readonly stop: () => void } => {
  const timer = setInterval(act, 1_000)
  timer.unref()
  return {
    stop: () => {
      clearInterval(timer)
    },
  }
}

/** The session, given up when an answer takes longer than `boundMs`: for messages that the server answers sooner by itself. */
export const answeringWithin = (session: Session, boundMs: number): Session => ({
  ...session,
  send: async (text, ...hearing) => {
    let secondsLeft = Math.ceil(boundMs / 1_000)
    const bound = everySecond(() => {
      if (--secondsLeft === 0) session.drop(`no answer within ${Math.ceil(boundMs / 1_000)} s`)
    })
    try {
      return await session.send(text, ...hearing)
    } finally {
      bound.stop()
    }
  },
})
