// A log says how far a backfill has come every few seconds. Everything else is a line at once.

import type { Announce, RunEvent } from '../../events.ts'

const everyMs = 5_000

/** `now` counts milliseconds. */
export const nowAndThen = (announce: Announce, now: () => number): Announce => {
  let saidAt = now()
  return (event) => {
    if (isProgress(event)) {
      if (now() - saidAt < everyMs) return
      saidAt = now()
    }
    announce(event)
  }
}

const isProgress = (event: RunEvent): boolean =>
  event.kind === 'backfill progress' || (event.kind === 'backfill held back' && event.heldBack > 1)
