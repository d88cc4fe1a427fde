// What GRANT, REVOKE and ALTER DEFAULT PRIVILEGES speak of: the objects that they name, all of a schema that are there, or those
// that come.

import type { GrantStmt, Node } from 'libpg-query'
import type { ObjectKind } from './effect.ts'
import { itemsOf } from './scope.ts'
import { stringsOf, withoutPlaces } from '../../sql/tree/tree.ts'

export type Granting = {
  readonly how: 'grant' | 'revoke'
  readonly to: readonly string[]
  /** Of GRANT … ON ALL … IN SCHEMA and of ALTER DEFAULT PRIVILEGES: what comes into it counts, or does not. */
  readonly all:
    { readonly kinds: readonly ObjectKind[]; readonly schemas: readonly string[] } | undefined
  /** As text: what two statements have in common. */
  readonly objects: readonly string[]
}

const kindsOf: Readonly<Record<string, readonly ObjectKind[]>> = {
  OBJECT_TABLE: ['table', 'view', 'materialized view'],
  OBJECT_SEQUENCE: ['sequence'],
  OBJECT_FUNCTION: ['function'],
  OBJECT_ROUTINE: ['function'],
  OBJECT_PROCEDURE: ['function'],
  OBJECT_TYPE: ['type'],
  OBJECT_SCHEMA: ['schema'],
}

export const grantingOf = (node: Node): Granting | undefined => {
  if ('GrantStmt' in node) return granting(node.GrantStmt, undefined)
  if (!('AlterDefaultPrivilegesStmt' in node)) return undefined
  const { action, options = [] } = node.AlterDefaultPrivilegesStmt
  const schemas = options.flatMap((each) =>
    'DefElem' in each && each.DefElem.defname === 'schemas'
      ? stringsOf(itemsOf(each.DefElem.arg))
      : [],
  )
  return action === undefined ? undefined : granting(action, schemas)
}

const granting = (
  { is_grant: isGrant, targtype, objtype = 'OBJECT_TABLE', objects = [], grantees = [] }: GrantStmt,
  defaults: readonly string[] | undefined,
): Granting => {
  const schemas = targtype === 'ACL_TARGET_ALL_IN_SCHEMA' ? stringsOf(objects) : defaults
  return {
    how: isGrant === true ? 'grant' : 'revoke',
    to: grantees.flatMap((each) =>
      'RoleSpec' in each ? [each.RoleSpec.rolename ?? each.RoleSpec.roletype ?? ''] : [],
    ),
    all: schemas && { kinds: kindsOf[objtype] ?? [], schemas },
    objects: objects.map((each) => `${objtype} ${withoutPlaces(each)}`),
  }
}
