// Three ways of counting meet here: the parser gives bytes of UTF-8, the server gives characters (code
// points), JavaScript strings index UTF-16 units. Everything else in the project uses string indexes.

import type { Place } from '../errors/problem.ts'

/** The string index of a byte offset, for offsets that rise from call to call: one pass over the text. */
export const byteOffsets = (text: string): ((byte: number) => number) => {
  let index = 0
  let bytes = 0
  return (byte) => {
    if (byte < bytes) {
      index = 0
      bytes = 0
    }
    while (bytes < byte && index < text.length) {
      const codePoint = text.codePointAt(index) ?? 0
      bytes += codePoint < 0x80 ? 1 : codePoint < 0x800 ? 2 : codePoint < 0x10000 ? 3 : 4
      index += codePoint < 0x10000 ? 1 : 2
    }
    return index
  }
}

/** The string index of the character that `characters` characters stand before. */
export const indexOfCharacter = (text: string, characters: number): number => {
  let index = 0
  for (let count = 0; count < characters && index < text.length; count++)
    index += (text.codePointAt(index) ?? 0) < 0x10000 ? 1 : 2
  return index
}

/** Line and column (from 1, in characters) of a string index, with the line itself. */
export const placeAt = (file: string, text: string, index: number): Place => {
  // lastIndexOf takes -1 for 0, and would find a newline that is the very first character.
  const lineStart = index === 0 ? 0 : text.lastIndexOf('\n', index - 1) + 1
  const lineEnd = text.indexOf('\n', index)
  return {
    file,
    line: lineOf(text, lineStart),
    column: Array.from(text.slice(lineStart, index)).length + 1,
    excerpt: text.slice(lineStart, lineEnd === -1 ? undefined : lineEnd).replace(/\r$/, ''),
  }
}

const lineOf = (text: string, index: number): number => {
  let line = 1
  for (let at = text.indexOf('\n'); at !== -1 && at < index; at = text.indexOf('\n', at + 1)) line++
  return line
}
