// Is the ledger exactly what somebody expects? One sum on either side tells, whatever the number of rows: at a start, whether it is
// what the files say, so that the rows need not be read; under the lock, whether it still is what the plan has read. It takes in
// all that decide() looks at, and must stay at least as strict.

import { createHash } from 'node:crypto'
import type { Row } from '../reply.ts'
import { compareVersions, type Migration } from '../../migrations/migration.ts'
import type { LedgerRow } from './ledger-row.ts'
import { quotedLedger } from './ledger.ts'

export type DigestedRow = Pick<LedgerRow, 'version' | 'checksum' | 'state'>

// A row that is neither applied nor reconciled has its state in the place of its checksum: no file has that one.
const line = `version || ' ' || CASE WHEN state IN ('applied', 'reconciled') THEN checksum ELSE state END`

// https://www.postgresql.org/docs/current/functions-binarystring.html
const sum = `pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(
    pg_catalog.string_agg(${line}, E'\\n' ORDER BY version), 'UTF8')), 'hex')`

/** One row. */
export const ledgerDigestQuery = (schema: string): string =>
  `SELECT pg_catalog.count(*) AS rows, ${sum} AS digest FROM ${quotedLedger(schema)}`

/** What the question's answer is when every file is recorded as it is now, and nothing else is. */
export const ledgerMatchesFiles = (
  row: Row | undefined,
  /** In the order of their versions. */
  migrations: readonly Migration[],
): boolean => {
  const lines = migrations.map(({ version, checksum }) => `${version} ${checksum}`)
  return Number(row?.['rows']) === lines.length && row?.['digest'] === digestOf(lines)
}

/** The condition, in SQL, that the ledger has these rows and no others; that of `except` counts on neither side. */
export const hasOnly = (
  schema: string,
  rows: readonly DigestedRow[],
  except: DigestedRow['version'] | undefined,
): string => {
  const lines = rows
    .filter(({ version }) => version !== except)
    .sort((a, b) => compareVersions(a.version, b.version))
    .map(({ version, checksum, state }) => `${version} ${state === 'running' ? state : checksum}`)
  const others = except === undefined ? '' : ` WHERE version <> ${except}`
  return `(SELECT coalesce(${sum}, '') FROM ${quotedLedger(schema)}${others}) = '${lines.length === 0 ? '' : digestOf(lines)}'`
}

const digestOf = (lines: readonly string[]): string =>
  createHash('sha256').update(lines.join('\n')).digest('hex')
