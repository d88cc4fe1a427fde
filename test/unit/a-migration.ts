// Values that many tests start from: a migration as loading its file would yield it, and its row in the ledger.

import type { LedgerRow } from '../../src/database/ledger/ledger-row.ts'
import {
  checksumOf,
  type Checksum,
  type Directives,
  type Migration,
} from '../../src/migrations/migration.ts'
import { rowsApart, type RowsApart } from '../../src/migrations/rows-apart.ts'
import { readFileName } from '../../src/migrations/file-name.ts'
import { bytesInMemory } from '../../src/files/text-bytes.ts'

export const aMigration = (
  entry: string,
  text = 'SELECT 1;',
  directives: Directives = {},
): Migration => {
  const named = readFileName(entry)
  if (named.kind !== 'migration') throw new Error(`${entry}: ${named.reason}`)
  const { version, name } = named
  const file = `migrations/${entry}`
  const own = /stdin/i.test(text) ? apart(text, file) : { text, checksum: checksumOf(text) }
  return { version, name, file, ...own, directives }
}

/** As it is read from a file. */
export const apart = (
  text: string | Buffer,
  file = 'a.sql',
): Omit<RowsApart, 'checksum'> & { readonly checksum: Checksum } => {
  const bytes = bytesInMemory(Buffer.from(text))
  const read = rowsApart(bytes, { path: '', file }, bytes.size)
  if (read === undefined) throw new Error('too long')
  return { ...read, checksum: read.checksum as Checksum }
}

export const aRowOf = (
  { version, name, checksum }: Migration,
  changes: Partial<LedgerRow> = {},
): LedgerRow => ({
  version,
  name,
  checksum,
  state: 'applied',
  ordinal: 1,
  finishedAt: '2024-05-06T07:08:09.000Z',
  appliedBy: 'owner',
  ...changes,
})
