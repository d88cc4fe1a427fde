// What the ledger says of a migration, as values.

import type { Checksum, MigrationVersion } from '../../migrations/migration.ts'

export type LedgerState = 'applied' | 'reconciled' | 'running'

/** A row of the ledger, as far as deciding needs it. */
export type LedgerRow = {
  readonly version: MigrationVersion
  readonly name: string
  readonly checksum: Checksum
  readonly state: LedgerState
  readonly ordinal: number
  /** ISO 8601, UTC; undefined while it runs. */
  readonly finishedAt: string | undefined
  readonly appliedBy: string
}

/** 0 for an empty ledger. */
export const lastOrdinalOf = (rows: readonly LedgerRow[]): number => rows.at(-1)?.ordinal ?? 0

/**
 * In the order in which they made the database what it is: the row of a base may be younger than those of the files behind it, and
 * what it makes was there before them.
 */
export const basesFirst = (rows: readonly LedgerRow[]): readonly LedgerRow[] => {
  const isBase = ({ version }: LedgerRow): boolean => /^B\d+$/.test(version)
  return rows.some(isBase) ? [...rows.filter(isBase), ...rows.filter((row) => !isBase(row))] : rows
}

/** Of a migration that runs statement by statement: how far it has come. */
export type Progress = {
  readonly done: number
  /** One more than `done` while a statement without a transaction runs, or when nobody got its answer. */
  readonly started: number
  /** Of the statements that are done. */
  readonly checksums: readonly string[]
}
