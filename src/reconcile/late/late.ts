// A file that comes late, behind files of higher numbers: does it matter? Where the two orders do not lead to the same database,
// one that runs all files in the order of their numbers gets another. The entry point of this module. Pure.

import type { LedgerRow } from '../../database/ledger/ledger-row.ts'
import { objectKey, type Effect } from '../../schema/effects/effect.ts'
import type { History, ReadMigration } from '../../schema/history/history.ts'
import { renamedBehind, renamedFile } from '../../migrations/file-name.ts'
import type { Migration, MigrationVersion } from '../../migrations/migration.ts'
import type { MigrationAssessment } from '../assessment.ts'
import { operationsOf, type Operation } from './operations.ts'
import { mayConflict } from './may-conflict.ts'
import { conflictOf, sameText } from './conflict.ts'

export type ConflictingObject = {
  /** The file of a higher number, which the database has already. */
  readonly after: Migration
  /** 'table call_log' */
  readonly object: string
  /** Of the late file, by index. */
  readonly statement: number | undefined
}

export type LateConflict = {
  readonly migration: Migration
  /** The first object for each of the files; never empty. */
  readonly conflictingObjects: readonly ConflictingObject[]
  /** Gives it the place at which it runs now, and what builds on it with it. */
  readonly moves: readonly Move[]
}

type Move = { readonly from: string; readonly to: string }

type Pending = Pick<MigrationAssessment, 'migration' | 'action' | 'items'>
type Row = Pick<LedgerRow, 'version' | 'name'>

export const lateConflicts = (
  history: History,
  assessments: readonly Pending[],
  rows: readonly Row[],
): readonly LateConflict[] => {
  const { migrations } = history
  const has = new Set<MigrationVersion>([
    ...rows.map(({ version }) => version),
    ...versionsOf(assessments, 'mark'),
  ])
  const runs = new Set(versionsOf(assessments, 'run'))
  const done = new Map(assessments.map((each) => [each.migration.version, doneOf(each)]))
  const found = migrations.flatMap((late, at) => {
    if (!runs.has(late.migration.version)) return []
    const later = migrations
      .slice(at + 1)
      .filter(
        (each) =>
          each.migration.runs === undefined &&
          has.has(each.migration.version) &&
          mayConflict(late, each),
      )
    if (later.length === 0) return []
    const own = { read: late, done: done.get(late.migration.version) }
    const there = madeBefore(history, at)
    const conflictingObjects = later.flatMap((each) => conflictBetween(own, each, there) ?? [])
    return conflictingObjects.length === 0 ? [] : [{ late, at, conflictingObjects }]
  })
  if (found.length === 0) return []
  const toMove = found.map(({ late, at }) => [
    late,
    ...followers(late, migrations.slice(at + 1), runs, madeBefore(history, at)),
  ])
  const free = freeNames(migrations, rows, new Set(toMove.flat()))
  return found.map(({ late: { migration }, conflictingObjects }, index) => ({
    ...{ migration, conflictingObjects },
    moves: (toMove[index] ?? []).map((each) => ({
      from: each.migration.file,
      to: free.get(each) ?? '',
    })),
  }))
}

const versionsOf = (
  assessments: readonly Pending[],
  wanted: Pending['action'],
): readonly MigrationVersion[] =>
  assessments.flatMap(({ migration, action }) => (action === wanted ? [migration.version] : []))

/** Its statements, by index, of which the database has all that they make: they do nothing more. */
const doneOf = ({ items }: Pending): ReadonlySet<number> => {
  const left = new Set(
    items.flatMap(({ verdict, change }) => (verdict === 'done' ? [] : [change.statement])),
  )
  return new Set(items.map(({ change }) => change.statement).filter((each) => !left.has(each)))
}

/** Keys of what the files before one have made and not removed. */
const madeBefore = ({ migrations }: History, at: number): ReadonlySet<string> => {
  const there = new Set<string>()
  for (const { statements = [] } of migrations.slice(0, at))
    for (const effect of statements.flatMap(({ effects }) => effects)) {
      if (effect.kind === 'create') there.add(objectKey(effect.object))
      if (effect.kind === 'drop' || effect.kind === 'rename') there.delete(objectKey(effect.object))
      if (effect.kind === 'rename') there.add(objectKey(effect.to))
    }
  return there
}

type Late = { readonly read: ReadMigration; readonly done?: ReadonlySet<number> | undefined }

const conflictBetween = (
  { read, done }: Late,
  later: ReadMigration,
  there: ReadonlySet<string>,
): ConflictingObject | undefined => {
  const left = operationsOf(read, there).filter(
    ({ statement }) => statement === undefined || done?.has(statement) !== true,
  )
  const [own, others] = withoutShared(left, operationsOf(later, there))
  for (const operation of own)
    for (const other of others) {
      const object = conflictOf(operation, other)
      if (object !== undefined)
        return { after: later.migration, object, statement: operation.statement }
    }
  return undefined
}

/** What both make with a guard, in the same words, is made once, whichever comes first. */
const withoutShared = (
  a: readonly Operation[],
  b: readonly Operation[],
): readonly [readonly Operation[], readonly Operation[]] => {
  const groups = (operations: readonly Operation[]): ReadonlyMap<string, readonly Effect[]> => {
    const made = new Map<string, Effect[]>()
    for (const effect of operations.flatMap((operation) => operation.effects)) {
      if (effect.kind !== 'create' || effect.guard === 'none') continue
      const { object, inside } = effect
      for (const each of inside === undefined ? [object] : [object, inside])
        made.set(objectKey(each), [...(made.get(objectKey(each)) ?? []), effect])
    }
    return made
  }
  const [own, other] = [groups(a), groups(b)]
  const shared = new Set(
    [...own].flatMap(([key, effects]) => {
      const same = other.get(key)
      return same !== undefined && sameText(effects, same) ? [...effects, ...same] : []
    }),
  )
  const without = (operations: readonly Operation[]): readonly Operation[] =>
    operations.map((operation) => ({
      ...operation,
      effects: operation.effects.filter((each) => !shared.has(each)),
    }))
  return [without(a), without(b)]
}

/** Those behind it that are to run as well and build on it, or on one that does. */
const followers = (
  late: ReadMigration,
  behind: readonly ReadMigration[],
  runs: ReadonlySet<MigrationVersion>,
  there: ReadonlySet<string>,
): readonly ReadMigration[] => {
  const moved = [late]
  for (const each of behind)
    if (
      runs.has(each.migration.version) &&
      moved.some(
        (read) => mayConflict(read, each) && conflictBetween({ read }, each, there) !== undefined,
      )
    )
      moved.push(each)
  return moved.slice(1)
}

/** The next numbers, in the order in which the files run now. */
const freeNames = (
  migrations: readonly ReadMigration[],
  rows: readonly Row[],
  toMove: ReadonlySet<ReadMigration>,
): ReadonlyMap<ReadMigration, string> => {
  const names = [
    ...migrations.map(({ migration }) => migration.name),
    ...rows.map(({ name }) => name),
  ]
  const free = new Map<ReadMigration, string>()
  for (const read of migrations) {
    if (!toMove.has(read)) continue
    const { name: from, file } = read.migration
    const to = renamedBehind(names, from)
    names.push(to)
    free.set(read, renamedFile(file, { from, to }))
  }
  return free
}
