// One try of a unit with a transaction: whole or not at all, together with its record.

import { fenceStates } from '../../database/session/fence-states.ts'
import type { Problem } from '../../errors/problem.ts'
import { recordDone } from '../../database/ledger/progress.ts'
import type { Unit } from '../../migrations/prepare/units.ts'
import type { Attempt } from '../attempt.ts'
import { noAnswer, stoppedBySignal } from '../failure/lost.ts'
import { confirmProgress } from '../fence.ts'
import { buildMessage } from '../message.ts'
import { sendMessage, timeoutsOf } from '../send.ts'
import type { StatementsRun } from './statements-run.ts'
import { explainRecord } from './update-ledger.ts'
import { explainStatement, whyStatementFailed } from './explain.ts'
import { settingsBefore } from './settings.ts'
import { isCollision, isCondition } from '../../errors/server/sqlstate.ts'

/** Nothing of it is in the database; that it needs none, its text does not show. */
type NeedsNoTransaction = {
  readonly kind: 'needs no transaction'
  /** For who cannot run it so. */
  readonly problem: Problem
}

export const tryTransaction = async (
  { kind, statements }: Unit,
  run: StatementsRun,
): Promise<Attempt | NeedsNoTransaction> => {
  const { locked, server, step, units, ledgerSchema, runId, interruption } = run
  const { prepared } = step
  const { migration } = prepared
  const { version, file } = migration
  const [{ number, start }] = statements
  const done = number + statements.length
  const fence = { ...run.fence, running: { version, done: number } }
  const settings = settingsBefore(units, number, prepared.body)
  const checksums = statements.map(({ checksum }) => checksum)
  const message = buildMessage({
    prepared,
    part: { start, end: statements.at(-1)?.end ?? start },
    ...(settings === undefined ? {} : { settings }),
    verification: '',
    server,
    fence,
    runId,
    sight: 'in part',
    record: [
      recordDone(ledgerSchema, { version, runId }, checksums),
      confirmProgress(fence, { version, done, state: 'running' }),
    ].join(';\n'),
    ...timeoutsOf(migration, run),
  })
  const { reply, lastMarker, queue } = await sendMessage(migration, message, run)
  if (reply.kind === 'done') return { kind: 'applied' }
  const sent = { migration, interruption, during: `in ${file}` }
  if (reply.kind === 'lost') return failed(noAnswer(reply, sent))
  const { error } = reply
  await locked.work.send('ROLLBACK')
  const stopped = stoppedBySignal(error, sent)
  if (stopped !== undefined) return failed(stopped)
  const { phase, place } = message.locate(error, lastMarker)
  if (error.raised !== undefined && error.raised !== fenceStates.roleLeft)
    return failed(explainRecord(error, run))
  const within = phase.kind === 'statement' ? phase.number - 1 : 0
  const why = await whyStatementFailed(error, run, number + within)
  const giveUp = (tries: number): Problem =>
    explainStatement(error, { run, number: number + within, place, tries, queue, why })
  const isBare = kind === 'transaction' && statements.length === 1 && phase.kind === 'statement'
  if (isBare && isCondition(error.sqlstate, 'refusesTransaction'))
    return { kind: 'needs no transaction', problem: giveUp(1) }
  return isCollision(error)
    ? { kind: 'blocked', sqlstate: error.sqlstate, queue, giveUp }
    : failed(giveUp(1))
}

const failed = (found: Problem): Attempt => ({ kind: 'failed', problem: found })
