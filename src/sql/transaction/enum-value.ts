// A value that ALTER TYPE adds to an enum may be used only after the transaction that added it.
// https://www.postgresql.org/docs/current/sql-altertype.html

import type { Node } from 'libpg-query'
import { doBody } from '../tree/do-body.ts'
import type { ParsedStatement } from '../tree/parse.ts'
import { tokensOf } from '../text/tokens.ts'
import { subtrees } from '../tree/tree.ts'

// What they have are not values of a column: settings have constants too.
const nonUsers = [
  ...(['VariableSetStmt', 'AlterRoleSetStmt', 'AlterDatabaseSetStmt', 'AlterSystemStmt'] as const),
  'AlterEnumStmt' as const,
] as const

/** The type itself may be renamed and commented on. */
export const mayUseEnumValue = (node: Node): boolean => !nonUsers.some((kind) => kind in node)

export const addsValue = (node: Node): boolean => addedValue(node) !== undefined

/** The statement that adds a value which a later one of these uses; not to a type that these make themselves. */
export const enumValueUsedLater = (
  statements: readonly ParsedStatement[],
): ParsedStatement | undefined => {
  if (!statements.some(({ node }) => addedValue(node) !== undefined)) return undefined
  const users = usersOfValues(statements)
  const made = new Set<string | undefined>()
  return statements.find(({ node }, at) => {
    made.add(madeType(node))
    const added = addedValue(node)
    if (added === undefined || made.has(added.type)) return false
    const { type, value } = added
    return (
      (users.get(value)?.findLast((user) => {
        const used = statements[user]?.node
        return user <= at || placeOfValue(used, value, type) !== undefined
      }) ?? at) > at
    )
  })
}

// Which statements have the constant, by their index.
const usersOfValues = (
  statements: readonly ParsedStatement[],
): ReadonlyMap<string, readonly number[]> => {
  const users = new Map<string, number[]>()
  statements.forEach(({ node }, index) => {
    if (!mayUseEnumValue(node)) return
    for (const value of constantsIn(node)) {
      const found = users.get(value)
      if (found === undefined) users.set(value, [index])
      else found.push(index)
    }
  })
  return users
}

/** The text constants of a statement, and those in the body of a DO block. */
export const constantsIn = (node: Node): ReadonlySet<string> =>
  new Set(
    'DoStmt' in node
      ? literalsOf(node)
      : subtrees(node).flatMap(({ A_Const: constant }) => {
          const { sval } = (constant ?? {}) as { readonly sval?: { readonly sval?: string } }
          return sval?.sval ?? []
        }),
  )

/** The constant, unless it is cast to another type; its location. `type` is the enum's bare name. */
export const placeOfValue = (tree: unknown, value: string, type: string): number | undefined => {
  if (typeof tree !== 'object' || tree === null) return undefined
  if ('DoStmt' in tree) return literalsOf(tree as Node).includes(value) ? 0 : undefined
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

const literalsOf = (node: Node): readonly string[] => {
  const body = doBody(node) ?? ''
  return tokensOf(body).flatMap(({ kind, start, end }) =>
    kind === 'string' && body.startsWith("'", start)
      ? [body.slice(start + 1, end - 1).replaceAll("''", "'")]
      : [],
  )
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
