// CREATE and ALTER SEQUENCE.

import { create, text, type Effect, type RelationName } from './effect.ts'
import {
  findRelation,
  itemsOf,
  newRelation,
  oldRelation,
  relationObject,
  stringsOf,
  type Scope,
} from './scope.ts'

type Range = Parameters<typeof newRelation>[1]
type Nodes = NonNullable<Parameters<typeof stringsOf>[0]>

type CreateSequence = {
  readonly sequence?: Range
  readonly options?: Nodes
  readonly if_not_exists?: boolean
}

export const createSequence = (
  { sequence, options, if_not_exists: ifNotExists }: CreateSequence,
  scope: Scope,
): readonly Effect[] => [
  create(
    relationObject('sequence', newRelation(scope, sequence)),
    { existence: [text('sequence')] },
    {
      guard: ifNotExists === true ? 'if not exists' : 'none',
      on: ownerIn(options, scope)?.relation,
    },
  ),
]

type AlterSequence = Pick<CreateSequence, 'sequence' | 'options'>

/** Only OWNED BY is seen: with its table the sequence goes. */
export const alterSequence = (
  { sequence, options = [] }: AlterSequence,
  scope: Scope,
): readonly (Effect | undefined)[] => {
  const owner = ownerIn(options, scope)
  const object = relationObject('sequence', oldRelation(scope, sequence))
  return [
    ...(owner === undefined
      ? []
      : [{ kind: 'alter', object, guard: 'none', facets: {}, on: owner.relation } as const]),
    ...(owner !== undefined && options.length === 1 ? [] : [undefined]),
  ]
}

type Owner = { readonly relation: RelationName | undefined }

// OWNED BY NONE has an owner that is no table.
const ownerIn = (options: Nodes | undefined, scope: Scope): Owner | undefined => {
  const owned = (options ?? []).flatMap((node) =>
    'DefElem' in node && node.DefElem.defname === 'owned_by' ? [node.DefElem.arg] : [],
  )
  if (owned.length === 0) return undefined
  const parts = stringsOf(itemsOf(owned[0])).slice(0, -1)
  const table = parts.at(-1)
  return { relation: table === undefined ? undefined : findRelation(scope, parts.at(-2), table) }
}
