// Base files × ledger: does the ledger have the rows that a base replaces? Pure.

import type { LedgerRow } from '../../database/ledger/ledger-row.ts'
import {
  compareVersions,
  type Migration,
  type MigrationVersion,
} from '../../migrations/migration.ts'
import { isBaseVersion, numberOf, replacedDigest } from '../../migrations/replaces.ts'

export type ReplacedRows =
  | { readonly kind: 'none' }
  /** All of them, with the checksums of the files that were squashed. */
  | { readonly kind: 'all'; readonly rows: readonly LedgerRow[] }
  | {
      readonly kind: 'some' | 'running' | 'others'
      readonly rows: readonly LedgerRow[]
      readonly last: LedgerRow
      readonly digest: string
    }

/** Those up to the number of the base, in their order. A base among them stands for what comes before it. */
const rowsUpTo = (version: MigrationVersion, ledger: readonly LedgerRow[]): readonly LedgerRow[] =>
  ledger
    .filter(
      (row) =>
        isOurs(row.version) && row.version !== version && compareVersions(row.version, version) < 0,
    )
    .sort((a, b) => compareVersions(a.version, b.version))

const isOurs = (version: MigrationVersion): boolean => /^B?\d+$/.test(version)

/** `base` is a migration with `@replaces`. */
export const replacedRows = (base: Migration, ledger: readonly LedgerRow[]): ReplacedRows => {
  const all = rowsUpTo(base.version, ledger)
  const rows = all.slice(
    Math.max(
      0,
      all.findLastIndex(({ version }) => isBaseVersion(version)),
    ),
  )
  const last = rows.at(-1)
  if (last === undefined) return { kind: 'none' }
  const digest = replacedDigest(rows.map(({ checksum }) => checksum))
  const found = { rows, last, digest }
  if (rows.some(({ state }) => state === 'running')) return { kind: 'running', ...found }
  if (digest === base.directives.replaces?.digest) return { kind: 'all', rows: all }
  const isShort = compareVersions(numberOf(last.version), numberOf(base.version)) < 0
  return { kind: isShort ? 'some' : 'others', ...found }
}

/** By version: the base file that replaces it. */
export const baseOfRows = (
  migrations: readonly Migration[],
  ledger: readonly LedgerRow[],
): ReadonlyMap<MigrationVersion, Migration> =>
  new Map(
    migrations
      .filter(({ directives }) => directives.replaces !== undefined)
      .flatMap((base) =>
        rowsUpTo(base.version, ledger).map(({ version }) => [version, base] as const),
      ),
  )

/**
 * The row of a base that a newer image has run on an empty database, where these files are those of an older one: what the base
 * replaces is in it, and is not to run again.
 */
export const newerBase = (
  migrations: readonly Migration[],
  ledger: readonly LedgerRow[],
): LedgerRow | undefined => {
  const known = new Set(migrations.map(({ version }) => version))
  const base = ledger.findLast(({ version }) => isBaseVersion(version) && !known.has(version))
  if (base === undefined || migrations.some(({ source }) => source !== undefined)) return undefined
  // Where the files themselves have run, a file without a row is one that was merged late.
  const isFresh = !ledger.some(
    ({ version }) => /^\d+$/.test(version) && compareVersions(version, base.version) < 0,
  )
  return isFresh ? base : undefined
}
