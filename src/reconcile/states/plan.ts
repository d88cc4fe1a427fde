// Files × ledger → one state per migration: what is recorded, what is pending, what must be refused. A pure
// function over values; the catalog joins them when fingerprints come.

import type { LedgerRow } from '../../database/ledger/ledger-row.ts'
import type { Migration, MigrationVersion } from '../../migrations/migration.ts'
import { labelOf } from '../../migrations/file-name.ts'
import { baseOfRows, newerBase, replacedRows, type ReplacedRows } from './replaced.ts'
import { compareVersions, isRepeatable } from '../../migrations/migration.ts'

export type MigrationState =
  | { readonly kind: 'recorded'; readonly migration: Migration; readonly row: LedgerRow }
  | {
      readonly kind: 'pending'
      readonly migration: Migration
      readonly outOfOrder: boolean
      /** Of a base file: the rows that it replaces, all of them: it is recorded and does not run. */
      readonly replacing?: readonly LedgerRow[]
    }
  /** A base file, and a ledger that has part of what it replaces, or other files. `row` is the last of them. */
  | {
      readonly kind: 'unreplaceable'
      readonly migration: Migration
      readonly row: LedgerRow
      readonly found: Exclude<ReplacedRows, { readonly kind: 'none' | 'all' }>
    }
  /** In the base of a newer image, which has the row. */
  | { readonly kind: 'in base'; readonly migration: Migration; readonly row: LedgerRow }
  | { readonly kind: 'edited'; readonly migration: Migration; readonly row: LedgerRow }
  /** The row is that of another file of this version, or of this one under another name and with another text. */
  | { readonly kind: 'taken'; readonly migration: Migration; readonly row: LedgerRow }
  | { readonly kind: 'interrupted'; readonly migration: Migration; readonly row: LedgerRow }
  | { readonly kind: 'unknown'; readonly row: LedgerRow }
  /** A base file stands in the place of what the row is about. */
  | { readonly kind: 'replaced'; readonly row: LedgerRow; readonly by: Migration }

export type StateOf<Kind extends MigrationState['kind']> = Extract<MigrationState, { kind: Kind }>

/** In the order of the files; the rows of a newer image ('unknown') are where they belong. */
export const planMigrations = (
  migrations: readonly Migration[],
  ledger: readonly LedgerRow[],
): readonly MigrationState[] => {
  const rows = new Map(ledger.map((row) => [row.version, row]))
  const known = new Set(migrations.map(({ version }) => version))
  const lastKnown = migrations.findLastIndex(
    ({ version, runs }) => runs === undefined && rows.has(version),
  )
  const bases = baseOfRows(migrations, ledger)
  const unknown = ledger.filter(({ version }) => !known.has(version) && !bases.has(version))
  const newer = newerBase(migrations, ledger)
  const isOlder = unknown.some(({ version }) => !isRepeatable(version))
  const states = migrations.map((migration, at): MigrationState => {
    const row = rows.get(migration.version)
    if (row === undefined && migration.directives.replaces !== undefined)
      return stateOfBase(migration, ledger)
    if (row === undefined) {
      if (newer !== undefined && compareVersions(migration.version, newer.version) < 0)
        return { kind: 'in base', migration, row: newer }
      // A file that was merged late runs after migrations of a higher version; rows of a newer image do not count.
      return { kind: 'pending', migration, outOfOrder: at < lastKnown }
    }
    const hasItsText = row.checksum === migration.checksum
    if (migration.runs !== undefined && !hasItsText && row.state !== 'running')
      // What a newer release has defined stays: an older image that starts once more must not take it back.
      return isOlder
        ? { kind: 'recorded', migration, row }
        : { kind: 'pending', migration, outOfOrder: false }
    if (!hasItsText && labelOf(row.name) !== labelOf(migration.name))
      return { kind: 'taken', migration, row }
    if (row.state === 'running') return { kind: 'interrupted', migration, row }
    // What a base makes was there before all others, however late its row came.
    if (hasItsText && migration.directives.replaces !== undefined)
      return { kind: 'recorded', migration, row: { ...row, ordinal: 0 } }
    return { kind: hasItsText ? 'recorded' : 'edited', migration, row }
  })
  const replaced = ledger.flatMap((row): readonly MigrationState[] => {
    const by = bases.get(row.version)
    return by === undefined ? [] : [{ kind: 'replaced', row, by }]
  })
  return placed(states, [
    ...replaced,
    ...unknown.map((row): MigrationState => ({ kind: 'unknown', row })),
  ])
}

// Files behind it may have been recorded before it came: that does not make it late.
const stateOfBase = (migration: Migration, ledger: readonly LedgerRow[]): MigrationState => {
  const found = replacedRows(migration, ledger)
  switch (found.kind) {
    case 'none':
      return { kind: 'pending', migration, outOfOrder: ledger.length > 0 }
    case 'all':
      return { kind: 'pending', migration, outOfOrder: false, replacing: found.rows }
    case 'some':
    case 'running':
    case 'others':
      return { kind: 'unreplaceable', migration, row: found.last, found }
  }
}

/** Without those of an earlier text of what runs whenever it has changed: they say nothing of the text that is to run. */
export const rowsOfTheseTexts = (
  ledger: readonly LedgerRow[],
  migrations: readonly Migration[],
): readonly LedgerRow[] => {
  const changed = new Map(
    migrations.flatMap(({ version, checksum, runs }) =>
      runs === undefined ? [] : [[version, checksum] as const],
    ),
  )
  return changed.size === 0
    ? ledger
    : ledger.filter(
        ({ version, checksum, state }) =>
          state === 'running' || (changed.get(version) ?? checksum) === checksum,
      )
}

/** Among files in the order of their numbers each is where its own number belongs; else behind all of them. */
const placed = (
  states: readonly MigrationState[],
  others: readonly MigrationState[],
): readonly MigrationState[] => {
  const all = [...states, ...others]
  const isByNumber = states.every((state, at) => {
    const before = states[at - 1]
    return before === undefined || byNumber(before, state) < 0
  })
  return isByNumber && all.every((state) => /^B?\d+$/.test(versionOfState(state)))
    ? all.sort(byNumber)
    : all
}

const byNumber = (a: MigrationState, b: MigrationState): number =>
  compareVersions(versionOfState(a), versionOfState(b))

export const versionOfState = (state: MigrationState): MigrationVersion =>
  'migration' in state ? state.migration.version : state.row.version

export const ofKind = <Kind extends MigrationState['kind']>(
  states: readonly MigrationState[],
  kind: Kind,
): readonly StateOf<Kind>[] => states.filter((state): state is StateOf<Kind> => state.kind === kind)

/** What runs whenever it has changed, has run, and has changed since. */
export const changedSince = (
  migrations: readonly Migration[],
  ledger: readonly LedgerRow[],
): readonly Migration[] => {
  const recorded = new Set(ledger.map(({ version }) => version))
  return ofKind(planMigrations(migrations, ledger), 'pending').flatMap(({ migration }) =>
    migration.runs !== undefined && recorded.has(migration.version) ? [migration] : [],
  )
}

/** The files that the ledger has, in the order in which they ran, which is not that of their numbers where one came late. */
export const recordedInOrder = (
  migrations: readonly Migration[],
  ledger: readonly LedgerRow[],
): readonly Migration[] =>
  ofKind(planMigrations(migrations, ledger), 'recorded')
    .toSorted((a, b) => a.row.ordinal - b.row.ordinal)
    .map(({ migration }) => migration)
