// A statement without a transaction: announced in the ledger under the fence, sent as its own message, and recorded under the
// fence. On a session of our own it runs with the file's settings and timeouts. Behind a pooler no setting lasts between
// messages, so none is made: it could only reach another client.

import type { Certainty } from '../concurrent-index/run-concurrently.ts'
import { endWhenAbandoned } from '../../database/server/abandoned.ts'
import { cleanSession } from '../../database/own-sql.ts'
import { withRole } from '../../database/session/with-role.ts'
import { interrupted } from '../../errors/interruption.ts'
import type { Problem } from '../../errors/problem.ts'
import { recordDone, recordNotStarted, recordStarted } from '../../database/ledger/progress.ts'
import { startOf, type Unit, type UnitStatement } from '../../migrations/prepare/units.ts'
import { indexOfCharacter, placeAt } from '../../sql/text/offsets.ts'
import { attemptOf, type Attempt } from '../attempt.ts'
import { noAnswer, stoppedBySignal } from '../failure/lost.ts'
import { confirmProgress } from '../fence.ts'
import { retryOnLockTimeout } from '../retry.ts'
import { dropSessionObjects } from '../transaction-settings.ts'
import { timeoutsOf } from '../send.ts'
import { explainStatement, whyStatementFailed } from './explain.ts'
import { recordWhatHappened, updateLedger, type Bookkeeping } from './update-ledger.ts'
import { concurrentStatement, sendConcurrently } from './concurrent.ts'
import { roleFor, settingsBefore } from './settings.ts'
import { nameOf, type StatementsRun } from './statements-run.ts'
import { isCollision, lockNotAvailable } from '../../errors/server/sqlstate.ts'

export const runNonTransactional = async (
  unit: Unit,
  run: StatementsRun,
  certainty: Certainty = 'new',
): Promise<Problem | undefined> => {
  const [statement] = unit.statements
  const { number } = statement
  const { version } = run.step.prepared.migration
  const fence = { ...run.fence, running: { version, done: number } }
  const { ledgerSchema, runId } = run
  const refused = await updateLedger(run, {
    fence,
    statements: [
      recordStarted(ledgerSchema, { version, runId }),
      confirmProgress(fence, { version, done: number, state: 'running' }),
    ],
    ...sessionOf(unit, run),
  })
  if (refused !== undefined) return refused
  const failed = await sendUnit(unit, run, certainty)
  if (failed !== undefined) await clearInDoubt(unit, run)
  return failed ?? markApplied(unit, run)
}

const sendUnit = (
  unit: Unit,
  run: StatementsRun,
  certainty: Certainty,
): Promise<Problem | undefined> => {
  const [statement] = unit.statements
  const { interruption } = run
  // The signal came while it was announced.
  if (interruption.aborted)
    return Promise.resolve(interrupted(interruption, `before ${during(statement, run)}`))
  const concurrent = concurrentStatement(statement, run)
  return concurrent === undefined
    ? sendNonTransactional(unit, run)
    : sendConcurrently(statement, concurrent, run, certainty)
}

const during = ({ number }: UnitStatement, { step }: StatementsRun): string =>
  `statement ${number + 1} of ${step.prepared.migration.file}`

/** Also for what turned out to be done already. */
export const markApplied = (unit: Unit, run: StatementsRun): Promise<Problem | undefined> => {
  const [{ number, checksum }] = unit.statements
  const { version } = run.step.prepared.migration
  const { ledgerSchema, runId, server } = run
  const fence = { ...run.fence, running: { version, done: number } }
  return recordWhatHappened(run, {
    fence,
    statements: [
      recordDone(ledgerSchema, { version, runId }, [checksum]),
      confirmProgress(fence, { version, done: number + 1, state: 'running' }),
    ],
    ...(server.connectionKind === 'DIRECT'
      ? { session: `${cleanSession}; ${dropSessionObjects(server, 'file goes on')}` }
      : {}),
  })
}

const sessionOf = (
  { statements: [statement] }: Unit,
  run: StatementsRun,
): Pick<Bookkeeping, 'session'> => {
  const { server, step, units } = run
  if (server.connectionKind !== 'DIRECT') return {}
  const { migration, body } = step.prepared
  const { statementTimeout, lockTimeout } = timeoutsOf(migration, run)
  const settings = [
    cleanSession,
    `SET statement_timeout = ${statementTimeout.ms}; SET lock_timeout = ${lockTimeout.ms}`,
    ...endWhenAbandoned(server, 'SET'),
    ...(server.versionNumber >= 170_000 ? ['SET transaction_timeout = 0'] : []),
    settingsBefore(units, statement.number, body) ?? '',
    // One that strikes a concurrent build would leave an INVALID index; our own watchdog bounds it.
    ...(concurrentStatement(statement, run) === undefined
      ? []
      : ['SET statement_timeout = 0; SET lock_timeout = 0']),
  ]
  return { session: settings.filter((each) => each !== '').join(';\n') }
}

const sendNonTransactional = (unit: Unit, run: StatementsRun): Promise<Problem | undefined> =>
  retryOnLockTimeout(run.step.prepared.migration, run, () => tryNonTransactional(unit, run))

const tryNonTransactional = async (unit: Unit, run: StatementsRun): Promise<Attempt> => {
  const { locked, step, units, server, interruption } = run
  const { file, text } = step.prepared.migration
  const [statement] = unit.statements
  const start = startOf(text, statement)
  const role = roleFor(units, statement.number, server)
  const before = `${nameOf(statement.number, run)} `
  const reply = await withRole(locked.work, role).send(
    `${before}${text.slice(start, statement.end)}`,
  )
  if (reply.kind === 'done') return attemptOf(undefined)
  const sent = {
    migration: step.prepared.migration,
    interruption,
    during: `in ${during(statement, run)}`,
  }
  if (reply.kind === 'lost') return attemptOf(noAnswer(reply, sent))
  const stopped = stoppedBySignal(reply.error, sent)
  if (stopped !== undefined) return attemptOf(stopped)
  const { position, sqlstate } = reply.error
  const index =
    position === undefined
      ? start
      : start +
        indexOfCharacter(text.slice(start), Math.max(0, position - 1 - Array.from(before).length))
  const place = placeAt(file, text, index)
  const why = await whyStatementFailed(reply.error, run, statement.number)
  const { number } = statement
  const giveUp = (tries: number): Problem =>
    explainStatement(reply.error, { run, number, place, why, tries, queue: undefined })
  return isCollision(reply.error) && sqlstate !== lockNotAvailable && isUndone(statement)
    ? { kind: 'blocked', sqlstate, queue: undefined, giveUp }
    : attemptOf(giveUp(1))
}

// lock_not_available: nobody watches who blocks a statement without a transaction.

// What commits by itself, a procedure or a DO block, leaves what it has committed; what any other has left half done (VACUUM,
// CLUSTER), it does again.
const isUndone = ({ node }: Unit['statements'][0]): boolean =>
  !('CallStmt' in node) && !('DoStmt' in node)

// It has answered, so it is in no doubt. Whether that can be written down, does not change what went wrong.
const clearInDoubt = async (
  { statements: [{ number }] }: Unit,
  run: StatementsRun,
): Promise<void> => {
  const { ledgerSchema, runId, locked } = run
  if (locked.work.lost.aborted) return
  const { version } = run.step.prepared.migration
  await recordWhatHappened(run, {
    fence: { ...run.fence, running: { version, done: number } },
    statements: [recordNotStarted(ledgerSchema, { version, runId })],
  })
}
