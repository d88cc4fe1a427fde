// The columns that an expression names, and their renaming within it.

import type { Node } from 'libpg-query'

type Tree = Readonly<Record<string, unknown>>

const isTree = (value: unknown): value is Tree => typeof value === 'object' && value !== null

// The last field of a reference is the column, what stands before it the table: NEW.a, t.a, a.
const columnOf = (tree: Tree): string | undefined => {
  const reference = tree['ColumnRef']
  if (!isTree(reference)) return undefined
  const last: unknown = (reference['fields'] as readonly unknown[] | undefined)?.at(-1)
  const string = isTree(last) ? last['String'] : undefined
  const name = isTree(string) ? string['sval'] : undefined
  return typeof name === 'string' ? name : undefined
}

/** Each name once, in the order in which they first stand. */
export const columnsIn = (node: Node): readonly string[] => {
  const found = new Set<string>()
  const visit = (value: unknown): void => {
    if (!isTree(value)) return
    const column = columnOf(value)
    if (column !== undefined) found.add(column)
    Object.values(value).forEach(visit)
  }
  visit(node)
  return [...found]
}

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
export const hasStar = (node: unknown): boolean =>
  isTree(node) && ('A_Star' in node || Object.values(node).some(hasStar))
