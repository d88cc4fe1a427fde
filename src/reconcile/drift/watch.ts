// The tables that the files about to run touch, and what the recorded files make of them. Pure. What those files do to them
// themselves, and what files of migrations/objects define, is compared elsewhere, and left out here.

import type { Node } from 'libpg-query'
import { objectKey, type ObjectName, type RelationName } from '../../schema/effects/effect.ts'
import type { History, ReadMigration } from '../../schema/history/history.ts'
import { tableOf, type Timeline } from '../../schema/history/model/timeline.ts'
import type { MigrationVersion } from '../../migrations/migration.ts'
import { locksOf } from '../../sql/locks/locks.ts'
import { findDrift, type DriftRequest } from './drift.ts'
import type { DriftItem } from './item.ts'

export type Watch = {
  /** Of the recorded files alone, in the order in which they ran. */
  readonly history: History
  /** Tables and views that the recorded files have made. */
  readonly tables: readonly RelationName[]
  /** Of these tables, and of what belongs to them. */
  readonly timelines: readonly Timeline[]
  /** 'object property' of what others than the recorded files speak of. */
  readonly spokenOf: ReadonlySet<string>
}

export type WatchRequest = {
  /** Of all files, in the order of their versions. */
  readonly whole: History
  readonly recorded: History
  /** Of files that are recorded and of those that define objects, where there are such. */
  readonly withObjects: History | undefined
  /** Files that are about to run, or to be recorded. */
  readonly pending: ReadonlySet<MigrationVersion>
}

export const watchTables = ({ whole, recorded, withObjects, pending }: WatchRequest): Watch => {
  const keys = touchedTables(whole, recorded, pending)
  const tables = presentRelations(recorded).filter((object) => keys.has(objectKey(object)))
  return {
    history: recorded,
    tables: tables.map(({ schema, name }) => ({ schema, name })),
    timelines: recorded.timelines.filter(
      (timeline) => keys.has(objectKey(timeline.object)) || keys.has(objectKey(tableOf(timeline))),
    ),
    spokenOf: new Set([
      ...spokenOfIn(whole, (at) => pending.has(versionAt(whole, at))),
      ...(withObjects === undefined
        ? []
        : spokenOfIn(withObjects, (at) => at >= recorded.migrations.length)),
    ]),
  }
}

/** What differs in them. What a statement may have done whose text does not show it is left out. */
export const driftOfWatched = (
  { history, spokenOf }: Watch,
  found: Pick<DriftRequest, 'evidence' | 'existing'>,
): readonly DriftItem[] =>
  findDrift({ history, ...found }).items.filter(
    ({ object, property = 'existence' }) => !spokenOf.has(`${objectKey(object)} ${property}`),
  )

const versionAt = ({ migrations }: History, at: number): MigrationVersion =>
  migrations[at]?.migration.version ?? ('' as MigrationVersion)

const spokenOfIn = ({ timelines }: History, isTheirs: (at: number) => boolean): readonly string[] =>
  timelines.flatMap(({ object, property, changes }) => {
    const theirs = changes.filter(({ at }) => isTheirs(at))
    const made = theirs.some(({ how }) => how === 'create' || how === 'replace')
    const key = objectKey(object)
    return theirs.length === 0 ? [] : [`${key} ${property}`, ...(made ? [`${key} existence`] : [])]
  })

const isRelation = ({ kind }: ObjectName): boolean =>
  kind === 'table' || kind === 'view' || kind === 'materialized view'

const presentRelations = ({ timelines }: History): readonly ObjectName[] =>
  timelines.flatMap(({ object, property, changes }) =>
    property === 'existence' && isRelation(object) && changes.at(-1)?.value.kind !== 'absent'
      ? [object]
      : [],
  )

/** Keys of relations. Of an index or a sequence, those of its table. */
const touchedTables = (
  whole: History,
  recorded: History,
  pending: ReadonlySet<MigrationVersion>,
): ReadonlySet<string> => {
  const owners = new Map(
    recorded.timelines.flatMap((timeline) =>
      timeline.on === undefined
        ? []
        : [[objectKey(asTable(timeline.object)), objectKey(tableOf(timeline))] as const],
    ),
  )
  const known = new Set(presentRelations(recorded).map(objectKey))
  const read = whole.migrations.filter(({ migration }) => pending.has(migration.version))
  return new Set(
    read.flatMap(namedBy).flatMap((candidates) => {
      const keys = candidates.map((each) => objectKey(asTable(each)))
      const found = keys.find((key) => known.has(key) || owners.has(key))
      return found === undefined ? [] : [owners.get(found) ?? found]
    }),
  )
}

const asTable = ({ schema, name }: RelationName): ObjectName => ({
  ...{ kind: 'table', schema, table: '', name },
})

/** For each name that a file says, what it may mean, in the order of the search path. */
const namedBy = ({ statements, embedded }: ReadMigration): readonly (readonly RelationName[])[] => {
  if (statements === undefined)
    return embedded.within.flatMap(({ node }) => namesIn(node, ['public']))
  return statements.flatMap(({ node, path, effects, within }) => [
    ...namesIn(node, path),
    ...within.flatMap((inner) => namesIn(inner.node, path)),
    ...effects.map(({ object: { schema, table, name } }) => [
      { schema, name: table === '' ? name : table },
    ]),
  ])
}

const namesIn = (node: Node, path: readonly string[]): readonly (readonly RelationName[])[] =>
  locksOf(node).map(({ relation: { schema, name } }) =>
    (schema === undefined ? path : [schema]).map((each) => ({ schema: each, name })),
  )
