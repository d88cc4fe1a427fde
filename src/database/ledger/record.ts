// The row that says a migration is in the database, as SQL for the migration's own transaction.

import packageJson from '../../../package.json' with { type: 'json' }
import { literal } from '../literal.ts'
import type { Migration } from '../../migrations/migration.ts'
import { isVersion, quotedLedger } from './ledger.ts'

export type AppliedRecord = {
  readonly migration: Migration
  readonly ordinal: number
  readonly statements: number
  /** A UUID. */
  readonly runId: string
}

export type ReconciledRecord = {
  readonly migration: Migration
  readonly recognisedBy: string
}

export type MarkedRows = {
  /** In the order of versions. */
  readonly records: readonly ReconciledRecord[]
  readonly lastOrdinal: number
  /** A UUID. */
  readonly runId: string
}

/** All of them in one statement, whatever their number. */
export const recordReconciled = (
  schema: string,
  { records, lastOrdinal, runId }: MarkedRows,
): string => {
  const rows = records.map(
    ({ migration, recognisedBy }, index) =>
      `(${named(migration)}, ${lastOrdinal + 1 + index}, ${literal(recognisedBy)}, ${sourceOf(migration)})`,
  )
  return `INSERT INTO ${quotedLedger(schema)} (version, name, checksum, state, reconciled, ordinal,
  statements_done, statements_total, started_at, finished_at, run_id, applied_by, tool_version, recognised_by, dialect, source_checksum)
SELECT version, name, checksum, 'reconciled', true, ordinal, 0, 0,
  pg_catalog.transaction_timestamp(), pg_catalog.clock_timestamp(),
  ${literal(runId)}::pg_catalog.uuid, session_user, ${literal(packageJson.version)}, recognised_by, dialect, source_checksum
FROM (VALUES ${rows.join(',\n')}) AS marked (version, name, checksum, ordinal, recognised_by, dialect, source_checksum)`
}

/** One row of the ledger: what it says of the file, and what the caller says of the run, each by column as an SQL expression. */
export const insertRow = (
  schema: string,
  migration: Migration,
  ofRun: Readonly<Record<string, string | number>>,
): string => `${withoutLast(schema, [migration])}INSERT INTO ${quotedLedger(schema)} (version, name, checksum, ${Object.keys(ofRun).join(', ')},
  applied_by, tool_version, allowed, dialect, source_checksum)
VALUES (${named(migration)}, ${Object.values(ofRun).join(', ')},
  session_user, ${literal(packageJson.version)}, ${allowedBy(migration)}, ${sourceOf(migration)})`

export const recordApplied = (
  schema: string,
  { migration, ordinal, statements, runId }: AppliedRecord,
): string =>
  insertRow(schema, migration, {
    state: `'applied'`,
    ordinal,
    statements_done: statements,
    statements_total: statements,
    started_at: 'pg_catalog.transaction_timestamp()',
    finished_at: 'pg_catalog.clock_timestamp()',
    duration_ms:
      '(extract(epoch FROM pg_catalog.clock_timestamp() - pg_catalog.transaction_timestamp()) * 1000)::pg_catalog.int8',
    run_id: literal(runId),
  })

export type AppliedBatch = {
  /** In their order, each with how many statements it has. */
  readonly files: readonly { readonly migration: Migration; readonly statements: number }[]
  readonly lastOrdinal: number
  /** A UUID. */
  readonly runId: string
  /**
   * An expression, a text: in seconds from the beginning of the transaction, when the first file began, and when each of them
   * ended, with blanks in between.
   */
  readonly times: string
}

/** All of them in one statement, each with its own time. */
export const recordBatch = (
  schema: string,
  { files, lastOrdinal, runId, times }: AppliedBatch,
): string => {
  const rows = files.map(
    ({ migration, statements }, at) =>
      `(${at + 1}, ${named(migration)}, ${statements}, ${allowedBy(migration)}, ${sourceOf(migration)})`,
  )
  const again = files.map(({ migration }) => migration)
  return `${withoutLast(schema, again)}INSERT INTO ${quotedLedger(schema)} (version, name, checksum, state, ordinal,
  statements_done, statements_total, started_at, finished_at, duration_ms, run_id, applied_by, tool_version, allowed, dialect, source_checksum)
SELECT version, name, checksum, 'applied', ${lastOrdinal} + at, statements, statements,
  pg_catalog.transaction_timestamp() + pg_catalog.make_interval(secs => times[at]),
  pg_catalog.transaction_timestamp() + pg_catalog.make_interval(secs => times[at + 1]),
  ((times[at + 1] - times[at]) * 1000)::pg_catalog.int8,
  ${literal(runId)}::pg_catalog.uuid, session_user, ${literal(packageJson.version)}, allowed, dialect, source_checksum
FROM (VALUES ${rows.join(',\n')}) AS files (at, version, name, checksum, statements, allowed, dialect, source_checksum),
  CAST(pg_catalog.string_to_array(${times}, ' ') AS pg_catalog.float8[]) AS times`
}

/** What runs when it changes has one row, that of its last run. */
const withoutLast = (schema: string, migrations: readonly Migration[]): string => {
  const again = migrations.filter(({ runs }) => runs !== undefined)
  return again.length === 0
    ? ''
    : `DELETE FROM ${quotedLedger(schema)} WHERE ${again.map(({ version }) => isVersion(version)).join(' OR ')};\n`
}

/** Version, name and checksum. */
const named = ({ version, name, checksum }: Migration): string =>
  `${literal(version)}, ${literal(name)}, ${literal(checksum)}`

/** The tool that the file was written for, and that tool's own checksum of it; text, also where both are NULL. */
const sourceOf = ({ source }: Migration): string =>
  `${textOrNull(source?.dialect)}, ${textOrNull(source?.checksum)}`

const textOrNull = (value: string | undefined): string =>
  value === undefined ? 'NULL::pg_catalog.text' : literal(value)

/** What the file accepts with `@allow`, and why: 'drop-table nothing reads it since version 7'. */
export const allowedBy = ({ directives: { allow } }: Migration): string =>
  allow === undefined
    ? 'NULL'
    : literal(allow.map(({ rule, reason }) => `${rule} ${reason}`).join('; '))
