// The parser's tree without its types: what of it is of a kind, wherever that is.

export type Tree = Readonly<Record<string, unknown>>

export const isTree = (part: unknown): part is Tree => typeof part === 'object' && part !== null

/** All of them, the tree itself first. */
export const subtrees = (tree: unknown): readonly Tree[] => {
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

export const callsOf = (tree: unknown): readonly Call[] => callsAmong(subtrees(tree))

export const callsAmong = (trees: readonly Tree[]): readonly Call[] =>
  trees.flatMap(({ FuncCall: call }) => {
    if (!isTree(call)) return []
    const [name = '', schema = ''] = stringsOf(call['funcname']).toReversed()
    return [{ schema, name, args: Array.isArray(call['args']) ? (call['args'] as unknown[]) : [] }]
  })

/** The operators of expressions, of ANY, ALL and IN, and of ORDER BY … USING; a schema is empty where none is written. */
export const operatorsOf = (tree: unknown): readonly Omit<Call, 'args'>[] =>
  subtrees(tree).flatMap(({ A_Expr: expression, SubLink: link, SortBy: sort }) => {
    const names = [
      ...(isTree(expression) ? [expression['name']] : []),
      ...(isTree(link) ? [link['operName']] : []),
      ...(isTree(sort) ? [sort['useOp']] : []),
    ]
    return names.flatMap((each) => {
      const [name, schema = ''] = stringsOf(each).toReversed()
      return name === undefined ? [] : [{ schema, name }]
    })
  })

/** Of a list of the parser's: a name and its schema, the names of a type. */
export const stringsOf = (names: unknown): readonly string[] =>
  (Array.isArray(names) ? (names as readonly unknown[]) : []).flatMap((each) => {
    const text = isTree(each) && isTree(each['String']) ? each['String']['sval'] : undefined
    return typeof text === 'string' ? [text] : []
  })

/** Equal for trees that mean the same: where they are in a text, and the order of their keys, do not count. */
export const withoutPlaces = (tree: unknown): string =>
  JSON.stringify(tree, (key: string, value: unknown) => {
    if (key === 'location' || key.startsWith('rexpr_list_') || key.startsWith('list_'))
      return undefined
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
    return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
  })
