// CREATE TYPE, CREATE DOMAIN and ALTER TYPE … VALUE.

import type {
  AlterEnumStmt,
  CompositeTypeStmt,
  CreateDomainStmt,
  CreateEnumStmt,
  CreateRangeStmt,
  DefineStmt,
} from 'libpg-query'
import { create, text, type Definition, type Effect } from '../effect.ts'
import { newName, newRelation, oldName, relationObject, type Scope } from '../scope.ts'
import { stringsOf } from '../../../sql/tree/tree.ts'
import { asConstraint } from '../tables/constraint.ts'

export const createEnum = ({ typeName, vals }: CreateEnumStmt, scope: Scope): readonly Effect[] => [
  create(newName(scope, 'type', typeName), {
    existence: [text('enum')],
    labels: [{ kind: 'labels', names: stringsOf(vals), added: [] }],
  }),
]

export const createComposite = (
  { typevar, coldeflist = [] }: CompositeTypeStmt,
  scope: Scope,
): readonly Effect[] => {
  const attributes = coldeflist.flatMap((node): Definition => {
    if (!('ColumnDef' in node)) return []
    const { colname = '', typeName: type } = node.ColumnDef
    return type === undefined ? [] : [text(`${colname} `), { kind: 'type', type }, text('; ')]
  })
  const object = relationObject('type', newRelation(scope, typevar))
  return [create(object, { existence: [text('composite')], definition: attributes })]
}

export const createDomain = (
  { domainname, typeName: type, constraints = [] }: CreateDomainStmt,
  scope: Scope,
): readonly Effect[] => {
  const must = constraints.some((node) => asConstraint(node)?.contype === 'CONSTR_NOTNULL')
  return [
    create(newName(scope, 'type', domainname), {
      existence: [text('domain')],
      ...(type === undefined
        ? {}
        : { definition: [{ kind: 'type', type }, text(must ? ' NOT NULL' : '')] }),
    }),
  ]
}

export const createRange = ({ typeName }: CreateRangeStmt, scope: Scope): readonly Effect[] => [
  create(newName(scope, 'type', typeName), { existence: [text('range')] }),
]

/** Undefined for what else is defined so (operators, aggregates, …), and for a type that is only announced. */
export const createBaseType = (
  { kind, defnames, definition = [] }: DefineStmt,
  scope: Scope,
): readonly Effect[] | undefined =>
  kind === 'OBJECT_TYPE' && definition.length > 0
    ? [create(newName(scope, 'type', defnames), { existence: [text('base type')] })]
    : undefined

export const alterEnum = (
  { typeName, oldVal, newVal = '', skipIfNewValExists: ifNotExists }: AlterEnumStmt,
  scope: Scope,
): readonly Effect[] => {
  const object = oldName(scope, 'type', typeName)
  const properties = {
    ...(oldVal === undefined ? {} : { [`label ${oldVal}`]: [text('absent')] }),
    [`label ${newVal}`]: [text('present')],
  }
  const guard = ifNotExists === true ? 'if not exists' : 'none'
  return [{ kind: 'alter', object, guard, properties }]
}
