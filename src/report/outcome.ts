// How a run ended, as one value. Text, JSON, the termination message and the exit code are all rendered from it.

import type { AppliedMigration, ApplyResult } from '../apply/apply.ts'
import { exitCodes, gravest } from '../errors/exit-codes.ts'
import { problem, SchemagateError, type Problem } from '../errors/problem.ts'
import type { ReconciledRecord } from '../ledger/record.ts'
import type { Migration } from '../migrations/migration.ts'
import type { Proof } from '../proof/prove.ts'

export type OutcomeKind =
  /** This container may not migrate; the database was not contacted. */
  | 'disabled'
  | 'up to date'
  /** Another process applied everything while this one waited for the lock. */
  | 'done by another process'
  | 'applied'
  /** Marked what the database has already, and ran nothing. */
  | 'adopted'
  /** The lock was not obtained, and MIGRATION_ON_LOCK_TIMEOUT=skip. */
  | 'skipped'
  | 'failed'

export type Outcome = {
  readonly kind: OutcomeKind
  readonly runId: string
  readonly exitCode: number
  readonly because: string | undefined
  /** How many were recorded before; undefined when the ledger was not read. */
  readonly recorded: number | undefined
  /** Not recorded before, and recognised in the database. */
  readonly reconciled: readonly ReconciledRecord[]
  readonly applied: readonly AppliedMigration[]
  readonly stoppedAt: Migration | undefined
  /** Sent behind it when the connection was lost; the next run finds out which of them are in the database. */
  readonly inDoubt: readonly Migration[]
  readonly notAttempted: readonly Migration[]
  /** Versions in the ledger that this image has no file for: an older image on a newer schema. */
  readonly unknown: readonly string[]
  /** Of the services' contracts; undefined when they were not checked. */
  readonly proof: Proof | undefined
  readonly problems: readonly Problem[]
  readonly durationMs: number
}

/** What is known of a run before it has an outcome. */
export type RunSoFar = {
  readonly runId: string
  readonly startedAtMs: number
  readonly recorded?: number
  readonly unknown?: readonly string[]
  /** The reason for a gate that is closed. */
  readonly because?: string
  readonly pending?: readonly Migration[]
  readonly reconciled?: readonly ReconciledRecord[]
}

export const goodOutcome = (
  kind: Exclude<OutcomeKind, 'applied' | 'adopted' | 'failed'>,
  soFar: RunSoFar,
): Outcome => ({
  ...common(soFar),
  kind,
  exitCode: exitCodes.ok,
  because: soFar.because,
  notAttempted: kind === 'skipped' ? (soFar.pending ?? []) : [],
})

export const appliedOutcome = (result: ApplyResult, soFar: RunSoFar): Outcome => ({
  ...common(soFar),
  ...result,
  ...ending(result.problem === undefined ? [] : [result.problem], 'applied'),
})

/** What is not attempted is left for `run`. */
export const adoptedOutcome = (soFar: RunSoFar): Outcome => ({
  ...common(soFar),
  kind: 'adopted',
  exitCode: exitCodes.ok,
  notAttempted: soFar.pending ?? [],
})

export const failedOutcome = (problems: readonly Problem[], soFar: RunSoFar): Outcome => ({
  ...common(soFar),
  ...ending(problems, 'failed'),
  notAttempted: soFar.pending ?? [],
})

/** What was applied stays applied and recorded; but where contracts are violated, services must not start. */
export const provenOutcome = (outcome: Outcome, proof: Proof): Outcome =>
  proof.violations.length === 0
    ? { ...outcome, proof }
    : { ...outcome, proof, kind: 'failed', exitCode: exitCodes['contract violated'] }

/** The run was good so far, and could not be proven. */
export const unprovenOutcome = (outcome: Outcome, problems: readonly Problem[]): Outcome => ({
  ...outcome,
  ...ending(problems, 'failed'),
})

/** Whatever was thrown: our own error with its problems, anything else is a bug of ours. */
export const problemsOf = (error: unknown): readonly Problem[] => {
  if (error instanceof SchemagateError) return error.problems
  const { name, message } = error instanceof Error ? error : new Error(String(error))
  // What nobody expected may name a file by its absolute path.
  return [problem('bug', { name, message: message.replace(/(?:\/[\w.@-]+)+\/(?=[\w.@-])/g, '') })]
}

const common = ({
  runId,
  startedAtMs,
  recorded,
  unknown = [],
  reconciled = [],
}: RunSoFar): Outcome => ({
  kind: 'failed',
  runId,
  exitCode: exitCodes.bug,
  because: undefined,
  recorded,
  reconciled,
  applied: [],
  stoppedAt: undefined,
  inDoubt: [],
  notAttempted: [],
  unknown,
  proof: undefined,
  problems: [],
  durationMs: Math.round(performance.now() - startedAtMs),
})

const ending = (
  problems: readonly Problem[],
  otherwise: OutcomeKind,
): Pick<Outcome, 'kind' | 'problems' | 'exitCode'> =>
  problems.length === 0
    ? { kind: otherwise, problems, exitCode: exitCodes.ok }
    : {
        kind: 'failed',
        problems,
        exitCode: exitCodes[gravest(problems.map(({ category }) => category))],
      }
