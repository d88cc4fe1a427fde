// What is not as the recorded files make it, as values.

import type { Place } from '../../errors/problem.ts'
import type { TableDrift } from '../../events/drift.ts'
import { describeObject, type ObjectName, type Property } from '../../schema/effects/effect.ts'

export type DriftItem = {
  readonly kind: 'missing' | 'different' | 'extra'
  readonly object: ObjectName
  /** Undefined for what is missing or extra as a whole. */
  readonly property: Property | undefined
  /** In the server's words, as the files have it. */
  readonly expected: string | undefined
  /** In the server's words, as the database has it. */
  readonly found: string | undefined
  /** The statement that made it so; of what is extra, that dropped it, or undefined. */
  readonly place: Place | undefined
  /** Set where a statement that the text does not show may have done it: then nobody can tell. */
  readonly perhaps: Unseen | undefined
}

/** A statement of which the text does not show what it does to the schema. */
export type Unseen = {
  readonly file: string
  readonly place: Place | undefined
  /** 'a DO block' */
  readonly what: string
  readonly because: 'does not show it' | 'has changed since'
}

export type Drift = {
  readonly items: readonly DriftItem[]
  readonly unsure: readonly DriftItem[]
  readonly unseen: readonly Unseen[]
  /** How many objects were compared. */
  readonly compared: number
}

/** 'column customer.note: default' */
export const describeItem = ({
  object,
  property,
}: Pick<DriftItem, 'object' | 'property'>): string =>
  `${describeObject(object)}${property === undefined || property === 'existence' ? '' : `: ${property}`}`

export const driftOfItem = ({
  kind,
  object,
  property,
  expected,
  found,
  place,
}: DriftItem): TableDrift => ({
  ...{ difference: kind, object: describeObject(object), objectKind: object.kind },
  ...{ schema: object.schema, table: object.table, name: object.name },
  ...{ property, expected, found, file: place?.file, line: place?.line },
})
