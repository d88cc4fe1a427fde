// Constraints, as a table's element, a column's, or an ALTER TABLE ADD: their definition in parts, and the name that the
// server chooses when the file gives none.

import type { Constraint, Node } from 'libpg-query'
import { chooseName, distinctNames, takeName, type Suffix } from '../names/chosen-name.ts'
import { columnsIn } from '../names/columns-in.ts'
import {
  create,
  text,
  type CreateEffect,
  type Definition,
  type Guard,
  type ObjectName,
  type Fragment,
  type RelationName,
} from '../effect.ts'
import { elementsOf, namesOfElements } from './create-index.ts'
import { keyDefinition, keyOverIndex } from './key-index.ts'
import { itemsOf, oldRelation, ownedObject, type Scope } from '../scope.ts'
import { stringsOf } from '../../../sql/tree/tree.ts'

export type { Constraint }

export type ConstraintContext = {
  readonly scope: Scope
  readonly relation: RelationName
  /** The column in whose definition the constraint is, for those that name none. */
  readonly column: string | undefined
  readonly guard: Guard
  readonly inside: ObjectName | undefined
}

/** Undefined for what is not a constraint of its own: NULL, NOT NULL, DEFAULT, GENERATED and the like. */
export const constraintEffect = (
  constraint: Constraint,
  { scope, relation, column, guard, inside }: ConstraintContext,
): CreateEffect | undefined => {
  const shape = shapeOf(constraint, { scope, relation, column })
  if (shape === undefined) return undefined
  // USING INDEX without a name takes that of the index.
  const given = constraint.conname ?? constraint.indexname
  if (given !== undefined) takeName(scope, given, shape.suffix)
  const name = given ?? chooseName(scope, relation, shape.columns, shape.suffix)
  const isBelieved = isUnenforced(constraint)
    ? false
    : constraint.skip_validation !== true || inside?.kind === 'table'
  return create(
    ownedObject('constraint', relation, name),
    {
      ...(shape.definition === undefined
        ? { existence: [text(shape.kind)] }
        : { definition: shape.definition }),
      validation: [text(isBelieved ? 'validated' : 'NOT VALID')],
    },
    {
      guard,
      inside,
      named: given === undefined ? 'by server' : 'by file',
    },
  )
}

// The parser says it only of the enforced.
const isUnenforced = ({ contype, is_enforced: isEnforced }: Constraint): boolean =>
  (contype === 'CONSTR_CHECK' || contype === 'CONSTR_FOREIGN') && isEnforced !== true

type Shape = {
  readonly kind: string
  /** Those that its name speaks of. */
  readonly columns: readonly string[]
  readonly suffix: Suffix
  /** Undefined where only the kind can be compared. */
  readonly definition: Definition | undefined
}

type ShapeContext = Pick<ConstraintContext, 'scope' | 'relation' | 'column'>

const shapeOf = (constraint: Constraint, context: ShapeContext): Shape | undefined => {
  switch (constraint.contype) {
    case 'CONSTR_PRIMARY':
      return keyShape('PRIMARY KEY', constraint, context)
    case 'CONSTR_UNIQUE':
      return keyShape(
        constraint.nulls_not_distinct === true ? 'UNIQUE NULLS NOT DISTINCT' : 'UNIQUE',
        constraint,
        context,
      )
    case 'CONSTR_CHECK':
      return checkShape(constraint, context.relation)
    case 'CONSTR_FOREIGN':
      return foreignShape(constraint, context)
    case 'CONSTR_EXCLUSION':
      return {
        kind: 'EXCLUDE',
        columns: namesOfElements(excludedOf(constraint), context.scope.naming),
        suffix: 'excl',
        definition: undefined,
      }
    default:
      return undefined
  }
}

const excludedOf = ({ exclusions = [], including }: Constraint): ReturnType<typeof elementsOf> => [
  ...exclusions.flatMap((pair) => elementsOf(itemsOf(pair))),
  ...elementsOf(including),
]

