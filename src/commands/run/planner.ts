// What a run does while it holds the lock, step by step as migrate.ts calls them: the ledger as it is now, a plan or a refusal,
// marking what the database has already, applying what is missing. Loaded only by a run that has something pending.

import { setTimeout as sleep } from 'node:timers/promises'
import { applySteps, type ApplyResult } from '../../apply/apply.ts'
import { markReconciled } from '../../apply/mark-reconciled.ts'
import type { Step } from '../../apply/attempt.ts'
import type { BatchBounds } from '../../apply/batch/bounds.ts'
import { hasEventTriggers, type NewDatabase } from '../../catalog/facts/database-facts.ts'
import { readNaming } from '../../catalog/facts/read-naming.ts'
import type { DigestedRow } from '../../database/ledger/digest.ts'
import type { Config } from '../../config/config.ts'
import { ensureLedger, readLedgerUnderLock } from '../../database/ledger/ledger.ts'
import { whereItIs } from '../../database/ledger/course.ts'
import { lastOrdinalOf, type LedgerRow } from '../../database/ledger/ledger-row.ts'
import type { LockedSession } from '../../database/lock/locked-session.ts'
import { requireSecondConnection } from '../../database/lock/second-connection.ts'
import type { Server } from '../../database/server/server.ts'
import { interrupted } from '../../errors/interruption.ts'
import { fail, SchemagateError } from '../../errors/problem.ts'
import type { Announce } from '../../events.ts'
import type { Decision } from '../../reconcile/states/decide.ts'
import type { LateConflict } from '../../reconcile/late/late.ts'
import { driftOfItem } from '../../reconcile/drift/item.ts'
import { recognisedBy } from '../../reconcile/reason.ts'
import type { MigrationAssessment } from '../../reconcile/assessment.ts'
import { mirrorRows, type Mirror } from '../../tool-ledger/mirror.ts'
import { holdToolLedger } from '../../tool-ledger/read.ts'
import { analyse, type Analysis } from '../../schema/history/analyse.ts'
import { assess, refusalsIn } from './assess/assess.ts'
import { announceToolLedger, isAtWork, type ToolLedgerState } from './assess/take-over.ts'
import { findMirror } from './assess/mirror.ts'
import { noteWhatIsToDo } from './look-at-ledger.ts'
import { preparedOrRefuse, warnOfTimeouts } from './prepare-steps.ts'
import { refuseIfAny, type Run } from './run.ts'
import { stepsOf } from './steps.ts'

export type Seen = {
  readonly rows: readonly LedgerRow[]
  readonly offline: Analysis
  readonly decided: Decision
}

/** Throws every reason to refuse the files beside the ledger. */
export const lookUnderLock = async (
  locked: LockedSession,
  run: Run,
  server: Server,
): Promise<Seen> => {
  const { config, context, migrations, objects } = run
  await requireSecondConnection(locked, server, context.announce)
  const naming = await readNaming(locked.work, server, [...migrations, ...objects])
  // The files' SQL only now: of fifty containers that start at once, only the one that has the lock need read it; while the
  // server answers.
  const [rows, offline] = await Promise.all([
    readLedgerUnderLock(locked, config, config.lockWaitMs),
    analyse(migrations, server.searchPath, naming),
  ])
  const decided = noteWhatIsToDo(run, { kind: 'present', rows })
  refuseIfAny(decided.refusals)
  return { rows, offline, decided }
}

export type Plan = {
  readonly toMark: readonly MigrationAssessment[]
  /** Not marked; of an adoption, left to `run`. */
  readonly toRun: readonly MigrationAssessment[]
  readonly steps: readonly Step[]
  readonly newDatabase: NewDatabase | undefined
  readonly toolLedger: ToolLedgerState
  readonly mirror: Mirror | undefined
  /** The ledger before anything is written to it. */
  readonly rows: readonly LedgerRow[]
}

/**
 * A plan, with what the database has already recorded. While another tool is at work on the database, it is waited for, and the plan
 * is made again. Throws every reason to refuse, `tool-at-work`, and what markReconciled() throws.
 */
export const planAndMark = async (
  locked: LockedSession,
  run: Run,
  seen: Seen & { readonly server: Server },
): Promise<Plan> => {
  const { config, context, course } = run
  const { interruption, announce } = context
  const started = Date.now()
  for (;;) {
    const plan = await planOrRefuse(locked, run, seen)
    if (interruption.aborted)
      throw new SchemagateError([interrupted(interruption, whereItIs(course))])
    const isDone = 'steps' in plan && (await markPresent(locked, run, plan)) === 'marked'
    if (isDone) return plan
    const waitedMs = Date.now() - started
    const at = { ...toolOf(plan), waitedSeconds: Math.round(waitedMs / 1_000) }
    if (waitedMs >= config.lockWaitMs) fail('tool-at-work', at)
    announce({ kind: 'tool at work', ...at })
    await sleep(toolPauseMs, undefined, { signal: interruption })
  }
}

const toolPauseMs = 500

const toolOf = ({
  toolLedger,
}: Pick<Plan, 'toolLedger'>): { readonly tool: string; readonly table: string } =>
  toolLedger.kind === 'taken over'
    ? { tool: toolLedger.takeOver.tool, table: toolLedger.takeOver.table }
    : { tool: 'another tool', table: 'its ledger' }

