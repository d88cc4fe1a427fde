// CREATE TABLE and the columns of tables.

import type { ColumnDef, CreateStmt, Node } from 'libpg-query'
import { asConstraint, constraintEffect, withAttributes } from './constraint.ts'
import { declaredBehind, inServerOrder, type Declared } from './declared-constraint.ts'
import {
  create,
  text,
  type CreateEffect,
  type Definition,
  type Properties,
  type Guard,
  type ObjectName,
  type Fragment,
  type RelationName,
} from '../effect.ts'
import { newRelation, oldRelation, ownedObject, relationObject, type Scope } from '../scope.ts'
import { stringsOf } from '../../../sql/tree/tree.ts'
import { identitySequence } from '../objects/sequence.ts'

/** Undefined stands for columns that are not in the text. */
export const createTable = (
  statement: CreateStmt,
  scope: Scope,
): readonly (CreateEffect | undefined)[] => {
  const { relation: range, partspec, tableElts: elements = [], if_not_exists } = statement
  const relation = newRelation(scope, range)
  const table = relationObject('table', relation)
  const guard: Guard = if_not_exists === true ? 'if not exists' : 'none'
  const context = { scope, relation, guard, inside: table }
  const existence = [text(partspec === undefined ? 'table' : 'partitioned table')]
  const keys = notNullColumns(elements)
  const columns = elements.flatMap((element) =>
    'ColumnDef' in element ? [columnEffect(element.ColumnDef, context)] : [],
  )
  const constraints = inServerOrder(declaredIn([...elements, ...(statement.constraints ?? [])]))
  return [
    create(table, { existence }, { guard, on: parentOf(statement, scope) }),
    ...inherited(statement, columns).map((each) => notNullIfKey(each, keys)),
    ...constraints.flatMap(
      ({ constraint, column }) => constraintEffect(constraint, { ...context, column }) ?? [],
    ),
    ...(elements.some((element) => 'TableLikeClause' in element) ? [undefined] : []),
  ]
}

const declaredIn = (elements: readonly Node[]): readonly Declared[] =>
  elements.flatMap((element): readonly Declared[] => {
    if ('ColumnDef' in element) return constraintsBehind(element.ColumnDef)
    const constraint = asConstraint(element)
    return constraint === undefined ? [] : [{ constraint, column: undefined }]
  })

export const constraintsBehind = ({ colname = '', constraints }: ColumnDef): readonly Declared[] =>
  declaredBehind(colname, constraints)

// What a partition, or a child by INHERITS, goes with.
const parentOf = ({ inhRelations = [] }: CreateStmt, scope: Scope): RelationName | undefined => {
  const [parent] = inhRelations
  return parent !== undefined && 'RangeVar' in parent
    ? oldRelation(scope, parent.RangeVar)
    : undefined
}

// What a partition says of its columns adds to what its parent says; of a child's columns some is inherited too.
const inherited = (
  { partbound, inhRelations = [] }: CreateStmt,
  columns: readonly CreateEffect[],
): readonly CreateEffect[] => {
  if (partbound !== undefined) return []
  if (inhRelations.length === 0) return columns
  return columns.map((each) => {
    const { existence, type } = each.properties
    return { ...each, properties: { ...(existence && { existence }), ...(type && { type }) } }
  })
}

const notNullColumns = (elements: readonly Node[]): readonly string[] =>
  elements.flatMap((element) => {
    const { contype, keys } = asConstraint(element) ?? {}
    return contype === 'CONSTR_PRIMARY' || contype === 'CONSTR_NOTNULL' ? stringsOf(keys) : []
  })

const notNullIfKey = (effect: CreateEffect, keys: readonly string[]): CreateEffect =>
  keys.includes(effect.object.name)
    ? { ...effect, properties: { ...effect.properties, nullability: notNull } }
    : effect

export const notNull: Definition = [text('NOT NULL')]
export const nullable: Definition = [text('NULL')]
export const noDefault: Definition = [{ kind: 'default', node: undefined }]

export type ColumnContext = {
  readonly scope: Scope
  readonly relation: RelationName
  readonly guard: Guard
  /** The table, when it is created with its columns. */
  readonly inside: ObjectName | undefined
}

