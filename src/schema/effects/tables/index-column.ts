// The name of an index's column that is an expression (FigureIndexColname in PostgreSQL's sources).

import { isTree, stringsOf } from '../../../sql/tree/tree.ts'

/** How sure the server is of a name: that of a type or of CASE gives way to a better one. */
type Figured = { readonly name: string; readonly strength: 1 | 2 } | undefined

export const nameOfExpression = (node: unknown): string => figure(node)?.name ?? 'expr'

const sure = (name: string | undefined): Figured =>
  name === undefined ? undefined : { name, strength: 2 }

const fixed: Readonly<Record<string, string>> = {
  A_ArrayExpr: 'array',
  RowExpr: 'row',
  CoalesceExpr: 'coalesce',
  GroupingFunc: 'grouping',
  XmlSerialize: 'xmlserialize',
  JsonParseExpr: 'json',
  JsonScalarExpr: 'json_scalar',
  JsonSerializeExpr: 'json_serialize',
  JsonObjectConstructor: 'json_object',
  JsonArrayConstructor: 'json_array',
}

const figure = (node: unknown): Figured => {
  const [kind, body] = isTree(node) ? (Object.entries(node)[0] ?? []) : []
  if (kind === undefined || !isTree(body)) return undefined
  switch (kind) {
    case 'ColumnRef':
      return sure(lastString(body['fields']))
    case 'A_Indirection':
      return sure(lastString(body['indirection'])) ?? figure(body['arg'])
    case 'FuncCall':
      return sure(lastString(body['funcname']))
    case 'A_Expr':
      return body['kind'] === 'AEXPR_NULLIF' ? sure('nullif') : undefined
    case 'TypeCast':
      return firmly(figure(body['arg']), typeNameOf(body['typeName']))
    case 'CollateClause':
      return figure(body['arg'])
    case 'CaseExpr':
      return firmly(figure(body['defresult']), 'case')
    case 'MinMaxExpr':
      return sure(body['op'] === 'IS_LEAST' ? 'least' : 'greatest')
    default:
      return sure(fixed[kind])
  }
}

const firmly = (figured: Figured, otherwise: string | undefined): Figured =>
  figured?.strength === 2 || otherwise === undefined ? figured : { name: otherwise, strength: 1 }

const typeNameOf = (type: unknown): string | undefined =>
  isTree(type) ? lastString(type['names']) : undefined

const lastString = (nodes: unknown): string | undefined => stringsOf(nodes).at(-1)
