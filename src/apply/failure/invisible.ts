// Characters that nobody sees, or that look like a space: PostgreSQL reads them as letters, so that the word beside them is another.
// They come along when a statement is copied out of a web page or a chat.

import type { Place } from '../../errors/problem.ts'

// Format characters and the spaces beside the one of ASCII. https://www.unicode.org/reports/tr44/#General_Category_Values
const invisible = /[\p{Cf}\p{Zs}\p{Zl}\p{Zp}]/u

const names: Readonly<Record<string, string>> = {
  '00A0': 'a no-break space',
  '00AD': 'a soft hyphen',
  '200B': 'a zero-width space',
  '200C': 'a zero-width non-joiner',
  '200D': 'a zero-width joiner',
  '200E': 'a left-to-right mark',
  '2028': 'a line separator',
  '202F': 'a narrow no-break space',
  '2060': 'a word joiner',
  '3000': 'an ideographic space',
  FEFF: 'a byte-order mark',
}

/** Where the word at the place has one, what it is and in which column; undefined where it has none. */
export const invisibleAt = ({ excerpt, column }: Place): string | undefined => {
  const characters = Array.from(excerpt)
  const start = column - 1
  const length = characters.slice(start).findIndex((each) => /[ \t;,()]/.test(each))
  const word = characters.slice(start, length === -1 ? undefined : start + length)
  const at = word.findIndex((each) => invisible.test(each))
  const found = word[at]
  if (found === undefined) return undefined
  const code = (found.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')
  const name = names[code] === undefined ? '' : `, ${names[code]}`
  return `Column ${column + at} of that line has the character U+${code}${name}, which PostgreSQL takes for a letter: delete it, or replace it with a plain space.`
}
