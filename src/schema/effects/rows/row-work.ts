// Which rows a statement writes and reads, as far as its text shows it: enough to show whether two statements may change places.

import type { Node } from 'libpg-query'
import { isTree, type Tree } from '../../../sql/tree/tree.ts'
import type { WrittenName } from '../names/names-in.ts'

export type RowWrite = {
  readonly how: 'insert' | 'update' | 'delete'
  readonly relation: WrittenName
  /** Those that an INSERT lists, or an UPDATE sets; undefined for an INSERT without a list. */
  readonly columns: readonly string[] | undefined
  /** Columns that have one of these values in every row that it writes: those of VALUES, or of `WHERE id IN (1, 2)`. */
  readonly fixed: ReadonlyMap<string, ReadonlySet<string>>
  /** The columns of ON CONFLICT, none where it names none; undefined without it. */
  readonly conflict: readonly string[] | undefined
}

export type RowWork = {
  readonly writes: readonly RowWrite[]
  readonly reads: readonly WrittenName[]
}

export const noRowWork: RowWork = { writes: [], reads: [] }

const working = new Set([
  ...['SelectStmt', 'InsertStmt', 'UpdateStmt', 'DeleteStmt', 'MergeStmt'],
  ...['CopyStmt', 'TruncateStmt', 'CreateTableAsStmt'],
])

/** Nothing of what merely defines a query: a view, a rule, a function. */
export const rowWork = (node: Node): RowWork => {
  if (!working.has(Object.keys(node)[0] ?? '')) return noRowWork
  const found = nodesIn(node)
  return {
    writes: found.flatMap(({ kind, body }) => writers[kind]?.(body) ?? []),
    // A table that is written is a bare name in its statement, one that is read as a node of its own.
    reads:
      'TruncateStmt' in node
        ? []
        : found.flatMap(({ kind, body }) => (kind === 'RangeVar' ? [nameOf(body)] : [])),
  }
}

const treesOf = (value: unknown): readonly Tree[] =>
  Array.isArray(value) ? value.filter(isTree) : []

const treeIn = (value: unknown, key: string): Tree => {
  const found = isTree(value) ? value[key] : undefined
  return isTree(found) ? found : {}
}

type NodeOfKind = { readonly kind: string; readonly body: Tree }

/** However deep: WITH has statements in it. */
const nodesIn = (value: unknown): readonly NodeOfKind[] =>
  !isTree(value)
    ? []
    : Object.entries(value).flatMap(([kind, body]) =>
        isTree(body) ? [{ kind, body }, ...nodesIn(body)] : [],
      )

const nameOf = ({ schemaname, relname }: Tree): WrittenName => ({
  schema: typeof schemaname === 'string' ? schemaname : undefined,
  name: typeof relname === 'string' ? relname : '',
})

const writers: Readonly<Record<string, (body: Tree) => readonly RowWrite[]>> = {
  InsertStmt: (body) => {
    const columns = body['cols'] === undefined ? undefined : targets(body['cols'])
    const clause = body['onConflictClause']
    const conflict = clause === undefined ? undefined : inferred(clause)
    const fixed = fixedByValues(columns ?? [], treeIn(treeIn(body, 'selectStmt'), 'SelectStmt'))
    return [{ how: 'insert', relation: written(body), columns, fixed, conflict }]
  },
  UpdateStmt: (body) => [update(body, body['targetList'], fixedByWhere(body['whereClause']))],
  DeleteStmt: (body) => [deletion(written(body), fixedByWhere(body['whereClause']))],
  MergeStmt: (body) =>
    treesOf(body['mergeWhenClauses']).flatMap((each): readonly RowWrite[] => {
      const { commandType, targetList } = treeIn(each, 'MergeWhenClause')
      if (commandType === 'CMD_UPDATE') return [update(body, targetList, nothingFixed)]
      if (commandType === 'CMD_DELETE') return [deletion(written(body), nothingFixed)]
      if (commandType !== 'CMD_INSERT') return []
      // It looks first whether the row is there.
      const columns = targetList === undefined ? undefined : targets(targetList)
      const relation = written(body)
      return [{ how: 'insert', relation, columns, fixed: nothingFixed, conflict: [] }]
    }),
  CopyStmt: (body) =>
    body['is_from'] === true
      ? [
          {
            ...{ how: 'insert', relation: written(body), columns: undefined },
            ...{ fixed: nothingFixed, conflict: undefined },
          },
        ]
      : [],
  TruncateStmt: ({ relations }) =>
    treesOf(relations).map((each) => deletion(nameOf(treeIn(each, 'RangeVar')), nothingFixed)),
}

