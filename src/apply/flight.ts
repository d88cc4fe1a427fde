// Sends migrations ahead of the answers, so that a long way to the server is gone once and not once for each. Order,
// exactly-once and stop-at-the-first-failure are kept by the server: behind an error the transaction stays failed and refuses
// every message that follows; behind an error at COMMIT itself, where it does not, the fence of the next one refuses (docs/design/facts.md).

import {
  land,
  launch,
  messageOf,
  type ApplyOptions,
  type Attempt,
  type InFlight,
  type NeedsSteps,
  type Step,
} from './attempt.ts'
import type { FencePost } from './fence.ts'
import type { MigrationMessage } from './message.ts'

export type Flight = {
  /** Of the step at that index; called for one after the other, and again for one that is to be tried again. */
  readonly attempt: (index: number) => Promise<Attempt | NeedsSteps>
  /** How many steps behind the one that was attempted last the server may have received, and may yet run. */
  readonly sentAhead: () => number
}

// More gains nothing: a server is kept busy by fewer, and what is on its way must be waited for after an error.
const mostMessages = 64
// What lies unread in the server's socket must fit into it: half of the 64 KiB that Linux begins with. Else the end of our
// connection waits behind it, and the server does not see that the runner of a long statement is gone.
const mostBytesBehind = 32_768

/** `fenceBefore` is that of the step at an index, when those before it have been applied. */
export const makeFlight = (
  steps: readonly Step[],
  fenceBefore: (index: number) => FencePost,
  options: ApplyOptions,
): Flight => {
  let inFlight: readonly InFlight[] = []
  let lastTried = -1
  // The next one, when there was no room for it.
  let grounded: { readonly index: number; readonly message: MigrationMessage } | undefined
  const messageAt = (step: Step, index: number): MigrationMessage =>
    grounded?.index === index ? grounded.message : messageOf(step, fenceBefore(index), options)
  const send = (step: Step, message: MigrationMessage): void => {
    inFlight = [...inFlight, launch(step, message, options)]
  }
  const sendAhead = (from: number): void => {
    for (let next = from + inFlight.length; inFlight.length < mostMessages; next++) {
      const step = steps[next]
      if (step === undefined || !mayFly(step)) return
      const message = messageAt(step, next)
      grounded = { index: next, message }
      if (bytesBehind(inFlight) + bytesOf(message) > mostBytesBehind) return
      send(step, message)
    }
  }
  return {
    attempt: async (index) => {
      const isRetry = index === lastTried
      lastTried = index
      const step = steps[index]
      if (inFlight.length === 0 && step !== undefined) send(step, messageAt(step, index))
      // What has failed once may fail again: nothing is sent behind it.
      if (!isRetry && options.server.way === 'DIRECT' && !options.interruption.aborted)
        if (step === undefined || !hasRows(step)) sendAhead(index)
      const [first, ...behind] = inFlight
      if (first === undefined) throw new RangeError(`no step ${index}`)
      const tried = await land(first, options)
      inFlight = tried.kind === 'applied' || tried.kind === 'lost' ? behind : []
      return tried
    },
    sentAhead: () => inFlight.length,
  }
}

const bytesOf = ({ text }: MigrationMessage): number => Buffer.byteLength(text)

// The first one the server has read.
const bytesBehind = (inFlight: readonly InFlight[]): number =>
  inFlight.slice(1).reduce((sum, { message }) => sum + bytesOf(message), 0)

// A file that nobody could read may end its transaction, and then what follows it would not be refused.
const mayFly = (step: Step): boolean =>
  step.prepared.byStatement === undefined &&
  step.prepared.statements !== undefined &&
  !hasRows(step)

// What is sent behind such a message would arrive where the server waits for rows.
const hasRows = ({ prepared }: Step): boolean =>
  prepared.statements?.some(({ rows }) => rows !== undefined) ?? false
