// Is the ledger exactly what the files say? One sum on either side tells, whatever their number; only when the two differ
// are the rows read, and decide() judges. So it takes in all that decide() looks at, and must stay at least as strict.

import { hash } from 'node:crypto'
import type { Row } from '../database/reply.ts'
import type { Migration } from '../migrations/migration.ts'
import { quotedLedger } from './ledger.ts'

// A row that is neither applied nor reconciled has its state in the place of its checksum: no file has that one.
const line = `version || ' ' || CASE WHEN state IN ('applied', 'reconciled') THEN checksum ELSE state END`

/** One row. https://www.postgresql.org/docs/current/functions-binarystring.html */
export const digestQuestion = (schema: string): string =>
  `SELECT pg_catalog.count(*) AS rows, pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(
    pg_catalog.string_agg(${line}, E'\\n' ORDER BY version), 'UTF8')), 'hex') AS digest
  FROM ${quotedLedger(schema)}`

/** What the question's answer is when every file is recorded as it is now, and nothing else is. */
export const isAsFilesSay = (
  row: Row | undefined,
  /** In the order of their versions. */
  migrations: readonly Migration[],
): boolean => {
  const lines = migrations.map(({ version, checksum }) => `${version} ${checksum}`)
  return (
    Number(row?.['rows']) === lines.length && row?.['digest'] === hash('sha256', lines.join('\n'))
  )
}
