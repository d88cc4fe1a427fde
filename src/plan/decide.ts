// From the states of all migrations to what `run` does about them: go on with the pending ones, or refuse. Pure.

import { problem, type Problem } from '../errors/problem.ts'
import type { Migration } from '../migrations/migration.ts'
import { ofKind, planMigrations, type LedgerRow, type StateOf } from './plan.ts'

export type Decision = {
  /** In the order in which they run. */
  readonly pending: readonly StateOf<'pending'>[]
  /** Begun statement by statement and not finished; they go on before the pending ones run. */
  readonly interrupted: readonly StateOf<'interrupted'>[]
  readonly known: { readonly recorded: number; readonly unknown: readonly string[] }
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
  return {
    pending: ofKind(states, 'pending'),
    interrupted: ofKind(states, 'interrupted'),
    known: {
      recorded: ofKind(states, 'recorded').length,
      unknown: ofKind(states, 'unknown').map(({ row }) => row.version),
    },
    refusals: edited,
  }
}

/** The decision where the ledger is exactly what the files say. */
export const nothingToDo = (migrations: readonly Migration[]): Decision => ({
  pending: [],
  interrupted: [],
  known: { recorded: migrations.length, unknown: [] },
  refusals: [],
})
