// Which tables a statement takes rows from, and which it gives some.

import type { Node, RangeVar } from 'libpg-query'
import { isTree, subtrees } from '../../../sql/tree/tree.ts'
import { hasKey } from './delete-key.ts'
import { relationsOf, take, type Names, type Take, type TakenName } from './taken-name.ts'

/** Every node of this kind, however deep: WITH has statements in it. */
const nodesOf = (
  node: Node,
  kind: 'InsertStmt' | 'DeleteStmt' | 'MergeStmt',
): readonly RowStatement[] =>
  subtrees(node).flatMap(({ [kind]: body }) => (isTree(body) ? [body as RowStatement] : []))

type RowStatement = {
  readonly relation?: RangeVar
  readonly whereClause?: Node
  readonly mergeWhenClauses?: readonly unknown[]
}

export const rowsTaken = (node: Node, scope: Names): readonly Take[] => {
  // A routine's body is not run by being made.
  if ('CreateFunctionStmt' in node || 'RuleStmt' in node) return []
  return [
    ...nodesOf(node, 'DeleteStmt').map(({ relation, whereClause }) =>
      take('delete', relationsOf(relation, scope), { keyed: hasKey(whereClause) }),
    ),
    ...nodesOf(node, 'MergeStmt').flatMap((merge) =>
      does(merge, 'CMD_DELETE') ? [take('delete', relationsOf(merge.relation, scope))] : [],
    ),
  ]
}

const does = ({ mergeWhenClauses = [] }: RowStatement, command: string): boolean =>
  mergeWhenClauses.some((each) => JSON.stringify(each).includes(`"commandType":"${command}"`))

export const filled = (node: Node, scope: Names): readonly (readonly TakenName[])[] => {
  if ('CreateFunctionStmt' in node || 'RuleStmt' in node) return []
  if ('CopyStmt' in node)
    return node.CopyStmt.is_from === true ? [relationsOf(node.CopyStmt.relation, scope)] : []
  return [
    ...nodesOf(node, 'InsertStmt').map(({ relation }) => relationsOf(relation, scope)),
    ...nodesOf(node, 'MergeStmt').flatMap((merge) =>
      does(merge, 'CMD_INSERT') ? [relationsOf(merge.relation, scope)] : [],
    ),
  ]
}
