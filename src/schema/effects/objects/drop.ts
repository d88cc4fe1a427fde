// DROP, for every kind of object that has evidence.

import type { DropStmt, Node } from 'libpg-query'
import type { Effect, ObjectKind, ObjectName } from '../effect.ts'
import { routineName } from './function.ts'
import {
  findRelation,
  itemsOf,
  oldName,
  ownedObject,
  relationObject,
  splitName,
  type Scope,
} from '../scope.ts'
import { stringsOf } from '../../../sql/tree/tree.ts'

type DropKind = NonNullable<DropStmt['removeType']>

const relations: Readonly<Partial<Record<DropKind, ObjectKind>>> = {
  OBJECT_TABLE: 'table',
  OBJECT_FOREIGN_TABLE: 'table',
  OBJECT_VIEW: 'view',
  OBJECT_MATVIEW: 'materialized view',
  OBJECT_SEQUENCE: 'sequence',
}

const owned: Readonly<Partial<Record<DropKind, ObjectKind>>> = {
  OBJECT_TRIGGER: 'trigger',
  OBJECT_POLICY: 'policy',
}

const routines: readonly DropKind[] = ['OBJECT_FUNCTION', 'OBJECT_PROCEDURE', 'OBJECT_ROUTINE']

/** Undefined for a kind of object that has no evidence. */
export const dropObjects = (
  { objects = [], removeType, behavior, missing_ok: missingOk }: DropStmt,
  scope: Scope,
): readonly Effect[] | undefined => {
  if (removeType === undefined) return undefined
  const found = objects.map((node) => droppedObject(removeType, node, scope))
  const known = found.flatMap((object) => object ?? [])
  if (known.length < found.length) return undefined
  return known.map((object) => ({
    kind: 'drop',
    object,
    guard: missingOk === true ? 'if exists' : 'none',
    cascade: behavior === 'DROP_CASCADE',
  }))
}

const droppedObject = (kind: DropKind, node: Node, scope: Scope): ObjectName | undefined => {
  const relation = relations[kind]
  if (relation !== undefined) {
    const [schema, name] = splitName(stringsOf(itemsOf(node)))
    const found = findRelation(scope, schema, name)
    return relationObject(relation, found)
  }
  const ownedKind = owned[kind]
  if (ownedKind !== undefined) {
    const parts = stringsOf(itemsOf(node))
    const [schema, table] = splitName(parts.slice(0, -1))
    return ownedObject(ownedKind, findRelation(scope, schema, table), parts.at(-1) ?? '')
  }
  if (kind === 'OBJECT_INDEX') return oldName(scope, 'index', itemsOf(node))
  if (kind === 'OBJECT_TYPE' || kind === 'OBJECT_DOMAIN')
    return 'TypeName' in node ? oldName(scope, 'type', node.TypeName.names) : undefined
  if (routines.includes(kind))
    return 'ObjectWithArgs' in node ? routineName(node.ObjectWithArgs, scope) : undefined
  const name = 'String' in node ? (node.String.sval ?? '') : ''
  if (kind === 'OBJECT_SCHEMA') return { kind: 'schema', schema: '', table: '', name }
  if (kind === 'OBJECT_EXTENSION') return { kind: 'extension', schema: '', table: '', name }
  return undefined
}
