// ALTER … RENAME and SET SCHEMA.

import type { AlterObjectSchemaStmt, RenameStmt } from 'libpg-query'
import type { Effect, Guard, ObjectKind, ObjectName } from './effect.ts'
import { argumentKeys } from './function.ts'
import {
  findName,
  findRelation,
  itemsOf,
  oldName,
  oldRelation,
  ownedObject,
  relationObject,
  splitName,
  stringsOf,
  type Scope,
} from './scope.ts'

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
): readonly Effect[] | undefined => {
  const object = renamed(statement, scope)
  if (object === undefined) return undefined
  const { newname = '', missing_ok: ifExists } = statement
  const signature = object.kind === 'function' ? object.name.slice(object.name.indexOf('(')) : ''
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
  if (relationKind === 'index')
    return findName(scope, {
      kind: 'index',
      schema: range?.schemaname ?? '',
      table: '',
      name: range?.relname ?? '',
    })
  if (relationKind !== undefined) return relationObject(relationKind, oldRelation(scope, range))
  const ownedKind = ownedKinds[renameType]
  if (ownedKind !== undefined) return ownedObject(ownedKind, oldRelation(scope, range), subname)
  if (renameType === 'OBJECT_SCHEMA')
    return { kind: 'schema', schema: '', table: '', name: subname }
  if (renameType === 'OBJECT_TYPE' || renameType === 'OBJECT_DOMAIN')
    return oldName(scope, 'type', itemsOf(object))
  return routineOf(renameType, object, scope)
}

const routineOf = (
  kind: string,
  object: RenameStmt['object'],
  scope: Scope,
): ObjectName | undefined => {
  if (!['OBJECT_FUNCTION', 'OBJECT_PROCEDURE', 'OBJECT_ROUTINE'].includes(kind)) return undefined
  if (object === undefined || !('ObjectWithArgs' in object)) return undefined
  const { objname, objargs } = object.ObjectWithArgs
  const [schema, name] = splitName(stringsOf(objname))
  return findName(scope, {
    kind: 'function',
    schema: schema ?? '',
    table: '',
    name: `${name}(${argumentKeys(objargs)})`,
  })
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
  const relationKind = relationKinds[objectType]
  const found =
    relationKind === undefined
      ? movedName(objectType, object, scope)
      : relationObject(relationKind, findRelation(scope, range?.schemaname, range?.relname ?? ''))
  return found === undefined
    ? undefined
    : [renaming(found, { ...found, schema: newschema }, missing_ok)]
}

const movedName = (
  kind: string,
  object: AlterObjectSchemaStmt['object'],
  scope: Scope,
): ObjectName | undefined =>
  kind === 'OBJECT_TYPE' || kind === 'OBJECT_DOMAIN'
    ? oldName(scope, 'type', itemsOf(object))
    : routineOf(kind, object, scope)
