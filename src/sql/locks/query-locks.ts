// Which relations a query reads, locks rows of, or writes, found by walking its tree. A name that a WITH clause defines
// is not a relation where that clause reaches.

import type {
  DeleteStmt,
  InsertStmt,
  MergeStmt,
  Node,
  RangeVar,
  SelectStmt,
  UpdateStmt,
  WithClause,
} from 'libpg-query'
import { lock, type TableLock } from './table-lock.ts'

/** Of queries and of expressions with queries in them; one relation may come more than once. */
export const locksOfQuery = (query: Node | readonly Node[] | undefined): readonly TableLock[] =>
  locksWithin(query, new Set())

type Scope = ReadonlySet<string>

const locksWithin = (tree: unknown, scope: Scope): readonly TableLock[] => {
  if (typeof tree !== 'object' || tree === null) return []
  return Object.entries(tree).flatMap(([kind, body]: [string, unknown]) => {
    switch (kind) {
      case 'RangeVar':
        return locksOfRead(body as RangeVar, scope, 'no rows')
      case 'SelectStmt':
        return locksOfSelect(body as SelectStmt, scope, 'no rows')
      case 'InsertStmt':
      case 'UpdateStmt':
      case 'DeleteStmt':
      case 'MergeStmt':
        return locksOfWrite(body as InsertStmt | UpdateStmt | DeleteStmt | MergeStmt, scope)
      default:
        return locksWithin(body, scope)
    }
  })
}

type RowsLocked = 'no rows' | 'rows'

const locksOfRead = (relation: RangeVar, scope: Scope, rows: RowsLocked): readonly TableLock[] =>
  relation.schemaname === undefined && scope.has(relation.relname ?? '')
    ? []
    : lock(relation, rows === 'rows' ? 'ROW SHARE' : 'ACCESS SHARE')

// https://www.postgresql.org/docs/current/sql-select.html#SQL-FOR-UPDATE-SHARE: a locking clause reaches into the
// subqueries of FROM, and neither into those of WHERE nor into WITH.
const locksOfSelect = (
  { withClause, fromClause, lockingClause, larg, rarg, ...rest }: SelectStmt,
  outer: Scope,
  rows: RowsLocked,
): readonly TableLock[] => {
  const { scope, locks } = enter(withClause, outer)
  const rowsOf = (name: string | undefined): RowsLocked =>
    rows === 'rows' || (lockingClause ?? []).some((clause) => locksRowsOf(clause, name))
      ? 'rows'
      : 'no rows'
  return [
    ...locks,
    ...(fromClause ?? []).flatMap((item) => locksOfFrom(item, scope, rowsOf)),
    ...locksWithin(rest, scope),
    ...[larg, rarg].flatMap((arm) => (arm === undefined ? [] : locksOfSelect(arm, scope, rows))),
  ]
}

const locksRowsOf = (clause: Node, name: string | undefined): boolean => {
  if (!('LockingClause' in clause)) return false
  const { lockedRels } = clause.LockingClause
  return lockedRels?.some((node) => 'RangeVar' in node && node.RangeVar.relname === name) ?? true
}

const locksOfFrom = (
  item: Node,
  scope: Scope,
  rowsOf: (name: string | undefined) => RowsLocked,
): readonly TableLock[] => {
  const within = (inner: Node | undefined): readonly TableLock[] =>
    inner === undefined ? [] : locksOfFrom(inner, scope, rowsOf)
  if ('RangeVar' in item) {
    const { alias, relname } = item.RangeVar
    return locksOfRead(item.RangeVar, scope, rowsOf(alias?.aliasname ?? relname))
  }
  if ('RangeSubselect' in item) {
    const { alias, subquery } = item.RangeSubselect
    return subquery !== undefined && 'SelectStmt' in subquery
      ? locksOfSelect(subquery.SelectStmt, scope, rowsOf(alias?.aliasname))
      : []
  }
  if ('JoinExpr' in item) {
    const { larg, rarg, quals } = item.JoinExpr
    return [...within(larg), ...within(rarg), ...locksWithin(quals, scope)]
  }
  if ('RangeTableSample' in item) {
    const { relation, ...rest } = item.RangeTableSample
    return [...within(relation), ...locksWithin(rest, scope)]
  }
  return locksWithin(item, scope)
}

const locksOfWrite = (
  { withClause, relation, ...rest }: InsertStmt | UpdateStmt | DeleteStmt | MergeStmt,
  outer: Scope,
): readonly TableLock[] => {
  const { scope, locks } = enter(withClause, outer)
  return [...lock(relation, 'ROW EXCLUSIVE'), ...locks, ...locksWithin(rest, scope)]
}

// Without RECURSIVE a query of WITH sees only those before it: in `WITH t AS (SELECT FROM t)` the inner t is a table.
const enter = (
  clause: WithClause | undefined,
  outer: Scope,
): { readonly scope: Scope; readonly locks: readonly TableLock[] } => {
  const queries = (clause?.ctes ?? []).flatMap((node) =>
    'CommonTableExpr' in node ? [node.CommonTableExpr] : [],
  )
  const names = queries.map(({ ctename }) => ctename ?? '')
  const locks = queries.flatMap(({ ctequery }, index) => {
    const seen = clause?.recursive === true ? names : names.slice(0, index)
    return locksWithin(ctequery, new Set([...outer, ...seen]))
  })
  return { scope: new Set([...outer, ...names]), locks }
}
