// One transaction of our own between the statements of a file: the fence, and the ledger's row.

import { fenceStates, isCondition } from '../../database/sqlstate.ts'
import type { ServerError } from '../../database/reply.ts'
import { interrupted } from '../../errors/interruption.ts'
import { problem, type Problem } from '../../errors/problem.ts'
import { ledgerTable } from '../../database/ledger/ledger.ts'
import { refuseForeign } from '../../database/ledger/trust.ts'
import { endsSessions } from '../../sql/ends-sessions.ts'
import { nameMessage } from '../../database/lock/named-statement.ts'
import { connectionLost, lockLost } from '../lost.ts'
import { fenceStart, sealed, type FenceExpectation } from '../fence.ts'
import { opening } from '../transaction-settings.ts'
import { timeoutsOf } from '../send.ts'
import type { StatementsRun } from './statements-run.ts'

export type Bookkeeping = {
  readonly fence: FenceExpectation
  readonly statements: readonly string[]
  /** SQL behind the COMMIT, for the session of the statement that comes next. */
  readonly then?: string
}

/** Yields what kept the record from being made. */
export const updateLedger = async (
  run: StatementsRun,
  { fence, statements, then = '' }: Bookkeeping,
): Promise<Problem | undefined> => {
  const { locked, server, step, interruption } = run
  const { migration } = step.prepared
  const reply = await locked.work.send(
    `${nameMessage(migration.file, locked.key)} ${[
      opening({ server, ...timeoutsOf(migration, run) }),
      fenceStart(fence),
      refuseForeign(fence),
      ...statements,
      sealed,
      'COMMIT',
    ].join(';\n')};\n${then}`,
  )
  if (reply.kind === 'done') return undefined
  if (reply.kind === 'server error') await locked.work.send('ROLLBACK')
  if (interruption.aborted) return interrupted(interruption, `in ${migration.file}`)
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
  if (error.raised === fenceStates.settingsMoved) return problem('settings-changed', { file })
  if (error.raised === fenceStates.lockLost && endsSessions(text)) return lockLost({ file, text })
  const ledger = ledgerTable(run.ledgerSchema)
  if (error.raised !== undefined && changed.includes(error.raised))
    return problem('statements-not-recorded', { file, ledger })
  const reason = reasonOf(error, ledger)
  return problem('statements-stopped', { file, reason })
}

const changed: readonly string[] = [
  fenceStates.ledgerMoved,
  fenceStates.notRecorded,
  fenceStates.ledgerForeign,
]

const reasonOf = ({ raised, sqlstate, message }: ServerError, ledger: string): string => {
  if (raised === fenceStates.lockLost) return 'the migration lock was lost'
  if (raised === fenceStates.rowsChanged)
    return 'the rows of a COPY are no longer those that schemagate read when the run began'
  const busy = isCondition(sqlstate, 'passing') ? 'could not be written' : 'cannot be written'
  return `${ledger} ${busy}: SQLSTATE ${sqlstate}: ${message}`
}
