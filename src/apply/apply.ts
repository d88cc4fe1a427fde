// Applies the steps of a plan one after the other, and stops at the first that does not go through. "Applied" is
// said only after the server answered the commit.

import { interrupted } from '../errors/interruption.ts'
import type { Problem } from '../errors/problem.ts'
import type { Migration } from '../migrations/migration.ts'
import { attempt, type ApplyOptions, type Step } from './attempt.ts'
import { politely } from './retry.ts'
import { applyStatements } from './statements/apply-statements.ts'

export type AppliedMigration = { readonly migration: Migration; readonly durationMs: number }

export type ApplyResult = {
  readonly applied: readonly AppliedMigration[]
  /** The migration that did not go through: rolled back, or in doubt when the connection was lost. */
  readonly stoppedAt: Migration | undefined
  readonly notAttempted: readonly Migration[]
  readonly problem: Problem | undefined
}

export const applySteps = async (
  steps: readonly Step[],
  options: ApplyOptions,
): Promise<ApplyResult> => {
  const { announce, interruption } = options
  const applied: AppliedMigration[] = []
  const stop = (
    found: Problem,
    stoppedAt: Migration | undefined,
    rest: readonly Step[],
  ): ApplyResult => {
    const notAttempted = rest.map(({ prepared }) => prepared.migration)
    const file = (stoppedAt ?? notAttempted[0])?.file ?? ''
    announce({ kind: 'stopping', file, notAttempted: notAttempted.length })
    return { applied, stoppedAt, notAttempted, problem: found }
  }
  for (const [index, step] of steps.entries()) {
    const { migration } = step.prepared
    if (interruption.aborted)
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
    const newRows = steps.slice(0, index).filter(({ resumes }) => resumes === undefined).length
    const found = await applyStep(step, newRows, options)
    if (found !== undefined) return stop(found, migration, steps.slice(index + 1))
    const durationMs = Math.round(performance.now() - started)
    applied.push({ migration, durationMs })
    announce({ kind: 'migration applied', file, durationMs })
  }
  return { applied, stoppedAt: undefined, notAttempted: [], problem: undefined }
}

/** `newRows` counts the rows that the steps before it added to the ledger. */
const applyStep = (
  step: Step,
  newRows: number,
  options: ApplyOptions,
): Promise<Problem | undefined> => {
  const { locked, ledgerSchema } = options
  const { migration, byStatement } = step.prepared
  const lastOrdinal = options.lastOrdinal + newRows
  const fence = { locked, ledgerSchema, lastOrdinal, rowCount: options.rowCount + newRows }
  return byStatement === undefined
    ? politely(migration.file, options, () => attempt(step, fence, options))
    : applyStatements(step, byStatement.units, { ...options, fence })
}
