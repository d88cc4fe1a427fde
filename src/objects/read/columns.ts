// Where do the columns of a query come from? PostgreSQL puts names in the place of `*` once, when the object is made: a migration that
// adds a column to the table changes what the same text makes.

import type { ObjectFile } from '../object-file.ts'
import { isTree, subtrees } from '../../sql/tree/tree.ts'

/**
 * Of a view, a materialized view and a function whose body is SQL and not a string. A policy does not count, though
 * `EXISTS (SELECT * …)` is common there: it allows the same afterwards, and comparing it would lock its table.
 */
export const columnsOf = ({ defines, main }: ObjectFile): 'written' | 'found' => {
  if (main === undefined || !queries.includes(defines.kind)) return 'written'
  return subtrees(main.node).some(
    (part) =>
      'A_Star' in part || (isTree(part['JoinExpr']) && part['JoinExpr']['isNatural'] === true),
  )
    ? 'found'
    : 'written'
}

const queries: readonly ObjectFile['defines']['kind'][] = [
  ...(['view', 'materialized view', 'function', 'procedure'] as const),
]