const nothingFixed: RowWrite['fixed'] = new Map()

const written = (body: Tree): WrittenName => nameOf(treeIn(body, 'relation'))

const update = (body: Tree, targetList: unknown, fixed: RowWrite['fixed']): RowWrite => ({
  ...{ how: 'update', relation: written(body), columns: targets(targetList) },
  ...{ fixed, conflict: undefined },
})

const deletion = (relation: WrittenName, fixed: RowWrite['fixed']): RowWrite => ({
  ...{ how: 'delete', relation, columns: undefined, fixed, conflict: undefined },
})

const namesAt = (nodes: unknown, kind: string): readonly string[] =>
  treesOf(nodes).flatMap((each) => {
    const { name } = treeIn(each, kind)
    return typeof name === 'string' ? [name] : []
  })

const targets = (nodes: unknown): readonly string[] => namesAt(nodes, 'ResTarget')

const inferred = (clause: unknown): readonly string[] =>
  namesAt(treeIn(clause, 'infer')['indexElems'], 'IndexElem')

const fixedByValues = (columns: readonly string[], { valuesLists }: Tree): RowWrite['fixed'] => {
  const rows = treesOf(valuesLists).map((row) => treesOf(treeIn(row, 'List')['items']))
  return new Map(
    columns.flatMap((column, index) => {
      const values = rows.map((row) => constantOf(row[index]))
      return rows.length === 0 ? [] : fixedTo(column, values)
    }),
  )
}

const fixedTo = (
  column: string,
  values: readonly (string | undefined)[],
): readonly (readonly [string, ReadonlySet<string>])[] => {
  const known = values.filter((value) => value !== undefined)
  return known.length === values.length ? [[column, new Set(known)]] : []
}

/** A number and its text are the same. */
const constantOf = (node: unknown): string | undefined => {
  const constant = treeIn(node, 'A_Const')
  const [kind = ''] = Object.keys(constant).filter((key) => key !== 'location')
  const value = treeIn(constant, kind)[kind]
  if (kind === 'ival') return typeof value === 'number' ? String(value) : '0'
  return typeof value === 'string' ? value : undefined
}

const fixedByWhere = (where: unknown): RowWrite['fixed'] => {
  const { boolop, args } = treeIn(where, 'BoolExpr')
  if (boolop === 'AND_EXPR')
    return new Map(treesOf(args).flatMap((each) => [...fixedByWhere(each)]))
  const { kind, name, lexpr, rexpr } = treeIn(where, 'A_Expr')
  const column = columnOf(lexpr)
  if (column === undefined || JSON.stringify(name) !== '[{"String":{"sval":"="}}]')
    return nothingFixed
  if (kind === 'AEXPR_OP') return new Map(fixedTo(column, [constantOf(rexpr)]))
  const values = treesOf(treeIn(rexpr, 'List')['items']).map(constantOf)
  return kind === 'AEXPR_IN' ? new Map(fixedTo(column, values)) : nothingFixed
}

const columnOf = (node: unknown): string | undefined => {
  const { sval } = treeIn(treesOf(treeIn(node, 'ColumnRef')['fields']).at(-1), 'String')
  return typeof sval === 'string' ? sval : undefined
}