/** Throws every reason to refuse what the database has of the files. The ledger is there when something is to be written. */
const planOrRefuse = async (
  locked: LockedSession,
  { config, context: { announce }, intent, trust, migrations, watched, course }: Run,
  { rows, offline, decided, server }: Seen & { readonly server: Server },
): Promise<Plan | Pick<Plan, 'toolLedger'>> => {
  const assessment = await assess(locked.work, {
    ...{ migrations, offline, decided, rows, server, config, intent, trust },
    watched: intent === 'run' ? watched : undefined,
  })
  announceToolLedger({ ...assessment, rows }, announce)
  const { analysis, assessments, toRun, resumption, conflicts, toolLedger } = assessment
  // Half of what the tool is doing now may have been seen: that must not refuse anything.
  if (
    refusalsIn(assessment, intent).length > 0 &&
    (await isAtWork(locked.work, toolLedger, config))
  )
    return { toolLedger }
  refuseIfAny(assessment.stateProblems)
  const prepared = intent === 'adopt' ? [] : preparedOrRefuse(assessment.preparation, announce)
  if (intent === 'run') refuseIfAny(resumption.problems)
  refuseIfAny(assessment.lossProblems)
  course.drift = assessment.drift.map(driftOfItem)
  for (const each of course.drift) announce({ kind: 'table drifted', ...each })
  refuseIfAny(assessment.driftProblems)
  const toMark = assessments.filter(({ action }) => action === 'mark')
  if (intent === 'run') announceLate(conflicts, announce)
  await warnOfTimeouts(locked.work, server, prepared, announce)
  const [eventTriggers] = await Promise.all([
    assessment.eventTriggers ?? hasEventTriggers(locked.work),
    toMark.length > 0 || prepared.length > 0
      ? ensureLedger(locked, config, config.lockWaitMs)
      : undefined,
  ])
  const found = { analysis, assessments, rows, eventTriggers, progress: resumption.progress }
  const steps = await stepsOf(prepared, found, server)
  const { newDatabase } = assessment
  const mirror =
    toMark.length + steps.length === 0
      ? undefined
      : findMirror({
          ...{ migrations, toolLedger, config, announce },
          recorded: [
            ...rows,
            ...[...toMark, ...decided.interrupted].map(({ migration }) => migration),
          ],
        })
  return { toMark, toRun, steps, newDatabase, toolLedger, mirror, rows }
}

const announceLate = (conflicts: readonly LateConflict[], announce: Announce): void => {
  for (const { migration, conflictingObjects, moves } of conflicts)
    announce({
      kind: 'migration late',
      file: migration.file,
      meets: conflictingObjects.map(({ after, object }) => ({ after: after.file, object })),
      moves,
    })
}

/** Records what the database has already. Throws what markReconciled() throws. */
const markPresent = async (
  locked: LockedSession,
  { config, context: { announce }, course }: Run,
  { toMark, rows, toolLedger, mirror }: Plan,
): Promise<'marked' | 'tool at work'> => {
  const { ledgerSchema, migrationRole, lockWaitMs: waitMs } = config
  const records = toMark.map((each) => ({
    migration: each.migration,
    recognisedBy: recognisedBy(each),
    opaqueReasons: each.opaqueReasons,
  }))
  if (records.length === 0) return 'marked'
  const fence = { locked, ledgerSchema, migrationRole, lastOrdinal: lastOrdinalOf(rows), rows }
  const unclaimed = toMark.flatMap(({ migration, claim }) =>
    claim === undefined ? [migration] : [],
  )
  const beside = {
    before:
      toolLedger.kind === 'taken over'
        ? holdToolLedger(toolLedger.takeOver.read, migrationRole)
        : [],
    after: mirror === undefined ? [] : mirrorRows(mirror, unclaimed, 'before'),
  }
  const marked = await markReconciled({ records, fence, course, waitMs, beside })
  if (marked === 'tool at work') return marked
  for (const { migration, recognisedBy: by, opaqueReasons } of records)
    announce({ kind: 'migration reconciled', file: migration.file, by, takenAsDone: opaqueReasons })
  return marked
}

export const announceUndecided = ({ toRun }: Plan, announce: Announce): void => {
  for (const { migration, rerunRisks, doubt } of toRun)
    if (doubt !== undefined)
      announce({
        kind: 'migration undecided',
        file: migration.file,
        harm: rerunRisks.map(({ what }) => what),
      })
}

/** Never throws: what stopped it is in the result. */
export const apply = (
  locked: LockedSession,
  { config, context, course }: Run,
  { toMark, steps, newDatabase, mirror, rows, server }: Plan & { readonly server: Server },
): Promise<ApplyResult> => {
  const { ledgerSchema, statementTimeout, lockTimeout, lockRetries, indexTimeout } = config
  if (steps.length > 0)
    context.announce({
      kind: 'timeouts',
      statementTimeout: statementTimeout.text,
      lockTimeout: lockTimeout.text,
      pending: steps.length,
    })
  return applySteps(steps, {
    ...context,
    ...{ locked, server, ledgerSchema, course, statementTimeout, lockTimeout },
    ...{ lockRetries, indexTimeout },
    batch: newDatabase && boundsOn(newDatabase, config),
    mirror,
    lastOrdinal: lastOrdinalOf(rows) + toMark.length,
    rows: [...rows, ...toMark.map(rowOfMarked)],
  })
}

// Nobody waits for longer than before to hear of them, and what a failure takes back has soon run again. Of the locks, most are
// left to other sessions of the server.
const boundsOn = ({ mostLocks }: NewDatabase, { batchFiles }: Config): BatchBounds => ({
  files: batchFiles,
  bytes: 1_048_576,
  statements: 4_000,
  locks: mostLocks / 4,
})

const rowOfMarked = ({ migration: { version, checksum } }: MigrationAssessment): DigestedRow => ({
  ...{ version, checksum, state: 'reconciled' },
})
