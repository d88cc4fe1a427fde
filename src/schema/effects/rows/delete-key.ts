// Does a WHERE name the rows by a value? `id = 7`, `name IN ('a', 'b')`, alone or with AND: whatever else it asks, those rows are
// meant. `true`, `id > 0`, `id IS NOT NULL`, `id IN (SELECT …)` may be all rows.

import type { Node } from 'libpg-query'
import { columnsIn } from '../names/columns-in.ts'

export const hasKey = (where: Node | undefined): boolean => {
  if (where === undefined) return false
  if ('BoolExpr' in where) {
    const { boolop, args = [] } = where.BoolExpr
    if (boolop === 'AND_EXPR') return args.some(hasKey)
    return boolop === 'OR_EXPR' && args.length > 0 && args.every(hasKey)
  }
  if (!('A_Expr' in where)) return false
  const { kind, name, lexpr, rexpr } = where.A_Expr
  const isEqual =
    JSON.stringify(name) === '[{"String":{"sval":"="}}]' &&
    (kind === 'AEXPR_OP' || kind === 'AEXPR_IN' || kind === 'AEXPR_OP_ANY')
  if (!isEqual || lexpr === undefined || rexpr === undefined) return false
  return (
    (isColumn(lexpr) && isValue(rexpr)) ||
    (kind === 'AEXPR_OP' && isValue(lexpr) && isColumn(rexpr))
  )
}

const isColumn = (node: Node): boolean => 'ColumnRef' in node

const isValue = (node: Node): boolean =>
  columnsIn(node).length === 0 && !JSON.stringify(node).includes('"SubLink"')
