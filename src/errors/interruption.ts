// A run that was asked to stop.

import { problem, problemsOf, SchemagateError, type Problem } from './problem.ts'

/** What the signal that came says of itself; `during` completes the sentence "stopped by SIGTERM …". */
export const interrupted = (interruption: AbortSignal, during: string): Problem =>
  problem(interruption.reason === 'SIGINT' ? 'interrupted-by-hand' : 'interrupted', { during })

type Stoppable = {
  readonly interruption: AbortSignal
  /** Sees what none of our modules expected, for the log. */
  readonly onBug: (error: Error) => void
}

/** Why a run that something was thrown in did not go on; `during` as above. One that was asked to stop says only that. */
export const problemsOfRun = (
  error: unknown,
  { interruption, onBug }: Stoppable,
  during: string,
): readonly Problem[] => {
  if (error instanceof Error && !(error instanceof SchemagateError)) onBug(error)
  return interruption.aborted ? [interrupted(interruption, during)] : problemsOf(error)
}
