// What the files that a run would run need of the database: tables that they alter, schemas that they create in, locks that
// they take. As far as their text shows it. Pure.

import type { Effect, RelationName } from '../../../schema/effects/effect.ts'
import { alteredRelation, createdSchema, schemaCreatedIn } from '../../../schema/effects/right.ts'
import type { History } from '../../../schema/history/history.ts'
import type { Migration } from '../../../migrations/migration.ts'
import { locksOf, type LockLevel, lockName } from '../../../sql/locks/locks.ts'

/** The first file that needs it. */
type NeededBy = { readonly file: string }

export type Needs = {
  /** Tables, views, sequences and indexes whose owner may alone do what a file does to them. */
  readonly altered: readonly (RelationName & NeededBy)[]
  /** Schemas in which a file creates something. */
  readonly createsIn: readonly (NeededBy & { readonly schema: string })[]
  /** Schemas that a file creates. */
  readonly createsSchemas: readonly (NeededBy & { readonly schema: string })[]
  /** By the name that the statement gives, for the search path of the login role. */
  readonly locks: readonly { readonly table: string; readonly level: LockLevel }[]
}

export const noNeeds: Needs = { altered: [], createsIn: [], createsSchemas: [], locks: [] }

export const needsOf = ({ migrations }: History, toRun: readonly Migration[]): Needs => {
  const versions = new Set(toRun.map(({ version }) => version))
  const statements = migrations
    .filter(({ migration }) => versions.has(migration.version))
    .flatMap(({ migration: { file }, statements: own = [] }) =>
      own.map(({ node, effects }) => ({ file, node, effects })),
    )
  const effects = statements.flatMap(({ file, effects: own }) =>
    own.map((effect) => ({ file, effect })),
  )
  const made = (of: (effect: Effect) => string | undefined) =>
    effects.flatMap(({ file, effect }) => {
      const schema = of(effect)
      return schema === undefined ? [] : [{ schema, file }]
    })
  return {
    altered: firstOfEach(
      effects.flatMap(({ file, effect }) => {
        const relation = alteredRelation(effect)
        return relation === undefined ? [] : [{ ...relation, file }]
      }),
      ({ schema, name }) => `${schema}\u0000${name}`,
    ),
    createsIn: firstOfEach(made(schemaCreatedIn), ({ schema }) => schema),
    createsSchemas: firstOfEach(made(createdSchema), ({ schema }) => schema),
    locks: statements.flatMap(({ node }) =>
      locksOf(node).map((lock) => ({ table: lockName(lock), level: lock.level })),
    ),
  }
}

const firstOfEach = <Item>(
  items: readonly Item[],
  keyOf: (item: Item) => string,
): readonly Item[] => {
  const first = new Map<string, Item>()
  for (const item of items) if (!first.has(keyOf(item))) first.set(keyOf(item), item)
  return [...first.values()]
}
