// Long work without a wait is done in slices: between them the event loop has its turn, and with it the lease of the migration
// lock, which nobody renews while we compute.

import { setImmediate as turn } from 'node:timers/promises'

const mostAtOnce = 20
const longestMs = 25

/** To be awaited after each piece of the work: it waits for a turn of the event loop after so many, or after so long. */
export const makeYield = (): (() => Promise<void>) => {
  let done = 0
  let sinceMs = performance.now()
  return async () => {
    if (++done < mostAtOnce && performance.now() - sinceMs < longestMs) return
    await turn()
    done = 0
    sinceMs = performance.now()
  }
}
