// What the states of all migrations mean for whoever asks: the next command, and an exit code where one is wanted.

import { exitCodes } from '../../errors/exit-codes.ts'
import type { MigrationState } from '../../reconcile/states/plan.ts'

const kindsOf = (states: readonly MigrationState[]): ReadonlySet<MigrationState['kind']> =>
  new Set(states.map(({ kind }) => kind))

const isRefused = (kinds: ReadonlySet<MigrationState['kind']>): boolean =>
  kinds.has('edited') || kinds.has('taken') || kinds.has('unreplaceable')

/** 4 where `run` would refuse; 75 where it has something to do, that a run and then another look would find done. */
export const exitCodeOf = (states: readonly MigrationState[]): number => {
  const kinds = kindsOf(states)
  if (isRefused(kinds)) return exitCodes.refused
  return kinds.has('pending') || kinds.has('interrupted') ? exitCodes['try again'] : exitCodes.ok
}

/** The next command; undefined where there is nothing to do. */
export const adviceOn = (states: readonly MigrationState[]): string | undefined => {
  const kinds = kindsOf(states)
  if (isRefused(kinds))
    return 'schemagate plan   # it says what of these files differs, and how to go on'
  if (kinds.has('interrupted')) return 'schemagate run   # goes on where an earlier run stopped'
  return kinds.has('pending')
    ? 'schemagate plan   # what schemagate run would do now, and why'
    : undefined
}
