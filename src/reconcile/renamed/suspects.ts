// What a never-managed database lacks of the files, and somebody may only have renamed: a file would make it a second time, or is
// taken to have dropped it. Pure.

import { objectKey, type ObjectName, type Property } from '../../schema/effects/effect.ts'
import type { History } from '../../schema/history/history.ts'
import type { Change, Timeline } from '../../schema/history/model/timeline.ts'
import type { EvidenceItem, MigrationAssessment } from '../assessment.ts'
import type { Renamed } from './renamed-object.ts'

/** What of one object is looked for under another name. */
export type Suspect = Omit<Renamed, 'now'> & {
  /** What it was, and may have become since: whatever has its place has one definition of each. Of a table: its columns' types. */
  readonly properties: readonly Timeline[]
  /** Of a table: the names of its columns, then and since. */
  readonly columns: readonly (readonly string[])[]
}

const kinds: ReadonlySet<ObjectName['kind']> = new Set([
  'table',
  'column',
  'index',
  'constraint',
  'view',
  'materialized view',
  'type',
  'trigger',
  'policy',
])

export const suspectsOf = (
  assessments: readonly MigrationAssessment[],
  history: History,
): readonly Suspect[] => {
  const places = new Map(history.migrations.map(({ migration }, at) => [migration.version, at]))
  const timelines = new Map<string, Timeline[]>()
  for (const timeline of history.timelines) {
    const key = objectKey(timeline.object)
    timelines.set(key, [...(timelines.get(key) ?? []), timeline])
  }
  return assessments.flatMap((each) => {
    const { version } = each.migration
    const at = places.get(version) ?? 0
    return suspiciousItems(each).map(({ item: { object }, why }): Suspect => {
      // Later files may have changed it before somebody renamed it; but nothing was made of it behind the file that drops it.
      const [from, to] = why === 'dropped' ? [at - 1, at - 1] : [at, Number.POSITIVE_INFINITY]
      return {
        ...{ object, version, why },
        properties:
          object.kind === 'table'
            ? propertiesBetween(from, to, columnsOf(object, history, 'type'))
            : propertiesBetween(from, to, timelines.get(objectKey(object)) ?? []),
        columns: columnsBetween(from, to, object, history),
      }
    })
  })
}

type Suspicious = { readonly item: EvidenceItem; readonly why: Suspect['why'] }

const suspiciousItems = (each: MigrationAssessment): readonly Suspicious[] => {
  const { migration, items, action, state, opaqueReasons } = each
  // Who says what shows that the file has run, has answered.
  if (migration.directives.fingerprints !== undefined) return []
  const missing = items.filter(({ found, object }) => found === undefined && kinds.has(object.kind))
  if (action === 'mark') {
    const shows = items.some(({ found }) => found !== undefined)
    return shows || opaqueReasons.length === 0
      ? []
      : missing.filter(isGone).map((item) => ({ item, why: 'dropped' }))
  }
  if (action === 'refuse' && state !== 'partial') return []
  const made = missing.filter(({ verdict, change }) => verdict === 'not done' && makesIt(change))
  const keys = new Set(made.map(({ object }) => objectKey(object)))
  const isPart = ({ change: { inside } }: EvidenceItem): boolean =>
    inside !== undefined && keys.has(objectKey(inside))
  return [...new Map(made.map((item) => [objectKey(item.object), item])).values()]
    .filter((item) => !isPart(item))
    .map((item) => ({ item, why: 'to be made' }))
}

const isGone = ({ verdict, change, property }: EvidenceItem): boolean =>
  verdict === 'done' && change.value.kind === 'absent' && property === 'existence'

const makesIt = ({ how, value }: Change): boolean =>
  (how === 'create' || how === 'replace') && value.kind !== 'absent'

const compared: ReadonlySet<Property> = new Set([
  'type',
  'nullability',
  'default',
  'definition',
  'labels',
])

const changesBetween = (from: number, to: number, { changes }: Timeline): readonly Change[] => {
  const first = Math.max(
    0,
    changes.findLastIndex(({ at }) => at <= from),
  )
  return changes.slice(first).filter(({ at }) => at <= to)
}

const propertiesBetween = (
  from: number,
  to: number,
  timelines: readonly Timeline[],
): readonly Timeline[] =>
  timelines
    .filter(({ property }) => compared.has(property))
    .map((timeline) => ({
      ...timeline,
      changes: changesBetween(from, to, timeline).filter(({ value }) => value.kind === 'defined'),
    }))
    .filter(({ changes }) => changes.length > 0)

const columnsOf = (
  { schema, name }: ObjectName,
  { timelines }: History,
  wanted: Property,
): readonly Timeline[] =>
  timelines.filter(
    ({ object, property }) =>
      object.kind === 'column' &&
      object.schema === schema &&
      object.table === name &&
      property === wanted,
  )

const columnsBetween = (
  from: number,
  to: number,
  object: ObjectName,
  history: History,
): Suspect['columns'] => {
  if (object.kind !== 'table') return []
  const columns = columnsOf(object, history, 'existence')
  const places = [from, ...columns.flatMap(({ changes }) => changes.map(({ at }) => at))]
  return [...new Set(places)]
    .filter((place) => place >= from && place <= to)
    .map((place) => columns.filter((each) => isThere(each, place)).map(({ object }) => object.name))
}

const isThere = ({ changes }: Timeline, place: number): boolean =>
  (changes.findLast(({ at }) => at <= place)?.value.kind ?? 'absent') !== 'absent'
