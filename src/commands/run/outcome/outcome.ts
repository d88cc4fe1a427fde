// How a run ended, as one value. Text, JSON, the termination message and the exit code are all rendered from it.

import {
  hasBegun,
  undoneOf,
  type AppliedMigration,
  type Course,
  type Undone,
} from '../../../database/ledger/course.ts'
import { untouched } from '../../../errors/define.ts'
import { exitCodes, gravest } from '../../../errors/exit-codes.ts'
import type { Problem } from '../../../errors/problem.ts'
import type { TableDrift } from '../../../events/drift.ts'
import type { ObjectChange } from '../../../events/objects.ts'
import type { ReconciledRecord } from '../../../database/ledger/record.ts'
import type { Migration } from '../../../migrations/migration.ts'
import type { ContractCheck } from '../../validate/check-database.ts'

type OutcomeKind =
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

export type Outcome = Undone & {
  readonly kind: OutcomeKind
  readonly runId: string
  /** Its name, where the configuration could be read. */
  readonly database?: string | undefined
  readonly exitCode: number
  readonly because: string | undefined
  /** How many were recorded before; undefined when the ledger was not read. */
  readonly recorded: number | undefined
  /** Not recorded before, and recognised in the database. */
  readonly reconciled: readonly ReconciledRecord[]
  readonly applied: readonly AppliedMigration[]
  /** Of migrations/objects. */
  readonly objects: readonly ObjectChange[]
  /** In tables that pending files touch, before anything ran. */
  readonly drift: readonly TableDrift[]
  readonly stoppedAt: Migration | undefined
  /** Versions in the ledger that this image has no file for: an older image on a newer schema. */
  readonly unknown: readonly string[]
  /** Of the services' contracts; undefined when they were not checked. */
  readonly contractCheck: ContractCheck | undefined
  readonly problems: readonly Problem[]
  readonly durationMs: number
}

type GoodKind = Exclude<OutcomeKind, 'failed'>

export const goodOutcome = (kind: GoodKind, course: Course, because?: string): Outcome => ({
  ...common(course),
  kind,
  exitCode: exitCodes.ok,
  because,
})

export const failedOutcome = (problems: readonly Problem[], course: Course): Outcome => ({
  ...common(course),
  ...ending(hasBegun(course) ? problems.map(amidTheRun) : problems),
})

/** What was applied stays applied and recorded; but where contracts are violated, services must not start. */
export const checkedOutcome = (outcome: Outcome, contractCheck: ContractCheck): Outcome =>
  contractCheck.violations.length === 0
    ? { ...outcome, contractCheck }
    : { ...outcome, contractCheck, kind: 'failed', exitCode: exitCodes['contract violated'] }

/** The run was good so far, and its contracts could not be checked. */
export const uncheckedOutcome = (outcome: Outcome, problems: readonly Problem[]): Outcome => ({
  ...outcome,
  ...ending(
    outcome.applied.length + outcome.reconciled.length > 0 ? problems.map(amidTheRun) : problems,
  ),
})

// Of a question that was refused, say, in the midst of a run that has changed much.
const amidTheRun = (found: Problem): Problem =>
  found.database === untouched ? { ...found, database: changedBefore } : found

const changedBefore =
  'Nothing more was changed. What the report lists as applied, reconciled or partly done is recorded and stays; ' +
  'the next run finds out what became of the rest.'

const ending = (problems: readonly Problem[]): Pick<Outcome, 'kind' | 'problems' | 'exitCode'> => ({
  kind: 'failed',
  problems,
  exitCode: exitCodes[gravest(problems.map(({ category }) => category))],
})

const common = (course: Course): Outcome => ({
  kind: 'failed',
  runId: course.runId,
  exitCode: exitCodes.bug,
  because: undefined,
  recorded: course.recorded,
  reconciled: [...course.reconciled],
  applied: [...course.applied],
  objects: [...course.objects],
  drift: course.drift,
  stoppedAt: course.at,
  ...undoneOf(course),
  unknown: course.unknown,
  contractCheck: undefined,
  problems: [],
  durationMs: Math.round(performance.now() - course.startedAtMs),
})
