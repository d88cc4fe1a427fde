// What ALTER TABLE … ADD adds: columns and constraints.

import type { AlterTableCmd, ColumnDef, Node } from 'libpg-query'
import { step, type Step } from './alter-table-pass.ts'
import { asConstraint, constraintEffect } from './constraint.ts'
import { inServerOrder, type Declared } from './declared-constraint.ts'
import { alteration, type Guard, type RelationName } from '../effect.ts'
import { indexColumns } from './key-index.ts'
import { ownedObject, relationObject, type Scope } from '../scope.ts'
import { stringsOf } from '../../../sql/tree/tree.ts'
import { columnEffect, constraintsBehind, notNull } from './table.ts'

export type Adding = {
  readonly scope: Scope
  readonly relation: RelationName
  readonly command: AlterTableCmd
}

export const asColumn = (node: Node | undefined): ColumnDef | undefined =>
  node !== undefined && 'ColumnDef' in node ? node.ColumnDef : undefined

/** A column, and the constraints that follow it. */
export const addColumn = ({ scope, relation, command }: Adding): readonly Step[] => {
  const column = asColumn(command.def)
  if (column === undefined) return []
  const guard: Guard = command.missing_ok === true ? 'if not exists' : 'none'
  // A column that already exists keeps its IF NOT EXISTS from adding the constraint behind it.
  const inside = ownedObject('column', relation, column.colname ?? '')
  return [
    step('column', () => [columnEffect(column, { scope, relation, guard, inside: undefined })]),
    ...inServerOrder(constraintsBehind(column)).map((declared) =>
      constraintStep(declared, { scope, relation, guard, inside }),
    ),
  ]
}

type ConstraintContext = Omit<Parameters<typeof constraintEffect>[1], 'column'>

const constraintStep = ({ constraint, column }: Declared, context: ConstraintContext): Step => {
  const { contype = '' } = constraint
  const hasIndex = ['CONSTR_PRIMARY', 'CONSTR_UNIQUE', 'CONSTR_EXCLUSION'].includes(contype)
  return step(hasIndex ? 'index' : 'other', () => {
    const effect = constraintEffect(constraint, { ...context, column })
    return effect === undefined ? [] : [effect]
  })
}

export const addConstraint = ({ scope, relation, command }: Adding): readonly Step[] => {
  const constraint = asConstraint(command.def)
  if (constraint === undefined) return []
  const { contype, conname, indexname, keys } = constraint
  const index = { schema: relation.schema, name: indexname ?? '' }
  const columns =
    indexname === undefined ? stringsOf(keys) : indexColumns(scope.indexDefinition(index) ?? [])
  const isNotNull = contype === 'CONSTR_PRIMARY' || contype === 'CONSTR_NOTNULL'
  const object = relationObject('index', index)
  // The index goes on under the constraint's name.
  const isRenamed = indexname !== undefined && conname !== undefined && conname !== indexname
  return [
    step('attribute', () =>
      isNotNull
        ? columns.map((key) =>
            alteration(ownedObject('column', relation, key), { nullability: notNull }),
          )
        : [],
    ),
    step('index', () =>
      isRenamed
        ? [{ kind: 'rename', object, to: { ...object, name: conname }, guard: 'none' }]
        : [],
    ),
    constraintStep(
      { constraint, column: undefined },
      { scope, relation, guard: 'none', inside: undefined },
    ),
  ]
}
