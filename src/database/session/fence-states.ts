// The errors that our own SQL raises: states of our own, and how one is known again by a value in its words, which the server
// translates otherwise.

import { randomBytes } from 'node:crypto'
import { invalidTextRepresentation, queryCanceled } from '../../errors/server/sqlstate.ts'

/** What our own SQL raises, by raise() in PL/pgSQL or by raising(). The SQL of a file may raise the same codes. */
export const fenceStates = {
  lockLost: 'SG001',
  ledgerMoved: 'SG002',
  transactionEnded: 'SG003',
  notRecorded: 'SG004',
  notVerified: 'SG005',
  roleLeft: 'SG006',
  ledgerForeign: 'SG007',
  settingsMoved: 'SG008',
  /** Said by us, in the middle of a COPY. */
  rowsChanged: 'SG009',
  /** Another tool holds its lock, or has written to its ledger since that was read. */
  toolBusy: 'SG010',
  /** Another tool's ledger has become what would run somebody's code. */
  toolLedgerForeign: 'SG011',
  /** Another tool has run the file since its ledger was read. */
  toolHasRun: 'SG012',
} as const

export type FenceState = (typeof fenceStates)[keyof typeof fenceStates]

/** A statement of PL/pgSQL; `detail` is an expression. */
export const raise = (state: FenceState, detail?: string): string =>
  `RAISE EXCEPTION USING ERRCODE = '${state}', MESSAGE = '${fenceWords}${state}'${detail === undefined ? '' : `, DETAIL = ${detail}`};`

/** An SQL expression that fails: for a query, which cannot RAISE. Not a constant, which the planner would try beforehand. */
export const raising = (state: FenceState): string =>
  `pg_catalog.concat('${fenceWords}${state}')::pg_catalog.int4`

/** What the server is to say when we end a COPY instead of giving it its rows. */
export const givingUp = (state: FenceState): string => fenceWords + state

// Random, so that no error that a file raises looks like our own.
const fenceWords = `schemagate fence ${randomBytes(6).toString('hex')} `

/**
 * Which of its states our own SQL has raised, of an error by its code and message as the server sent it. A cast that fails says the
 * value in quotes of the server's language; a COPY that its client ended is cancelled.
 */
export const stateOf = (code: string, message: string): FenceState | undefined =>
  Object.values(fenceStates).find(
    (state) =>
      [state, invalidTextRepresentation, queryCanceled].includes(code) &&
      message.includes(fenceWords + state),
  )
