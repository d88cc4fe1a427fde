// Another sign than a semicolon between the statements of a changeset: each becomes a semicolon in its place.

import { tokensOf } from '../../../sql/text/tokens.ts'
import { attribute, isFalse } from './changesets.ts'

/** As long as `sql`; or why the delimiter cannot be followed. */
export const withSemicolons = (
  sql: string,
  header: string,
): { readonly text: string } | { readonly reason: string } => {
  const given = attribute(header, 'endDelimiter')
  if (isFalse(header, 'splitStatements') || given === ';') return { text: sql }
  // Alone on a line, both end a statement wherever no delimiter is given.
  const sign = given === undefined ? String.raw`^[ \t]*(?:go|/)` : patternOf(given)
  if (sign === undefined)
    return { reason: `has endDelimiter:${given ?? ''}, which only Liquibase cuts by` }
  const plain = withoutLiterals(sql)
  if (!new RegExp(sign, 'im').test(plain)) return { text: sql }
  const ends = [...plain.matchAll(new RegExp(String.raw`(${sign})[ \t\r]*$`, 'gim'))]
  // What is not at the end of a line may be an operator.
  const isElsewhere =
    given !== undefined && ends.length < [...plain.matchAll(new RegExp(sign, 'gim'))].length
  if (isElsewhere) return { reason: `has its endDelimiter ${given} within a line` }
  let text = ''
  let at = 0
  for (const { index, 1: found = '' } of ends) {
    text += `${sql.slice(at, index)};${' '.repeat(found.length - 1)}`
    at = index + found.length
  }
  return { text: text + sql.slice(at) }
}

const patternOf = (given: string): string | undefined => {
  const line =
    /^(?:\\n|\n)(\/|go)$/i.exec(given)?.[1] ?? (/^(?:\/|go)$/i.test(given) ? given : undefined)
  if (line !== undefined) return String.raw`^[ \t]*${line}`
  return /^(?:\/\/|@@?|##?|~~?|;;|%%?|&&|\|\||\^\^?)$/.test(given)
    ? given.replaceAll(/[|^]/g, String.raw`\$&`)
    : undefined
}

const withoutLiterals = (sql: string): string =>
  tokensOf(sql)
    .map(({ kind, start, end }) => {
      const text = sql.slice(start, end)
      if (kind === 'comment') return text.replaceAll(/[^\n]/g, ' ')
      return kind === 'string' || kind === 'quoted name' ? text.replaceAll(/[^\n]/g, 'x') : text
    })
    .join('')
