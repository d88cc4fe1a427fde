// Values that many tests start from: a migration as loading its file would yield it, and its row in the ledger.

import { checksumOf, type Directives, type Migration } from '../../src/migrations/migration.ts'
import { readFileName } from '../../src/migrations/file-name.ts'
import type { LedgerRow } from '../../src/plan/plan.ts'

export const aMigration = (
  entry: string,
  text = 'SELECT 1;',
  directives: Directives = {},
): Migration => {
  const named = readFileName(entry)
  if (named.kind !== 'migration') throw new Error(`${entry}: ${named.reason}`)
  const { version, name } = named
  const file = `migrations/${entry}`
  return { version, name, file, text, checksum: checksumOf(text), directives }
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
