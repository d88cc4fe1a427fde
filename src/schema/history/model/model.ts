// The schema as the history has made it so far: every object that a file names, and the timeline of each of its properties.
// It is walked through once, effect by effect.

import {
  objectKey,
  type Definition,
  type Property,
  type ObjectName,
  type Owner,
  type RelationName,
} from '../../effects/effect.ts'
import { isKey } from '../../effects/tables/key-index.ts'
import type { Naming } from '../../../sql/tree/naming.ts'
import { withAddedLabels } from './enum-labels.ts'
import { makeMentions, type Mentions } from './mentions.ts'
import {
  absent,
  present,
  unknown,
  type Change,
  type Promised,
  type Timeline,
  type Value,
} from './timeline.ts'

export type Tracked = {
  object: ObjectName
  /** Set by setOwner(). */
  on: Owner | undefined
  named: 'by file' | 'by server'
  isPresent: boolean
  /** Nothing of that name was there before its first change. */
  readonly isMade: boolean
  /** Every database has it from the start. */
  readonly isGiven: boolean
  readonly properties: Map<Property, MutableTimeline>
  /** Of the whole model. */
  readonly mentions: Mentions<Tracked>
}

type Before = 'absent' | 'unknown' | 'given'

type MutableTimeline = { readonly before: Value; readonly changes: Change[] }

/** Where the walk is, and what caused the change. */
export type Cause = Pick<Change, 'at' | 'statement' | 'how' | 'guard'> & {
  readonly path: string | undefined
  readonly inside?: ObjectName | undefined
}

export type Model = {
  readonly objects: Map<string, Tracked>
  readonly mentions: Mentions<Tracked>
  readonly find: (object: ObjectName) => Tracked | undefined
  /** Those that are there, of whatever table in the schema. */
  readonly constraints: (name: RelationName) => readonly Tracked[]
  /** Those that are there, of whatever schema and arguments. */
  readonly functions: (name: string) => readonly Tracked[]
  /** Finds it or starts to follow it; `before` is what it was until now. */
  readonly follow: (object: ObjectName, before: Before) => Tracked
  /** What IF NOT EXISTS said of things that already existed. */
  readonly promises: Promised[]
  readonly timelines: () => readonly Timeline[]
  /** Of the server that the files are for. */
  readonly naming: Naming
}

// What every new database has: that it is there says nothing of a file that makes it again.
const fromTheStart: readonly ObjectName[] = [
  { kind: 'schema', schema: '', table: '', name: 'public' },
  { kind: 'extension', schema: '', table: '', name: 'plpgsql' },
]

