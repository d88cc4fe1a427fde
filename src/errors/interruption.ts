// A run that was told to stop.

import { problem, type Problem } from './problem.ts'

/** What the signal that came says of itself; `during` completes the sentence "stopped by SIGTERM …". */
export const interrupted = (interruption: AbortSignal, during: string): Problem =>
  problem(interruption.reason === 'SIGINT' ? 'interrupted-by-hand' : 'interrupted', { during })
