// CREATE INDEX: the definition as the catalog shows it, column by column.

import type { IndexElem, IndexStmt, Node } from 'libpg-query'
import { chooseName, distinctNames } from '../names/chosen-name.ts'
import {
  create,
  text,
  type CreateEffect,
  type Definition,
  type Fragment,
  type RelationName,
} from '../effect.ts'
import { nameOfExpression } from './index-column.ts'
import { oldRelation, relationObject, splitName, type Scope } from '../scope.ts'
import type { Naming } from '../../../sql/tree/naming.ts'
import { stringsOf } from '../../../sql/tree/tree.ts'

export const createIndex = (statement: IndexStmt, scope: Scope): CreateEffect => {
  const relation = oldRelation(scope, statement.relation)
  const elements = [
    ...elementsOf(statement.indexParams),
    ...elementsOf(statement.indexIncludingParams),
  ]
  const name =
    statement.idxname ?? chooseName(scope, relation, namesOfElements(elements, scope.naming), 'idx')
  // ON ONLY a partitioned table it is invalid until the partitions' indexes are attached.
  const isWhole = statement.relation?.inh === true
  return create(
    relationObject('index', { schema: relation.schema, name }),
    {
      definition: definitionOf(statement, relation),
      ...(isWhole ? { validation: [text('valid')] } : {}),
    },
    {
      guard: statement.if_not_exists === true ? 'if not exists' : 'none',
      on: relation,
      named: statement.idxname === undefined ? 'by server' : 'by file',
    },
  )
}

export const elementsOf = (nodes: readonly Node[] | undefined): readonly IndexElem[] =>
  (nodes ?? []).flatMap((node) => ('IndexElem' in node ? [node.IndexElem] : []))

/** As they are in the name that the server chooses. */
export const namesOfElements = (
  elements: readonly IndexElem[],
  naming: Naming,
): readonly string[] =>
  distinctNames(
    elements.map(({ name, expr }) => name ?? nameOfExpression(expr)),
    naming,
  )

const definitionOf = (
  {
    unique,
    nulls_not_distinct,
    accessMethod,
    indexParams,
    indexIncludingParams,
    whereClause,
  }: IndexStmt,
  relation: RelationName,
): Definition => {
  const method = accessMethod ?? 'btree'
  const included = elementsOf(indexIncludingParams)
  return [
    text(`${unique === true ? 'UNIQUE ' : ''}INDEX ON `),
    { kind: 'relation', relation },
    text(` USING ${method} (`),
    ...commas(elementsOf(indexParams).map((each) => elementFragments(each, relation, method))),
    text(')'),
    ...(included.length === 0
      ? []
      : [
          text(' INCLUDE ('),
          ...commas(included.map((each) => [column(relation, each.name ?? '')])),
          text(')'),
        ]),
    text(nulls_not_distinct === true ? ' NULLS NOT DISTINCT' : ''),
    ...(whereClause === undefined
      ? []
      : [text(' WHERE ('), expression(whereClause, relation), text(')')]),
  ]
}

const commas = (lists: readonly Definition[]): Definition =>
  lists.flatMap((parts, index) => (index === 0 ? parts : [text(', '), ...parts]))

const column = (relation: RelationName, name: string): Fragment => ({
  kind: 'columns',
  relation,
  names: [name],
})

const expression = (node: Node, relation: RelationName): Fragment => ({
  kind: 'expression',
  node,
  relation,
  rows: 'table',
})

const collated = (name: string, relation: RelationName, of: string | undefined): Fragment =>
  of === undefined ? text(` COLLATE ${name}`) : { kind: 'collation', name, relation, column: of }

const elementFragments = (
  { name, expr, collation, opclass, ordering, nulls_ordering }: IndexElem,
  relation: RelationName,
  method: string,
): Definition => {
  const [, collationName] = splitName(stringsOf(collation))
  const [, className] = splitName(stringsOf(opclass))
  const descending = ordering === 'SORTBY_DESC'
  const nullsFirst =
    nulls_ordering === 'SORTBY_NULLS_FIRST' ||
    (descending && nulls_ordering !== 'SORTBY_NULLS_LAST')
  return [
    ...(expr === undefined
      ? [column(relation, name ?? '')]
      : [{ kind: 'expression', node: expr, relation, rows: 'table', place: 'index' } as Fragment]),
    ...(collationName === '' ? [] : [collated(collationName, relation, name)]),
    ...(className === '' ? [] : [{ kind: 'operator class', name: className, method } as Fragment]),
    text(descending ? ' DESC' : ''),
    text(nullsFirst === descending ? '' : nullsFirst ? ' NULLS FIRST' : ' NULLS LAST'),
  ]
}
