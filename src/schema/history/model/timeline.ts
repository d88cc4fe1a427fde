// What the history says of one property of one object, change by change. The state that a database is in shows by which of
// these values it has.

import {
  objectKey,
  type Definition,
  type Effect,
  type Property,
  type Guard,
  type ObjectName,
  type RelationName,
} from '../../effects/effect.ts'

export type Value =
  | { readonly kind: 'absent' }
  /** It is there, as something that the history does not define. */
  | { readonly kind: 'present' }
  /** Nothing is known: what came before the history, or what a CASCADE may have taken along. */
  | { readonly kind: 'unknown' }
  | {
      readonly kind: 'defined'
      readonly definition: Definition
      /** The search path that it is read with; undefined is that of the login role. */
      readonly path: string | undefined
    }

export type Change = {
  /** Which migration made it, by its index in the history. */
  readonly at: number
  /** Which of its statements, by index. */
  readonly statement: number
  readonly value: Value
  readonly how: Effect['kind'] | 'replace' | 'follow'
  readonly guard: Guard
  readonly inside: ObjectName | undefined
}

export type Timeline = {
  readonly object: ObjectName
  readonly property: Property
  /** The table of an index. */
  readonly on: RelationName | undefined
  readonly named: 'by file' | 'by server'
  /** An index of a name that a key has had in the history, too: what the catalog says of a key's index is about it. */
  readonly ofKey: boolean
  /** What it was before the first change. */
  readonly before: Value
  /** In the order of the history; of several in one migration the last counts. */
  readonly changes: readonly Change[]
}

/** A definition that a file gives with IF NOT EXISTS for what the history has made: nothing is made, but it must hold. */
export type Promised = Pick<Timeline, 'object' | 'property' | 'on' | 'named'> & {
  readonly at: number
  readonly statement: number
  readonly value: Value
}

export const absent: Value = { kind: 'absent' }
export const present: Value = { kind: 'present' }
export const unknown: Value = { kind: 'unknown' }
export const defined = (definition: Definition, path: string | undefined): Value => ({
  kind: 'defined',
  definition,
  path,
})

/** The table that it belongs to, or may; for an object of its own, one that there cannot be. */
export const tableOf = ({ object, on }: Pick<Timeline, 'object' | 'on'>): ObjectName => ({
  kind: 'table',
  table: '',
  ...(on ?? { schema: object.schema, name: object.table }),
})

/** Has a later statement of the same file, or a later file that the ledger has, changed it, or removed its table? */
export const isOvertaken = (
  promised: Promised,
  timelines: readonly Timeline[],
  recorded: ReadonlySet<number>,
): boolean => {
  const { at, statement, object, property } = promised
  const key = objectKey(object)
  const tableKey = objectKey(tableOf(promised))
  const isLater = (change: Change): boolean =>
    change.at === at ? change.statement > statement : change.at > at && recorded.has(change.at)
  return timelines.some((timeline) => {
    const found = objectKey(timeline.object)
    if (found === key && timeline.property === property) return timeline.changes.some(isLater)
    return (
      found === tableKey &&
      timeline.changes.some((change) => isLater(change) && change.value.kind === 'absent')
    )
  })
}
