// The parts of a statement's tree that are of a kind, wherever they stand in it.

import type { Node } from 'libpg-query'

export type Tree = Readonly<Record<string, unknown>>

export const isTree = (part: unknown): part is Tree => typeof part === 'object' && part !== null

/** All of them, the tree itself first. */
export const partsOf = (tree: unknown): readonly Tree[] => {
  const found: Tree[] = []
  const collect = (part: unknown): void => {
    if (!isTree(part)) return
    found.push(part)
    for (const each of Object.values(part)) collect(each)
  }
  collect(tree)
  return found
}

export type Call = {
  /** As it is written; empty where none is. */
  readonly schema: string
  readonly name: string
  readonly args: readonly unknown[]
}

export const callsOf = (tree: Node | readonly Tree[]): readonly Call[] =>
  (Array.isArray(tree) ? (tree as readonly Tree[]) : partsOf(tree)).flatMap((part) => {
    const call = part['FuncCall']
    if (!isTree(call)) return []
    const [name = '', schema = ''] = stringsOf(call['funcname']).toReversed()
    return [{ schema, name, args: Array.isArray(call['args']) ? (call['args'] as unknown[]) : [] }]
  })

/** Of a list of the parser's: a name and its schema, the names of a type. */
export const stringsOf = (names: unknown): readonly string[] =>
  (Array.isArray(names) ? (names as readonly unknown[]) : []).flatMap((each) => {
    const text = isTree(each) && isTree(each['String']) ? each['String']['sval'] : undefined
    return typeof text === 'string' ? [text] : []
  })
