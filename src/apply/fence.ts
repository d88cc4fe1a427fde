// What every migration asserts on the server, in its own transaction: we still have the lock, the ledger ends where the
// plan says, and the transaction that records it is the one that ran it. Whatever dies when, no migration runs twice, out of
// order, or without the lock.

import { literal } from '../database/literal.ts'
import { storedSettings } from '../database/server/login-settings.ts'
import { cleanSession, ownPath } from '../database/own-sql.ts'
import { fenceStates, raising, type FenceState } from '../database/session/fence-states.ts'
import { hasOnly, type DigestedRow } from '../database/ledger/digest.ts'
import { isVersion, lockLedger, quotedLedger } from '../database/ledger/ledger.ts'
import { refuseUnlocked, type LedgerAt } from '../database/ledger/trust.ts'
import { isHeld } from '../database/lock/key.ts'
import type { LockedSession } from '../database/lock/locked-session.ts'
import type { MigrationVersion } from '../migrations/migration.ts'

export type FenceExpectation = LedgerAt & {
  readonly locked: LockedSession
  /** The ledger's last ordinal before this migration; 0 for an empty ledger. */
  readonly lastOrdinal: number
  /** The ledger's rows before this migration, where the opening fence asserts that it has them and no others. */
  readonly rows?: readonly DigestedRow[]
  /** What is stored for the login, where it is to be as the plan has read it. */
  readonly storedSettings?: string | undefined
  /** Of a migration that runs statement by statement: its own row, with so many statements done. */
  readonly running?: { readonly version: MigrationVersion; readonly done: number }
}

/** Before the migration's text, and behind our path that opening() puts on. */
export const fenceStart = ({
  locked,
  ledgerSchema,
  lastOrdinal,
  rows,
  running,
  storedSettings: stored,
}: FenceExpectation): string =>
  [
    // A runner that was killed may still be executing on the server: this waits for it, then sees what it did.
    lockLedger(ledgerSchema),
    raiseUnless([
      lockIsHeld(locked),
      [
        fenceStates.ledgerMoved,
        `(SELECT coalesce(max(ordinal), 0) FROM ${quotedLedger(ledgerSchema)}) = ${lastOrdinal}`,
      ],
      ...(running === undefined ? [] : [isRunning(ledgerSchema, running)]),
      // Within a file they stay what they were at its start, as they do for psql.
      ...(stored === undefined || running !== undefined ? [] : [areStored(stored)]),
      ...(rows === undefined ? [] : [hasRows(ledgerSchema, rows, running)]),
    ]),
  ].join(';\n')

/**
 * After the migration's text, before its ledger row: the text may have put on a role that cannot see the ledger, a timeout that
 * would strike our own statements, or a search_path with operators of its own. `limits` are the settings of opening(): those
 * of the login are none that anybody has given this file.
 */
export const resetSession = (limits: string): string => `${cleanSession};\n${limits};\n${ownPath}`

/** Behind resetSession, of a file that the parser could not read. */
export const transactionLasts = ({ ledgerSchema }: FenceExpectation): string =>
  raiseUnless([[fenceStates.transactionEnded, ledgerStillLocked(ledgerSchema)]])

/**
 * After the migration's text, where it runs under a role of its own: RESET ROLE goes back to the login role, and what it
 * then makes would have the wrong owner. Says nothing when the file ended its transaction: resetSession() tells that.
 */
export const roleStays = (role: string): string =>
  [
    ownPath,
    raiseUnless([
      [
        fenceStates.roleLeft,
        `current_user <> session_user OR session_user = ${literal(role)}
        OR NOT EXISTS (SELECT FROM pg_catalog.pg_locks WHERE pid = pg_catalog.pg_backend_pid() AND granted
          AND locktype = 'relation' AND mode = 'ShareRowExclusiveLock')`,
      ],
    ]),
  ].join(';\n')

/** How far a file can be seen into: its every statement, some of them, or not even where they end. */
export type Sight = 'whole' | 'in part' | 'unread'

/** The last that a file can run: deferred triggers that have put themselves off once more, and a query at the close of its cursor. */
export const runDeferred = 'SET CONSTRAINTS ALL IMMEDIATE; CLOSE ALL'

/**
 * Between runDeferred and the ledger row: what came before has not touched the ledger. Whoever changes a row of a table, or the
 * table, holds a lock on it until the transaction ends, which no setting and no privilege prevents, and which costs the same
 * for any number of rows; only a trigger takes no other lock than the opening fence has. From here on no code but ours runs in
 * this transaction: what could be left of deferred triggers and open cursors has run before.
 */
