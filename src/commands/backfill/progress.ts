// How the course of a backfill is shown: on a terminal as a bar, elsewhere as a line of the log every few seconds. What is
// no progress is a line at once.

import type { Announce, RunEvent } from '../../events.ts'
import type { ProgressBar } from './progress-bar.ts'

export type Shown = {
  readonly announce: Announce
  /** Before anything else is written. */
  readonly end: () => void
}

const everyMs = 5_000

/** `bar` is undefined where no terminal is watched; `now` counts milliseconds. */
export const showBackfills = (
  log: Announce,
  bar: ProgressBar | undefined,
  now: () => number,
): Shown => {
  let saidAt = now()
  const sayNowAndThen = (event: RunEvent): void => {
    if (now() - saidAt < everyMs) return
    saidAt = now()
    log(event)
  }
  const sayAtOnce = (event: RunEvent): void => {
    bar?.leave()
    log(event)
  }
  return {
    announce: (event) => {
      if (event.kind === 'backfill progress') {
        const { total } = event
        if (bar !== undefined && total !== undefined) bar.show({ ...event, total })
        else sayNowAndThen(event)
      } else if (event.kind === 'backfill held back' && event.heldBack > 1) sayNowAndThen(event)
      else sayAtOnce(event)
    },
    end: () => bar?.leave(),
  }
}
