// One try of one migration: its message is sent, and its answer awaited and explained. A try that failed is rolled back when
// its answer is here.

import type { Verification } from '../catalog/verification.ts'
import type { Progress } from '../database/ledger/ledger-row.ts'
import type { Server } from '../database/server/server.ts'
import type { Reply } from '../database/session/reply.ts'
import { fenceStates } from '../database/session/fence-states.ts'
import { problem, type Problem } from '../errors/problem.ts'
import type { LockQueue } from '../events.ts'
import type { ReadStatement } from '../schema/history/history.ts'
import type { DigestedRow } from '../database/ledger/digest.ts'
import { recordApplied } from '../database/ledger/record.ts'
import type { StatementMode } from '../migrations/prepare/units.ts'
import type { PreparedMigration } from '../migrations/prepare/prepare.ts'
import type { Duration } from '../sql/duration.ts'
import { sessionFor, type Course } from '../database/ledger/course.ts'
import type { BatchBounds } from './batch/bounds.ts'
import { explainFailure } from './failure/explain.ts'
import { noAnswer, stoppedBySignal } from './failure/lost.ts'
import { mirrorRows, type Mirror } from '../tool-ledger/mirror.ts'
import { confirmRecords, type FenceExpectation, type Sight } from './fence.ts'
import { askWhy } from './failure/why/ask-why.ts'
import { buildMessage, type MigrationMessage } from './message.ts'
import { awaitAnswer, post, timeoutsOf, type Posted, type Sending } from './send.ts'
import { isCollision, unsafeNewEnumValueUsage } from '../errors/server/sqlstate.ts'

export type Step = {
  readonly prepared: PreparedMigration
  readonly outOfOrder: boolean
  /** Where an earlier run of it stopped; it has its row already. */
  readonly resumes?: Progress
  /** With their effects; empty where the parser could not read the file. */
  readonly statements: readonly ReadStatement[]
  /** What the server must find after the text, before the ledger row. */
  readonly verification: Verification
}

export type ApplyOptions = Sending & {
  /** Written down here, step by step, what becomes of each. */
  readonly course: Course
  readonly server: Server
  readonly ledgerSchema: string
  /** Where the ledger ends before the first step. */
  readonly lastOrdinal: number
  /** Its rows before the first step. */
  readonly rows: readonly DigestedRow[]
  readonly runId: string
  /** How often a migration that did not get its locks is tried again. */
  readonly lockRetries: number
  /** Of each concurrent build; 0 for no bound. */
  readonly indexTimeout: Duration
  /** How much of them goes into one transaction, on an empty database; undefined where each migration has its own. */
  readonly batch: BatchBounds | undefined
  /** Another tool's ledger that is written to as well, in the same transaction. */
  readonly mirror: Mirror | undefined
  /** Sees what none of our modules expected, for the log. */
  readonly onBug: (error: Error) => void
}

export type Attempt =
  /** `durationMs` where the server has measured it: of a file that was one of a batch. */
  | { readonly kind: 'applied'; readonly durationMs?: number }
  | { readonly kind: 'failed'; readonly problem: Problem }
  /** The connection is gone: it may be in the database or not. */
  | { readonly kind: 'lost'; readonly problem: Problem }
  /** It did not get a lock, and nothing of it is in the database: it may be tried again. */
  | {
      readonly kind: 'blocked'
      readonly sqlstate: string
      readonly queue: LockQueue | undefined
      readonly giveUp: (tries: number) => Problem
    }

/** It uses an enum value that it adds, so it cannot be one transaction. Nothing of it is in the database. */
export type NeedsSteps = { readonly kind: 'needs steps' } & StatementMode

/** A try that is on its way to the server. */
export type PendingReply = Posted & { readonly step: Step }

export const sendStep = (
  step: Step,
  message: MigrationMessage,
  { locked, course }: ApplyOptions,
): PendingReply => ({
  step,
  ...post(message, sessionFor([step.prepared.migration], locked.work, course)),
})

