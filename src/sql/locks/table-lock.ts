// One relation-level lock, and how locks of one statement add up to one for each relation.
// https://www.postgresql.org/docs/current/explicit-locking.html#LOCKING-TABLES

import type { Node, RangeVar } from 'libpg-query'

/** From the weakest to the strongest, in the order of PostgreSQL's own numbers (1 to 8). */
export const lockLevels = [
  'ACCESS SHARE',
  'ROW SHARE',
  'ROW EXCLUSIVE',
  'SHARE UPDATE EXCLUSIVE',
  'SHARE',
  'SHARE ROW EXCLUSIVE',
  'EXCLUSIVE',
  'ACCESS EXCLUSIVE',
] as const

export type LockLevel = (typeof lockLevels)[number]

/** What the statement names. `of` is absent for all that is read like a table; views are. */
export type LockedRelation = {
  /** Undefined when the statement leaves it to search_path. */
  readonly schema: string | undefined
  readonly name: string
  readonly of?: 'index' | 'sequence'
}

export type TableLock = { readonly relation: LockedRelation; readonly level: LockLevel }

/** The level with PostgreSQL's number, as LOCK TABLE has it in its parse tree. */
export const levelOfNumber = (number: number | undefined): LockLevel =>
  lockLevels[(number ?? lockLevels.length) - 1] ?? 'ACCESS EXCLUSIVE'

export const strongest = (found: readonly LockLevel[]): LockLevel | undefined =>
  lockLevels.findLast((level) => found.includes(level))

export const sameRelation = (a: LockedRelation, b: LockedRelation): boolean =>
  a.schema === b.schema && a.name === b.name && a.of === b.of

/** Each relation once, in the order of their first mention, with its strongest level. */
export const strongestOfEach = (locks: readonly TableLock[]): readonly TableLock[] =>
  locks
    .filter(
      ({ relation }, index) =>
        locks.findIndex((other) => sameRelation(other.relation, relation)) === index,
    )
    .map(({ relation, level }) => {
      const ofIt = locks.filter((other) => sameRelation(other.relation, relation))
      return { relation, level: strongest(ofIt.map((each) => each.level)) ?? level }
    })

export const relationOf = (
  { schemaname, relname }: RangeVar,
  of?: LockedRelation['of'],
): LockedRelation => ({
  schema: schemaname,
  name: relname ?? '',
  ...(of === undefined ? {} : { of }),
})

export const lock = (
  relation: RangeVar | undefined,
  level: LockLevel,
  of?: LockedRelation['of'],
): readonly TableLock[] =>
  relation === undefined ? [] : [{ relation: relationOf(relation, of), level }]

/** For lists of nodes in which relations are among others. */
export const lockEach = (
  nodes: readonly Node[] | undefined,
  level: LockLevel,
  of?: LockedRelation['of'],
): readonly TableLock[] =>
  (nodes ?? []).flatMap((node) => ('RangeVar' in node ? lock(node.RangeVar, level, of) : []))

/** For a name that the grammar leaves as a list of its parts, after the database's name if there is one. */
export const lockNamed = (
  parts: readonly string[],
  level: LockLevel,
  of?: LockedRelation['of'],
): readonly TableLock[] => {
  const relname = parts.at(-1)
  const schemaname = parts.at(-2)
  if (relname === undefined) return []
  return lock({ relname, ...(schemaname === undefined ? {} : { schemaname }) }, level, of)
}

/** The parts of a dotted name. */
export const partsOf = (node: Node | undefined): readonly string[] =>
  node !== undefined && 'List' in node
    ? (node.List.items ?? []).flatMap((item) => ('String' in item ? [item.String.sval ?? ''] : []))
    : []
