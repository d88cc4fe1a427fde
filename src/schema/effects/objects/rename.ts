// ALTER … RENAME and SET SCHEMA.

import type { AlterObjectSchemaStmt, RenameStmt } from 'libpg-query'
import type { Effect, Guard, ObjectKind, ObjectName, RelationName } from '../effect.ts'
import { alterComposite } from './forgetting.ts'
import { routineName } from './function.ts'
import {
  findName,
  findRelation,
  itemsOf,
  oldName,
  oldRelation,
  ownedObject,
  relationObject,
  temporarySchema,
  type Scope,
} from '../scope.ts'

const relationKinds: Readonly<Record<string, ObjectKind>> = {
  OBJECT_TABLE: 'table',
  OBJECT_FOREIGN_TABLE: 'table',
  OBJECT_VIEW: 'view',
  OBJECT_MATVIEW: 'materialized view',
  OBJECT_SEQUENCE: 'sequence',
  OBJECT_INDEX: 'index',
}

const ownedKinds: Readonly<Record<string, ObjectKind>> = {
  OBJECT_COLUMN: 'column',
  OBJECT_TABCONSTRAINT: 'constraint',
  OBJECT_TRIGGER: 'trigger',
  OBJECT_POLICY: 'policy',
}

/** Undefined for a kind of object that has no evidence. */
export const renameObject = (
  statement: RenameStmt,
  scope: Scope,
): readonly (Effect | undefined)[] | undefined => {
  if (statement.renameType === 'OBJECT_ATTRIBUTE') return alterComposite(statement.relation, scope)
  const object = renamed(statement, scope)
  if (object === undefined) return undefined
  const { newname = '', missing_ok: ifExists } = statement
  const bracket = object.kind === 'function' ? object.name.indexOf('(') : -1
  const signature = bracket === -1 ? '' : object.name.slice(bracket)
  return [renaming(object, { ...object, name: newname + signature }, ifExists)]
}

const renaming = (object: ObjectName, to: ObjectName, ifExists: boolean | undefined): Effect => {
  const guard: Guard = ifExists === true ? 'if exists' : 'none'
  return { kind: 'rename', object, to, guard }
}

const renamed = (
  { renameType = 'OBJECT_CAST', relation: range, object, subname = '' }: RenameStmt,
  scope: Scope,
): ObjectName | undefined => {
  const relationKind = relationKinds[renameType]
  if (relationKind !== undefined) return findRenamed(scope, relationKind, range)
  const ownedKind = ownedKinds[renameType]
  if (ownedKind !== undefined) return ownedObject(ownedKind, oldRelation(scope, range), subname)
  if (renameType === 'OBJECT_SCHEMA')
    return { kind: 'schema', schema: '', table: '', name: subname }
  return namedObject(renameType, object, scope)
}

// ALTER TABLE and ALTER INDEX rename whatever has the name, and with the index of a constraint the constraint.
const findRenamed = (scope: Scope, kind: ObjectKind, range: RenameStmt['relation']): ObjectName => {
  const relation = findRelation(scope, range?.schemaname, range?.relname ?? '')
  if (scope.relationKind(relation) !== undefined || relation.schema === temporarySchema)
    return relationOf(scope, kind, relation)
  const { schemaname: schema, relname: name = '' } = range ?? {}
  const index = findName(scope, { kind: 'index', schema: schema ?? '', table: '', name })
  if (scope.has(index)) return index
  const constraint = (schema === undefined ? scope.searchPath : [schema])
    .map((each) => scope.constraintOfIndex({ schema: each, name }))
    .find((each) => each !== undefined)
  return constraint ?? relationObject(kind, relation)
}

// ALTER TABLE takes views and sequences too.
const relationOf = (scope: Scope, kind: ObjectKind, relation: RelationName): ObjectName =>
  relationObject(scope.relationKind(relation) ?? kind, relation)

const namedObject = (
  kind: string,
  object: RenameStmt['object'],
  scope: Scope,
): ObjectName | undefined => {
  if (kind === 'OBJECT_TYPE' || kind === 'OBJECT_DOMAIN')
    return oldName(scope, 'type', itemsOf(object))
  if (!['OBJECT_FUNCTION', 'OBJECT_PROCEDURE', 'OBJECT_ROUTINE'].includes(kind)) return undefined
  return object !== undefined && 'ObjectWithArgs' in object
    ? routineName(object.ObjectWithArgs, scope)
    : undefined
}

export const moveObject = (
  {
    objectType = 'OBJECT_CAST',
    relation: range,
    object,
    newschema = '',
    missing_ok,
  }: AlterObjectSchemaStmt,
  scope: Scope,
): readonly Effect[] | undefined => {
  const kind = relationKinds[objectType]
  const found =
    kind === undefined
      ? namedObject(objectType, object, scope)
      : relationOf(scope, kind, oldRelation(scope, range))
  return found === undefined
    ? undefined
    : [renaming(found, { ...found, schema: newschema }, missing_ok)]
}
