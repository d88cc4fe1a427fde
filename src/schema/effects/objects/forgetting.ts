// Statements that change a definition in ways that are not followed: what was known of it is known no more.

import type { Node } from 'libpg-query'
import type { Effect, Property, ObjectName } from '../effect.ts'
import { routineName } from './function.ts'
import { findName, oldName, oldRelation, ownedObject, type Scope } from '../scope.ts'

type Read = readonly (Effect | undefined)[] | undefined

const forget = (object: ObjectName, forgets: readonly Property[]): Read => [
  { kind: 'alter', object, guard: 'none', properties: {}, forgets },
  undefined,
]

type RangeNode = Parameters<typeof oldRelation>[1]

/** The attributes of a composite type are not followed one by one. */
export const alterComposite = (range: RangeNode, scope: Scope): Read => {
  const { schemaname: schema = '', relname: name = '' } = range ?? {}
  return forget(findName(scope, { kind: 'type', schema, table: '', name }), ['definition'])
}

type AlterDomain = {
  readonly subtype?: string
  readonly typeName?: Parameters<typeof oldName>[2]
}

// O sets NOT NULL, N drops it. Defaults and constraints are not compared: what was known of the domain is known still, and
// does not show whether this was done.
export const alterDomain = ({ subtype = '', typeName }: AlterDomain, scope: Scope): Read =>
  ['O', 'N'].includes(subtype)
    ? forget(oldName(scope, 'type', typeName), ['definition'])
    : undefined

type AlterPolicy = {
  readonly policy_name?: string
  readonly table?: RangeNode
}

export const alterPolicy = ({ policy_name: name = '', table }: AlterPolicy, scope: Scope): Read =>
  forget(ownedObject('policy', oldRelation(scope, table), name), ['definition'])

type AlterRoutine = {
  readonly func?: Parameters<typeof routineName>[0]
  readonly actions?: readonly Node[]
}

const compared = ['volatility', 'strict', 'security']

/** Settings, costs and the like are not compared: what was known of the routine is known still. */
export const alterRoutine = ({ func, actions = [] }: AlterRoutine, scope: Scope): Read =>
  func !== undefined && actions.some(isCompared)
    ? forget(routineName(func, scope), ['definition'])
    : undefined

const isCompared = (action: Node): boolean =>
  'DefElem' in action && compared.includes(action.DefElem.defname ?? '')
