// Files × ledger → one state per migration: what is recorded, what is pending, what must be refused. A pure
// function over values; the catalog joins them when fingerprints come.

import type { LedgerRow } from '../../database/ledger/ledger-row.ts'
import type { Migration, MigrationVersion } from '../../migrations/migration.ts'
import { labelOf } from '../../migrations/file-name.ts'
import { compareVersions, isRepeatable } from '../../migrations/migration.ts'

export type MigrationState =
  | { readonly kind: 'recorded'; readonly migration: Migration; readonly row: LedgerRow }
  | { readonly kind: 'pending'; readonly migration: Migration; readonly outOfOrder: boolean }
  | { readonly kind: 'edited'; readonly migration: Migration; readonly row: LedgerRow }
  /** The row is that of another file of this version, or of this one under another name and with another text. */
  | { readonly kind: 'taken'; readonly migration: Migration; readonly row: LedgerRow }
  | { readonly kind: 'interrupted'; readonly migration: Migration; readonly row: LedgerRow }
  | { readonly kind: 'unknown'; readonly row: LedgerRow }

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
  const unknown = ledger.filter(({ version }) => !known.has(version))
  const isOlder = unknown.some(({ version }) => !isRepeatable(version))
  const states = migrations.map((migration, at): MigrationState => {
    const row = rows.get(migration.version)
    if (row === undefined) {
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
    return { kind: hasItsText ? 'recorded' : 'edited', migration, row }
  })
  return placed(states, unknown)
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
  unknown: readonly LedgerRow[],
): readonly MigrationState[] => {
  const all = [...states, ...unknown.map((row): MigrationState => ({ kind: 'unknown', row }))]
  const isByNumber = states.every((state, at) => {
    const before = states[at - 1]
    return before === undefined || byNumber(before, state) < 0
  })
  return isByNumber && all.every((state) => /^\d+$/.test(versionOfState(state)))
    ? all.sort(byNumber)
    : all
}

const byNumber = (a: MigrationState, b: MigrationState): number =>
  compareVersions(versionOfState(a), versionOfState(b))

export const versionOfState = (state: MigrationState): MigrationVersion =>
  state.kind === 'unknown' ? state.row.version : state.migration.version

export const ofKind = <Kind extends MigrationState['kind']>(
  states: readonly MigrationState[],
  kind: Kind,
): readonly StateOf<Kind>[] => states.filter((state): state is StateOf<Kind> => state.kind === kind)

/** The files that the ledger has, in the order in which they ran, which is not that of their numbers where one came late. */
export const recordedInOrder = (
  migrations: readonly Migration[],
  ledger: readonly LedgerRow[],
): readonly Migration[] =>
  ofKind(planMigrations(migrations, ledger), 'recorded')
    .toSorted((a, b) => a.row.ordinal - b.row.ordinal)
    .map(({ migration }) => migration)
