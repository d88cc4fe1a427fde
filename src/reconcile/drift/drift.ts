// What the recorded files make, compared with what the database has. Pure. The comparison itself is the one by which a run recognises
// what is there; here it is asked whether the last value that the files give a property is the database's.

import { objectKey, type ObjectName } from '../../schema/effects/effect.ts'
import type { History } from '../../schema/history/history.ts'
import { tableOf, type Change, type Timeline } from '../../schema/history/model/timeline.ts'
import type { Evidence } from '../evidence.ts'
import { placeOfChange } from '../refuse.ts'
import { changesLeft, makeEvaluator } from '../verdict.ts'
import type { Drift, DriftItem, Unseen } from './item.ts'
import { knowsColumnsOf } from './made-of.ts'
import { unseenIn, type UnseenAt } from './unseen.ts'

export type DriftRequest = {
  /** Of the recorded files alone, in the order in which they ran. */
  readonly history: History
  /** Of each timeline that can be compared. */
  readonly evidence: readonly Evidence[]
  /** What the database has, of the kinds that files make. */
  readonly existing: readonly ObjectName[]
}

export const findDrift = ({ history, evidence, existing }: DriftRequest): Drift => {
  const unseen = unseenIn(history)
  const compared = [...missingAndDifferent(history, evidence), ...extra(history, existing)]
  const found = compared.map((each) => ({ ...each.item, perhaps: mayBeOf(each, unseen) }))
  return {
    items: found.filter(({ perhaps }) => perhaps === undefined),
    unsure: found.filter(({ perhaps }) => perhaps !== undefined),
    unseen: unseen.map(plainly),
    compared: new Set(evidence.map(({ timeline }) => objectKey(timeline.object))).size,
  }
}

type Found = {
  readonly item: Omit<DriftItem, 'perhaps'>
  /** Undefined for what no file has made. */
  readonly change: Pick<Change, 'at' | 'statement'> | undefined
}

const mayBeOf = ({ item, change }: Found, unseen: readonly UnseenAt[]): DriftItem['perhaps'] => {
  const found = unseen.findLast(
    ({ at, statement, mayTouch }) =>
      (change === undefined ||
        at > change.at ||
        (at === change.at && statement > change.statement)) &&
      mayTouch(item.object),
  )
  return found && plainly(found)
}

const plainly = ({ file, place, what, because }: UnseenAt): Unseen => ({
  ...{ file, place, what, because },
})

const lastOf = ({ changes }: Timeline): Change | undefined => changesLeft(changes).at(-1)

const missingAndDifferent = (history: History, evidence: readonly Evidence[]): readonly Found[] => {
  const all = new Set(history.migrations.keys())
  const { explains } = makeEvaluator(evidence, all)
  const differing = evidence.filter((each) => !explains(each))
  const gone = goneAmong(evidence)
  const reported = new Set<string>()
  return differing.flatMap((each): readonly Found[] => {
    const { timeline, found, expected } = each
    const { object, property } = timeline
    const change = lastOf(timeline)
    if (change === undefined) return []
    const place = placeOfChange(change, history)
    const common = { object, place, found, expected: expected[timeline.changes.indexOf(change)] }
    if (change.value.kind === 'absent')
      return property === 'existence'
        ? [{ item: { ...common, kind: 'extra', property: undefined, expected: undefined }, change }]
        : []
    const key = objectKey(object)
    if (!gone.has(key)) return [{ item: { ...common, kind: 'different', property }, change }]
    // Said once of an object, and not of what its table took along.
    if (reported.has(key) || gone.has(objectKey(tableOf(timeline)))) return []
    reported.add(key)
    return [{ item: { ...common, kind: 'missing', property: undefined }, change }]
  })
}

// The objects of which the database has nothing.
const goneAmong = (evidence: readonly Evidence[]): ReadonlySet<string> => {
  const keys = (all: readonly Evidence[]): readonly string[] =>
    all.map(({ timeline }) => objectKey(timeline.object))
  const there = new Set(
    keys(evidence.filter(({ found, matches }) => found !== undefined || matches.includes(true))),
  )
  return new Set(keys(evidence).filter((key) => !there.has(key)))
}

/** The table that something belongs to. */
const tableOfName = ({ schema, table }: ObjectName): ObjectName => ({
  ...{ kind: 'table', schema, table: '', name: table },
})

const extra = (history: History, existing: readonly ObjectName[]): readonly Found[] => {
  const present = history.timelines.filter((timeline) => lastOf(timeline)?.value.kind !== 'absent')
  // What was dropped and is there is found by comparing.
  const spoken = new Set(history.timelines.map(({ object }) => objectKey(object)))
  const functions = new Set(
    history.timelines.flatMap(({ object }) =>
      object.kind === 'function' ? [nameOfFunction(object)] : [],
    ),
  )
  const tables = new Set(present.map(({ object }) => objectKey(object)))
  const schemas = new Set(present.map(({ object }) => object.schema))
  const knowsColumns = knowsColumnsOf(history)
  return existing
    .filter((object) => {
      if (spoken.has(objectKey(object))) return false
      if (object.kind === 'extension') return true
      if (object.kind === 'schema') return !schemas.has(object.name)
      // All that is in a schema that no file speaks of is that schema.
      if (!schemas.has(object.schema)) return false
      if (object.kind === 'function') return !functions.has(nameOfFunction(object))
      if (object.table === '') return true
      // All that belongs to an extra table is that table.
      if (!tables.has(objectKey(tableOfName(object)))) return false
      return (
        object.kind === 'trigger' || object.kind === 'policy' || knowsColumns(tableOfName(object))
      )
    })
    .map((object) => ({
      item: {
        ...{ kind: 'extra', object, property: undefined, expected: undefined },
        ...{ found: undefined, place: undefined },
      },
      change: undefined,
    }))
}

const nameOfFunction = ({ schema, name }: ObjectName): string =>
  `${schema}.${name.replace(/\(.*$/s, '')}`
