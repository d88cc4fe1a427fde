// One try of one migration: its message is sent, who stands in its way is watched, and what the server answered is
// explained. A try that failed is rolled back when this returns.

import type { Verification } from '../catalog/verification.ts'
import type { Server } from '../database/server.ts'
import type { Reply } from '../database/reply.ts'
import { fenceStates, means } from '../database/sqlstate.ts'
import { interrupted } from '../errors/interruption.ts'
import { problem, type Problem } from '../errors/problem.ts'
import type { Announce, LockQueue } from '../events.ts'
import { recordApplied } from '../ledger/record.ts'
import type { LockedSession } from '../lock/locked-session.ts'
import type { PreparedMigration } from '../migrations/prepare.ts'
import type { LockTimeout, StatementTimeout } from '../sql/duration.ts'
import { explainFailure } from './failure.ts'
import { buildMessage, markerColumn, type MigrationMessage } from './message.ts'
import { watchBlockers } from './watch.ts'

export type Step = {
  readonly prepared: PreparedMigration
  readonly outOfOrder: boolean
  /** What the server must find after the text, before the ledger row. */
  readonly verification: Verification
}

export type AttemptOptions = {
  readonly locked: LockedSession
  readonly server: Server
  readonly ledgerSchema: string
  /** Where the ledger ends before the first step. */
  readonly lastOrdinal: number
  readonly rowCount: number
  readonly runId: string
  readonly statementTimeout: StatementTimeout
  readonly lockTimeout: LockTimeout
  readonly announce: Announce
  readonly interruption: AbortSignal
}

export type Attempt =
  | { readonly kind: 'applied' }
  | { readonly kind: 'failed'; readonly problem: Problem }
  /** It did not get a lock, and nothing of it is in the database: it may be tried again. */
  | {
      readonly kind: 'blocked'
      readonly sqlstate: string
      readonly queue: LockQueue | undefined
      readonly giveUp: (tries: number) => Problem
    }

/** `appliedBefore` counts the steps of this run that are in the ledger already. */
export const attempt = async (
  step: Step,
  appliedBefore: number,
  options: AttemptOptions,
): Promise<Attempt> => {
  const { locked, interruption, announce } = options
  const { file, directives } = step.prepared.migration
  const lockTimeout = directives.lockTimeout ?? options.lockTimeout
  const message = messageOf(step, appliedBefore, options)
  const watch = watchBlockers({
    endpoint: locked.work.endpoint,
    context: { announce, interruption },
    name: message.name,
    lockTimeout,
    onBlocked: (queue, sinceMs) => {
      announce({ kind: 'migration waits for a lock', file, sinceMs, queue })
    },
  })
  const { reply, lastMarker } = await sendMessage(locked, message)
  const queue = watch.end()
  if (reply.kind === 'done') return { kind: 'applied' }
  if (reply.kind === 'lost') {
    const facts = { role: reply.role, reason: reply.reason }
    return failed(
      interruption.aborted
        ? interrupted(interruption, `in ${file}`)
        : problem('connection-lost', facts),
    )
  }
  // The session stays in the failed transaction until it is told; its own answer must not hide the first error.
  await locked.work.send('ROLLBACK')
  if (interruption.aborted && reply.error.sqlstate === '57014')
    return failed(interrupted(interruption, `in ${file}`))
  return explain(reply, { step, message, lastMarker, queue, options })
}

type ServerErrorReply = Extract<Reply, { kind: 'server error' }>

type Told = {
  readonly step: Step
  readonly message: MigrationMessage
  readonly lastMarker: number | undefined
  readonly queue: LockQueue | undefined
  readonly options: AttemptOptions
}

const explain = (
  { error }: ServerErrorReply,
  { step, message, lastMarker, queue, options }: Told,
): Attempt => {
  const { prepared, verification } = step
  const { file, directives } = prepared.migration
  const { phase, place, message: words = error.message } = message.locate(error, lastMarker)
  if (error.sqlstate === fenceStates.notVerified) {
    const { differences, place } = verification.failed(error.detail)
    return failed(problem('not-verified', { file, differences }, place))
  }
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
        phase,
        statements: message.statements,
        place,
        ledgerSchema: options.ledgerSchema,
        mayHaveCommitted,
        lockTimeout: (directives.lockTimeout ?? options.lockTimeout).text,
        statementTimeout: (directives.statementTimeout ?? options.statementTimeout).text,
        role: options.server.searchPath.role,
        tries,
        queue,
      },
    )
  return means(error.sqlstate, 'blocked') && !mayHaveCommitted
    ? { kind: 'blocked', sqlstate: error.sqlstate, queue, giveUp }
    : failed(giveUp(1))
}

const failed = (found: Problem): Attempt => ({ kind: 'failed', problem: found })

const messageOf = (
  { prepared, verification }: Step,
  appliedBefore: number,
  options: AttemptOptions,
): MigrationMessage => {
  const { locked, server, ledgerSchema, runId } = options
  const { migration } = prepared
  const lastOrdinal = options.lastOrdinal + appliedBefore
  return buildMessage({
    prepared,
    verification: verification.sql,
    server,
    fence: { locked, ledgerSchema, lastOrdinal, rowCount: options.rowCount + appliedBefore },
    runId,
    record: recordApplied(ledgerSchema, {
      migration,
      ordinal: lastOrdinal + 1,
      statements: prepared.statements?.length ?? 0,
      runId,
    }),
    statementTimeout: migration.directives.statementTimeout ?? options.statementTimeout,
    lockTimeout: migration.directives.lockTimeout ?? options.lockTimeout,
  })
}

type Sent = { readonly reply: Reply; readonly lastMarker: number | undefined }

const sendMessage = async ({ work }: LockedSession, { text }: MigrationMessage): Promise<Sent> => {
  let lastMarker: number | undefined
  const reply = await work.send(text, (row) => {
    if (markerColumn in row) lastMarker = Number(row[markerColumn])
  })
  return { reply, lastMarker }
}