/** To be called when everything that was sent before it is answered. */
export const receiveReply = async (
  pending: PendingReply,
  options: ApplyOptions,
): Promise<Attempt | NeedsSteps> => {
  const { step, message } = pending
  const { locked, interruption } = options
  const { migration } = step.prepared
  const { file } = migration
  const { reply, lastMarker, queue } = await awaitAnswer(migration, pending, options)
  if (reply.kind === 'done') return { kind: 'applied' }
  const sent = { migration, interruption, during: `in ${file}` }
  if (reply.kind === 'lost') return { kind: 'lost', problem: noAnswer(reply, sent) }
  // The session stays in the failed transaction until it is rolled back; its own answer must not hide the first error.
  await locked.work.send('ROLLBACK')
  const stopped = stoppedBySignal(reply.error, sent)
  if (stopped !== undefined) return failed(stopped)
  const reached = message.locate(reply.error, lastMarker).phase
  const why = await askWhy(reply.error, {
    statements: step.statements.slice(0, reached.kind === 'statement' ? reached.number : undefined),
    session: locked.work,
    server: options.server,
    ledgerSchema: options.ledgerSchema,
  })
  return explain(reply, { step, message, lastMarker, queue, why, options })
}

type ServerErrorReply = Extract<Reply, { kind: 'server error' }>

type AnsweredStep = {
  readonly step: Step
  readonly message: MigrationMessage
  readonly lastMarker: number | undefined
  readonly queue: LockQueue | undefined
  readonly why: string | undefined
  readonly options: ApplyOptions
}

const explain = (
  { error }: ServerErrorReply,
  { step, message, lastMarker, queue, why, options }: AnsweredStep,
): Attempt | NeedsSteps => {
  const { prepared, verification } = step
  const { file } = prepared.migration
  const { lockTimeout, statementTimeout } = timeoutsOf(prepared.migration, options)
  const { phase, place, message: words = error.message } = message.locate(error, lastMarker)
  const found = verification.failed(error.finding)
  if (error.raised === fenceStates.notVerified && found !== undefined)
    return failed(problem('not-verified', { file, differences: found.differences }, found.place))
  if (error.sqlstate === unsafeNewEnumValueUsage && prepared.unlessWhole !== undefined)
    return { kind: 'needs steps', ...prepared.unlessWhole }
  const mayHaveCommitted =
    prepared.statements === undefined &&
    phase.kind !== 'parse' &&
    phase.kind !== 'fence' &&
    /\b(commit|rollback|abort|end)\b/i.test(prepared.body)
  const giveUp = (tries: number): Problem =>
    explainFailure(
      { ...error, message: words },
      {
        file,
        text: prepared.migration.text,
        work: { kind: 'transaction', phase, statements: message.statements, mayHaveCommitted },
        place,
        ledgerSchema: options.ledgerSchema,
        lockTimeout: lockTimeout.text,
        statementTimeout: statementTimeout.text,
        role: options.server.searchPath.role,
        tries,
        queue,
        why,
      },
    )
  const isInTheWay = isCollision(error) || error.raised === fenceStates.toolBusy
  return isInTheWay && !mayHaveCommitted
    ? { kind: 'blocked', sqlstate: error.sqlstate, queue, giveUp }
    : failed(giveUp(1))
}

const failed = (found: Problem): Attempt => ({ kind: 'failed', problem: found })

/** What came of it in another way. */
export const attemptOf = (found: Problem | undefined): Attempt =>
  found === undefined ? { kind: 'applied' } : failed(found)

export const sightOf = (statements: readonly ReadStatement[]): Sight => {
  if (statements.length === 0) return 'unread'
  return statements.every(({ opaqueReason }) => opaqueReason === undefined) ? 'whole' : 'in part'
}

/** `fence` is that before the migration. */
export const messageOf = (
  { prepared, statements, verification }: Step,
  fence: FenceExpectation,
  options: ApplyOptions,
): MigrationMessage => {
  const { server, ledgerSchema, runId } = options
  const { migration } = prepared
  const row = recordApplied(ledgerSchema, {
    migration,
    ordinal: fence.lastOrdinal + 1,
    statements: prepared.statements?.length ?? 0,
    runId,
  })
  const mirrored =
    options.mirror === undefined
      ? []
      : mirrorRows(options.mirror, [migration], 'in this transaction')
  return buildMessage({
    prepared,
    verification: verification.sql,
    server,
    fence,
    runId,
    sight: sightOf(statements),
    record: [row, confirmRecords(fence, runId, 1), ...mirrored].join(';\n'),
    ...timeoutsOf(migration, options),
  })
}
