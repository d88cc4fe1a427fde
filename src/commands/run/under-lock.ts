// What happens while the lock is held: the ledger as it is now, what the database has beyond it, a refusal or a plan; then
// marking, and applying what is missing.

import { applySteps } from '../../apply/apply.ts'
import type { Step } from '../../apply/attempt.ts'
import { noteRecorded, whereItIs, type Course } from '../../database/ledger/course.ts'
import type { DigestedRow } from '../../database/ledger/digest.ts'
import { markReconciled } from '../../apply/mark.ts'
import { hasEventTriggers } from '../../catalog/database-facts.ts'
import type { Config } from '../../config/config.ts'
import type { Connected } from '../../database/connect.ts'
import type { LedgerRow } from '../../database/ledger/ledger-row.ts'
import { interrupted } from '../../errors/interruption.ts'
import { SchemagateError, type Problem } from '../../errors/problem.ts'
import type { Announce } from '../../events.ts'
import { analyse, type Analysis } from '../../schema/history/analyse.ts'
import { ensureLedger, ledgerTable, readLedgerUnderLock } from '../../database/ledger/ledger.ts'
import type { LockedSession } from '../../database/lock/locked-session.ts'
import { requireSecondConnection } from '../../database/lock/second-connection.ts'
import type { Migration } from '../../migrations/migration.ts'
import { decide, isComplete, toDoOf, type Decision } from '../../reconcile/decide.ts'
import { recognisedBy } from '../../reconcile/reason.ts'
import type { Intent, MigrationAssessment } from '../../reconcile/assessment.ts'
import type { LateConflict } from '../../reconcile/late/late.ts'
import { assess } from './assess.ts'
import { failedOutcome, goodOutcome, type Outcome } from './outcome.ts'
import { preparedOrRefuse, warnOfTimeouts } from './prepare-steps.ts'
import { stepsOf } from './steps.ts'

export type LockedRun = {
  readonly config: Config
  readonly context: {
    readonly announce: Announce
    readonly interruption: AbortSignal
    readonly onBug: (error: Error) => void
  }
  readonly intent: Intent
  readonly database: Connected<unknown>
  readonly migrations: readonly Migration[]
  /** Written down here, as it happens: whatever is thrown, the outcome is made from it. */
  readonly course: Course
}

export const migrateUnderLock = async (
  locked: LockedSession,
  lockedRun: LockedRun,
): Promise<Outcome> => {
  const { config, context, database, migrations, course } = lockedRun
  const { ledgerSchema, lockWaitMs } = config
  await requireSecondConnection(locked, database.server, context.announce)
  // The ledger anew: since the first look, another process may have applied some of it. The files' SQL only now: of fifty
  // containers that start at once, only the one that has the lock need read it; while the server answers.
  const { searchPath } = database.server
  const [rows, offline] = await Promise.all([
    readLedgerUnderLock(locked, config, lockWaitMs),
    analyse(migrations, searchPath),
  ])
  const decided = decide(migrations, rows, ledgerTable(ledgerSchema))
  refuseIfAny(decided.refusals)
  noteRecorded(course, decided.known)
  course.pending = toDoOf(decided)
  if (isComplete(decided)) return goodOutcome('done by another process', course)
  return applyMissing(locked, lockedRun, { rows, offline, decided })
}

type Seen = {
  readonly rows: readonly LedgerRow[]
  readonly offline: Analysis
  readonly decided: Decision
}

