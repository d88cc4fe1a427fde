// What helps against an error of the server, whichever way the migration runs.

import { fenceStates } from '../../database/session/fence-states.ts'
import { ledgerTable } from '../../database/ledger/ledger.ts'
import type { ServerError } from '../../database/session/reply.ts'
import { quoteName } from '../../errors/define.ts'
import type { FailureContext } from './context.ts'
import { invisibleAt } from './invisible.ts'
import type { Phase } from '../message.ts'
import type { ParsedStatement } from '../../sql/tree/parse.ts'
import { asksForLastNumber } from '../../sql/transaction/session-objects.ts'
import {
  characterNotInRepertoire,
  duplicateColumn,
  duplicateDatabase,
  duplicateFunction,
  duplicateObject,
  duplicateSchema,
  duplicateTable,
  insufficientPrivilege,
  isCondition,
  objectInUse,
  objectNotInPrerequisiteState,
  queryCanceled,
  readOnlySqlTransaction,
  unsafeNewEnumValueUsage,
  untranslatableCharacter,
} from '../../errors/server/sqlstate.ts'

type StatementNode = ParsedStatement['node']

/** What to do about a failed statement or migration, in words that end with whether the file may be edited. */
export const adviceOn = (error: ServerError, context: FailureContext): string => {
  const { work } = context
  const own = work.kind === 'transaction' ? onOurOwnSql(error, work.phase, context) : undefined
  if (own !== undefined) return own
  const { sqlstate } = error
  if (sqlstate === queryCanceled) return onCancel(context)
  const helps =
    onInvisible(sqlstate, context) ??
    onTheStatement(sqlstate, work.kind === 'statement' ? work.node : undefined) ??
    onTheWork(error, context)
  if (helps === undefined) return editIt[work.kind]
  return `${helps}${helps.endsWith('\n') ? '' : ' '}${editIt[work.kind]}`
}

const editIt = {
  transaction:
    'Nothing of this file is in the database, so it may be edited: correct it and run again.',
  statement:
    'This statement and those after it may be edited, those before it may not: correct it and run again: the next run resumes here.',
} as const

// The comparison or the record failed, at the end of the file.
const onOurOwnSql = (
  { sqlstate }: ServerError,
  phase: Phase,
  { ledgerSchema }: FailureContext,
): string | undefined => {
  if (sqlstate === queryCanceled) return undefined
  if (phase.kind !== 'verification' && phase.kind !== 'recording') return undefined
  if (isCondition(sqlstate, 'passing'))
    return 'This error is about the state of the server, not about the file: run again when the server has recovered.'
  if (phase.kind === 'verification')
    return `The comparison itself failed, which is a fault of schemagate: please report it with the file. Until then a '-- @fingerprint sql SELECT …' at the top of the file can replace it. ${editIt.transaction}`
  return isCondition(sqlstate, 'missingTable') || sqlstate === insufficientPrivilege
    ? 'The file removed the ledger (it dropped its schema, or revoked the right to write to it): leave that out and run again.'
    : `The ledger refused the row: look for triggers and rules on ${ledgerTable(ledgerSchema)}.`
}

const onCancel = ({ work, statementTimeout }: FailureContext): string => {
  if (work.kind === 'transaction')
    return `A statement was cancelled, by statement_timeout (${statementTimeout}) or by somebody (pg_cancel_backend). Give this file more time with '-- @statement-timeout 10min' at the top of the file, or all files with MIGRATION_STATEMENT_TIMEOUT; data changes in batches belong in a backfill.`
  return work.direct
    ? `The statement was cancelled, by statement_timeout (${statementTimeout}) or by somebody (pg_cancel_backend). Give this file more time with '-- @statement-timeout 10min' at the top of the file, and run again: the next run resumes here.`
    : 'The statement was cancelled: by somebody (pg_cancel_backend), or by the statement_timeout that the login has through the pooler (ALTER ROLE … SET, ALTER DATABASE … SET, or another client of the pooler), which a statement without a transaction cannot change. Raise it, or set DATABASE_URL_DIRECT, and run again: the next run resumes here.'
}

// Syntax errors, and names that are not there.
const onInvisible = (sqlstate: string, { place }: FailureContext): string | undefined =>
  place !== undefined && sqlstate.startsWith('42') ? invisibleAt(place) : undefined

