// Applies the steps of a plan in their order, and stops at the first that does not go through. "Applied" is said only after
// the server answered the commit.

import { interrupted } from '../errors/interruption.ts'
import type { Problem } from '../errors/problem.ts'
import type { Migration } from '../migrations/migration.ts'
import type { ApplyOptions, Step } from './attempt.ts'
import type { FencePost } from './fence.ts'
import { makeFlight } from './flight.ts'
import { politely } from './retry.ts'
import { applyStatements } from './statements/apply-statements.ts'

export type AppliedMigration = { readonly migration: Migration; readonly durationMs: number }

export type ApplyResult = {
  readonly applied: readonly AppliedMigration[]
  /** The migration that did not go through: rolled back, or in doubt when the connection was lost. */
  readonly stoppedAt: Migration | undefined
  /** Behind it, and on their way to the server when the connection was lost. */
  readonly inDoubt: readonly Migration[]
  readonly notAttempted: readonly Migration[]
  readonly problem: Problem | undefined
}

export const applySteps = async (
  steps: readonly Step[],
  options: ApplyOptions,
): Promise<ApplyResult> => {
  const { announce, interruption } = options
  const applied: AppliedMigration[] = []
  const fenceBefore = fencesOf(steps, options)
  const flight = makeFlight(steps, fenceBefore, options)
  const stop = (
    found: Problem,
    stoppedAt: Migration | undefined,
    rest: readonly Step[],
  ): ApplyResult => {
    const behind = rest.map(({ prepared }) => prepared.migration)
    const inDoubt = behind.slice(0, flight.sentAhead())
    const notAttempted = behind.slice(inDoubt.length)
    const file = (stoppedAt ?? behind[0])?.file ?? ''
    const counts = { inDoubt: inDoubt.length, notAttempted: notAttempted.length }
    announce({ kind: 'stopping', file, ...counts })
    return { applied, stoppedAt, inDoubt, notAttempted, problem: found }
  }
  for (const [index, step] of steps.entries()) {
    const { migration, byStatement } = step.prepared
    // What is on its way ends by itself: it is cancelled.
    if (interruption.aborted && flight.sentAhead() === 0)
      return stop(
        interrupted(interruption, `before ${migration.file}`),
        undefined,
        steps.slice(index),
      )
    const { file } = migration
    announce({
      kind: 'migration started',
      file,
      at: index + 1,
      of: steps.length,
      outOfOrder: step.outOfOrder,
    })
    const started = performance.now()
    const found =
      byStatement === undefined
        ? await politely(file, options, () => flight.attempt(index))
        : await applyStatements(step, byStatement.units, { ...options, fence: fenceBefore(index) })
    if (found !== undefined) return stop(found, migration, steps.slice(index + 1))
    const durationMs = Math.round(performance.now() - started)
    applied.push({ migration, durationMs })
    announce({ kind: 'migration applied', file, durationMs })
  }
  return { applied, stoppedAt: undefined, inDoubt: [], notAttempted: [], problem: undefined }
}

/** A migration that goes on where an earlier run stopped has its row already. */
const fencesOf = (
  steps: readonly Step[],
  { locked, ledgerSchema, lastOrdinal, rowCount }: ApplyOptions,
): ((index: number) => FencePost) => {
  let newRows = 0
  const before = steps.map(({ resumes }) => (resumes === undefined ? newRows++ : newRows))
  return (index) => {
    const added = before[index] ?? 0
    return {
      locked,
      ledgerSchema,
      lastOrdinal: lastOrdinal + added,
      rowCount: rowCount + added,
    }
  }
}
