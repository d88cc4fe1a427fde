// A line on which everything takes the same time and nothing overtakes: the pure part of the delaying proxy. All connections
// and both directions share one line, because with one delay for all, what entered first leaves first.

export type Clock = {
  readonly nowMs: () => number
  /** Asks for one call of `arrive()` at that time or later. Never asked again before that call came. */
  readonly wakeAt: (timeMs: number) => void
}

export type DelayLine = {
  /** `deliver` is called `delayMs` from now, by `arrive()`. */
  readonly enter: (deliver: () => void) => void
  /** Delivers all that is due, in its order. */
  readonly arrive: () => void
}

export const delayLine = (delayMs: number, clock: Clock): DelayLine => {
  const underWay: { readonly dueMs: number; readonly deliver: () => void }[] = []
  let awaited: 'an arrival' | 'nothing' = 'nothing'
  const awaitFirst = (): void => {
    const first = underWay[0]
    if (first === undefined || awaited === 'an arrival') return
    awaited = 'an arrival'
    clock.wakeAt(first.dueMs)
  }
  return {
    enter: (deliver) => {
      underWay.push({ dueMs: clock.nowMs() + delayMs, deliver })
      awaitFirst()
    },
    arrive: () => {
      awaited = 'nothing'
      for (;;) {
        const first = underWay[0]
        if (first === undefined || first.dueMs > clock.nowMs()) break
        underWay.shift()
        first.deliver()
      }
      awaitFirst()
    },
  }
}
