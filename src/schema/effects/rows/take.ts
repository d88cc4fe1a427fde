// What a statement removes of what a database may have: rows, and what holds rows. Read off its text; whether that is there,
// and whose it is, others find out.

import type { AlterTableStmt, DropStmt, Node } from 'libpg-query'
import { filled, rowsTaken } from './row-changes.ts'
import { itemsOf, splitName } from '../scope.ts'
import { stringsOf } from '../../../sql/tree/tree.ts'
import {
  inPath,
  named,
  relationsOf,
  take,
  type Names,
  type Take,
  type TakenKind,
  type TakenName,
} from './taken-name.ts'

export type RowEffects = {
  readonly takes: readonly Take[]
  /** Tables that get rows, each with what its name may mean. */
  readonly fills: readonly (readonly TakenName[])[]
  /** Made by statements whose effects are not followed. */
  readonly untrackedCreations: readonly TakenName[]
}

export const rowEffectsOf = (node: Node, scope: Names): RowEffects => {
  const found = [...ownTakes(node, scope), ...rowsTaken(node, scope)]
  return {
    takes: found.filter(({ candidates }) => candidates.length > 0),
    fills: filled(node, scope).filter((candidates) => candidates.length > 0),
    untrackedCreations: untrackedCreations(node, scope),
  }
}

const untrackedCreations = (
  node: Node,
  { searchPath: [first = 'public'] }: Names,
): readonly TakenName[] => {
  if ('CreateForeignTableStmt' in node) {
    const { schemaname = first, relname = '' } = node.CreateForeignTableStmt.base?.relation ?? {}
    return [named('table', relname, schemaname)]
  }
  return 'CreateForeignServerStmt' in node
    ? [named('server', node.CreateForeignServerStmt.servername ?? '')]
    : []
}

const ownTakes = (node: Node, scope: Names): readonly Take[] => {
  if ('DropStmt' in node) return dropped(node.DropStmt, scope)
  if ('AlterTableStmt' in node) return altered(node.AlterTableStmt, scope)
  if ('TruncateStmt' in node) {
    const { relations = [], behavior } = node.TruncateStmt
    const cascade = behavior === 'DROP_CASCADE'
    return relations.flatMap((each) =>
      'RangeVar' in each ? [take('empty', relationsOf(each.RangeVar, scope), { cascade })] : [],
    )
  }
  if ('DropOwnedStmt' in node)
    return (node.DropOwnedStmt.roles ?? []).flatMap((role) =>
      'RoleSpec' in role
        ? [take('drop', [named('role', role.RoleSpec.rolename ?? '')], { cascade: true })]
        : [],
    )
  if ('DropdbStmt' in node)
    return [take('drop', [named('database', node.DropdbStmt.dbname ?? '')], { cascade: true })]
  return []
}

type DropKind = NonNullable<DropStmt['removeType']>

const relationKinds: Readonly<Partial<Record<DropKind, TakenKind>>> = {
  OBJECT_TABLE: 'table',
  OBJECT_FOREIGN_TABLE: 'table',
  OBJECT_MATVIEW: 'materialized view',
  OBJECT_VIEW: 'view',
  OBJECT_SEQUENCE: 'sequence',
}

const wholeKinds: Readonly<Partial<Record<DropKind, TakenKind>>> = {
  OBJECT_SCHEMA: 'schema',
  OBJECT_EXTENSION: 'extension',
  OBJECT_FOREIGN_SERVER: 'server',
  OBJECT_FDW: 'foreign-data wrapper',
  OBJECT_ACCESS_METHOD: 'access method',
  OBJECT_LANGUAGE: 'language',
}

const dropped = (
  { objects = [], removeType, behavior }: DropStmt,
  scope: Names,
): readonly Take[] => {
  const cascade = behavior === 'DROP_CASCADE'
  return objects.map((node) => take('drop', droppedNames(removeType, node, scope), { cascade }))
}

const droppedNames = (
  kind: DropStmt['removeType'],
  node: Node,
  scope: Names,
): readonly TakenName[] => {
  if (kind === undefined) return []
  const relation = relationKinds[kind]
  if (relation !== undefined) {
    const [schema, name] = splitName(stringsOf(itemsOf(node)))
    const range = { relname: name, ...(schema === undefined ? {} : { schemaname: schema }) }
    return relationsOf(range, scope, relation)
  }
  const whole = wholeKinds[kind]
  if (whole !== undefined) return 'String' in node ? [named(whole, node.String.sval ?? '')] : []
  if ('TypeName' in node) return inSchemas(scope, 'type', node.TypeName.names)
  if ('ObjectWithArgs' in node) return inSchemas(scope, 'function', node.ObjectWithArgs.objname)
  return kind === 'OBJECT_COLLATION' ? inSchemas(scope, 'collation', itemsOf(node)) : []
}

const inSchemas = (
  scope: Names,
  kind: TakenKind,
  parts: readonly Node[] | undefined,
): readonly TakenName[] => {
  const [schema, name] = splitName(stringsOf(parts))
  return inPath(scope, schema, kind, name)
}

const altered = (
  { relation, cmds = [], objtype }: AlterTableStmt,
  scope: Names,
): readonly Take[] => {
  const tables = relationsOf(relation, scope)
  const column = (name: string): readonly TakenName[] =>
    tables.map(({ schema, name: table }) => ({ kind: 'column', schema, table, name }))
  return cmds.flatMap((each): readonly Take[] => {
    if (!('AlterTableCmd' in each)) return []
    const { subtype, name = '', behavior, def } = each.AlterTableCmd
    const cascade = behavior === 'DROP_CASCADE'
    switch (subtype) {
      case 'AT_DropColumn':
        // An attribute goes out of every column of the type.
        return objtype === 'OBJECT_TYPE'
          ? [take('drop', asTypes(tables), { cascade: true })]
          : [take('drop', column(name), { cascade })]
      case 'AT_AlterColumnType': {
        const { typeName, raw_default: using } =
          def !== undefined && 'ColumnDef' in def ? def.ColumnDef : {}
        const type = using === undefined ? typeName : undefined
        return objtype === 'OBJECT_TYPE' ? [] : [take('retype', column(name), { type })]
      }
      case 'AT_DetachPartition':
        return def !== undefined && 'PartitionCmd' in def
          ? [take('detach', relationsOf(def.PartitionCmd.name, scope))]
          : []
      case 'AT_DropInherit':
        return [take('detach', tables)]
      default:
        return []
    }
  })
}

const asTypes = (relations: readonly TakenName[]): readonly TakenName[] =>
  relations.map((each) => ({ ...each, kind: 'type' }))
