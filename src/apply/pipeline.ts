// Sends migrations ahead of the answers, so that a long way to the server is gone once and not once for each. Order,
// exactly-once and stop-at-the-first-failure are kept by the server: behind an error the transaction stays failed and refuses
// every message that follows; behind an error at COMMIT itself, where it does not, the fence of the next one refuses (docs/design/facts.md).
// A message is one migration, or a batch of them.

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
import {
  makeBatch,
  receiveBatch,
  sendBatch,
  type AppliedInBatch,
  type Batch,
  type PendingBatch,
} from './batch/batch.ts'
import type { Batches } from './batch/cut.ts'
import type { FenceExpectation } from './fence.ts'
import type { MigrationMessage } from './message.ts'

export type Pipeline = {
  /** Of the step at that index; called for one after the other, and again for one that is to be tried again. */
  readonly attempt: (index: number) => Promise<Attempt | NeedsSteps>
  /** How many steps behind the one that was attempted last the server may have received, and may yet run, or has run. */
  readonly pendingCount: () => number
}

/** Of the steps from one to another, when those before them have been applied. */
export type FenceBefore = (from: number, count: number) => FenceExpectation

// More gains nothing: a server is kept busy by fewer, and what is on its way must be waited for after an error.
const mostMessages = 64
// What lies unread in the server's socket must fit into it: half of the 64 KiB that Linux begins with. Else the end of our
// connection waits behind it, and the server does not see that the runner of a long statement is gone.
const mostBytesBehind = 32_768

type Parcel = { readonly count: number; readonly bytes: number } & (
  | { readonly kind: 'one'; readonly step: Step; readonly message: MigrationMessage }
  | { readonly kind: 'batch'; readonly batch: Batch }
)

type Sent = Pick<Parcel, 'count' | 'bytes'> &
  (
    | { readonly kind: 'one'; readonly reply: PendingReply }
    | { readonly kind: 'batch'; readonly reply: PendingBatch }
  )

export const openPipeline = (
  steps: readonly Step[],
  batches: Batches,
  fenceBefore: FenceBefore,
  options: ApplyOptions,
): Pipeline => {
  const together = new Map(batches)
  let pending: readonly Sent[] = []
  let lastTried = -1
  // Committed with their batch, and not asked for yet.
  const committed = new Map<number, AppliedInBatch>()
  // The next one, when there was no room for it.
  let deferred: { readonly index: number; readonly parcel: Parcel } | undefined
  const parcelAt = (index: number): Parcel => {
    if (deferred?.index === index) return deferred.parcel
    const count = together.get(index) ?? 1
    return parcelOf(steps.slice(index, index + count), fenceBefore(index, count), options)
  }
  const fillPipeline = (from: number): void => {
    while (pending.length < mostMessages) {
      const next = from + countOf(pending)
      const step = steps[next]
      if (step === undefined || !canPipeline(step)) return
      const parcel = parcelAt(next)
      deferred = { index: next, parcel }
      if (bytesBehind(pending) + parcel.bytes > mostBytesBehind) return
      pending = [...pending, sendParcel(parcel, options)]
    }
  }
  const attempt: Pipeline['attempt'] = async (index) => {
    const done = committed.get(index)
    if (done !== undefined) {
      committed.delete(index)
      return asApplied(done, options)
    }
    const isRetry = index === lastTried
    lastTried = index
    const step = steps[index]
    if (pending.length === 0 && step !== undefined) pending = [sendParcel(parcelAt(index), options)]
    // What has failed once may fail again: nothing is sent behind it.
    if (!isRetry && options.server.connectionKind === 'DIRECT' && !options.interruption.aborted)
      if (step === undefined || !hasRows(step)) fillPipeline(index)
    const [first, ...behind] = pending
    if (first === undefined) throw new RangeError(`no step ${index}`)
    const tried = await (first.kind === 'one'
      ? receiveReply(first.reply, options)
      : receiveBatch(first.reply, options))
    pending = ['applied', 'committed', 'lost'].includes(tried.kind) ? behind : []
    if (tried.kind === 'committed')
      tried.files.forEach((file, at) => committed.set(index + at, file))
    else if (tried.kind === 'rolled back') {
      together.delete(index)
      deferred = undefined
      lastTried = -1
    } else return tried
    return attempt(index)
  }
  return { attempt, pendingCount: () => countOf(pending) + committed.size }
}

const parcelOf = (
  steps: readonly Step[],
  fence: FenceExpectation,
  options: ApplyOptions,
): Parcel => {
  const [step, ...more] = steps
  if (step === undefined) throw new RangeError('no step')
  const count = steps.length
  if (more.length > 0) {
    const batch = makeBatch(steps, fence, options)
    return { kind: 'batch', count, bytes: Buffer.byteLength(batch.text), batch }
  }
  const message = messageOf(step, fence, options)
  return { kind: 'one', count, bytes: Buffer.byteLength(message.text), step, message }
}

const sendParcel = (parcel: Parcel, options: ApplyOptions): Sent => {
  const { count, bytes } = parcel
  return parcel.kind === 'one'
    ? { kind: 'one', count, bytes, reply: sendStep(parcel.step, parcel.message, options) }
    : { kind: 'batch', count, bytes, reply: sendBatch(parcel.batch, options) }
}

const asApplied = (
  { durationMs, notices }: AppliedInBatch,
  { announce }: ApplyOptions,
): Attempt => {
  for (const notice of notices) announce(notice)
  return { kind: 'applied', durationMs }
}

const countOf = (parcels: readonly Pick<Parcel, 'count'>[]): number =>
  parcels.reduce((sum, { count }) => sum + count, 0)

// The first one the server has read.
const bytesBehind = (pending: readonly Sent[]): number =>
  pending.slice(1).reduce((sum, { bytes }) => sum + bytes, 0)

// A file that nobody could read may end its transaction, and then what follows it would not be refused.
const canPipeline = (step: Step): boolean =>
  step.prepared.statementMode === undefined &&
  step.prepared.statements !== undefined &&
  !hasRows(step)

// What is sent behind such a message would arrive where the server waits for rows.
const hasRows = ({ prepared }: Step): boolean =>
  prepared.statements?.some(({ rows }) => rows !== undefined) ?? false