const applyMissing = async (
  locked: LockedSession,
  lockedRun: LockedRun,
  { rows, offline, decided }: Seen,
): Promise<Outcome> => {
  const { config, context, intent, database, migrations, course } = lockedRun
  const { announce, interruption } = context
  const { lockWaitMs } = config
  const { server } = database
  const assessment = await assess(locked.work, {
    ...{ migrations, offline, decided, rows, server, config, intent },
  })
  const { analysis, assessments, toRun, resumption, conflicts } = assessment
  refuseIfAny(assessment.stateProblems)
  const prepared = intent === 'adopt' ? [] : preparedOrRefuse(assessment.preparation, announce)
  if (intent === 'run') refuseIfAny(resumption.problems)
  refuseIfAny(assessment.lossProblems)
  const toMark = assessments.filter(({ action }) => action === 'mark')
  if (intent === 'run') announceLate(conflicts, announce)
  await warnOfTimeouts(locked.work, server, prepared, announce)

  const [eventTriggers] = await Promise.all([
    hasEventTriggers(locked.work),
    toMark.length > 0 || prepared.length > 0 ? ensureLedger(locked, config, lockWaitMs) : undefined,
  ])
  const place = { lastOrdinal: rows.at(-1)?.ordinal ?? 0, rows }
  if (interruption.aborted)
    return failedOutcome([interrupted(interruption, whereItIs(course))], course)
  await mark(locked, toMark, lockedRun, place)
  if (intent === 'adopt') {
    announceUndecided(toRun, announce)
    return goodOutcome('adopted', course)
  }
  const found = {
    analysis,
    assessments,
    rows,
    eventTriggers,
    progress: resumption.progress,
  }
  const steps = await stepsOf(prepared, found, server)
  return apply(locked, steps, lockedRun, place)
}

const announceLate = (conflicts: readonly LateConflict[], announce: Announce): void => {
  for (const { migration, meetings, moves } of conflicts)
    announce({
      kind: 'migration late',
      file: migration.file,
      meets: meetings.map(({ after, object }) => ({ after: after.file, object })),
      moves,
    })
}

const announceUndecided = (toRun: readonly MigrationAssessment[], announce: Announce): void => {
  for (const { migration, rerunRisks, doubt } of toRun)
    if (doubt !== undefined)
      announce({
        kind: 'migration undecided',
        file: migration.file,
        harm: rerunRisks.map(({ what }) => what),
      })
}

const refuseIfAny = (problems: readonly Problem[]): void => {
  if (problems.length > 0) throw new SchemagateError(problems)
}

/** Where the ledger ends before anything is written to it. */
type LedgerEnd = { readonly lastOrdinal: number; readonly rows: readonly DigestedRow[] }

const mark = async (
  locked: LockedSession,
  toMark: readonly MigrationAssessment[],
  { config, context: { announce }, course }: LockedRun,
  end: LedgerEnd,
): Promise<void> => {
  const { ledgerSchema, migrationRole, lockWaitMs: waitMs } = config
  const records = toMark.map((each) => ({
    migration: each.migration,
    recognisedBy: recognisedBy(each),
    unseen: each.opaqueReasons,
  }))
  if (records.length === 0) return
  const fence = { locked, ledgerSchema, migrationRole, ...end }
  await markReconciled({ records, fence, course, waitMs })
  for (const { migration, recognisedBy: by, unseen: opaqueReasons } of records)
    announce({ kind: 'migration reconciled', file: migration.file, by, takenAsDone: opaqueReasons })
}

const markedRows = ({ reconciled: assessments }: Course): readonly DigestedRow[] =>
  assessments.map(({ migration: { version, checksum } }) => ({
    ...{ version, checksum, state: 'reconciled' },
  }))

const apply = async (
  locked: LockedSession,
  steps: readonly Step[],
  { config, context, database, course }: LockedRun,
  place: LedgerEnd,
): Promise<Outcome> => {
  const { ledgerSchema, statementTimeout, lockTimeout, lockRetries, indexTimeout } = config
  const marked = course.reconciled.length
  if (steps.length > 0)
    context.announce({
      kind: 'timeouts',
      statementTimeout: statementTimeout.text,
      lockTimeout: lockTimeout.text,
      pending: steps.length,
    })
  const { problems } = await applySteps(steps, {
    locked,
    server: database.server,
    ledgerSchema,
    lastOrdinal: place.lastOrdinal + marked,
    rows: [...place.rows, ...markedRows(course)],
    course,
    runId: course.runId,
    statementTimeout,
    lockTimeout,
    lockRetries,
    indexTimeout,
    announce: context.announce,
    interruption: context.interruption,
    onBug: context.onBug,
  })
  return problems.length === 0 ? goodOutcome('applied', course) : failedOutcome(problems, course)
}
