// From the states of all migrations to what `run` does about them: go on with the pending ones, or refuse. Pure.

import type { LedgerRow } from '../../database/ledger/ledger-row.ts'
import { problem, type Problem } from '../../errors/problem.ts'
import { labelOf, renamedBehind, renamedFile } from '../../migrations/file-name.ts'
import { isRepeatable, type Migration } from '../../migrations/migration.ts'
import { ofKind, planMigrations, type MigrationState, type StateOf } from './plan.ts'

export type Decision = {
  /** In the order in which they run. */
  readonly pending: readonly StateOf<'pending'>[]
  /** Begun statement by statement and not finished; they go on before the pending ones run. */
  readonly interrupted: readonly StateOf<'interrupted'>[]
  readonly known: {
    readonly recorded: number
    /** What a newer release has run. */
    readonly unknown: readonly string[]
    /** What ran whenever it had changed, and has no file any more. */
    readonly removed: readonly string[]
  }
  /** Every reason not to run, with the row and the file it is about. */
  readonly refusals: readonly Problem[]
}

/** Is there anything for `run` to do? */
export const isComplete = ({ pending, interrupted }: Decision): boolean =>
  pending.length === 0 && interrupted.length === 0

/** The files that `run` has to do with, in the order in which it does. */
export const toDoOf = ({ pending, interrupted }: Decision): readonly Migration[] =>
  [...interrupted, ...pending].map(({ migration }) => migration)

/** `table` is the ledger's name, for the SQL in the messages. */
export const decide = (
  migrations: readonly Migration[],
  rows: readonly LedgerRow[],
  table: string,
): Decision => {
  const states = planMigrations(migrations, rows)
  const edited = ofKind(states, 'edited').map(({ migration, row }) =>
    problem('edited-file', {
      file: migration.file,
      version: migration.version,
      recordedChecksum: row.checksum,
      foundChecksum: migration.checksum,
      recordedAt: row.finishedAt ?? 'at an unknown time',
      recordedBy: row.appliedBy,
      table,
    }),
  )
  const gone = ofKind(states, 'unknown').map(({ row }) => row.version)
  return {
    pending: ofKind(states, 'pending'),
    interrupted: ofKind(states, 'interrupted'),
    known: {
      recorded: ofKind(states, 'recorded').length,
      unknown: gone.filter((version) => !isRepeatable(version)),
      removed: gone.filter(isRepeatable),
    },
    refusals: [
      ...edited,
      ...takenVersions(states),
      ...renumbered(states, table),
      ...unreplaceable(states, table),
    ],
  }
}

// Each gets a number of its own, behind all that files and ledger have.
const takenVersions = (states: readonly MigrationState[]): readonly Problem[] => {
  const names = states.flatMap((state) => [
    ...('migration' in state ? [state.migration.name] : []),
    ...('row' in state ? [state.row.name] : []),
  ])
  const pending = ofKind(states, 'pending').map(({ migration }) => migration)
  return ofKind(states, 'taken').map(({ migration, row }) => {
    const { file, version, name } = migration
    const free = renamedBehind(names, name)
    names.push(free)
    return problem('version-taken', {
      ...{ file, version, ...recordOf(row), free: beside(migration, free) },
      // Somebody gave the recorded file another number, to make room for this one.
      moved: pending.find((each) => isSameFile(each, row))?.file,
      back: beside(migration, row.name),
    })
  })
}

// Its row is there under the number that it had, or that somebody gave the row: it would run a second time.
const renumbered = (states: readonly MigrationState[], table: string): readonly Problem[] => {
  const unknown = ofKind(states, 'unknown').map(({ row }) => row)
  return ofKind(states, 'pending').flatMap(({ migration }) => {
    const row = unknown.find((each) => isSameFile(migration, each))
    if (row === undefined) return []
    const { file, version } = migration
    const back = beside(migration, row.name)
    return back === file
      ? [
          problem('renumbered-row', {
            file,
            version,
            ...recordOf(row),
            recordedVersion: row.version,
            table,
          }),
        ]
      : [problem('renumbered-file', { file, ...recordOf(row), back })]
  })
}

// A base must not run where part of what is in it ran already, nor stand for what is not in it.
const unreplaceable = (states: readonly MigrationState[], table: string): readonly Problem[] =>
  ofKind(states, 'unreplaceable').flatMap(({ migration, found }) => {
    const { file, version, directives } = migration
    if (directives.replaces === undefined) return []
    const { from, to, digest } = directives.replaces
    const at = { file, version, from, to, recorded: found.rows.length, last: found.last.name }
    return found.kind === 'others'
      ? [
          problem('replaced-rows-differ', {
            ...{ ...at, table, expected: digest, found: found.digest },
          }),
        ]
      : [
          problem('partly-replaced', {
            ...at,
            isRunning: found.kind === 'running',
            removed: beside(migration, `${to}_*`),
          }),
        ]
  })

const isSameFile = (migration: Migration, row: LedgerRow): boolean =>
  migration.checksum === row.checksum && labelOf(migration.name) === labelOf(row.name)

const beside = ({ file, name }: Migration, to: string): string =>
  renamedFile(file, { from: name, to })

const recordOf = ({ name, state, finishedAt, appliedBy }: LedgerRow) => ({
  recordedName: name,
  recordedAt:
    state === 'running'
      ? 'begun and not finished'
      : `${state} ${finishedAt ?? 'at an unknown time'}`,
  recordedBy: appliedBy,
})

/** The decision where the ledger is exactly what the files say. */
export const nothingToDo = (migrations: readonly Migration[]): Decision => ({
  pending: [],
  interrupted: [],
  known: { recorded: migrations.length, unknown: [], removed: [] },
  refusals: [],
})
