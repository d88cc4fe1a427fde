// Sends migrations ahead of the answers, so that a long way to the server is gone once and not once for each. Order,
// exactly-once and stop-at-the-first-failure are kept by the server: behind an error the transaction stays failed and refuses
// every message that follows; behind an error at COMMIT itself, where it does not, the fence of the next one refuses (docs/design/facts.md).

import {
  receiveReply,
  sendStep,
  messageOf,
  type ApplyOptions,
  type Attempt,
  type PendingReply,
  type NeedsSteps,
  type Step,
} from './attempt.ts'
import type { FenceExpectation } from './fence.ts'
import type { MigrationMessage } from './message.ts'

export type Pipeline = {
  /** Of the step at that index; called for one after the other, and again for one that is to be tried again. */
  readonly attempt: (index: number) => Promise<Attempt | NeedsSteps>
  /** How many steps behind the one that was attempted last the server may have received, and may yet run. */
  readonly pendingCount: () => number
}

// More gains nothing: a server is kept busy by fewer, and what is on its way must be waited for after an error.
const mostMessages = 64
// What lies unread in the server's socket must fit into it: half of the 64 KiB that Linux begins with. Else the end of our
// connection waits behind it, and the server does not see that the runner of a long statement is gone.
const mostBytesBehind = 32_768

/** `fenceBefore` is that of the step at an index, when those before it have been applied. */
export const openPipeline = (
  steps: readonly Step[],
  fenceBefore: (index: number) => FenceExpectation,
  options: ApplyOptions,
): Pipeline => {
  let pendingReplies: readonly PendingReply[] = []
  let lastTried = -1
  // The next one, when there was no room for it.
  let deferred: { readonly index: number; readonly message: MigrationMessage } | undefined
  const messageAt = (step: Step, index: number): MigrationMessage =>
    deferred?.index === index ? deferred.message : messageOf(step, fenceBefore(index), options)
  const send = (step: Step, message: MigrationMessage): void => {
    pendingReplies = [...pendingReplies, sendStep(step, message, options)]
  }
  const fillPipeline = (from: number): void => {
    for (let next = from + pendingReplies.length; pendingReplies.length < mostMessages; next++) {
      const step = steps[next]
      if (step === undefined || !canPipeline(step)) return
      const message = messageAt(step, next)
      deferred = { index: next, message }
      if (bytesBehind(pendingReplies) + bytesOf(message) > mostBytesBehind) return
      send(step, message)
    }
  }
  return {
    attempt: async (index) => {
      const isRetry = index === lastTried
      lastTried = index
      const step = steps[index]
      if (pendingReplies.length === 0 && step !== undefined) send(step, messageAt(step, index))
      // What has failed once may fail again: nothing is sent behind it.
      if (!isRetry && options.server.connectionKind === 'DIRECT' && !options.interruption.aborted)
        if (step === undefined || !hasRows(step)) fillPipeline(index)
      const [first, ...behind] = pendingReplies
      if (first === undefined) throw new RangeError(`no step ${index}`)
      const tried = await receiveReply(first, options)
      pendingReplies = tried.kind === 'applied' || tried.kind === 'lost' ? behind : []
      return tried
    },
    pendingCount: () => pendingReplies.length,
  }
}

const bytesOf = ({ text }: MigrationMessage): number => Buffer.byteLength(text)

// The first one the server has read.
const bytesBehind = (pendingReplies: readonly PendingReply[]): number =>
  pendingReplies.slice(1).reduce((sum, { message }) => sum + bytesOf(message), 0)

// A file that nobody could read may end its transaction, and then what follows it would not be refused.
const canPipeline = (step: Step): boolean =>
  step.prepared.byStatement === undefined &&
  step.prepared.statements !== undefined &&
  !hasRows(step)

// What is sent behind such a message would arrive where the server waits for rows.
const hasRows = ({ prepared }: Step): boolean =>
  prepared.statements?.some(({ rows }) => rows !== undefined) ?? false
