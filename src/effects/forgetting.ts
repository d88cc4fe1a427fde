// Statements that change a definition in ways that are not followed: what was known of it is known no more.

import type { Effect, Facet, ObjectName } from './effect.ts'
import { routineName } from './function.ts'
import { findName, oldName, oldRelation, ownedObject, type Scope } from './scope.ts'

type Read = readonly (Effect | undefined)[] | undefined

const forget = (object: ObjectName, forgets: readonly Facet[]): Read => [
  { kind: 'alter', object, guard: 'none', facets: {}, forgets },
  undefined,
]

type RangeNode = Parameters<typeof oldRelation>[1]

/** The attributes of a composite type are not followed one by one. */
export const alterComposite = (range: RangeNode, scope: Scope): Read => {
  const { schemaname: schema = '', relname: name = '' } = range ?? {}
  return forget(findName(scope, { kind: 'type', schema, table: '', name }), ['definition'])
}

type AlterDomain = { readonly typeName?: Parameters<typeof oldName>[2] }

export const alterDomain = ({ typeName }: AlterDomain, scope: Scope): Read =>
  forget(oldName(scope, 'type', typeName), ['definition'])

type AlterPolicy = {
  readonly policy_name?: string
  readonly table?: RangeNode
}

export const alterPolicy = ({ policy_name: name = '', table }: AlterPolicy, scope: Scope): Read =>
  forget(ownedObject('policy', oldRelation(scope, table), name), ['definition'])

type AlterRoutine = { readonly func?: Parameters<typeof routineName>[0] }

export const alterRoutine = ({ func }: AlterRoutine, scope: Scope): Read =>
  func === undefined ? undefined : forget(routineName(func, scope), ['definition'])
