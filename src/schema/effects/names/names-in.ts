// The types, functions, relations and sequences that an expression or a query names, and their renaming within it.

import { isTree, stringsOf, subtrees, type Tree } from '../../../sql/tree/tree.ts'

/** A name as it is written; without a schema it is found along the search path. */
export type WrittenName = { readonly schema: string | undefined; readonly name: string }

export type NameKind = 'type' | 'function' | 'relation' | 'sequence'

const ofList = (nodes: unknown): WrittenName | undefined => {
  const [name, schema] = stringsOf(nodes).toReversed()
  return name === undefined ? undefined : { schema, name }
}

const listOf = ({ schema, name }: WrittenName): readonly unknown[] =>
  [...(schema === undefined ? [] : [schema]), name].map((sval) => ({ String: { sval } }))

/** How a kind of name is represented in a node of the tree, and how it is put there. */
type Place = {
  readonly get: (tree: Tree) => WrittenName | undefined
  readonly set: (tree: Tree, name: WrittenName) => Tree
}

const places: Readonly<Record<NameKind, Place>> = {
  type: {
    get: (tree) => ('typemod' in tree ? ofList(tree['names']) : undefined),
    set: (tree, name) => ({ ...tree, names: listOf(name) }),
  },
  function: {
    get: (tree) => ofList(tree['funcname']),
    set: (tree, name) => ({ ...tree, funcname: listOf(name) }),
  },
  relation: {
    get: ({ relname, schemaname }) =>
      typeof relname === 'string'
        ? { schema: typeof schemaname === 'string' ? schemaname : undefined, name: relname }
        : undefined,
    set: (tree, { schema, name }) => ({ ...tree, relname: name, schemaname: schema }),
  },
  // nextval('s.seq') holds on to the sequence, not to the text.
  sequence: {
    get: (tree) =>
      ofList(tree['funcname'])?.name === 'nextval' ? sequenceIn(tree['args']) : undefined,
    set: (tree, name) => ({ ...tree, args: withSequence(tree['args'], name) }),
  },
}

const sequenceIn = (value: unknown): WrittenName | undefined =>
  subtrees(value)
    .map(({ sval }) =>
      isTree(sval) && typeof sval['sval'] === 'string' ? readQuoted(sval['sval']) : undefined,
    )
    .find((found) => found !== undefined)

const withSequence = (value: unknown, name: WrittenName): unknown => {
  if (Array.isArray(value)) return value.map((each) => withSequence(each, name))
  if (!isTree(value) || 'names' in value) return value
  const constant = value['sval']
  if (isTree(constant)) return { ...value, sval: { sval: quoted(name) } }
  return mapValues(value, (each) => withSequence(each, name))
}

// 'app."Seq"' as regclass reads it.
const readQuoted = (text: string): WrittenName | undefined => {
  const parts = [...text.matchAll(/"((?:[^"]|"")*)"|([^".]+)/g)].map(
    ([, exact, plain = '']) => exact?.replaceAll('""', '"') ?? plain.trim().toLowerCase(),
  )
  const name = parts.at(-1)
  return name === undefined ? undefined : { schema: parts.at(-2), name }
}

const quoted = ({ schema, name }: WrittenName): string =>
  [...(schema === undefined ? [] : [schema]), name]
    .map((each) => `"${each.replaceAll('"', '""')}"`)
    .join('.')

const mapValues = (tree: Tree, map: (value: unknown) => unknown): Tree =>
  Object.fromEntries(Object.entries(tree).map(([key, value]) => [key, map(value)]))

// A long history asks of the same trees again and again.
const known: Readonly<Record<NameKind, WeakMap<object, readonly WrittenName[]>>> = {
  type: new WeakMap(),
  function: new WeakMap(),
  relation: new WeakMap(),
  sequence: new WeakMap(),
}

export const namesIn = (node: unknown, kind: NameKind): readonly WrittenName[] => {
  if (!isTree(node)) return []
  const { get } = places[kind]
  const found = known[kind].get(node) ?? subtrees(node).flatMap((tree) => get(tree) ?? [])
  known[kind].set(node, found)
  return found
}

/** The very same node where nothing is renamed. */
export const renameIn = <N>(
  node: N,
  kind: NameKind,
  rename: (name: WrittenName) => WrittenName | undefined,
): N => {
  if (!namesIn(node, kind).some((name) => rename(name) !== undefined)) return node
  const visit = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(visit)
    if (!isTree(value)) return value
    const own = places[kind].get(value)
    const to = own === undefined ? undefined : rename(own)
    return mapValues(to === undefined ? value : places[kind].set(value, to), visit)
  }
  return visit(node) as N
}
