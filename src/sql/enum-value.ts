// A value that ALTER TYPE adds to an enum may be used only after the transaction that added it.
// https://www.postgresql.org/docs/current/sql-altertype.html

import type { Node } from 'libpg-query'
import type { ParsedStatement } from './parse.ts'

const users = [
  ...(['InsertStmt', 'UpdateStmt', 'DeleteStmt', 'MergeStmt', 'SelectStmt'] as const),
  ...(['AlterTableStmt', 'CreateStmt', 'CreateTableAsStmt', 'IndexStmt'] as const),
  ...(['ViewStmt', 'CreatePolicyStmt', 'CreateTrigStmt'] as const),
] as const

/** The type itself may be renamed and commented on. */
export const mayUseEnumValue = (node: Node): boolean => users.some((kind) => kind in node)

/** The statement that adds a value which a later one of these uses; not to a type that these make themselves. */
export const enumValueUsedLater = (
  statements: readonly ParsedStatement[],
): ParsedStatement | undefined =>
  statements.find((statement, at) => {
    const added = addedValue(statement.node)
    if (added === undefined) return false
    const { type, value } = added
    if (statements.slice(0, at).some(({ node }) => madeType(node) === type)) return false
    return statements
      .slice(at + 1)
      .some(({ node }) => mayUseEnumValue(node) && placeOfValue(node, value, type) !== undefined)
  })

/** The constant, unless it is cast to another type; its location. `type` is the enum's bare name. */
export const placeOfValue = (tree: unknown, value: string, type: string): number | undefined => {
  if (typeof tree !== 'object' || tree === null) return undefined
  if ('A_Const' in tree) {
    const { sval, location } = tree.A_Const as {
      readonly sval?: { readonly sval?: string }
      readonly location?: number
    }
    return sval?.sval === value ? (location ?? 0) : undefined
  }
  if ('TypeCast' in tree) {
    const { typeName } = tree.TypeCast as { readonly typeName: { readonly names?: Node[] } }
    if (lastName(typeName.names) !== type) return undefined
  }
  for (const each of Object.values(tree)) {
    const found = placeOfValue(each, value, type)
    if (found !== undefined) return found
  }
  return undefined
}

const lastName = (names: readonly Node[] | undefined): string | undefined => {
  const last = names?.at(-1)
  return last !== undefined && 'String' in last ? last.String.sval : undefined
}

const addedValue = (node: Node): { readonly type: string; readonly value: string } | undefined => {
  if (!('AlterEnumStmt' in node)) return undefined
  const { typeName, newVal, oldVal } = node.AlterEnumStmt
  const type = lastName(typeName)
  return type === undefined || newVal === undefined || oldVal !== undefined
    ? undefined
    : { type, value: newVal }
}

const madeType = (node: Node): string | undefined =>
  'CreateEnumStmt' in node ? lastName(node.CreateEnumStmt.typeName) : undefined
