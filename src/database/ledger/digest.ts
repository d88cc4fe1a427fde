// Is the ledger exactly what somebody expects? One sum on either side tells, whatever the number of rows: at a start, whether it is
// what the files say, so that the rows need not be read; under the lock, whether it still is what the plan has read. It takes in
// all that decide() looks at, and must stay at least as strict.

import { createHash } from 'node:crypto'
import { literal } from '../literal.ts'
import type { Row } from '../session/reply.ts'
import type { Migration } from '../../migrations/migration.ts'
import type { LedgerRow } from './ledger-row.ts'
import { quotedLedger, versionText } from './ledger.ts'

export type DigestedRow = Pick<LedgerRow, 'version' | 'checksum' | 'state'>

// A row that is neither applied nor reconciled has its state in the place of its checksum: no file has that one.
const line = `${versionText} || ' ' || CASE WHEN state IN ('applied', 'reconciled') THEN checksum ELSE state END`

// https://www.postgresql.org/docs/current/functions-binarystring.html
const sum = `pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(
    pg_catalog.string_agg(${line}, E'\\n' ORDER BY ${versionText} COLLATE pg_catalog."C"), 'UTF8')), 'hex')`

/** One row. */
export const ledgerDigestQuery = (schema: string): string =>
  `SELECT pg_catalog.count(*) AS rows, ${sum} AS digest FROM ${quotedLedger(schema)}`

/** What the question's answer is when every file is recorded as it is now, and nothing else is. */
export const ledgerMatchesFiles = (
  row: Row | undefined,
  migrations: readonly Migration[],
): boolean => {
  const lines = inOrder(migrations).map(({ version, checksum }) => `${version} ${checksum}`)
  return Number(row?.['rows']) === lines.length && row?.['digest'] === digestOf(lines)
}

/** The condition, in SQL, that the ledger has these rows and no others; that of `except` counts on neither side. */
export const hasOnly = (
  schema: string,
  rows: readonly DigestedRow[],
  except: DigestedRow['version'] | undefined,
): string => {
  const lines = inOrder(rows.filter(({ version }) => version !== except)).map(
    ({ version, checksum, state }) => `${version} ${state === 'running' ? state : checksum}`,
  )
  const others = except === undefined ? '' : ` WHERE ${versionText} <> ${literal(except)}`
  return `(SELECT coalesce(${sum}, '') FROM ${quotedLedger(schema)}${others}) = '${lines.length === 0 ? '' : digestOf(lines)}'`
}

/** As COLLATE "C" has it: by the bytes of UTF-8. */
const inOrder = <Row extends Pick<LedgerRow, 'version'>>(rows: readonly Row[]): readonly Row[] =>
  rows
    .map((row) => ({ row, bytes: Buffer.from(row.version) }))
    .sort((a, b) => Buffer.compare(a.bytes, b.bytes))
    .map(({ row }) => row)

const digestOf = (lines: readonly string[]): string =>
  createHash('sha256').update(lines.join('\n')).digest('hex')
