// ALTER TABLE, subcommand by subcommand. What is not told here (owner, storage, statistics, inheritance, …) leaves no
// evidence and is said to be unseen.

import type { AlterTableCmd, AlterTableStmt, ColumnDef, Node } from 'libpg-query'
import { asConstraint, constraintEffect } from './constraint.ts'
import { text, type Effect, type Guard, type ObjectName, type RelationName } from './effect.ts'
import { oldRelation, ownedObject, relationObject, stringsOf, type Scope } from './scope.ts'
import { columnEffects, identity, noDefault, notNull, nullable } from './table.ts'

/** Undefined for a subcommand that cannot be seen into. */
export const alterTable = (
  { relation: range, cmds = [], objtype, missing_ok: ifExists }: AlterTableStmt,
  scope: Scope,
): readonly (readonly Effect[] | undefined)[] => {
  const relation = oldRelation(scope, range)
  // IF EXISTS on a table that the history does not know: whether it does anything depends on the database.
  if (ifExists === true && scope.relationKind(relation) === undefined) return [undefined]
  if (objtype !== 'OBJECT_TABLE') return [undefined]
  return cmds.map((node) => {
    if (!('AlterTableCmd' in node)) return undefined
    return effectsOf({ scope, relation, command: node.AlterTableCmd })
  })
}

type Context = {
  readonly scope: Scope
  readonly relation: RelationName
  readonly command: AlterTableCmd
}

const effectsOf = (context: Context): readonly Effect[] | undefined => {
  const { command, relation } = context
  const { subtype, name = '', behavior, missing_ok: missingOk } = command
  const column = ownedObject('column', relation, name)
  const cascade = behavior === 'DROP_CASCADE'
  const dropGuard: Guard = missingOk === true ? 'if exists' : 'none'
  const alter = (facets: Extract<Effect, { kind: 'alter' }>['facets']): readonly Effect[] => [
    { kind: 'alter', object: column, guard: 'none', facets },
  ]
  switch (subtype) {
    case 'AT_AddColumn':
      return addColumn(context)
    case 'AT_DropColumn':
      return [{ kind: 'drop', object: column, guard: dropGuard, cascade }]
    case 'AT_AlterColumnType':
      return alterType(context, column)
    case 'AT_SetNotNull':
      return alter({ nullability: notNull })
    case 'AT_DropNotNull':
      return alter({ nullability: nullable })
    case 'AT_ColumnDefault': {
      const { def } = command
      return alter({ default: def === undefined ? noDefault : [{ kind: 'default', node: def }] })
    }
    case 'AT_AddIdentity': {
      const when = asConstraint(command.def)?.generated_when
      return alter({ default: [identity(when)] })
    }
    case 'AT_DropIdentity':
    case 'AT_DropExpression':
      return alter({ default: noDefault })
    case 'AT_AddConstraint':
      return addConstraint(context)
    case 'AT_DropConstraint': {
      const object = ownedObject('constraint', relation, name)
      return [{ kind: 'drop', object, guard: dropGuard, cascade }]
    }
    case 'AT_ValidateConstraint': {
      const object = ownedObject('constraint', relation, name)
      return [{ kind: 'alter', object, guard: 'none', facets: { validation: [text('validated')] } }]
    }
    case 'AT_EnableRowSecurity':
    case 'AT_DisableRowSecurity': {
      const facets = {
        'row security': [text(subtype === 'AT_EnableRowSecurity' ? 'enabled' : 'disabled')],
      }
      return [{ kind: 'alter', object: relationObject('table', relation), guard: 'none', facets }]
    }
    default:
      return undefined
  }
}

const asColumn = (node: Node | undefined): ColumnDef | undefined =>
  node !== undefined && 'ColumnDef' in node ? node.ColumnDef : undefined

const addColumn = ({ scope, relation, command }: Context): readonly Effect[] | undefined => {
  const column = asColumn(command.def)
  if (column === undefined) return undefined
  const guard: Guard = command.missing_ok === true ? 'if not exists' : 'none'
  return columnEffects(column, { scope, relation, guard, inside: undefined })
}

const alterType = ({ command }: Context, object: ObjectName): readonly Effect[] | undefined => {
  const type = asColumn(command.def)?.typeName
  if (type === undefined) return undefined
  return [{ kind: 'alter', object, guard: 'none', facets: { type: [{ kind: 'type', type }] } }]
}

const addConstraint = ({ scope, relation, command }: Context): readonly Effect[] | undefined => {
  const constraint = asConstraint(command.def)
  if (constraint === undefined) return undefined
  const context = { scope, relation, column: undefined, guard: 'none', inside: undefined } as const
  const effect = constraintEffect(constraint, context)
  if (effect === undefined) return undefined
  const keys = constraint.contype === 'CONSTR_PRIMARY' ? stringsOf(constraint.keys) : []
  return [
    ...keys.map((key): Effect => ({
      kind: 'alter',
      object: ownedObject('column', relation, key),
      guard: 'none',
      facets: { nullability: notNull },
    })),
    effect,
  ]
}