const keyShape = (
  kind: string,
  constraint: Constraint,
  { scope, relation, column }: ShapeContext,
): Shape => {
  const columns = column === undefined ? stringsOf(constraint.keys) : [column]
  const including = stringsOf(constraint.including)
  const primary = kind === 'PRIMARY KEY'
  const shape: Omit<Shape, 'definition'> = {
    kind,
    columns: primary ? [] : distinctNames([...columns, ...including], scope.naming),
    suffix: primary ? 'pkey' : 'key',
  }
  if (constraint.without_overlaps === true) return { ...shape, definition: undefined }
  if (constraint.indexname !== undefined) {
    const index = scope.indexDefinition({ schema: relation.schema, name: constraint.indexname })
    return { ...shape, definition: index && keyOverIndex(kind, index, deferral(constraint)) }
  }
  const key = {
    columns: { kind: 'columns', relation, names: columns },
    included: including,
    deferral: deferral(constraint),
  } as const
  return { ...shape, definition: keyDefinition(kind, key) }
}

const checkShape = (
  { raw_expr: node, is_no_inherit: noInherit }: Constraint,
  relation: RelationName,
): Shape | undefined => {
  if (node === undefined) return undefined
  const used = columnsIn(node)
  return {
    kind: 'CHECK',
    // The server names it after its column when it speaks of just one, whatever column it belongs to.
    columns: used.length === 1 ? used : [],
    suffix: 'check',
    definition: [
      text('CHECK ('),
      { kind: 'expression', node, relation, rows: 'table' },
      text(noInherit === true ? ') NO INHERIT' : ')'),
    ],
  }
}

const foreignShape = (
  constraint: Constraint,
  { scope, relation, column }: ShapeContext,
): Shape | undefined => {
  const { pktable, fk_attrs, pk_attrs } = constraint
  if (pktable === undefined) return undefined
  const columns = column === undefined ? stringsOf(fk_attrs) : [column]
  const target = oldRelation(scope, pktable)
  const targetColumns: Fragment =
    pk_attrs === undefined
      ? { kind: 'primary key', relation: target }
      : { kind: 'columns', relation: target, names: stringsOf(pk_attrs) }
  return {
    kind: 'FOREIGN KEY',
    columns,
    suffix: 'fkey',
    definition: [
      text('FOREIGN KEY ('),
      { kind: 'columns', relation, names: columns },
      text(') REFERENCES '),
      { kind: 'relation', relation: target },
      text(' ('),
      targetColumns,
      text(')'),
      text(constraint.fk_matchtype === 'f' ? ' MATCH FULL' : ''),
      text(actionWords('UPDATE', constraint.fk_upd_action)),
      text(actionWords('DELETE', constraint.fk_del_action)),
      text(deferral(constraint)),
    ],
  }
}

const actions: Readonly<Record<string, string>> = {
  r: 'RESTRICT',
  c: 'CASCADE',
  n: 'SET NULL',
  d: 'SET DEFAULT',
}

const actionWords = (event: string, action: string | undefined): string => {
  const words = actions[action ?? 'a']
  return words === undefined ? '' : ` ON ${event} ${words}`
}

const deferral = ({ deferrable, initdeferred }: Constraint): string =>
  deferrable === true ? ` DEFERRABLE${initdeferred === true ? ' INITIALLY DEFERRED' : ''}` : ''

export const asConstraint = (node: Node | undefined): Constraint | undefined =>
  node !== undefined && 'Constraint' in node ? node.Constraint : undefined

/** The parser hangs DEFERRABLE and its kin behind a column's constraint as nodes of their own. */
export const withAttributes = (nodes: readonly Node[] | undefined): readonly Constraint[] => {
  const result: Constraint[] = []
  for (const constraint of (nodes ?? []).flatMap((node) => asConstraint(node) ?? [])) {
    const last = result.at(-1)
    if (constraint.contype === 'CONSTR_ATTR_DEFERRABLE' && last !== undefined)
      result[result.length - 1] = { ...last, deferrable: true }
    else if (constraint.contype === 'CONSTR_ATTR_DEFERRED' && last !== undefined)
      result[result.length - 1] = { ...last, deferrable: true, initdeferred: true }
    else if (constraint.contype === 'CONSTR_ATTR_NOT_ENFORCED' && last !== undefined)
      result[result.length - 1] = { ...last, is_enforced: false }
    else if (!(constraint.contype ?? '').startsWith('CONSTR_ATTR_')) result.push(constraint)
  }
  return result
}
