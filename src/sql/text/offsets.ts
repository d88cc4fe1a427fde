// Three ways of counting meet here: the parser gives bytes of UTF-8, the server gives characters (code
// points), JavaScript strings index UTF-16 units. Everything else in the project uses string indexes.

import type { Place } from '../../errors/problem.ts'
import { rowsMarksIn, type RowsMark } from './dump-parts.ts'
import { linesAbove } from './lines-above.ts'
import { hideSecrets } from './secrets.ts'

/** The string index of a byte offset. It walks from the offset of the call before: one pass for offsets in their order. */
export const byteOffsets = (text: string): ((byte: number) => number) => {
  let index = 0
  let bytes = 0
  return (byte) => {
    while (bytes > byte) {
      index -= index > 1 && (text.codePointAt(index - 2) ?? 0) >= 0x10000 ? 2 : 1
      bytes -= bytesOf(text.codePointAt(index) ?? 0)
    }
    while (bytes < byte && index < text.length) {
      const codePoint = text.codePointAt(index) ?? 0
      bytes += bytesOf(codePoint)
      index += codePoint < 0x10000 ? 1 : 2
    }
    return index
  }
}

const bytesOf = (codePoint: number): number =>
  codePoint < 0x80 ? 1 : codePoint < 0x800 ? 2 : codePoint < 0x10000 ? 3 : 4

// Many bytes of one file are asked for one after the other, so that each walk goes on from the last.
let lastBytes = { text: '', indexAt: byteOffsets('') }

/** byteOffsets() of the text that was asked about last. */
export const indexOfByte = (text: string, byte: number): number => {
  if (lastBytes.text !== text) lastBytes = { text, indexAt: byteOffsets(text) }
  return lastBytes.indexAt(byte)
}

/** The string index of the character that `characters` characters precede. */
export const indexOfCharacter = (text: string, characters: number): number => {
  let index = 0
  for (let count = 0; count < characters && index < text.length; count++)
    index += (text.codePointAt(index) ?? 0) < 0x10000 ? 1 : 2
  return index
}

/** Line and column (from 1, in characters) of a string index, with the line itself, without its secrets. */
export const placeAt = (file: string, text: string, index: number): Place => {
  const { above, lineStarts, marks, shown } = readLines(text)
  const line = lineAt(lineStarts, index)
  const lineStart = lineStarts[line - 1] ?? 0
  const keptApart = marks.reduce((sum, { at, lines }) => (at < index ? sum + lines : sum), 0)
  const lineEnd = text.indexOf('\n', index)
  return {
    file,
    line: above + line + keptApart,
    column: Array.from(text.slice(lineStart, index)).length + 1,
    excerpt: withoutLineEnd(shown.slice(lineStart, lineEnd === -1 ? undefined : lineEnd)),
  }
}

/** The beginning of a line of the text, from 0. */
export const placeOfLine = (file: string, text: string, line: number): Place =>
  placeAt(file, text, readLines(text).lineStarts[line] ?? text.length)

const withoutLineEnd = (line: string): string => (line.endsWith('\r') ? line.slice(0, -1) : line)

type Lines = {
  readonly text: string
  /** In the file. */
  readonly above: number
  /** Where each line begins. */
  readonly lineStarts: readonly number[]
  /** Of rows that are in the file, and not in the text. */
  readonly marks: readonly RowsMark[]
  readonly shown: string
}

// Many places of one file are asked for one after the other: its lines are counted and its secrets looked for once.
let last: Lines = { text: '', above: 0, lineStarts: [0], marks: [], shown: '' }

const readLines = (text: string): Lines => {
  if (last.text !== text) {
    const lineStarts = [0]
    for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1))
      lineStarts.push(at + 1)
    last = {
      ...{ text, lineStarts, above: linesAbove(text) },
      ...{ marks: rowsMarksIn(text), shown: hideSecrets(text) },
    }
  }
  return last
}

// The last line that begins at the index or before it.
const lineAt = (lineStarts: readonly number[], index: number): number => {
  let low = 0
  let high = lineStarts.length
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if ((lineStarts[middle] ?? 0) <= index) low = middle
    else high = middle
  }
  return low + 1
}
