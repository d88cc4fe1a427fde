// What a run does with a backfill, from what is recorded of it. Pure.

import type { Backfill } from '../file/backfill.ts'
import type { BackfillState, Start } from './state.ts'

export type StartDecision =
  | { readonly kind: 'scan'; readonly start: Start }
  | { readonly kind: 'up to date' }
  /** Its statement is another one than that of the batches so far. */
  | { readonly kind: 'edited'; readonly state: BackfillState['state'] }

export const decideStart = (
  { checksum }: Backfill,
  recorded: BackfillState | undefined,
  asked: 'go on' | 'restart',
): StartDecision => {
  if (recorded === undefined || asked === 'restart')
    return { kind: 'scan', start: 'from the first row' }
  if (recorded.checksum !== checksum)
    // Where no batch went through, there is nothing that an edit could contradict.
    return recorded.batches === 0 && recorded.state === 'running'
      ? { kind: 'scan', start: 'from the first row' }
      : { kind: 'edited', state: recorded.state }
  return recorded.state === 'done'
    ? { kind: 'up to date' }
    : { kind: 'scan', start: 'where it stopped' }
}
