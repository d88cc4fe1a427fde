// One transaction of our own between the statements of a file: the fence, and the ledger's row.

import { fenceStates } from '../../database/session/fence-states.ts'
import type { Reply, ServerError } from '../../database/session/reply.ts'
import { interrupted } from '../../errors/interruption.ts'
import { problem, type Problem } from '../../errors/problem.ts'
import { refuseForeign } from '../../database/ledger/trust.ts'
import { nameMessage } from '../../database/lock/named-statement.ts'
import { explainRefusedRecord } from '../failure/explain.ts'
import { connectionLost } from '../failure/lost.ts'
import { fenceStart, sealed, type FenceExpectation } from '../fence.ts'
import { opening } from '../transaction-settings.ts'
import { timeoutsOf } from '../send.ts'
import type { StatementsRun } from './statements-run.ts'

export type Bookkeeping = {
  readonly fence: FenceExpectation
  readonly statements: readonly string[]
  /**
   * SQL for the session of the statement that comes next. Within the transaction, so that an answer is about all of it or none:
   * what failed behind a COMMIT would be reported as a record that was not made.
   */
  readonly session?: string
}

/** Yields what kept the record from being made. */
export const updateLedger = async (
  run: StatementsRun,
  bookkeeping: Bookkeeping,
): Promise<Problem | undefined> => explain(await tryUpdate(run, bookkeeping), run)

/**
 * As updateLedger(), of what has happened already: a second time where the first was cut off, as by the signal that ends the run.
 * A statement without its record is in doubt for the next run, which may need a person to go on.
 */
export const recordWhatHappened = async (
  run: StatementsRun,
  bookkeeping: Bookkeeping,
): Promise<Problem | undefined> => {
  const first = await tryUpdate(run, bookkeeping)
  const isCutOff = first.kind === 'server error' && first.error.raised === undefined
  return explain(isCutOff ? await tryUpdate(run, bookkeeping) : first, run)
}

const tryUpdate = async (
  { locked, server, step, ...run }: StatementsRun,
  { fence, statements, session }: Bookkeeping,
): Promise<Reply> => {
  const { migration } = step.prepared
  const reply = await locked.work.send(
    `${nameMessage(migration.file, locked.key)} ${[
      opening({ server, ...timeoutsOf(migration, run) }),
      fenceStart(fence),
      refuseForeign(fence),
      ...statements,
      sealed,
      ...(session === undefined ? [] : [session]),
      'COMMIT',
    ].join(';\n')}`,
  )
  if (reply.kind === 'server error') await locked.work.send('ROLLBACK')
  return reply
}

const explain = (reply: Reply, run: StatementsRun): Problem | undefined => {
  const { step, interruption } = run
  if (reply.kind === 'done') return undefined
  if (interruption.aborted) return interrupted(interruption, `in ${step.prepared.migration.file}`)
  return reply.kind === 'lost'
    ? connectionLost(run.step.prepared.migration, reply)
    : explainRecord(reply.error, run)
}

/** What the fence or the ledger said instead of taking the record. */
export const explainRecord = (error: ServerError, run: StatementsRun): Problem => {
  const { file, text } = run.step.prepared.migration
  const found = run.step.verification.failed(error.finding)
  if (error.raised === fenceStates.notVerified && found !== undefined)
    return problem('statements-not-verified', { file, differences: found.differences }, found.place)
  return explainRefusedRecord(error, { file, text, ledgerSchema: run.ledgerSchema })
}