const onTheWork = (
  { sqlstate, raised }: ServerError,
  { work, role = '' }: FailureContext,
): string | undefined => {
  if (raised === fenceStates.roleLeft)
    return `The statement left MIGRATION_ROLE: RESET ROLE, SET ROLE NONE and SET SESSION AUTHORIZATION switch back to the login role. Write SET ROLE ${quoteName(role)} instead.`
  if (sqlstate === insufficientPrivilege)
    return 'The role lacks a privilege: GRANT it, or migrate as the owner of the object.'
  // What no text shows, as of a procedure that commits.
  if (isCondition(sqlstate, 'refusesTransaction'))
    return work.kind === 'transaction'
      ? "The statement needs to run without a transaction. Write '-- @transaction off' at the top of the file: it then runs statement by statement."
      : "The statement needs to run without a transaction: move it out of BEGIN and COMMIT, and write '-- @transaction off' at the top of the file. Behind a pooler, first RESET what the file has set."
  if (work.kind === 'statement') return undefined
  if (sqlstate === unsafeNewEnumValueUsage)
    return 'A new enum value can be used only after its transaction has ended: move its use into the next migration.'
  return sqlstate === readOnlySqlTransaction && work.phase.kind === 'commit'
    ? 'A deferred trigger postpones itself (SET CONSTRAINTS … DEFERRED) until COMMIT and writes then, where nothing may be written after the ledger row. Let it do its work when it first runs.'
    : undefined
}

/** Undefined where nothing of the kind is known. */
const onTheStatement = (sqlstate: string, node: StatementNode | undefined): string | undefined => {
  const condition = alreadyThere[sqlstate]
  if (condition !== undefined)
    return adviceOutsideTransaction(node) ?? guardAgainst(sqlstate, condition)
  switch (sqlstate) {
    case objectNotInPrerequisiteState:
      return node !== undefined && asksForLastNumber(node)
        ? 'The session that drew the number has ended: ask for it by what its row holds, (SELECT id FROM … WHERE …), in place of currval() or lastval().'
        : undefined
    case untranslatableCharacter:
      return "The database's encoding has no such character. Remove it from the file, including its comments, and from the file's name."
    case characterNotInRepertoire:
      return 'The bytes are not valid text in that encoding. In a database of the encoding SQL_ASCII, which counts bytes, a name of more than 63 is cut inside a character: shorten it.'
    // Of a database: by other sessions.
    case objectInUse:
      return node !== undefined && ('DropdbStmt' in node || 'CreatedbStmt' in node)
        ? undefined
        : 'Rows that the file has changed still wait for their deferred constraints: write SET CONSTRAINTS ALL IMMEDIATE; before this statement, or move it into the next file. If the file has a cursor open on the table, CLOSE it first.'
    default:
      return undefined
  }
}

const alreadyThere: Readonly<Record<string, string>> = {
  [duplicateTable]: 'duplicate_table',
  [duplicateObject]: 'duplicate_object',
  [duplicateColumn]: 'duplicate_column',
  [duplicateFunction]: 'duplicate_function',
  [duplicateSchema]: 'duplicate_schema',
  [duplicateDatabase]: 'duplicate_database',
}

// These refuse a transaction, and with it a DO block.
const adviceOutsideTransaction = (node: StatementNode | undefined): string | undefined => {
  if (node === undefined) return undefined
  const [what, catalog, name] =
    'CreatedbStmt' in node
      ? ['database', 'pg_database', 'datname']
      : 'CreateTableSpaceStmt' in node
        ? ['tablespace', 'pg_tablespace', 'spcname']
        : 'CreateSubscriptionStmt' in node
          ? ['subscription', 'pg_subscription', 'subname']
          : []
  return what === undefined
    ? undefined
    : `The ${what} already exists, created by something other than this file. CREATE ${what.toUpperCase()} has no IF NOT EXISTS and is not possible in a DO block: remove it from the file if the existing one is intended ('SELECT FROM pg_catalog.${catalog} WHERE ${name} = …' shows it), or give it another name.`
}

// Tables, columns and schemas, and what shares their names.
const guarded: readonly string[] = [duplicateTable, duplicateColumn, duplicateSchema]

const guardAgainst = (sqlstate: string, condition: string): string =>
  'The object already exists, created by something other than this file. ' +
  (guarded.includes(sqlstate)
    ? 'Guard the statement with IF NOT EXISTS, or give what it creates another name. A view has OR REPLACE; a constraint has neither:\n'
    : 'Give what the file creates another name, or skip it if it exists: with IF NOT EXISTS or OR REPLACE where the statement has one. Roles, types, domains, policies, constraints, casts, operators, publications have neither:\n') +
  `DO $$ BEGIN\n  <the statement>;\nEXCEPTION WHEN ${condition} THEN NULL;\nEND $$;\n`
