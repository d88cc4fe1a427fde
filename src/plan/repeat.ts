// What a second run of a file would do to data: rows that would be there twice or changed twice, and tables that it would
// drop with all that is in them. Statements that would merely fail are no harm, they roll back.

import type { Node } from 'libpg-query'
import { describeObject, type ObjectKind } from '../effects/effect.ts'
import type { ReadStatement } from '../history/history.ts'
import type { Change } from '../history/timeline.ts'
import type { Evidence } from './evidence.ts'

export type Harm = {
  /** 'repeat UPDATE', 'drop table users'. */
  readonly what: string
  /** Which of the file's statements, by index. */
  readonly statement: number
}

type KindOf<N> = N extends unknown ? keyof N : never

const changesData: readonly KindOf<Node>[] = [
  'UpdateStmt',
  'DeleteStmt',
  'MergeStmt',
  'TruncateStmt',
  'CopyStmt',
  'CallStmt',
  'DoStmt',
  'ExecuteStmt',
]

export const repeatedData = (statements: readonly ReadStatement[]): readonly Harm[] =>
  statements.flatMap(({ node, unseen }, statement) =>
    unseen !== undefined && changes(node) ? [{ what: `repeat ${unseen}`, statement }] : [],
  )

const changes = (node: Node): boolean => {
  if ('InsertStmt' in node) return !isGuardedInsert(node.InsertStmt)
  // A SELECT may call what writes.
  if ('SelectStmt' in node)
    return /"(?:FuncCall|InsertStmt|UpdateStmt|DeleteStmt|MergeStmt)"/.test(JSON.stringify(node))
  return changesData.some((kind) => kind in node)
}

type Insert = Extract<Node, { InsertStmt: unknown }>['InsertStmt']

// ON CONFLICT, or SELECT … WHERE NOT EXISTS.
const isGuardedInsert = ({ onConflictClause, selectStmt, withClause }: Insert): boolean => {
  if (withClause !== undefined) return false
  if (onConflictClause !== undefined) return true
  const select =
    selectStmt !== undefined && 'SelectStmt' in selectStmt ? selectStmt.SelectStmt : undefined
  const where = select?.whereClause
  return (
    where !== undefined &&
    'BoolExpr' in where &&
    where.BoolExpr.boolop === 'NOT_EXPR' &&
    JSON.stringify(where.BoolExpr.args).startsWith('[{"SubLink":{"subLinkType":"EXISTS_SUBLINK"')
  )
}

const holdsData: readonly ObjectKind[] = ['table', 'column', 'sequence']

/** DROP and CREATE of one name in one file; not OR REPLACE, which keeps what is there. */
export const replacesData = ({ timeline: { object } }: Evidence, { how, guard }: Change): boolean =>
  how === 'replace' && guard !== 'or replace' && holdsData.includes(object.kind)

/** What is there and would be dropped, to be made anew and empty. */
export const droppedData = (
  touches: readonly { readonly each: Evidence; readonly change: Change }[],
): readonly Harm[] =>
  touches.flatMap(({ each, change }) =>
    each.timeline.facet === 'existence' && each.found !== undefined && replacesData(each, change)
      ? [{ what: `drop ${describeObject(each.timeline.object)}`, statement: change.statement }]
      : [],
  )
