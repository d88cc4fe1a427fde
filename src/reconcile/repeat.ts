// What a second run of a file would do to data: rows that would be there twice or changed twice, and tables that it would
// drop with all that is in them. Statements that would merely fail do no harm: they roll back.

import type { Node } from 'libpg-query'
import { describeObject, type ObjectKind } from '../schema/effects/effect.ts'
import type { ReadStatement } from '../schema/history/history.ts'
import type { Change } from '../schema/history/model/timeline.ts'
import type { Evidence } from './evidence.ts'

export type RerunRisk = {
  /** 'repeat UPDATE', 'drop table users'. */
  readonly what: string
  /** Which of the file's statements, by index. */
  readonly statement: number
}

type KindOf<N> = N extends unknown ? keyof N : never

const changesData: readonly KindOf<Node>[] = [
  'InsertStmt',
  'UpdateStmt',
  'DeleteStmt',
  'MergeStmt',
  'TruncateStmt',
  'CopyStmt',
  'CallStmt',
  'DoStmt',
  'ExecuteStmt',
]

export type DataChange = {
  /** 'UPDATE' */
  readonly what: string
  /** Which of the file's statements, by index. */
  readonly statement: number
  /** A second time it changes nothing more. */
  readonly isGuarded: boolean
}

export const dataChanges = (statements: readonly ReadStatement[]): readonly DataChange[] =>
  statements.flatMap(({ node, opaqueReason: what }, statement) => {
    if (what === undefined || !changes(node)) return []
    return [{ what, statement, isGuarded: 'InsertStmt' in node && isGuarded(node.InsertStmt) }]
  })

export const repeatedData = (changes: readonly DataChange[]): readonly RerunRisk[] =>
  changes
    .filter(({ isGuarded }) => !isGuarded)
    .map(({ what, statement }) => ({ what: `repeat ${what}`, statement }))

// A SELECT may call what writes.
const changes = (node: Node): boolean =>
  'SelectStmt' in node
    ? /"(?:FuncCall|InsertStmt|UpdateStmt|DeleteStmt|MergeStmt)"/.test(JSON.stringify(node))
    : changesData.some((kind) => kind in node)

type Insert = Extract<Node, { InsertStmt: unknown }>['InsertStmt']

// ON CONFLICT, or SELECT … WHERE NOT EXISTS.
const isGuarded = ({ onConflictClause, selectStmt, withClause }: Insert): boolean => {
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

/** What is there and would be dropped, to be made again and empty. */
export const droppedData = (
  touches: readonly { readonly each: Evidence; readonly change: Change }[],
): readonly RerunRisk[] =>
  touches.flatMap(({ each, change }) =>
    each.timeline.property === 'existence' && each.found !== undefined && replacesData(each, change)
      ? [{ what: `drop ${describeObject(each.timeline.object)}`, statement: change.statement }]
      : [],
  )
