// CREATE TABLE and the columns of tables.

import type { ColumnDef, CreateStmt, Node } from 'libpg-query'
import { chooseName } from './chosen-name.ts'
import { asConstraint, constraintEffect, withAttributes } from './constraint.ts'
import {
  create,
  text,
  type CreateEffect,
  type Definition,
  type Facets,
  type Guard,
  type ObjectName,
  type Part,
  type RelationName,
} from './effect.ts'
import { newRelation, ownedObject, relationObject, stringsOf, type Scope } from './scope.ts'

export const createTable = (statement: CreateStmt, scope: Scope): readonly CreateEffect[] => {
  const { relation: range, partspec, if_not_exists: ifNotExists } = statement
  if (range?.relpersistence === 't') return []
  const relation = newRelation(scope, range)
  const table = relationObject('table', relation)
  const guard: Guard = ifNotExists === true ? 'if not exists' : 'none'
  const context = { scope, relation, guard, inside: table }
  const existence = [text(partspec === undefined ? 'table' : 'partitioned table')]
  // The server names the constraints of columns first, those of the table behind them, keys before checks.
  const elements = statement.tableElts ?? []
  const columns = elements.flatMap((element) =>
    'ColumnDef' in element ? columnEffects(element.ColumnDef, context) : [],
  )
  const constraints = [...elements, ...(statement.constraints ?? [])].flatMap((element) => {
    const constraint = asConstraint(element)
    return constraint === undefined
      ? []
      : (constraintEffect(constraint, { ...context, column: undefined }) ?? [])
  })
  const keys = primaryKeyColumns(elements)
  return [
    create(table, { existence }, { guard }),
    ...inherited(statement, columns).map((each) => notNullIfKey(each, keys)),
    ...constraints,
  ]
}

// What a partition says of its columns adds to what its parent says; of a child's columns some is inherited too.
const inherited = (
  { partbound, inhRelations = [] }: CreateStmt,
  effects: readonly CreateEffect[],
): readonly CreateEffect[] => {
  if (partbound !== undefined) return []
  if (inhRelations.length === 0) return effects
  return effects.map((each) => {
    const { existence, type } = each.facets
    if (each.object.kind !== 'column') return each
    return { ...each, facets: { ...(existence && { existence }), ...(type && { type }) } }
  })
}

const primaryKeyColumns = (elements: readonly Node[]): readonly string[] =>
  elements.flatMap((element) => {
    const constraint = asConstraint(element)
    return constraint?.contype === 'CONSTR_PRIMARY' ? stringsOf(constraint.keys) : []
  })

const notNullIfKey = (effect: CreateEffect, keys: readonly string[]): CreateEffect =>
  effect.object.kind === 'column' && keys.includes(effect.object.name)
    ? { ...effect, facets: { ...effect.facets, nullability: notNull } }
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

/** The column, the sequence of a serial, and the constraints that stand behind the column. */
export const columnEffects = (
  column: ColumnDef,
  context: ColumnContext,
): readonly CreateEffect[] => {
  const { scope, relation, guard, inside } = context
  const name = column.colname ?? ''
  const object = ownedObject('column', relation, name)
  const constraints = withAttributes(column.constraints)
  const serial = serialTypes[typeNameOf(column)]
  const facets: Facets =
    serial === undefined
      ? columnFacets(column)
      : {
          ...columnFacets(column),
          type: [typePart(serial)],
          nullability: notNull,
          default: [nextval(relation, chooseName(scope, relation, [name], 'seq'))],
        }
  return [
    create(object, facets, { guard, inside }),
    ...constraints.flatMap(
      (constraint) =>
        constraintEffect(constraint, {
          scope,
          relation,
          column: name,
          guard,
          // A column that is there already keeps its IF NOT EXISTS from adding the constraint behind it.
          inside: inside ?? object,
        }) ?? [],
    ),
  ]
}

const serialTypes: Readonly<Record<string, string>> = {
  smallserial: 'int2',
  serial2: 'int2',
  serial: 'int4',
  serial4: 'int4',
  bigserial: 'int8',
  serial8: 'int8',
}

const typeNameOf = ({ typeName }: ColumnDef): string => {
  const names = stringsOf(typeName?.names)
  return names.length === 1 && typeName?.arrayBounds === undefined ? (names[0] ?? '') : ''
}

const typePart = (name: string): Part => ({
  kind: 'type',
  type: { names: [{ String: { sval: 'pg_catalog' } }, { String: { sval: name } }], typemod: -1 },
})

// nextval('schema.sequence'), as the server writes the default of a serial.
const nextval = ({ schema }: RelationName, sequence: string): Part => {
  const quoted = [schema, sequence].map((each) => `"${each.replaceAll('"', '""')}"`).join('.')
  const argument = { A_Const: { sval: { sval: quoted } } }
  const regclass = { names: [{ String: { sval: 'regclass' } }], typemod: -1 }
  return {
    kind: 'default',
    node: {
      FuncCall: {
        funcname: [{ String: { sval: 'pg_catalog' } }, { String: { sval: 'nextval' } }],
        args: [{ TypeCast: { arg: argument, typeName: regclass } }],
        funcformat: 'COERCE_EXPLICIT_CALL',
      },
    },
  }
}

const columnFacets = (column: ColumnDef): Facets => {
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

const defaultOf = (column: ColumnDef): Definition => {
  for (const {
    contype,
    raw_expr: node,
    generated_when: when,
    generated_kind: kind,
  } of withAttributes(column.constraints)) {
    if (contype === 'CONSTR_DEFAULT') return [{ kind: 'default', node }]
    if (contype === 'CONSTR_IDENTITY') return [identity(when)]
    if (contype === 'CONSTR_GENERATED')
      return [
        text(kind === 'v' ? 'GENERATED VIRTUAL ' : 'GENERATED STORED '),
        { kind: 'default', node },
      ]
  }
  return noDefault
}

export const identity = (when: string | undefined): Part =>
  text(`GENERATED ${when === 'a' ? 'ALWAYS' : 'BY DEFAULT'} AS IDENTITY`)
