// ALTER TABLE, subcommand by subcommand. What is not told here (owner, storage, …) leaves no evidence: it is unseen.

import type { AlterTableCmd, AlterTableStmt, ColumnDef, Node } from 'libpg-query'
import { passOf, step, type Read, type Step } from './alter-table-pass.ts'
import { asConstraint, constraintEffect } from './constraint.ts'
import { inServerOrder, type Declared } from './declared-constraint.ts'
import {
  text,
  type Effect,
  type Facet,
  type Facets,
  type Guard,
  type ObjectName,
  type RelationName,
} from './effect.ts'
import { alterComposite } from './forgetting.ts'
import {
  itemsOf,
  oldRelation,
  ownedObject,
  relationObject,
  stringsOf,
  type Scope,
} from './scope.ts'
import {
  columnEffect,
  constraintsBehind,
  defaultPart,
  identity,
  noDefault,
  notNull,
  nullable,
} from './table.ts'

/** Undefined for a subcommand that cannot be seen into. */
export const alterTable = (statement: AlterTableStmt, scope: Scope): readonly Read[] => {
  const { relation: range, cmds = [], objtype, missing_ok: ifExists } = statement
  if (objtype === 'OBJECT_TYPE') return [alterComposite(range, scope)]
  const relation = oldRelation(scope, range)
  // IF EXISTS on a table that the history does not know: whether it does anything depends on the database.
  if (ifExists === true && scope.relationKind(relation) === undefined) return [undefined]
  if (objtype !== 'OBJECT_TABLE') return [undefined]
  const commands = cmds.flatMap((node) => ('AlterTableCmd' in node ? [node.AlterTableCmd] : []))
  const context = { scope: withoutDropped(scope, commands), relation }
  // Sorting keeps the order within a pass. What stands behind an added column is queued before what is added by itself.
  const isColumn = ({ subtype }: AlterTableCmd): boolean => subtype === 'AT_AddColumn'
  return [...commands.filter(isColumn), ...commands.filter((each) => !isColumn(each))]
    .flatMap((command) => stepsOf({ ...context, command }))
    .sort((a, b) => a.pass - b.pass)
    .map(({ effects }) => effects())
}

// A name that one subcommand drops is free for the others.
const withoutDropped = (scope: Scope, commands: readonly AlterTableCmd[]): Scope => {
  const dropped = commands.flatMap(({ subtype, name = '' }) =>
    subtype === 'AT_DropConstraint' ? [name] : [],
  )
  return {
    ...scope,
    isTaken: (table, name, space) => !dropped.includes(name) && scope.isTaken(table, name, space),
  }
}

type Context = {
  readonly scope: Scope
  readonly relation: RelationName
  readonly command: AlterTableCmd
}

const stepsOf = (context: Context): readonly Step[] => {
  const { subtype, def } = context.command
  switch (subtype) {
    case 'AT_AddColumn':
      return addColumn(context)
    case 'AT_AddConstraint':
      return addConstraint(context)
    case 'AT_ColumnDefault':
      return [step(def === undefined ? 'drop' : 'other', () => effectsOf(context))]
    default:
      return [step(passOf(subtype), () => effectsOf(context))]
  }
}

const effectsOf = (context: Context): Read => {
  const { command, relation } = context
  const { subtype, name = '', behavior, missing_ok: missingOk } = command
  const column = ownedObject('column', relation, name)
  const cascade = behavior === 'DROP_CASCADE'
  const dropGuard: Guard = missingOk === true ? 'if exists' : 'none'
  const alter = (facets: Facets): Read => [alteration(column, facets)]
  switch (subtype) {
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
      return alter({ default: [defaultPart(def)] })
    }
    case 'AT_AddIdentity': {
      const when = asConstraint(command.def)?.generated_when
      return alter({ default: [identity(when)] })
    }
    case 'AT_SetIdentity':
      return setIdentity(column, command.def)
    case 'AT_SetExpression':
      return [forget(column, ['default']), undefined]
    case 'AT_AlterConstraint':
      return [forgetConstraint(relation, command.def), undefined]
    case 'AT_DropIdentity':
    case 'AT_DropExpression':
      return alter({ default: noDefault })
    case 'AT_DropConstraint': {
      const object = ownedObject('constraint', relation, name)
      return [{ kind: 'drop', object, guard: dropGuard, cascade }]
    }
    case 'AT_ValidateConstraint': {
      const object = ownedObject('constraint', relation, name)
      return [alteration(object, { validation: [text('validated')] })]
    }
    case 'AT_EnableRowSecurity':
    case 'AT_DisableRowSecurity': {
      const facets = {
        'row security': [text(subtype === 'AT_EnableRowSecurity' ? 'enabled' : 'disabled')],
      }
      return [alteration(relationObject('table', relation), facets)]
    }
    case 'AT_DetachPartition':
      return withParent(context, undefined)
    case 'AT_AttachPartition':
      return withParent(context, relation)
    default:
      return undefined
  }
}

// It goes with its parent from now on, or no longer.
const withParent = (
  { command: { def }, scope }: Context,
  parent: RelationName | undefined,
): readonly Effect[] =>
  def !== undefined && 'PartitionCmd' in def
    ? [
        {
          kind: 'alter',
          object: relationObject('table', oldRelation(scope, def.PartitionCmd.name)),
          guard: 'none',
          facets: {},
          on: parent,
        },
      ]
    : []

const alteration = (object: ObjectName, facets: Facets): Effect => ({
  kind: 'alter',
  object,
  guard: 'none',
  facets,
})

const forget = (object: ObjectName, forgets: readonly Facet[]): Effect => ({
  kind: 'alter',
  object,
  guard: 'none',
  facets: {},
  forgets,
})

// SET GENERATED; what concerns only the sequence is no evidence.
const setIdentity = (column: ObjectName, node: Node | undefined): Read => {
  const [when] = itemsOf(node).flatMap((item) => {
    const { defname, arg } = 'DefElem' in item ? item.DefElem : {}
    const isWhen = defname === 'generated' && arg !== undefined && 'Integer' in arg
    return isWhen ? [String.fromCharCode(arg.Integer.ival ?? 0)] : []
  })
  return when === undefined ? undefined : [alteration(column, { default: [identity(when)] })]
}

const forgetConstraint = (relation: RelationName, node: Node | undefined): Effect => {
  const name =
    node !== undefined && 'ATAlterConstraint' in node ? node.ATAlterConstraint.conname : undefined
  return forget(ownedObject('constraint', relation, name ?? ''), ['definition', 'validation'])
}

const asColumn = (node: Node | undefined): ColumnDef | undefined =>
  node !== undefined && 'ColumnDef' in node ? node.ColumnDef : undefined

const addColumn = ({ scope, relation, command }: Context): readonly Step[] => {
  const column = asColumn(command.def)
  if (column === undefined) return []
  const guard: Guard = command.missing_ok === true ? 'if not exists' : 'none'
  // A column that is there already keeps its IF NOT EXISTS from adding the constraint behind it.
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

const alterType = ({ command }: Context, object: ObjectName): Read => {
  const type = asColumn(command.def)?.typeName
  return type === undefined ? undefined : [alteration(object, { type: [{ kind: 'type', type }] })]
}

const addConstraint = ({ scope, relation, command }: Context): readonly Step[] => {
  const constraint = asConstraint(command.def)
  if (constraint === undefined) return []
  const { contype, conname, indexname, keys } = constraint
  const index = { schema: relation.schema, name: indexname ?? '' }
  const columns = indexname === undefined ? stringsOf(keys) : scope.indexColumns(index)
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
