// A migration that did not go through, explained: what the server's SQLSTATE means for the run, and what the
// operator can do about it.

import { fenceStates } from '../database/fence-states.ts'
import type { ServerError } from '../database/reply.ts'
import { problem, type Place, type Problem } from '../errors/problem.ts'
import { serverStateOf } from '../errors/server-state.ts'
import type { LockQueue } from '../events.ts'
import { ledgerTable } from '../database/ledger/ledger.ts'
import { describeBlockers, leadersOf } from '../database/lock/describe-session.ts'
import { adviceOn } from './advice.ts'
import { invisibleAt } from './invisible.ts'
import { lockLost } from './lost.ts'
import type { Phase } from './message.ts'
import { untranslatableAt } from './untranslatable.ts'
import {
  activeSqlTransaction,
  insufficientPrivilege,
  invalidTransactionTermination,
  isCollision,
  isCondition,
  queryCanceled,
  readOnlySqlTransaction,
  unsafeNewEnumValueUsage,
} from '../errors/sqlstate.ts'

export type FailureContext = {
  readonly file: string
  readonly text: string
  readonly phase: Phase
  readonly statements: number
  readonly place: Place | undefined
  readonly ledgerSchema: string
  readonly lockTimeout: string
  readonly statementTimeout: string
  /** The parser could not read the file, it holds words that end a transaction, and the server came to it. */
  readonly mayHaveCommitted: boolean
  /** MIGRATION_ROLE. */
  readonly role: string | undefined
  /** How often it was tried, and who was seen in its way. */
  readonly tries: number
  readonly queue: LockQueue | undefined
  /** What a second look found, as advice. */
  readonly why?: string | undefined
}

export const explainFailure = (error: ServerError, context: FailureContext): Problem => {
  const { sqlstate, raised } = error
  const { file, phase, ledgerSchema, mayHaveCommitted } = context
  const place = context.place ?? untranslatableAt(error, context)
  if (raised === fenceStates.lockLost) return lockLost(context)
  if (raised === fenceStates.ledgerMoved)
    return problem('ledger-moved', { file, ledger: ledgerTable(ledgerSchema) })
  if (raised === fenceStates.settingsMoved) return problem('settings-changed', { file })
  if (raised === fenceStates.transactionEnded) return problem('transaction-ended', { file })
  if (raised === fenceStates.notRecorded || raised === fenceStates.ledgerForeign)
    return problem('not-recorded', { file, ledger: ledgerTable(ledgerSchema) })
  if (raised === fenceStates.roleLeft)
    return problem('role-left', { file, role: context.role ?? '' })
  if (raised === fenceStates.rowsChanged) return problem('rows-changed', { file }, place)
  const serverWords = {
    sqlstate,
    message: error.message,
    serverDetail: error.detail,
    hint: error.hint,
    context: error.context,
    internalQuery: error.internalQuery,
  }
  if (isCollision(error) && !mayHaveCommitted) {
    const { lockTimeout, tries, queue } = context
    const sessions = queue?.blockers ?? []
    const blocked = {
      ...serverWords,
      file,
      lockTimeout,
      tries,
      blockers: describeBlockers(sessions),
      leaders: leadersOf(sessions),
      behind: queue?.behindCount ?? 0,
    }
    return phase.kind === 'fence'
      ? problem('ledger-blocked', { ...blocked, ledger: ledgerTable(ledgerSchema) })
      : problem('blocked-ddl', blocked, place)
  }
  const state = serverStateOf(sqlstate)
  if (state !== undefined && !mayHaveCommitted)
    return problem(state, {
      ...serverWords,
      file,
      phase: phaseInWords(context),
      work: 'transaction',
    })
  const facts = {
    ...serverWords,
    file,
    phase: phaseInWords(context),
    advice: context.why ?? advice(sqlstate, context),
  }
  return mayHaveCommitted
    ? problem('unread-migration-failed', facts, place)
    : problem('migration-failed', facts, place)
}

const phaseInWords = ({ phase, statements, ledgerSchema }: FailureContext): string => {
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

const editIt =
  'Nothing of this file is in the database, so it may be edited: correct it and run again.'

const advice = (
  sqlstate: string,
  { phase, place, statementTimeout, ledgerSchema }: FailureContext,
): string => {
  const isOwn = phase.kind === 'verification' || phase.kind === 'recording'
  if (sqlstate !== queryCanceled && isOwn && isCondition(sqlstate, 'passing'))
    return 'This error is about the state of the server, not about the file: run again when the server has recovered.'
  if (phase.kind === 'verification' && sqlstate !== queryCanceled)
    return `The comparison itself failed, which is a fault of schemagate: please report it with the file. Until then a '-- @fingerprint sql SELECT …' at the top of the file can replace it. ${editIt}`
  if (phase.kind === 'recording' && sqlstate !== queryCanceled)
    return isCondition(sqlstate, 'missingTable') || sqlstate === insufficientPrivilege
      ? 'The file removed the ledger (it dropped its schema, or revoked the right to write to it): leave that out and run again.'
      : `The ledger refused the row: look for triggers and rules on ${ledgerTable(ledgerSchema)}.`
  // Syntax errors, and names that are not there.
  const invisible = place && sqlstate.startsWith('42') ? invisibleAt(place) : undefined
  if (invisible !== undefined) return `${invisible} ${editIt}`
  const known = adviceOn(sqlstate, undefined)
  if (known !== undefined) return `${known}${known.endsWith('\n') ? '' : ' '}${editIt}`
  switch (sqlstate) {
    case queryCanceled:
      return `A statement was cancelled, by statement_timeout (${statementTimeout}) or by somebody (pg_cancel_backend). Give this file more time with '-- @statement-timeout 10min' at the top of the file, or all files with MIGRATION_STATEMENT_TIMEOUT; data changes in batches belong in a backfill.`
    case insufficientPrivilege:
      return `The role lacks a privilege: GRANT it, or migrate as the owner of the object. ${editIt}`
    case unsafeNewEnumValueUsage:
      return `A new enum value can be used only after its transaction has ended: move its use into the next migration. ${editIt}`
    case readOnlySqlTransaction:
      return phase.kind === 'commit'
        ? `A deferred trigger postpones itself (SET CONSTRAINTS … DEFERRED) until COMMIT and writes then, where nothing may be written after the ledger row. Let it do its work when it first runs. ${editIt}`
        : editIt
    // What no text shows, as of a procedure that commits.
    case invalidTransactionTermination:
    case activeSqlTransaction:
      return `The statement needs to run without a transaction. Write '-- @transaction off' at the top of the file: it then runs statement by statement. ${editIt}`
    default:
      return editIt
  }
}
