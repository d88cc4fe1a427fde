// CREATE and ALTER SEQUENCE.

import type { Node } from 'libpg-query'
import { chooseName } from '../names/chosen-name.ts'
import { create, text, type Effect, type Owner, type RelationName } from '../effect.ts'
import {
  findRelation,
  itemsOf,
  newRelation,
  oldRelation,
  relationObject,
  splitName,
  type Scope,
} from '../scope.ts'
import { stringsOf } from '../../../sql/tree/tree.ts'

type Range = Parameters<typeof newRelation>[1]
type Nodes = readonly Node[]

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
      on: ownerIn(options, scope)?.by,
    },
  ),
]

type AlterSequence = Pick<CreateSequence, 'sequence' | 'options'>

/** Only OWNED BY is seen: with its column the sequence goes. */
export const alterSequence = (
  { sequence, options = [] }: AlterSequence,
  scope: Scope,
): readonly (Effect | undefined)[] => {
  const owner = ownerIn(options, scope)
  const object = relationObject('sequence', oldRelation(scope, sequence))
  return [
    ...(owner === undefined
      ? []
      : [{ kind: 'alter', object, guard: 'none', properties: {}, on: owner.by } as const]),
    ...(owner !== undefined && options.length === 1 ? [] : [undefined]),
  ]
}

type Owned = { readonly by: Owner | undefined }

// OWNED BY NONE has an owner that is not a table.
const ownerIn = (options: Nodes | undefined, scope: Scope): Owned | undefined => {
  const owned = (options ?? []).flatMap((node) =>
    'DefElem' in node && node.DefElem.defname === 'owned_by' ? [node.DefElem.arg] : [],
  )
  if (owned.length === 0) return undefined
  const names = stringsOf(itemsOf(owned[0]))
  const [schema, table] = splitName(names.slice(0, -1))
  return {
    by: table === '' ? undefined : { ...findRelation(scope, schema, table), column: names.at(-1) },
  }
}

/** Of a column that is an identity: as its options name it, or as the server does. */
export const identitySequence = (
  options: Nodes | undefined,
  { scope, relation, column }: IdentityContext,
): RelationName => {
  const named = (options ?? []).flatMap((node) =>
    'DefElem' in node && node.DefElem.defname === 'sequence_name' ? [node.DefElem.arg] : [],
  )
  const [schema, name] = splitName(stringsOf(itemsOf(named[0])))
  return named.length === 0
    ? { schema: relation.schema, name: chooseName(scope, relation, [column], 'seq') }
    : { schema: schema ?? relation.schema, name }
}

type IdentityContext = {
  readonly scope: Scope
  readonly relation: RelationName
  readonly column: string
}
