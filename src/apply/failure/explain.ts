// What the server said of a migration, explained: what its SQLSTATE means for the run, and what the operator can do about it.
// The one explainer: of a migration in one transaction, and of one that runs statement by statement.

import type { ServerError } from '../../database/session/reply.ts'
import { ledgerTable } from '../../database/ledger/ledger.ts'
import { describeBlockers, leadersOf } from '../../database/lock/describe-session.ts'
import { fenceStates } from '../../database/session/fence-states.ts'
import { problem, type Place, type Problem } from '../../errors/problem.ts'
import { serverStateOf } from '../../errors/server/server-state.ts'
import { isCollision, isCondition } from '../../errors/server/sqlstate.ts'
import { endsSessions } from '../../sql/transaction/ends-sessions.ts'
import { adviceOn } from './advice.ts'
import type { FailureContext } from './context.ts'
import { lockLost } from './lost.ts'
import { untranslatableAt } from './untranslatable.ts'

export const explainFailure = (error: ServerError, context: FailureContext): Problem => {
  const { file, work } = context
  const raised = work.kind === 'transaction' ? explainRaised(error, context) : undefined
  if (raised !== undefined) return raised
  const place = untranslatableAt(error, context) ?? context.place
  const { sqlstate, message, detail: serverDetail, hint, context: where, internalQuery } = error
  const facts = {
    file,
    ...{ sqlstate, message, serverDetail, hint, context: where, internalQuery },
  }
  const mayHaveCommitted = work.kind === 'transaction' && work.mayHaveCommitted
  if (isCollision(error) && !mayHaveCommitted) {
    const { tries, queue, ledgerSchema, lockTimeout } = context
    const sessions = queue?.blockers ?? []
    const blocked = {
      ...facts,
      tries,
      blockers: describeBlockers(sessions),
      leaders: leadersOf(sessions),
      behind: queue?.behindCount ?? 0,
    }
    if (work.kind === 'statement')
      return problem('statement-blocked', { ...blocked, number: work.number, of: work.of }, place)
    return work.phase.kind === 'fence'
      ? problem('ledger-blocked', { ...blocked, lockTimeout, ledger: ledgerTable(ledgerSchema) })
      : problem('blocked-ddl', { ...blocked, lockTimeout }, place)
  }
  const phase = phaseInWords(context)
  const state = serverStateOf(sqlstate)
  if (state !== undefined && !mayHaveCommitted)
    return problem(
      state,
      { ...facts, phase, work: work.kind },
      work.kind === 'statement' ? place : undefined,
    )
  const advice = context.why ?? adviceOn(error, context)
  if (work.kind === 'statement') {
    const { number, of } = work
    return problem('statement-failed', { ...facts, number, of, advice }, place)
  }
  return problem(
    mayHaveCommitted ? 'unread-migration-failed' : 'migration-failed',
    { ...facts, phase, advice },
    place,
  )
}

const phaseInWords = ({ work, ledgerSchema }: FailureContext): string => {
  if (work.kind === 'statement') return `at statement ${work.number} of ${work.of}`
  const { phase, statements } = work
  switch (phase.kind) {
    case 'parse':
      return 'to parse: the server ran none of it'
    case 'fence':
      return 'before its first statement'
    case 'statement':
      return statements > 1 ? `at statement ${phase.number} of ${statements}` : ''
    case 'deferred constraints':
      return 'at its end, when the deferred constraints were checked'
    case 'verification':
      return 'at its end, while the database was compared with what the file promises'
    case 'recording':
      return `while it was being recorded in ${ledgerTable(ledgerSchema)}`
    case 'commit':
      return 'at COMMIT'
  }
}

type Refused = {
  readonly file: string
  readonly text: string
  readonly ledgerSchema: string
  readonly place?: Place | undefined
  readonly role?: string | undefined
}

const toolIn = (finding: string | undefined): { readonly tool: string; readonly table: string } =>
  JSON.parse(finding ?? '{"tool":"another tool","table":"its ledger"}') as {
    tool: string
    table: string
  }

/** What our own SQL raised in a transaction, or before rows were recorded; undefined where it was something else. */
export const explainRaised = (
  { raised, finding }: ServerError,
  { file, text, ledgerSchema, place, role = '' }: Refused,
): Problem | undefined => {
  const ledger = ledgerTable(ledgerSchema)
  switch (raised) {
    case fenceStates.lockLost:
      return lockLost({ file, text })
    case fenceStates.ledgerMoved:
      return problem('ledger-moved', { file, ledger })
    case fenceStates.settingsMoved:
      return problem('settings-changed', { file })
    case fenceStates.transactionEnded:
      return problem('transaction-ended', { file })
    case fenceStates.notRecorded:
    case fenceStates.ledgerForeign:
      return problem('not-recorded', { file, ledger })
    case fenceStates.roleLeft:
      return problem('role-left', { file, role })
    case fenceStates.rowsChanged:
      return problem('rows-changed', { file }, place)
    case fenceStates.toolBusy:
    case fenceStates.toolHasRun:
      return problem('tool-at-work', { ...toolIn(finding), waitedSeconds: undefined })
    case fenceStates.toolLedgerForeign:
      return problem('tool-ledger-changed', toolIn(finding))
    default:
      return undefined
  }
}

/** What the fence or the ledger said instead of taking the record of a statement: those before it are done and stay. */
export const explainRefusedRecord = (
  error: ServerError,
  { file, text, ledgerSchema }: Refused,
): Problem => {
  const { raised, sqlstate, message } = error
  const ledger = ledgerTable(ledgerSchema)
  switch (raised) {
    case fenceStates.settingsMoved:
      return problem('settings-changed', { file })
    case fenceStates.ledgerMoved:
    case fenceStates.notRecorded:
    case fenceStates.ledgerForeign:
      return problem('statements-not-recorded', { file, ledger })
    case fenceStates.lockLost:
      return endsSessions(text)
        ? lockLost({ file, text })
        : problem('statements-stopped', { file, reason: 'the migration lock was lost' })
    case fenceStates.rowsChanged:
      return problem('statements-stopped', {
        file,
        reason: 'the rows of a COPY are no longer those that schemagate read when the run began',
      })
    default: {
      const busy = isCondition(sqlstate, 'passing') ? 'could not be written' : 'cannot be written'
      const reason = `${ledger} ${busy}: SQLSTATE ${sqlstate}: ${message}`
      return problem('statements-stopped', { file, reason })
    }
  }
}
