// The schema as the history has made it so far: every object that a file names, and the timeline of each of its facets.
// It is walked through once, effect by effect.

import {
  objectKey,
  type Definition,
  type Facet,
  type ObjectName,
  type RelationName,
} from '../effects/effect.ts'
import type { Scope } from '../effects/scope.ts'
import { absent, unknown, type Change, type Timeline, type Value } from './timeline.ts'

export type Tracked = {
  object: ObjectName
  on: RelationName | undefined
  named: 'by file' | 'by server'
  isPresent: boolean
  /** Nothing of that name was there before its first change. */
  readonly isMade: boolean
  readonly facets: Map<Facet, MutableTimeline>
}

type MutableTimeline = { readonly before: Value; readonly changes: Change[] }

/** Where the walk stands, and what caused the change. */
export type Cause = Pick<Change, 'at' | 'statement' | 'how' | 'guard'> & {
  readonly inside?: ObjectName | undefined
}

export type Model = {
  readonly objects: Map<string, Tracked>
  readonly find: (object: ObjectName) => Tracked | undefined
  /** Finds it or starts to follow it; `before` is what it was until now. */
  readonly follow: (object: ObjectName, before: 'absent' | 'unknown') => Tracked
  readonly timelines: () => readonly Timeline[]
  readonly scope: (searchPath: readonly string[]) => Omit<Scope, 'chosen'>
}

export const makeModel = (): Model => {
  const objects = new Map<string, Tracked>()
  const find = (object: ObjectName): Tracked | undefined => objects.get(objectKey(object))
  const follow: Model['follow'] = (object, before) => {
    const found = find(object)
    if (found !== undefined) return found
    const tracked: Tracked = {
      object,
      on: undefined,
      named: 'by file',
      isPresent: before === 'unknown',
      isMade: before === 'absent',
      facets: new Map(),
    }
    objects.set(objectKey(object), tracked)
    return tracked
  }
  const isPresent = (object: ObjectName): boolean => find(object)?.isPresent === true
  return {
    objects,
    find,
    follow,
    timelines: () =>
      [...objects.values()].flatMap(({ object, on, named, facets }) =>
        [...facets].map(([facet, timeline]) => ({ object, facet, on, named, ...timeline })),
      ),
    scope: (searchPath) => ({
      searchPath,
      has: (object) =>
        object.kind === 'function' && !object.name.endsWith(')')
          ? soleFunction(objects, object) !== undefined
          : isPresent(object),
      relationKind: ({ schema, name }) => {
        const found = find({ kind: 'table', schema, table: '', name })
        return found?.isPresent === true ? found.object.kind : undefined
      },
      isTaken: ({ schema, name: table }, name) =>
        isPresent({ kind: 'table', schema, table: '', name }) ||
        isPresent({ kind: 'index', schema, table: '', name }) ||
        isPresent({ kind: 'constraint', schema, table, name }),
    }),
  }
}

/** A function that is named without its arguments. */
export const soleFunction = (
  objects: Model['objects'],
  { schema, name }: ObjectName,
): Tracked | undefined =>
  [...objects.values()].find(
    ({ object, isPresent }) =>
      isPresent &&
      object.kind === 'function' &&
      object.schema === schema &&
      object.name.startsWith(`${name}(`),
  )

/** Adds a change to one facet. */
export const change = (tracked: Tracked, facet: Facet, value: Value, cause: Cause): void => {
  // A facet that a later statement is the first to speak of: nobody knows what it was.
  const before =
    tracked.isMade && (cause.how === 'create' || cause.how === 'replace') ? absent : unknown
  const timeline = tracked.facets.get(facet) ?? { before, changes: [] }
  timeline.changes.push({ inside: undefined, ...cause, value })
  tracked.facets.set(facet, timeline)
}

/** The value that a facet has at this point of the history. */
export const currentValue = (tracked: Tracked, facet: Facet): Value | undefined => {
  const timeline = tracked.facets.get(facet)
  return timeline === undefined ? undefined : (timeline.changes.at(-1)?.value ?? timeline.before)
}

/** Sets every facet of an object that goes away. */
export const remove = (tracked: Tracked, cause: Cause): void => {
  if (tracked.facets.size === 0) change(tracked, 'existence', absent, cause)
  else for (const facet of [...tracked.facets.keys()]) change(tracked, facet, absent, cause)
  tracked.isPresent = false
}

/** Does the definition of any facet speak of this? */
export const mentions = (tracked: Tracked, test: (part: Definition[number]) => boolean): boolean =>
  [...tracked.facets.keys()].some((facet) => {
    const value = currentValue(tracked, facet)
    return value?.kind === 'defined' && value.definition.some(test)
  })