export const makeModel = (naming: Naming): Model => {
  const objects = new Map<string, Tracked>()
  const constraints = new Map<string, Tracked[]>()
  // Under their names without arguments; a name may have a bracket of its own.
  const functions = new Map<string, Tracked[]>()
  const mentioned = makeMentions<Tracked>()
  const find = (object: ObjectName): Tracked | undefined => objects.get(objectKey(object))
  const follow: Model['follow'] = (object, before) => {
    const found = find(object)
    if (found !== undefined) return found
    const tracked: Tracked = {
      object,
      on: undefined,
      named: 'by file',
      isPresent: before !== 'absent',
      isMade: before === 'absent',
      isGiven: before === 'given',
      properties: new Map(),
      mentions: mentioned,
    }
    objects.set(objectKey(object), tracked)
    if (object.table !== '') mentioned.addOwned(tracked, object.table)
    if (object.kind === 'constraint') {
      append(constraints, nameKey(object), tracked)
    }
    if (object.kind === 'function')
      for (const { index } of object.name.matchAll(/\(/g))
        append(functions, object.name.slice(0, index), tracked)
    return tracked
  }
  for (const object of fromTheStart) follow(object, 'given')
  const functionsOf: Model['functions'] = (name) =>
    (functions.get(name) ?? []).filter((each) => each.isPresent)
  const constraintsOf: Model['constraints'] = (name) =>
    (constraints.get(nameKey(name)) ?? []).filter((each) => each.isPresent)
  return {
    objects,
    mentions: mentioned,
    find,
    constraints: constraintsOf,
    functions: functionsOf,
    follow,
    promises: [],
    naming,
    timelines: () =>
      [...objects.values()].flatMap(({ object, on, named, properties }) =>
        [...properties].map(([property, timeline]) => ({
          object,
          property,
          on,
          named,
          ofKey: false,
          ...timeline,
          ...(property === 'labels' && { changes: withAddedLabels(properties) }),
        })),
      ),
  }
}

const append = (to: Map<string, Tracked[]>, key: string, tracked: Tracked): void => {
  const found = to.get(key)
  if (found === undefined) to.set(key, [tracked])
  else found.push(tracked)
}

/** A constraint with an index of its own. */
export const isOfKey = (tracked: Tracked): boolean =>
  (['definition', 'existence'] as const).some((property) => {
    const value = currentValue(tracked, property)
    return value?.kind === 'defined' && isKey(value.definition)
  })

/** The constraint whose index has this name. */
export const keyOf = (model: Model, name: RelationName): Tracked | undefined =>
  model.constraints(name).find(isOfKey)

const nameKey = ({ schema, name }: RelationName): string => `${schema}\u0000${name}`

/** A function that is named without its arguments. */
export const soleFunction = (
  functions: Model['functions'],
  { schema, name }: ObjectName,
): Tracked | undefined => functions(name).find(({ object }) => object.schema === schema)

/** The table that an index or a sequence belongs to, of a sequence with the column. */
export const setOwner = (tracked: Tracked, on: Owner | undefined): void => {
  tracked.on = on
  if (on !== undefined) tracked.mentions.addOwned(tracked, on.name)
}

/** Adds a change to one property. */
export const change = (tracked: Tracked, property: Property, value: Value, cause: Cause): void => {
  // A property that a later statement is the first to speak of: its former value is unknown.
  const made = tracked.isMade && (cause.how === 'create' || cause.how === 'replace')
  const before = tracked.isGiven ? present : made ? absent : unknown
  const timeline = tracked.properties.get(property) ?? {
    before,
    changes: made ? meanwhile(tracked, cause.at) : [],
  }
  const { at, statement, how, guard, inside } = cause
  timeline.changes.push({ at, statement, how, guard, inside, value })
  if (value.kind === 'defined') tracked.mentions.addDefinition(tracked, value.definition)
  tracked.properties.set(property, timeline)
}

// What made it before said nothing of the property, and may have given it any value.
const meanwhile = ({ properties }: Tracked, at: number): Change[] => {
  const [existing] = properties.values()
  return (existing?.changes ?? [])
    .filter((each) => each.at < at)
    .map((each) => ({
      ...each,
      how: 'follow',
      value: each.value.kind === 'absent' ? absent : unknown,
    }))
}

/** Has this migration itself removed it? Then it may have been anything. */
export const isRemovedAt = ({ properties }: Tracked, at: number): boolean =>
  [...properties.values()].some(({ changes }) => {
    const last = changes.at(-1)
    return last?.at === at && last.value.kind === 'absent'
  })

/** What its former self had besides, it has no more; that it exists at all is sure. */
export const reviveProperties = (
  tracked: Tracked,
  given: readonly Property[],
  cause: Cause,
): void => {
  for (const property of [...tracked.properties.keys()])
    if (!given.includes(property) && currentValue(tracked, property)?.kind === 'absent')
      change(tracked, property, property === 'existence' ? present : unknown, cause)
}

/** The value that a property has at this point of the history. */
export const currentValue = (tracked: Tracked, property: Property): Value | undefined => {
  const timeline = tracked.properties.get(property)
  return timeline === undefined ? undefined : (timeline.changes.at(-1)?.value ?? timeline.before)
}

/** Sets every property of an object that goes away. */
export const remove = (tracked: Tracked, cause: Cause): void => {
  // Of what no file names, such as a serial's sequence, nobody asks.
  if (tracked.properties.size === 0 && !tracked.isMade) change(tracked, 'existence', absent, cause)
  else
    for (const property of [...tracked.properties.keys()]) change(tracked, property, absent, cause)
  tracked.isPresent = false
}

/** Does the definition of any property speak of this? */
export const mentions = (tracked: Tracked, test: (part: Definition[number]) => boolean): boolean =>
  [...tracked.properties.keys()].some((property) => {
    const value = currentValue(tracked, property)
    return value?.kind === 'defined' && value.definition.some(test)
  })
