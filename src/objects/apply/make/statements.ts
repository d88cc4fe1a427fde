// The statements of a file in the forms in which they are sent: CREATE OR REPLACE, and what removes what an earlier text of the file
// has said and this one does not. Pure.

import type { Node } from 'libpg-query'
import type { Deparse } from '../../../sql/tree/deparse.ts'
import { tokensOf } from '../../../sql/text/tokens.ts'
import { withoutPlaces } from '../../../sql/tree/tree.ts'
import type { ObjectFile, ObjectKind, ObjectStatement } from '../../object-file.ts'

export type Form = {
  readonly sql: string
  /** How many characters schemagate has put before the place of an error. */
  readonly shift: number
}

const insertion = ' OR REPLACE'

/** How the object is made where it is already there. */
export const replacing = ({ text, node }: ObjectStatement): Form => {
  if (saysReplace(node)) return { sql: text, shift: 0 }
  const create = [...tokensOf(text)].find(({ kind }) => kind === 'word')?.end ?? 0
  return { sql: text.slice(0, create) + insertion + text.slice(create), shift: insertion.length }
}

const saysReplace = (node: Node): boolean =>
  ('ViewStmt' in node && node.ViewStmt.replace === true) ||
  ('CreateFunctionStmt' in node && node.CreateFunctionStmt.replace === true) ||
  ('CreateTrigStmt' in node && node.CreateTrigStmt.replace === true) ||
  ('DefineStmt' in node && node.DefineStmt.replace === true)

const replaced: readonly ObjectKind[] = ['view', 'function', 'procedure', 'aggregate', 'trigger']

/** `never`: there is no such statement, or not for this one. */
export const replaceable = ({ defines: { kind }, main }: ObjectFile): 'in place' | 'never' => {
  if (!replaced.includes(kind)) return 'never'
  const isConstraint =
    main !== undefined &&
    'CreateTrigStmt' in main.node &&
    main.node.CreateTrigStmt.isconstraint === true
  return isConstraint ? 'never' : 'in place'
}

/** The same materialized view, empty, under another name in its schema. Undefined where it cannot be written faithfully. */
export const trialOf = (
  { main }: ObjectFile,
  name: string,
  { query }: Deparse,
): string | undefined => {
  if (main === undefined || !('CreateTableAsStmt' in main.node)) return undefined
  const { into, ...rest } = main.node.CreateTableAsStmt
  if (into?.rel === undefined) return undefined
  const trial = { ...into, rel: { ...into.rel, relname: name }, skipData: true }
  return query({ CreateTableAsStmt: without({ ...rest, into: trial }, 'if_not_exists') })
}

/** Removes what the belongings of the earlier text say, and those of the present one do not. */
export const withdrawals = (
  before: readonly ObjectStatement[],
  now: readonly ObjectStatement[],
  {
    query,
    target,
  }: Pick<Deparse, 'query'> & {
    /** Of the object itself, as COMMENT ON takes it; '' where that is not all that may have a comment. */
    readonly target: string
  },
): readonly string[] => {
  const kept = new Set(now.map(({ node }) => withoutPlaces(node)))
  const subjects = new Set(now.flatMap(({ node }) => commented(node)))
  return before
    .filter(({ node }) => !kept.has(withoutPlaces(node)))
    .flatMap(({ node }) => {
      if ('GrantStmt' in node && node.GrantStmt.is_grant === true)
        return query({ GrantStmt: without(node.GrantStmt, 'is_grant', 'grant_option') }) ?? []
      if ('CommentStmt' in node && !commented(node).some((each) => subjects.has(each)))
        return target === ''
          ? (query({ CommentStmt: without(node.CommentStmt, 'comment') }) ?? [])
          : `COMMENT ON ${target} IS NULL`
      return []
    })
}

// A key with the value false is another tree than one without it.
const without = <Tree extends object>(tree: Tree, ...keys: readonly (keyof Tree)[]): Tree =>
  Object.fromEntries(
    Object.entries(tree).filter(([key]) => !keys.includes(key as keyof Tree)),
  ) as Tree

const commented = (node: Node): readonly string[] =>
  'CommentStmt' in node ? [withoutPlaces([node.CommentStmt.objtype, node.CommentStmt.object])] : []

/** The name of the index that a belonging of a materialized view makes. */
export const indexMade = ({ node }: ObjectStatement): string | undefined =>
  'IndexStmt' in node ? node.IndexStmt.idxname : undefined
