// The constraints that a statement adds to a table, as far as they can be broken by rows that are there. Pure.

import type { ReadStatement } from '../../../schema/history/history.ts'
import type { WrittenName } from '../../../schema/effects/names/names-in.ts'
import { isTree, subtrees, stringsOf, type Tree } from '../../../sql/tree/tree.ts'
import type { Deparse } from '../../../sql/tree/deparse.ts'

type Expression = Parameters<Deparse['expression']>[0]

export type Rule = { readonly name?: string | undefined } & (
  | { readonly kind: 'not null'; readonly column: string }
  | { readonly kind: 'check'; readonly expression: Expression }
  | {
      readonly kind: 'unique'
      readonly keys: readonly (string | Expression)[]
      readonly where: Expression | undefined
      readonly nulls: 'equal' | 'distinct'
    }
  | {
      readonly kind: 'foreign key'
      readonly columns: readonly string[]
      readonly parent: WrittenName
      /** None for the primary key. */
      readonly parentColumns: readonly string[]
    }
)

export const rulesIn = (node: ReadStatement['node'], table: string): readonly Rule[] => {
  if ('IndexStmt' in node) {
    const {
      relation,
      idxname,
      unique,
      indexParams = [],
      whereClause,
      nulls_not_distinct,
    } = node.IndexStmt
    if (relation?.relname !== table || unique !== true) return []
    const keys = indexParams.flatMap((param) => {
      if (!('IndexElem' in param)) return []
      const { name, expr } = param.IndexElem
      return name ?? expr ?? []
    })
    const nulls = nulls_not_distinct === true ? 'equal' : 'distinct'
    return [{ kind: 'unique', name: idxname, keys, where: whereClause, nulls }]
  }
  if (!('AlterTableStmt' in node) || node.AlterTableStmt.relation?.relname !== table) return []
  return subtrees(node.AlterTableStmt.cmds).flatMap((part) => {
    const column = part['ColumnDef']
    const own = part['Constraint']
    if (isTree(column))
      return subtrees(column['constraints']).flatMap(({ Constraint: each }) =>
        isTree(each) ? ruleOf(each, String(column['colname'])) : [],
      )
    return isTree(own) ? ruleOf(own, undefined) : []
  })
}

const ruleOf = (constraint: Tree, column: string | undefined): readonly Rule[] => {
  const { conname, contype, raw_expr, keys, fk_attrs, pk_attrs, pktable } = constraint
  const name = typeof conname === 'string' ? conname : undefined
  const own = column === undefined ? [] : [column]
  switch (contype) {
    case 'CONSTR_CHECK':
      return isTree(raw_expr) ? [{ kind: 'check', name, expression: raw_expr as Expression }] : []
    case 'CONSTR_UNIQUE':
    case 'CONSTR_PRIMARY': {
      const nulls = constraint['nulls_not_distinct'] === true ? 'equal' : 'distinct'
      const all = [...stringsOf(keys), ...own]
      return all.length === 0 ? [] : [{ kind: 'unique', name, keys: all, where: undefined, nulls }]
    }
    case 'CONSTR_FOREIGN': {
      const { relname, schemaname } = isTree(pktable) ? pktable : {}
      return [
        {
          kind: 'foreign key',
          name,
          columns: [...stringsOf(fk_attrs), ...own],
          parent: {
            schema: typeof schemaname === 'string' ? schemaname : undefined,
            name: String(relname),
          },
          parentColumns: stringsOf(pk_attrs),
        },
      ]
    }
    default:
      return []
  }
}
