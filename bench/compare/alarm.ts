// Wakes at a time, exact to a tenth of a millisecond: Node's own timers know whole milliseconds only, which would make a round
// trip of 5 ms one of 5 to 7. A thread of its own sleeps instead, without using a core.

import { Worker } from 'node:worker_threads'

const threadSource = `
const { parentPort, workerData } = require('node:worker_threads')
const { flags, due, earlyMs } = workerData
for (;;) {
  Atomics.wait(flags, 0, 0)
  Atomics.store(flags, 0, 0)
  const waitMs = due[0] - earlyMs - (performance.timeOrigin + performance.now())
  if (waitMs > 0) Atomics.wait(flags, 1, 0, waitMs)
  parentPort.postMessage('due')
}`

export type Alarm = {
  readonly nowMs: () => number
  /** Calls `ring` once, not before that time. One at a time. */
  readonly wakeAt: (timeMs: number) => void
  readonly stop: () => Promise<void>
}

// About what it takes until the thread has woken up and its message is here; what is left of it is waited out awake.
const earlyMs = 0.2

// The threads count from different origins; together with the origin, they agree.
const nowMs = (): number => performance.timeOrigin + performance.now()

export const startAlarm = (ring: () => void): Alarm => {
  const flags = new Int32Array(new SharedArrayBuffer(8))
  const due = new Float64Array(new SharedArrayBuffer(8))
  const thread = new Worker(threadSource, { eval: true, workerData: { flags, due, earlyMs } })
  const ringInTime = (): void => {
    if (nowMs() < (due[0] ?? 0)) setImmediate(ringInTime)
    else ring()
  }
  thread.on('message', ringInTime)
  return {
    nowMs,
    wakeAt: (timeMs) => {
      due[0] = timeMs
      Atomics.store(flags, 0, 1)
      Atomics.notify(flags, 0)
    },
    stop: async () => {
      await thread.terminate()
    },
  }
}
