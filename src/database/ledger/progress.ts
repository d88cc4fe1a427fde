// How far a migration that runs statement by statement has come: its row is there from the start, with the state 'running'.

import packageJson from '../../../package.json' with { type: 'json' }
import { literal } from '../literal.ts'
import { reading } from '../own-sql.ts'
import { rowsOf, type Session } from '../session/session.ts'
import type { Migration, MigrationVersion } from '../../migrations/migration.ts'
import type { Progress } from './ledger-row.ts'
import { checkReply, isVersion, quotedLedger } from './ledger.ts'
import { allowedBy, insertRow } from './record.ts'
import { refuseForeign, type LedgerAt } from './trust.ts'

/** Throws `ledger-unreadable`, `ledger-not-permitted`, `connection-lost`. */
export const readProgress = async (
  session: Session,
  at: LedgerAt,
  version: MigrationVersion,
): Promise<Progress> => {
  const reply = await session.send(
    reading(
      refuseForeign(at),
      `SELECT statements_done, statement_started, pg_catalog.array_to_string(statement_checksums, ',') AS checksums
    FROM ${quotedLedger(at.ledgerSchema)} WHERE ${isVersion(version)}`,
    ),
  )
  await checkReply(session, at, reply)
  const [row] = rowsOf(session, reply)
  const checksums = row?.['checksums']
  return {
    done: Number(row?.['statements_done'] ?? 0),
    started: Number(row?.['statement_started'] ?? 0),
    checksums: typeof checksums === 'string' && checksums !== '' ? checksums.split(',') : [],
  }
}

export type RunningRecord = {
  readonly migration: Migration
  readonly ordinal: number
  readonly statements: number
  /** A UUID. */
  readonly runId: string
}

export const recordRunning = (
  schema: string,
  { migration, ordinal, statements, runId }: RunningRecord,
): string =>
  insertRow(schema, migration, {
    state: `'running'`,
    ordinal,
    statements_done: 0,
    statements_total: statements,
    started_at: 'pg_catalog.clock_timestamp()',
    run_id: literal(runId),
    statement_started: 0,
    statement_checksums: `'{}'`,
  })

type Row = { readonly version: MigrationVersion; readonly runId: string }

/** A statement without a transaction is about to run. */
export const recordStarted = (schema: string, { version, runId }: Row): string =>
  update(schema, version, [`statement_started = statements_done + 1`, byRun(runId)])

/** It has answered with an error, so that it is in no doubt. */
export const recordNotStarted = (schema: string, { version, runId }: Row): string =>
  update(schema, version, [`statement_started = statements_done`, byRun(runId)])

export const recordDone = (
  schema: string,
  { version, runId }: Row,
  checksums: readonly string[],
): string => {
  const added = `ARRAY[${checksums.map((each) => literal(each)).join(', ')}]::pg_catalog.text[]`
  return update(schema, version, [
    `statements_done = statements_done + ${checksums.length}`,
    `statement_started = statements_done + ${checksums.length}`,
    `statement_checksums = pg_catalog.array_cat(statement_checksums, ${added})`,
    byRun(runId),
  ])
}

/** The file as it is now: statements that were not done yet may have been edited since it began. */
export const recordFinished = (
  schema: string,
  { migration, statements, runId }: Omit<RunningRecord, 'ordinal'>,
): string =>
  update(schema, migration.version, [
    `state = 'applied', name = ${literal(migration.name)}, checksum = ${literal(migration.checksum)}`,
    `statements_total = ${statements}, finished_at = pg_catalog.clock_timestamp()`,
    'duration_ms = (extract(epoch FROM pg_catalog.clock_timestamp() - started_at) * 1000)::pg_catalog.int8',
    `applied_by = session_user, tool_version = ${literal(packageJson.version)}`,
    `allowed = ${allowedBy(migration)}`,
    byRun(runId),
  ])

const byRun = (runId: string): string => `run_id = ${literal(runId)}`

const update = (schema: string, version: MigrationVersion, settings: readonly string[]): string =>
  `UPDATE ${quotedLedger(schema)} SET ${settings.join(', ')} WHERE ${isVersion(version)} AND state = 'running'`
