// The names that a statement says, as PostgreSQL's parser has read them; and those in a text that is read when it is run, such as
// the body of a function or of a DO block, where a name may also stand inside a literal (EXECUTE 'ALTER TABLE …').

import type { Node } from 'libpg-query'
import { tokensOf } from '../../sql/tokens.ts'

type Tree = Readonly<Record<string, unknown>>

const isTree = (value: unknown): value is Tree => typeof value === 'object' && value !== null

// What stands in them is said of types, of functions, and of values.
const elsewhere = new Set(['A_Const', 'TypeName', 'typeName', 'returnType', 'argType', 'funcname'])

const nameKeys = new Set(['name', 'colname', 'subname', 'newname', 'conname', 'relname'])

/** Of columns, constraints and relations; a superset: aliases are among them. */
export const mentionedNames = (node: Node): ReadonlySet<string> => {
  const found = new Set<string>()
  const visit = (value: unknown): void => {
    if (!isTree(value) || isBody(value)) return
    for (const [key, each] of Object.entries(value)) {
      if (typeof each === 'string') {
        if (nameKeys.has(key) || key === 'sval') found.add(each)
      } else if (!elsewhere.has(key)) visit(each)
    }
  }
  visit(node)
  return found
}

const isBody = ({ defname }: Tree): boolean => defname === 'as'

/** All names that the body of a routine or of a DO block says, of whatever kind. */
export const bodyNames = (node: Node): ReadonlySet<string> => {
  const found = new Set<string>()
  const collect = (value: unknown): void => {
    if (!isTree(value)) return
    if (typeof value['sval'] === 'string')
      namesInText(value['sval']).forEach((each) => found.add(each))
    Object.values(value).forEach(collect)
  }
  const visit = (value: unknown): void => {
    if (!isTree(value)) return
    if (isBody(value)) collect(value['arg'])
    else Object.values(value).forEach(visit)
  }
  if ('DoStmt' in node || 'CreateFunctionStmt' in node) visit(node)
  return found
}

/** Comments say nothing; literals may be SQL. */
export const namesInText = (text: string): ReadonlySet<string> => {
  const found = new Set<string>()
  for (const { kind, start, end } of tokensOf(text)) {
    const token = text.slice(start, end)
    if (kind === 'word') found.add(token.toLowerCase())
    if (kind === 'quoted name') found.add(token.replace(/^[^"]*"|"$/g, '').replaceAll('""', '"'))
    if (kind === 'string') namesInText(withoutQuotes(token)).forEach((each) => found.add(each))
  }
  return found
}

// Shorter each time, whatever the quotes.
const withoutQuotes = (token: string): string => {
  const [dollar] = /^\$[^$]*\$/.exec(token) ?? []
  if (dollar !== undefined) return token.slice(dollar.length, -dollar.length)
  return token.slice(token.indexOf("'") + 1, -1).replaceAll("''", "'")
}
