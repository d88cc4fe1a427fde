// The names that a statement says, as PostgreSQL's parser has read them; and those in a text that is read when it is run, such as
// the body of a function or of a DO block, where a name may also be inside a literal (EXECUTE 'ALTER TABLE …').

import type { Node } from 'libpg-query'
import { tokensOf } from '../../../sql/text/tokens.ts'
import { isTree, subtrees, type Tree } from '../../../sql/tree/tree.ts'

// What is in them is said of types, of functions, and of values.
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
  if (!('DoStmt' in node || 'CreateFunctionStmt' in node)) return new Set()
  const texts = subtrees(node)
    .filter(isBody)
    .flatMap(({ arg }) => subtrees(arg))
    .flatMap(({ sval }) => (typeof sval === 'string' ? [sval] : []))
  return new Set(texts.flatMap((text) => [...namesInText(text)]))
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
