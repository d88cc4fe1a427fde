// Sets of SQLSTATEs by what they mean to us. Server errors are recognised by code, never by text, which the
// server translates: only what our own SQL raises is known by a value in it. https://www.postgresql.org/docs/current/errcodes-appendix.html

import { randomBytes } from 'node:crypto'

const sets = {
  // cannot_connect_now, too_many_connections: the server is there and will have us later.
  startingUp: ['57P03', '53300'],
  // admin_shutdown, crash_shutdown, idle_in_transaction_session_timeout, transaction_timeout.
  sessionEnded: ['57P01', '57P02', '25P03', '25P04'],
  // lock_not_available, deadlock_detected, serialization_failure.
  lockFailure: ['55P03', '40P01', '40001'],
  // undefined_table, invalid_schema_name.
  missingTable: ['42P01', '3F000'],
  // undefined_table, undefined_column, undefined_function, undefined_object, invalid_schema_name.
  undefinedObject: ['42P01', '42703', '42883', '42704', '3F000'],
  // duplicate_schema, duplicate_table, duplicate_object, and unique_violation of the catalog by who is at it in the same moment.
  concurrentlyCreated: ['42P06', '42P07', '42710', '23505'],
  // query_canceled.
  queryCanceled: ['57014'],
  // insufficient_privilege.
  insufficientPrivilege: ['42501'],
} as const

// Classes: transaction_rollback, insufficient_resources, object_not_in_prerequisite_state, operator_intervention,
// system_error: what passes by itself, or when somebody else has finished.
const passing = ['40', '53', '55', '57', '58']

export const isCondition = (sqlstate: string, meaning: keyof typeof sets | 'passing'): boolean =>
  meaning === 'passing'
    ? passing.includes(sqlstate.slice(0, 2))
    : (sets[meaning] as readonly string[]).includes(sqlstate)

/**
 * Another session was in the way, and will be gone. Two that change the same row of the catalog (GRANT, ALTER ROLE, CREATE OR
 * REPLACE) meet in an internal error, which has no code of its own; its words the server does not translate.
 */
export const isCollision = ({ sqlstate, message }: Reported): boolean =>
  isCondition(sqlstate, 'lockFailure') ||
  (sqlstate === internalError && /^tuple concurrently (?:updated|deleted)$/.test(message))

type Reported = { readonly sqlstate: string; readonly message: string }

const internalError = 'XX000'

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

// query_canceled: of a COPY that its client ended.
const endedByClient = '57014'

// invalid_text_representation; the server translates its words, and the quotes, but not the value between them.
const notANumber = '22P02'

// Random, so that no error that a file raises looks like our own.
const fenceWords = `schemagate fence ${randomBytes(6).toString('hex')} `

/** Which of its states our own SQL has raised, of an error by its code and message as the server sent it. */
export const stateOf = (code: string, message: string): FenceState | undefined =>
  Object.values(fenceStates).find(
    (state) =>
      [state, notANumber, endedByClient].includes(code) && message.includes(fenceWords + state),
  )