/** The column without the constraints that follow it. */
export const columnEffect = (column: ColumnDef, context: ColumnContext): CreateEffect => {
  const { scope, relation, guard, inside } = context
  const name = column.colname ?? ''
  const serial = serialTypes.get(typeNameOf(column))
  const sequence = sequenceOf(column, { scope, relation, column: name })
  const properties: Properties =
    serial === undefined || sequence === undefined
      ? columnProperties(column)
      : {
          ...columnProperties(column),
          type: [typeFragment(serial)],
          nullability: notNull,
          default: [nextval(sequence)],
        }
  return create(ownedObject('column', relation, name), properties, { guard, inside, sequence })
}

const sequenceOf = (
  column: ColumnDef,
  context: Parameters<typeof identitySequence>[1],
): RelationName | undefined => {
  const identified = (column.constraints ?? [])
    .map(asConstraint)
    .find((each) => each?.contype === 'CONSTR_IDENTITY')
  return identified !== undefined || serialTypes.has(typeNameOf(column))
    ? identitySequence(identified?.options, context)
    : undefined
}

const serialTypes: ReadonlyMap<string, string> = new Map([
  ['smallserial', 'int2'],
  ['serial2', 'int2'],
  ['serial', 'int4'],
  ['serial4', 'int4'],
  ['bigserial', 'int8'],
  ['serial8', 'int8'],
])

const typeNameOf = ({ typeName }: ColumnDef): string => {
  const names = stringsOf(typeName?.names)
  return names.length === 1 && typeName?.arrayBounds === undefined ? (names[0] ?? '') : ''
}

const typeFragment = (name: string): Fragment => ({
  kind: 'type',
  type: { names: [{ String: { sval: 'pg_catalog' } }, { String: { sval: name } }], typemod: -1 },
})

// nextval('schema.sequence'), as the server writes the default of a serial.
const nextval = ({ schema, name }: RelationName): Fragment => {
  const quoted = [schema, name].map((each) => `"${each.replaceAll('"', '""')}"`).join('.')
  const argument = { A_Const: { sval: { sval: quoted } } }
  const regclass = { names: [{ String: { sval: 'regclass' } }], typemod: -1 }
  return {
    kind: 'default',
    sequence: 'own',
    node: {
      FuncCall: {
        funcname: [{ String: { sval: 'pg_catalog' } }, { String: { sval: 'nextval' } }],
        args: [{ TypeCast: { arg: argument, typeName: regclass } }],
        funcformat: 'COERCE_EXPLICIT_CALL',
      },
    },
  }
}

const columnProperties = (column: ColumnDef): Properties => {
  const constraints = withAttributes(column.constraints)
  const has = (kind: string): boolean => constraints.some(({ contype }) => contype === kind)
  const must = has('CONSTR_NOTNULL') || has('CONSTR_PRIMARY') || has('CONSTR_IDENTITY')
  return {
    existence: [text('column')],
    ...(column.typeName === undefined ? {} : { type: [{ kind: 'type', type: column.typeName }] }),
    nullability: must ? notNull : nullable,
    default: defaultOf(column),
  }
}

/** DEFAULT NULL is not a default. */
export const defaultFragment = (node: Node | undefined): Fragment => ({
  kind: 'default',
  node: node !== undefined && 'A_Const' in node && node.A_Const.isnull === true ? undefined : node,
})

const defaultOf = (column: ColumnDef): Definition => {
  for (const {
    contype,
    raw_expr: node,
    generated_when: when,
    generated_kind: kind,
  } of withAttributes(column.constraints)) {
    if (contype === 'CONSTR_DEFAULT') return [defaultFragment(node)]
    if (contype === 'CONSTR_IDENTITY') return [identity(when)]
    if (contype === 'CONSTR_GENERATED')
      return [
        text(kind === 'v' ? 'GENERATED VIRTUAL ' : 'GENERATED STORED '),
        { kind: 'default', node },
      ]
  }
  return noDefault
}

export const identity = (when: string | undefined): Fragment =>
  text(`GENERATED ${when === 'a' ? 'ALWAYS' : 'BY DEFAULT'} AS IDENTITY`)
