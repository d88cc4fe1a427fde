// Applies the steps of a plan one after the other, and stops at the first that does not go through. "Applied" is
// said only after the server answered the commit.

import type { Verification } from '../catalog/verification.ts'
import type { Server } from '../database/server.ts'
import { fenceStates } from '../database/sqlstate.ts'
import { interrupted } from '../errors/interruption.ts'
import { problem, type Problem } from '../errors/problem.ts'
import type { Announce } from '../events.ts'
import type { ReadStatement } from '../history/history.ts'
import { recordApplied } from '../ledger/record.ts'
import type { LockedSession } from '../lock/locked-session.ts'
import type { Migration } from '../migrations/migration.ts'
import type { PreparedMigration } from '../migrations/prepare.ts'
import type { Progress } from '../plan/resume.ts'
import type { Duration, LockTimeout, StatementTimeout } from '../sql/duration.ts'
import { explainFailure } from './failure.ts'
import { confirmRecord, type FencePost } from './fence.ts'
import { buildMessage } from './message.ts'
import { sendMessage, timeoutsOf } from './send.ts'
import { applyStatements } from './statements/apply-statements.ts'

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

export type ApplyOptions = {
  readonly locked: LockedSession
  readonly server: Server
  readonly ledgerSchema: string
  readonly lastOrdinal: number
  readonly rowCount: number
  readonly runId: string
  readonly statementTimeout: StatementTimeout
  readonly lockTimeout: LockTimeout
  /** Of each concurrent build; 0 for no bound. */
  readonly indexTimeout: Duration
  readonly announce: Announce
  readonly interruption: AbortSignal
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
    const newRows = steps.slice(0, index).filter(({ resumes }) => resumes === undefined).length
    const found = await applyStep(step, newRows, options)
    if (found !== undefined) return stop(found, migration, steps.slice(index + 1))
    const durationMs = Math.round(performance.now() - started)
    applied.push({ migration, durationMs })
    announce({ kind: 'migration applied', file, durationMs })
  }
  return { applied, stoppedAt: undefined, notAttempted: [], problem: undefined }
}

const applyStep = (
  step: Step,
  newRows: number,
  options: ApplyOptions,
): Promise<Problem | undefined> => {
  const { locked, ledgerSchema } = options
  const lastOrdinal = options.lastOrdinal + newRows
  const fence = { locked, ledgerSchema, lastOrdinal, rowCount: options.rowCount + newRows }
  const { byStatement } = step.prepared
  return byStatement === undefined
    ? applyOne(step, fence, options)
    : applyStatements(step, byStatement.units, { ...options, fence })
}

const applyOne = async (
  { prepared, verification }: Step,
  fence: FencePost,
  options: ApplyOptions,
): Promise<Problem | undefined> => {
  const { locked, server, ledgerSchema, runId, interruption } = options
  const { migration } = prepared
  const timeouts = timeoutsOf(migration, options)
  const message = buildMessage({
    prepared,
    verification: verification.sql,
    server,
    fence,
    record: [
      recordApplied(ledgerSchema, {
        migration,
        ordinal: fence.lastOrdinal + 1,
        statements: prepared.statements?.length ?? 0,
        runId,
      }),
      confirmRecord(fence, runId),
    ].join(';\n'),
    ...timeouts,
  })
  const { reply, lastMarker } = await sendMessage(locked, message)
  if (reply.kind === 'done') return undefined
  if (reply.kind === 'lost') {
    if (interruption.aborted) return interrupted(interruption, `in ${migration.file}`)
    return problem('connection-lost', { role: locked.work.role, reason: reply.reason })
  }
  // The session stays in the failed transaction until it is told; its own answer must not hide the first error.
  await locked.work.send('ROLLBACK')
  if (interruption.aborted && reply.error.sqlstate === '57014')
    return interrupted(interruption, `in ${migration.file}`)
  const {
    phase,
    place,
    message: words = reply.error.message,
  } = message.locate(reply.error, lastMarker)
  if (reply.error.sqlstate === fenceStates.notVerified) {
    const { differences, place } = verification.failed(reply.error.detail)
    return problem('not-verified', { file: migration.file, differences }, place)
  }
  return explainFailure(
    { ...reply.error, message: words },
    {
      file: migration.file,
      phase,
      statements: message.statements,
      place,
      ledgerSchema,
      mayHaveCommitted:
        prepared.statements === undefined && /\b(commit|rollback|abort|end)\b/i.test(prepared.body),
      lockTimeout: timeouts.lockTimeout.text,
      statementTimeout: timeouts.statementTimeout.text,
    },
  )
}
