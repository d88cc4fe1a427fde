// One file that runs statement by statement: what all of this folder is given, and how its statements are named.

import { nameMessage } from '../../database/lock/named-statement.ts'
import type { Unit } from '../../migrations/prepare/units.ts'
import type { ApplyOptions, Step } from '../attempt.ts'
import type { FenceExpectation } from '../fence.ts'

export type StatementsRun = ApplyOptions & {
  readonly step: Step
  readonly units: readonly Unit[]
  /** With the migration's own row in the ledger. */
  readonly fence: FenceExpectation
}

/** In front of the statement; pg_stat_activity shows it, and the next run finds it there if this one is killed. */
export const nameOf = (number: number, { locked, step }: StatementsRun): string =>
  nameMessage(`${step.prepared.migration.file}, statement ${number + 1}`, locked.key)
