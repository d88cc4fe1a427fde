// Does an SQL text that a file gives say what the server writes of a definition? Where nobody may ask the server, the two
// parse trees are compared: the server's has schemas, casts of constants, and operators for what the grammar has words for.
// Yes is certain enough to rest on; no only means that it is not known.

import type { Parse } from './parse.ts'
import { isTree, stringsOf, type Tree } from './tree.ts'

export type Text = {
  readonly sql: string
  readonly is: 'expression' | 'query'
}

/** `path` is the search path of the file's text; undefined is that of the login role. */
export type IsEquivalent = (file: Text, server: Text, path: string | undefined) => boolean

type Schemas = readonly string[] | undefined

export const makeEquivalence =
  (parse: Parse): IsEquivalent =>
  (file, server, path) => {
    const schemas = path?.split(',').map((each) => each.trim().replaceAll('"', ''))
    const [ours, theirs] = [file, server].map(({ sql, is }) => {
      const result = parse(is === 'query' ? sql : `SELECT (${sql})`)
      return result.kind === 'parsed' && result.statements.length === 1
        ? result.statements[0]?.node
        : undefined
    })
    return ours !== undefined && theirs !== undefined && same(plain(ours), plain(theirs), schemas)
  }

const nodeOf = (value: unknown, kind: string): Tree | undefined => {
  const node = isTree(value) ? value[kind] : undefined
  return isTree(node) ? node : undefined
}

// What the two may differ in and mean the same.
const passedOver = new Set(['location', 'funcformat', 'list_start', 'list_end', 'typmods_location'])

/** The words of the grammar as the operators that they stand for. */
const plain = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(plain)
  if (!isTree(value)) return value
  const tree = Object.fromEntries(
    Object.entries(value).flatMap(([key, each]) =>
      passedOver.has(key) || key.startsWith('rexpr_list_') ? [] : [[key, plain(each)]],
    ),
  )
  const operation = nodeOf(tree, 'A_Expr')
  return operation === undefined ? tree : operatorsOf(operation)
}

const operator = (kind: string, name: string, lexpr: unknown, rexpr: unknown): Tree => ({
  A_Expr: { kind, name: [{ String: { sval: name } }], lexpr, rexpr },
})

const bool = (boolop: string, args: readonly unknown[]): Tree => ({ BoolExpr: { boolop, args } })

const operatorsOf = ({ kind, ...rest }: Tree): Tree => {
  const { lexpr, rexpr } = rest
  const list = nodeOf(rexpr, 'List')?.['items']
  const items: readonly unknown[] = Array.isArray(list) ? list : []
  const [name = ''] = stringsOf(rest['name']).slice(-1)
  switch (kind) {
    case 'AEXPR_IN':
      return operator(name === '=' ? 'AEXPR_OP_ANY' : 'AEXPR_OP_ALL', name, lexpr, {
        A_ArrayExpr: { elements: items },
      })
    case 'AEXPR_BETWEEN':
      return bool('AND_EXPR', [
        operator('AEXPR_OP', '>=', lexpr, items[0]),
        operator('AEXPR_OP', '<=', lexpr, items[1]),
      ])
    case 'AEXPR_NOT_BETWEEN':
      return bool('OR_EXPR', [
        operator('AEXPR_OP', '<', lexpr, items[0]),
        operator('AEXPR_OP', '>', lexpr, items[1]),
      ])
    case 'AEXPR_LIKE':
    case 'AEXPR_ILIKE':
      return { A_Expr: { kind: 'AEXPR_OP', ...rest } }
    default:
      return { A_Expr: { kind, ...rest } }
  }
}

const same = (ours: unknown, theirs: unknown, schemas: Schemas): boolean => {
  if (Array.isArray(ours) || Array.isArray(theirs))
    return (
      Array.isArray(ours) &&
      Array.isArray(theirs) &&
      ours.length === theirs.length &&
      ours.every((each, index) => same(each, theirs[index], schemas))
    )
  if (!isTree(ours) || !isTree(theirs)) return ours === theirs
  const cast = nodeOf(theirs, 'TypeCast')
  if (cast !== undefined) {
    const own = nodeOf(ours, 'TypeCast')
    if (own === undefined) return isUnsaid(cast) && same(ours, cast['arg'], schemas)
    return sameType(own, cast, schemas) && same(own['arg'], cast['arg'], schemas)
  }
  const constants = [ours, theirs].map(constantOf)
  if (constants[0] !== undefined) return constants[0] === constants[1]
  return sameNode(ours, theirs, schemas)
}

// A constant that took its type from where it is; a varchar that an operator or function for text takes.
const isUnsaid = ({ arg, typeName }: Tree): boolean =>
  constantOf(arg) !== undefined ||
  nodeOf(arg, 'A_ArrayExpr') !== undefined ||
  (nodeOf(arg, 'ColumnRef') !== undefined &&
    isTree(typeName) &&
    stringsOf(typeName['names']).at(-1) === 'text')

const constantOf = (value: unknown): string | undefined => {
  const constant = nodeOf(value, 'A_Const')
  if (constant === undefined) return undefined
  if (constant['isnull'] === true) return 'NULL'
  const [[kind, body] = []] = Object.entries(constant)
  const held = isTree(body) ? Object.values(body)[0] : undefined
  // 0 and false are left out of the tree.
  const text =
    typeof held === 'string' || typeof held === 'number'
      ? String(held)
      : held === true
        ? 't'
        : kind === 'ival'
          ? '0'
          : ''
  return kind === 'boolval' ? `boolean ${text}` : text
}

const sameType = (ours: Tree, theirs: Tree, schemas: Schemas): boolean =>
  same(ours['typeName'], theirs['typeName'], schemas)

const sameNode = (ours: Tree, theirs: Tree, schemas: Schemas): boolean => {
  const keys = new Set([...Object.keys(ours), ...Object.keys(theirs)])
  return [...keys].every((key) => {
    const [own, other] = [ours[key], theirs[key]]
    switch (key) {
      case 'fields':
        return sameReference(own, other)
      case 'names':
      case 'funcname':
      case 'name':
        return Array.isArray(own)
          ? sameName(stringsOf(own), stringsOf(other), schemas)
          : same(own, other, schemas)
      case 'schemaname':
        return sameName(listed(own), listed(other), schemas, '')
      default:
        return same(own, other, schemas)
    }
  })
}

const listed = (name: unknown): readonly string[] => (typeof name === 'string' ? [name, ''] : [''])

// The last is the name itself. What is in pg_catalog the server writes without it.
const sameName = (
  ours: readonly string[],
  theirs: readonly string[],
  schemas: Schemas,
  name = theirs.at(-1),
): boolean => {
  if (ours.at(-1) !== name) return false
  const [own, other] = [ours, theirs].map((names) => names.at(-2))
  const system = 'pg_catalog'
  if (own !== undefined) return own === (other ?? system)
  return other === undefined || other === system || schemas === undefined || schemas.includes(other)
}

// A column with and without its table.
const sameReference = (ours: unknown, theirs: unknown): boolean => {
  const [own, other] = [ours, theirs].map((each): readonly unknown[] =>
    Array.isArray(each) ? each : [],
  )
  const length = Math.min(own?.length ?? 0, other?.length ?? 0)
  return length > 0 && JSON.stringify(own?.slice(-length)) === JSON.stringify(other?.slice(-length))
}
