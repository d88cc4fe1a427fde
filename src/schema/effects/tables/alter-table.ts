// ALTER TABLE, subcommand by subcommand. What is not read here (owner, storage, …) leaves no evidence: it is opaque.

import type { AlterTableCmd, AlterTableStmt, Node } from 'libpg-query'
import { addColumn, addConstraint, asColumn, type Adding } from './alter-table-add.ts'
import { passOf, step, type Read, type Step } from './alter-table-pass.ts'
import { asConstraint } from './constraint.ts'
import {
  alteration,
  text,
  type Effect,
  type Property,
  type Properties,
  type Guard,
  type ObjectName,
  type RelationName,
} from '../effect.ts'
import { alterComposite } from '../objects/forgetting.ts'
import { itemsOf, oldRelation, ownedObject, relationObject, type Scope } from '../scope.ts'
import { identitySequence } from '../objects/sequence.ts'
import { defaultFragment, identity, noDefault, notNull, nullable } from './table.ts'

/** Undefined for a subcommand that cannot be seen into. */
export const alterTable = (statement: AlterTableStmt, scope: Scope): readonly Read[] => {
  const { relation: range, cmds = [], objtype, missing_ok: ifExists } = statement
  if (objtype === 'OBJECT_TYPE') return [alterComposite(range, scope)]
  const relation = oldRelation(scope, range)
  // IF EXISTS on a table that the history does not know: whether it does anything depends on the database.
  if (ifExists === true && scope.relationKind(relation) === undefined) return [undefined]
  if (objtype !== 'OBJECT_TABLE') return [undefined]
  const commands = cmds.flatMap((node) => ('AlterTableCmd' in node ? [node.AlterTableCmd] : []))
  const context = { scope: withoutDropped(scope, relation, commands), relation }
  // Sorting keeps the order within a pass. What follows an added column is queued before what is added by itself.
  const isColumn = ({ subtype }: AlterTableCmd): boolean => subtype === 'AT_AddColumn'
  return [...commands.filter(isColumn), ...commands.filter((each) => !isColumn(each))]
    .flatMap((command) => stepsOf({ ...context, command }))
    .sort((a, b) => a.pass - b.pass)
    .map(({ effects }) => effects())
}

// A name that one subcommand drops, by itself or with its column, is free for the others.
const withoutDropped = (
  scope: Scope,
  relation: RelationName,
  commands: readonly AlterTableCmd[],
): Scope => {
  const dropped = commands
    .flatMap(({ subtype, name = '' }) => {
      if (subtype === 'AT_DropColumn') return [ownedObject('column', relation, name)]
      return subtype === 'AT_DropConstraint' ? [ownedObject('constraint', relation, name)] : []
    })
    .flatMap((object) => [object, ...scope.goingWith(object)])
    .filter(({ kind }) => kind !== 'column')
    .map(({ name }) => name)
  return {
    ...scope,
    isTaken: (table, name, space) => !dropped.includes(name) && scope.isTaken(table, name, space),
  }
}

const stepsOf = (context: Adding): readonly Step[] => {
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

const effectsOf = (context: Adding): Read => {
  const { command, relation } = context
  const { subtype, name = '', behavior, missing_ok: missingOk } = command
  const column = ownedObject('column', relation, name)
  const cascade = behavior === 'DROP_CASCADE'
  const dropGuard: Guard = missingOk === true ? 'if exists' : 'none'
  const alter = (properties: Properties): Read => [alteration(column, properties)]
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
      return alter({ default: [defaultFragment(def)] })
    }
    case 'AT_AddIdentity': {
      const { generated_when: when, options } = asConstraint(command.def) ?? {}
      const sequence = identitySequence(options, { scope: context.scope, relation, column: name })
      return [{ ...alteration(column, { default: [identity(when)] }), sequence }]
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
      const properties = {
        'row security': [text(subtype === 'AT_EnableRowSecurity' ? 'enabled' : 'disabled')],
      }
      return [alteration(relationObject('table', relation), properties)]
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
  { command: { def }, scope }: Adding,
  parent: RelationName | undefined,
): readonly Effect[] =>
  def !== undefined && 'PartitionCmd' in def
    ? [
        {
          kind: 'alter',
          object: relationObject('table', oldRelation(scope, def.PartitionCmd.name)),
          guard: 'none',
          properties: {},
          on: parent,
        },
      ]
    : []

const forget = (object: ObjectName, forgets: readonly Property[]): Effect => ({
  kind: 'alter',
  object,
  guard: 'none',
  properties: {},
  forgets,
})

// SET GENERATED; what concerns only the sequence is not evidence.
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

const alterType = ({ command }: Adding, object: ObjectName): Read => {
  const type = asColumn(command.def)?.typeName
  return type === undefined ? undefined : [alteration(object, { type: [{ kind: 'type', type }] })]
}