export const ledgerUntouched = (fence: FenceExpectation, sight: Sight): string => {
  const { ledgerSchema, rows } = fence
  const ledger = `pg_catalog.to_regclass(${literal(quotedLedger(ledgerSchema))})`
  // NULL where the ledger is gone: noticed by the row, which then cannot be written.
  const isOnlyLocked = `(SELECT pg_catalog.bool_or(mode = 'ShareRowExclusiveLock')
      AND NOT pg_catalog.bool_or(mode IN (${changing}${sight === 'whole' ? shaping : ''}))
    FROM pg_catalog.pg_locks WHERE relation = ${ledger} AND pid = pg_catalog.pg_backend_pid())`
  const hasTrigger = `EXISTS (SELECT FROM pg_catalog.pg_trigger WHERE tgrelid = ${ledger})`
  return [
    raiseUnless([
      [fenceStates.notRecorded, isOnlyLocked],
      [fenceStates.notRecorded, `NOT ${hasTrigger}`],
      // It may have had a transaction of its own.
      ...(sight !== 'unread' || rows === undefined ? [] : [hasRows(ledgerSchema, rows, undefined)]),
    ]),
    ...(sight === 'whole' ? [] : [refuseUnlocked(fence)]),
  ].join(';\n')
}

const changing = `'RowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock'`
// A GRANT, a COMMENT or a plain index does no harm, which refuseUnlocked() tells from a child or the index on an expression.
const shaping = `, 'ShareLock', 'ShareUpdateExclusiveLock'`

/**
 * Behind the ledger row, in front of COMMIT: a deferred trigger may put itself off once more each time that it is run, and then
 * runs at COMMIT, when nobody looks any more. A transaction cannot be made READ WRITE again once it has read something.
 * https://www.postgresql.org/docs/current/sql-set-transaction.html
 */
export const sealed = 'SET TRANSACTION READ ONLY'

/** After the ledger's rows, so many: they are there, and the lock is still ours. */
export const confirmRecords = (
  { locked, ledgerSchema, lastOrdinal }: FenceExpectation,
  runId: string,
  count: number,
): string =>
  raiseUnless([
    lockIsHeld(locked),
    [
      fenceStates.notRecorded,
      `(SELECT count(*) FROM ${quotedLedger(ledgerSchema)}
        WHERE ordinal BETWEEN ${lastOrdinal + 1} AND ${lastOrdinal + count} AND run_id = ${literal(runId)}) = ${count}`,
    ],
  ])

/** After the progress of a migration that runs statement by statement: its row has it. */
export const confirmProgress = (
  { locked, ledgerSchema }: FenceExpectation,
  { version, done, state }: Progressed,
): string =>
  raiseUnless([
    lockIsHeld(locked),
    [
      fenceStates.notRecorded,
      `EXISTS (SELECT FROM ${quotedLedger(ledgerSchema)}
        WHERE ${isVersion(version)} AND state = '${state}' AND statements_done = ${done})`,
    ],
  ])

export type Progressed = {
  readonly version: MigrationVersion
  readonly done: number
  readonly state: 'running' | 'applied'
}

const hasRows = (
  schema: string,
  rows: readonly DigestedRow[],
  running: FenceExpectation['running'],
): Assertion => [fenceStates.ledgerMoved, hasOnly(schema, rows, running?.version)]

type Assertion = readonly [state: FenceState, condition: string]

const lockIsHeld = ({ token }: LockedSession): Assertion => [fenceStates.lockLost, isHeld(token)]

const isRunning = (
  schema: string,
  { version, done }: NonNullable<FenceExpectation['running']>,
): Assertion => [
  fenceStates.ledgerMoved,
  `EXISTS (SELECT FROM ${quotedLedger(schema)}
    WHERE ${isVersion(version)} AND state = 'running' AND statements_done = ${done})`,
]

const areStored = (stored: string): Assertion => [
  fenceStates.settingsMoved,
  `${storedSettings} = ${literal(stored)}`,
]

// The lock that the opening fence took lasts as long as its transaction. A file that took the ledger itself away is reported
// by the ledger row, which then cannot be written.
const ledgerStillLocked = (schema: string): string => {
  const ledger = `pg_catalog.to_regclass(${literal(quotedLedger(schema))})`
  return `${ledger} IS NULL OR EXISTS (SELECT FROM pg_catalog.pg_locks WHERE relation = ${ledger} AND granted
    AND pid = pg_catalog.pg_backend_pid() AND mode IN ('ShareRowExclusiveLock', 'AccessExclusiveLock'))`
}

// A plain query: the server makes ready for a DO block of PL/pgSQL several times as long, and each migration has two of these.
const raiseUnless = (assertions: readonly Assertion[]): string => {
  const checks = assertions.map(
    ([state, condition]) => `WHEN NOT (${condition}) THEN ${raising(state)}`,
  )
  return `SELECT CASE ${checks.join('\n')} END AS schemagate_fence`
}
