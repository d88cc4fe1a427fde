// Which names of a message the server would look for on a search path that others may write to: each statement is read as
// PostgreSQL's parser reads it, behind whatever the message has set before.

import type { Parse, ParsedStatement } from '../../src/sql/tree/parse.ts'

type Tree = Readonly<Record<string, unknown>>

/** 'own' is ours; 'files' may hold anything. */
type Path = 'own' | 'files'

/** A list of what was found, empty for a message that is safe. Names of the application begin with 'app_'. */
export const unsafeIn = (
  text: string,
  parse: Parse,
  isOfFile: (statement: string) => boolean,
): readonly string[] => {
  const parsed = parse(text)
  if (parsed.kind === 'unreadable') return [`unreadable: ${parsed.message}`]
  let path: Path = 'files'
  return parsed.statements.flatMap((statement) => {
    const own = text.slice(statement.start, statement.end)
    if (isOfFile(own)) return []
    path = pathAfter(statement, path)
    return path === 'own' ? [] : unqualifiedIn(statement.node)
  })
}

const pathAfter = ({ node }: ParsedStatement, path: Path): Path => {
  if ('TransactionStmt' in node) return 'files'
  if (!('VariableSetStmt' in node)) return path
  const { kind, name, args = [], is_local: isLocal } = node.VariableSetStmt
  if (kind === 'VAR_RESET_ALL') return 'files'
  if (name !== 'search_path') return path
  const said = JSON.stringify(args)
  const isOwn = said.includes('"pg_catalog"') && said.includes('"pg_temp"') && args.length === 2
  return isLocal === true && isOwn ? 'own' : 'files'
}

const isTree = (value: unknown): value is Tree => typeof value === 'object' && value !== null

const namesIn = (value: unknown): readonly string[] =>
  (Array.isArray(value) ? value : []).map((each: unknown) =>
    isTree(each) && isTree(each['String']) ? String(each['String']['sval']) : '',
  )

const plainKinds: readonly unknown[] = ['AEXPR_OP', 'AEXPR_OP_ANY', 'AEXPR_OP_ALL']

/** What one node says without a schema. */
const unqualified: Readonly<Record<string, (node: Tree) => string | undefined>> = {
  FuncCall: ({ funcname }) => alone('function', namesIn(funcname)),
  TypeName: ({ names }) => alone('type', namesIn(names)),
  CollateClause: ({ collname }) => alone('collation', namesIn(collname)),
  A_Expr: ({ kind, name }) =>
    plainKinds.includes(kind) ? alone('operator', namesIn(name)) : `operator of ${String(kind)}`,
  SubLink: ({ testexpr, operName }) =>
    testexpr === undefined
      ? undefined
      : alone('operator', [...namesIn(operName), 'IN'].slice(0, 2)),
  CaseExpr: ({ arg }) => (arg === undefined ? undefined : 'operator of CASE'),
  JoinExpr: ({ usingClause, isNatural }) =>
    usingClause === undefined && isNatural !== true ? undefined : 'operator of USING',
  DoStmt: () => 'DO',
}

const alone = (what: string, names: readonly string[]): string | undefined =>
  names.length > 1 ? undefined : `${what} ${names.join('.')}`

const unqualifiedIn = (statement: unknown): readonly string[] => {
  const found: string[] = []
  const queries = new Set<string>()
  const relations: string[] = []
  const walk = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(walk)
    else if (isTree(value))
      for (const [key, child] of Object.entries(value)) {
        // Some fields hold a node of one kind without saying so.
        const kind = key === 'typeName' ? 'TypeName' : key === 'relation' ? 'RangeVar' : key
        if (isTree(child) && !Array.isArray(child)) {
          const problem = unqualified[kind]?.(child)
          if (problem !== undefined) found.push(problem)
          if (kind === 'CommonTableExpr') queries.add(String(child['ctename']))
          if (kind === 'RangeVar' && child['schemaname'] === undefined && 'relname' in child)
            relations.push(String(child['relname']))
        }
        walk(child)
      }
  }
  walk(statement)
  return [
    ...found,
    ...relations.filter((name) => !queries.has(name)).map((name) => `relation ${name}`),
  ].filter((each) => !/^\w+ app_/.test(each))
}
