// What a server makes of a name as it is written: of at most 63 bytes in its database's encoding, and in small letters where
// there are no quotes. https://www.postgresql.org/docs/current/sql-syntax-lexical.html#SQL-SYNTAX-IDENTIFIERS

export type Naming = {
  /** Of one character, in the database's encoding. */
  readonly bytesOf: (character: string) => number
  /** Of a character that is not ASCII: where one byte is one character, the server's locale knows the small letter. */
  readonly small: (character: string) => string
}

export const longestName = 63

const same = (character: string): string => character

/** Of most databases, and of the embedded parser. */
export const utf8: Naming = { bytesOf: (character) => Buffer.byteLength(character), small: same }

/** For names that are compared with each other, or that a server has made: none is cut. */
export const asWritten: Naming = { bytesOf: () => 0, small: same }

export const bytesIn = (name: string, { bytesOf }: Naming): number =>
  Array.from(name).reduce((sum, character) => sum + bytesOf(character), 0)

/** At most so many bytes, in whole characters. */
export const clip = (name: string, bytes: number, { bytesOf }: Naming): string => {
  let end = 0
  let used = 0
  for (const character of name) {
    used += bytesOf(character)
    if (used > bytes) break
    end += character.length
  }
  return name.slice(0, end)
}

/** Of a name as its token has it, without quotes and escapes. */
export const nameFrom = (written: string, token: 'word' | 'quoted name', naming: Naming): string =>
  clip(token === 'word' ? inSmall(written, naming) : written, longestName, naming)

const inSmall = (written: string, { small }: Naming): string =>
  written
    .replace(/[A-Z]+/g, (letters) => letters.toLowerCase())
    .replace(/[^\0-\x7f]/gu, (character) => small(character))
