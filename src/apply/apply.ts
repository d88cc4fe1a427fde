// Applies the steps of a plan one after the other, and stops at the first that does not go through. "Applied" is
// said only after the server answered the commit.

import { interrupted } from '../errors/interruption.ts'
import type { Problem } from '../errors/problem.ts'
import type { Migration } from '../migrations/migration.ts'
import { attempt, type AttemptOptions, type Step } from './attempt.ts'
import { pauseBeforeRetry, pauseMsAfter } from './retry.ts'

export type ApplyOptions = AttemptOptions & {
  /** How often a migration that did not get its locks is tried again. */
  readonly lockRetries: number
}

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
    const found = await applyPolitely(step, index, options)
    if (found !== undefined) return stop(found, migration, steps.slice(index + 1))
    const durationMs = Math.round(performance.now() - started)
    applied.push({ migration, durationMs })
    announce({ kind: 'migration applied', file, durationMs })
  }
  return { applied, stoppedAt: undefined, notAttempted: [], problem: undefined }
}

// A migration that waits for a lock makes everybody wait who comes after it, readers too; so it steps back after
// lock_timeout, lets them pass, and tries again.
const applyPolitely = async (
  step: Step,
  appliedBefore: number,
  options: ApplyOptions,
): Promise<Problem | undefined> => {
  const { locked, lockRetries, announce, interruption } = options
  const { file } = step.prepared.migration
  for (let tries = 1; ; tries++) {
    const tried = await attempt(step, appliedBefore, options)
    if (tried.kind === 'applied') return undefined
    if (tried.kind === 'failed') return tried.problem
    if (tries > lockRetries) return tried.giveUp(tries)
    const pauseMs = pauseMsAfter(tries, Math.random())
    const { sqlstate, queue } = tried
    announce({
      kind: 'migration retried',
      file,
      sqlstate,
      nextTry: tries + 1,
      ofTries: lockRetries + 1,
      pauseMs,
      queue,
    })
    const found = await pauseBeforeRetry(file, pauseMs, locked, interruption)
    if (found !== undefined) return found
  }
}
