// The one statement of a backfill, checked with PostgreSQL's parser: a change of rows whose WHERE holds :batch where the
// rows of the scanned table come from. Pure: the parser is handed in.

import { problem, type Problem } from '../../../errors/problem.ts'
import { byteOffsets, placeAt } from '../../../sql/text/offsets.ts'
import type { Parse, ParsedStatement } from '../../../sql/tree/parse.ts'
import { isTree, type Tree } from '../../../sql/tree/tree.ts'
import { placeholder, type BatchStatement, type Placeholder, type TableName } from './backfill.ts'

export type ReadStatement =
  | { readonly kind: 'read'; readonly statement: BatchStatement }
  | { readonly kind: 'problem'; readonly problem: Problem }

type Source = { readonly file: string; readonly text: string }

export const readStatement = (
  { file, text }: Source,
  table: TableName,
  parse: Parse,
): ReadStatement => {
  const bad = (reason: string, index: number): ReadStatement => ({
    kind: 'problem',
    problem: problem('backfill-statement', { file, reason }, placeAt(file, text, index)),
  })
  // A parameter, which the parser reads, of the placeholder's length, so that places stay what they are.
  const parsed = parse(text.replaceAll(spelled, '$1    '))
  if (parsed.kind === 'unreadable')
    return bad(parsed.message.replace('"$1"', placeholder), parsed.index)
  const [only, second] = parsed.statements
  if (only === undefined) return bad('it has no statement', 0)
  if (second !== undefined)
    return bad('it has more than one statement', firstToken(text, second.start))
  const verb = verbOf(only)
  const start = firstToken(text, only.start)
  if (verb === undefined) return bad('its statement changes no rows', start)
  const indexAt = byteOffsets(text)
  const found = placesIn(only.node, table).map((each) => ({ ...each, at: indexAt(each.byte) }))
  const foreign = found.find(({ at }) => !text.startsWith(placeholder, at))
  if (foreign !== undefined) return bad('it has a parameter', foreign.at)
  const misplaced = found.find(({ qualifier }) => qualifier === undefined)
  if (misplaced !== undefined)
    return bad(
      `${placeholder} must be a condition of its own, joined with AND, in the WHERE of the part that names ${shown(table)}`,
      misplaced.at,
    )
  if (found.length === 0) return bad(`its WHERE lacks ${placeholder}`, start)
  const placeholders = found
    .map(({ at, qualifier = '' }): Placeholder => ({ index: at - start, qualifier }))
    .sort((a, b) => a.index - b.index)
  const statement = { text: text.slice(start, only.end).trimEnd(), start, verb, placeholders }
  return { kind: 'read', statement }
}

/** The statement for one batch: `condition` says which rows, by the name that the query knows the table by. */
export const forBatch = (
  { text, placeholders }: BatchStatement,
  condition: (qualifier: string) => string,
): string => {
  let end = 0
  const fragments = placeholders.map(({ index, qualifier }) => {
    const fragment = text.slice(end, index) + condition(qualifier)
    end = index + placeholder.length
    return fragment
  })
  return fragments.join('') + text.slice(end)
}

/** The index in the statement's own text of an index in what forBatch() made of it. */
export const originalIndex = (
  { placeholders }: BatchStatement,
  condition: (qualifier: string) => string,
  index: number,
): number => {
  let grown = 0
  for (const { index: at, qualifier } of placeholders) {
    const length = condition(qualifier).length
    if (index < at + grown) break
    if (index < at + grown + length) return at
    grown += length - placeholder.length
  }
  return index - grown
}

const spelled = /(?<!:):batch\b/g

const shown = ({ schema, name }: TableName): string =>
  schema === undefined ? name : `${schema}.${name}`

const verbs = {
  UpdateStmt: 'UPDATE',
  DeleteStmt: 'DELETE',
  InsertStmt: 'INSERT',
  MergeStmt: 'MERGE',
} as const

const verbOf = ({ node }: ParsedStatement): BatchStatement['verb'] | undefined => {
  const kind = Object.keys(node)[0] ?? ''
  return Object.entries(verbs).find(([name]) => name === kind)?.[1]
}

// A statement's text starts behind the one before it, with comments and space.
const firstToken = (text: string, start: number): number => {
  const skipped = /^(?:\s+|--[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/)*/.exec(text.slice(start))?.[0] ?? ''
  return start + skipped.length
}

/** `qualifier` is undefined where the parameter does not choose rows of the table. */
type Mention = { readonly byte: number; readonly qualifier: string | undefined }

const withRows = new Set(['SelectStmt', 'UpdateStmt', 'DeleteStmt'])

const placesIn = (tree: unknown, table: TableName): readonly Mention[] => {
  if (!isTree(tree)) return []
  return Object.entries(tree).flatMap(([kind, body]): readonly Mention[] => {
    if (kind === 'ParamRef') return [{ byte: locationOf(body), qualifier: undefined }]
    if (!withRows.has(kind) || !isTree(body)) return placesIn(body, table)
    const { whereClause, ...rest } = body
    const name = nameOf(body, table)
    const chosen = conjuncts(whereClause).flatMap((each): readonly Mention[] =>
      isTree(each) && 'ParamRef' in each
        ? [{ byte: locationOf(each['ParamRef']), qualifier: name }]
        : placesIn(each, table),
    )
    return [...placesIn(rest, table), ...chosen]
  })
}

const locationOf = (body: unknown): number => {
  const location = isTree(body) ? body['location'] : undefined
  return typeof location === 'number' ? location : 0
}

const conjuncts = (clause: unknown): readonly unknown[] => {
  const expression = isTree(clause) ? clause['BoolExpr'] : undefined
  if (!isTree(expression) || expression['boolop'] !== 'AND_EXPR') return [clause]
  const { args } = expression
  return Array.isArray(args) ? args.flatMap(conjuncts) : []
}

// What is changed comes before what it is joined with; of a table that is joined with itself, the first.
const nameOf = (query: Tree, table: TableName): string | undefined => {
  const sources = ['relation', 'usingClause', 'fromClause'].flatMap((member) =>
    relationsIn(query[member]),
  )
  const found = sources.find(
    ({ relname, schemaname }) =>
      relname === table.name &&
      (schemaname === undefined || table.schema === undefined || schemaname === table.schema),
  )
  const { alias } = found ?? {}
  const aliasName = isTree(alias) ? alias['aliasname'] : undefined
  const name = aliasName ?? found?.['relname']
  return typeof name === 'string' ? name : undefined
}

// Through joins, but not into subqueries: those have a WHERE of their own.
const relationsIn = (tree: unknown): readonly Tree[] => {
  if (!isTree(tree)) return []
  if (typeof tree['relname'] === 'string') return [tree]
  if (Array.isArray(tree)) return tree.flatMap(relationsIn)
  const { RangeVar: relation, JoinExpr: join } = tree
  if (relation !== undefined) return relationsIn(relation)
  return isTree(join) ? [...relationsIn(join['larg']), ...relationsIn(join['rarg'])] : []
}
