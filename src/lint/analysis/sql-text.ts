// SQL that a cure is made of: names as they must be written, and pieces of the user's own text.

import { quoteName } from '../../errors/define.ts'
import type { ObjectName, RelationName } from '../../schema/effects/effect.ts'
import { hideSecrets } from '../../sql/text/secrets.ts'
import { tokensOf } from '../../sql/text/tokens.ts'

/** The schema public is not said. */
export const sqlRelation = ({ schema, name }: RelationName): string =>
  schema === 'public' || schema === '' ? quoteName(name) : `${quoteName(schema)}.${quoteName(name)}`

/** 'call_log.status' of a column, 'call_log' of a table. */
export const sqlObject = ({ schema, table, name }: ObjectName): string =>
  table === ''
    ? sqlRelation({ schema, name: name.replace(/\(.*$/s, '') })
    : `${sqlRelation({ schema, name: table })}.${quoteName(name)}`

/** On one line, without comments and secrets, and cut when it is long. */
export const brief = (sql: string, most = 160): string => {
  const line = withoutComments(hideSecrets(sql)).replace(/\s+/g, ' ').trim()
  return line.length > most ? `${line.slice(0, most).trimEnd()} …` : line
}

const withoutComments = (sql: string): string =>
  textsOf(sql)
    .map((token) => (isComment(token) ? ' ' : token))
    .join('')

const isComment = (token: string): boolean => token.startsWith('--') || token.startsWith('/*')

const textsOf = (sql: string): readonly string[] =>
  tokensOf(sql).map(({ start, end }) => sql.slice(start, end))

export type Piece = { readonly text: string; readonly start: number }

/** What is between the commas outside of all brackets, with its start in the text. */
export const splitAtCommas = (sql: string): readonly Piece[] => {
  const pieces: { text: string; start: number }[] = [{ text: '', start: 0 }]
  let depth = 0
  let index = 0
  for (const token of textsOf(sql)) {
    index += token.length
    if (token === '(' || token === '[') depth++
    if (token === ')' || token === ']') depth--
    const last = pieces.at(-1)
    if (token === ',' && depth === 0) pieces.push({ text: '', start: index })
    else if (last !== undefined) last.text += token
  }
  return pieces.map(trimmed)
}

// Comments and spaces in front are not part of it.
const trimmed = ({ text, start }: Piece): Piece => {
  let skipped = 0
  for (const token of textsOf(text)) {
    if (token.trim() !== '' && !isComment(token)) break
    skipped += token.length
  }
  return { text: text.slice(skipped).trimEnd(), start: start + skipped }
}

/** From the start to the end of the first brackets: 'CHECK (a > (b))' of 'CHECK (a > (b)), ADD …'. */
export const throughBrackets = (sql: string): string => {
  let depth = 0
  let index = 0
  for (const token of textsOf(sql)) {
    index += token.length
    if (token === '(') depth++
    if (token === ')' && --depth === 0) break
  }
  return sql.slice(0, index)
}
