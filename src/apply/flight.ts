// Sends migrations ahead of the answers, so that a long way to the server is gone once and not once for each. Order,
// exactly-once and stop-at-the-first-failure are kept by the server: behind an error the transaction stays failed and refuses
// every message that follows; behind an error at COMMIT itself, where it does not, the fence of the next one refuses (FACTS.md).

import {
  land,
  launch,
  type ApplyOptions,
  type Attempt,
  type InFlight,
  type Step,
} from './attempt.ts'
import type { FencePost } from './fence.ts'

export type Flight = {
  /** Of the step at that index; called for one after the other, and again for one that is to be tried again. */
  readonly attempt: (index: number) => Promise<Attempt>
  /** How many steps behind the one that was attempted last the server may have received, and may yet run. */
  readonly sentAhead: () => number
}

// More gains nothing: a server is kept busy by fewer, and what is on its way must be waited for after an error.
const mostMessages = 64
const mostCharacters = 4_000_000

/** `fenceBefore` is that of the step at an index, when those before it have been applied. */
export const makeFlight = (
  steps: readonly Step[],
  fenceBefore: (index: number) => FencePost,
  options: ApplyOptions,
): Flight => {
  let inFlight: readonly InFlight[] = []
  let lastTried = -1
  const send = (index: number): void => {
    const step = steps[index]
    if (step === undefined) throw new RangeError(`no step ${index}`)
    inFlight = [...inFlight, launch(step, fenceBefore(index), options)]
  }
  const sendAhead = (from: number): void => {
    for (let next = from + inFlight.length; hasRoom(inFlight) && mayFly(steps[next]); next++)
      send(next)
  }
  return {
    attempt: async (index) => {
      const isRetry = index === lastTried
      lastTried = index
      if (inFlight.length === 0) send(index)
      // What has failed once may fail again: nothing is sent behind it.
      if (!isRetry && options.server.way === 'DIRECT' && !options.interruption.aborted)
        sendAhead(index)
      const [first, ...behind] = inFlight
      if (first === undefined) throw new RangeError('nothing is in flight')
      const tried = await land(first, options)
      inFlight = tried.kind === 'applied' || tried.kind === 'lost' ? behind : []
      return tried
    },
    sentAhead: () => inFlight.length,
  }
}

const hasRoom = (inFlight: readonly InFlight[]): boolean =>
  inFlight.length < mostMessages &&
  inFlight.reduce((sum, { message }) => sum + message.text.length, 0) < mostCharacters

// A file that nobody could read may end its transaction, and then what follows it would not be refused.
const mayFly = (step: Step | undefined): boolean =>
  step?.prepared.byStatement === undefined && step?.prepared.statements !== undefined
