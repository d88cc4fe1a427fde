// The columns that an expression names, and their renaming within it.

import type { Node } from 'libpg-query'
import { isTree, stringsOf, subtrees, type Tree } from '../../../sql/tree/tree.ts'

// The last field of a reference is the column, what precedes it the table: NEW.a, t.a, a.
const columnOf = (tree: Tree): string | undefined => {
  const reference = tree['ColumnRef']
  if (!isTree(reference)) return undefined
  return stringsOf((reference['fields'] as readonly unknown[] | undefined)?.slice(-1))[0]
}

/** Each name once, in the order in which they first occur. */
export const columnsIn = (node: Node): readonly string[] => [
  ...new Set(subtrees(node).flatMap((tree) => columnOf(tree) ?? [])),
]

export const renameColumnIn = (node: Node, from: string, to: string): Node => {
  const rename = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(rename)
    if (!isTree(value)) return value
    if (columnOf(value) !== from)
      return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, rename(each)]))
    const reference = value['ColumnRef'] as { readonly fields: readonly unknown[] }
    const fields = [...reference.fields.slice(0, -1), { String: { sval: to } }]
    return { ColumnRef: { ...reference, fields } }
  }
  return rename(node) as Node
}

/** Does a query say `*`, so that its columns are not in the text? */
export const hasStar = (node: unknown): boolean => subtrees(node).some((tree) => 'A_Star' in tree)
