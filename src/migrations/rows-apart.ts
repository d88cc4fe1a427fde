// A text of SQL and of rows behind COPY … FROM stdin, as pg_dump writes it: the SQL is kept, and the rows stay where they are.
// In their place is a mark, so that whoever reads the text knows that they are there, and how many lines they take.

import type { RowsOnDisk } from '../files/rows-on-disk.ts'
import {
  goesOn,
  isCopyFromStdin,
  markOfRows,
  nothingBegun,
  psqlLineAt,
} from '../sql/text/dump-parts.ts'
import { tokenAt } from '../sql/text/tokens.ts'
import {
  checksumOfBytes,
  lineEndsOf,
  pieceLength,
  piecesOf,
  type LineEnds,
  type TextBytes,
} from '../files/text-bytes.ts'
import { charactersEnd } from './decode.ts'

export type RowsApart = {
  /** As it is sent, without the marks. */
  readonly text: string
  readonly rows: readonly RowsOnDisk[]
  /** Of the whole, rows and all. */
  readonly checksum: string
}

type Named = Pick<RowsOnDisk, 'path' | 'file'>

/** Of what is UTF-8. Undefined where there are more than `most` bytes beside the rows. */
export const rowsApart = (bytes: TextBytes, named: Named, most: number): RowsApart | undefined => {
  // Asked first: it takes no time, and reading that much SQL does.
  if (bytes.size > most && endOfRows(bytes, 1) === undefined) return undefined
  const lineEnds = lineEndsOf(bytes)
  const start = startsWithMark(bytes) ? 3 : 0
  const pieces: string[] = []
  const rows: RowsOnDisk[] = []
  let length = pieceLength
  for (let at = start, sql = 0; at < bytes.size;) {
    const window = windowAt(bytes, at, length)
    const seen = nextRows(window)
    const end = at + Buffer.byteLength(window.text.slice(0, seen.upTo))
    sql += end - at
    if (sql > most || (end === at && length > most)) return undefined
    // A statement that is longer than this window needs a larger one.
    length = end === at ? length * 2 : pieceLength
    pieces.push(window.text.slice(0, seen.upTo))
    at = end
    if (seen.kind === 'SQL') continue
    const found = endOfRows(bytes, end)
    if (found === undefined) {
      // None of what follows has an end either.
      if (sql + bytes.size - at > most) return undefined
      pieces.push(bytes.at(at, bytes.size).toString('utf8'))
      break
    }
    pieces.push(markOfRows(rows.length, linesIn(bytes, end, found.end)))
    rows.push(rowsOf(bytes, named, lineEnds, { start: end, end: found.end }))
    at = found.behind
  }
  const text = pieces.join('')
  return {
    text: lineEnds === 'CRLF' ? text.replaceAll('\r\n', '\n') : text,
    rows,
    checksum: checksumOfBytes(bytes, lineEnds, { start, end: bytes.size }),
  }
}

const startsWithMark = (bytes: TextBytes): boolean =>
  bytes.at(0, 3).equals(Buffer.of(0xef, 0xbb, 0xbf))

const rowsOf = (
  bytes: TextBytes,
  named: Named,
  lineEnds: LineEnds,
  span: { readonly start: number; readonly end: number },
): RowsOnDisk => ({
  ...named,
  ...span,
  lineEnds,
  checksum: checksumOfBytes(bytes, lineEnds, span),
})

type Window = { readonly text: string; readonly isLast: boolean }

const windowAt = (bytes: TextBytes, at: number, length: number): Window => {
  const window = bytes.at(at, at + length)
  const isLast = at + window.length === bytes.size
  const end = isLast ? window.length : charactersEnd(window)
  return { text: window.toString('utf8', 0, end), isLast }
}

type Seen = {
  /** `rows`: they begin there. `SQL`: there are none up to there, which is behind a statement or at the end. */
  readonly kind: 'rows' | 'SQL'
  readonly upTo: number
}

const restOfLine = /[ \t\r]*\n/y
const blanksToTheEnd = /[ \t\r]*$/y

// What is on the semicolon's line behind it, psql would take for SQL.
const nextRows = ({ text, isLast }: Window): Seen => {
  let begun = nothingBegun()
  let statement = 0
  for (let at = 0; at < text.length;) {
    const token = tokenAt(text, at, begun.before)
    at = token.end
    // It may go on.
    if (at === text.length && !isLast) break
    const line = psqlLineAt(text, token, begun)
    if (line !== undefined) at = line.end
    else if (token.kind !== 'sign' || text[token.start] !== ';') {
      begun = goesOn(begun, text, token)
      continue
    } else if (isCopyFromStdin(begun)) {
      restOfLine.lastIndex = blanksToTheEnd.lastIndex = at
      if (restOfLine.test(text)) return { kind: 'rows', upTo: restOfLine.lastIndex }
      if (!isLast && blanksToTheEnd.test(text)) break
    }
    begun = nothingBegun()
    statement = at
  }
  return { kind: 'SQL', upTo: isLast ? text.length : statement }
}

/** `end`: where the line that is \. begins. `behind`: in front of its newline. */
type EndOfRows = { readonly end: number; readonly behind: number }

const endOfRows = (bytes: TextBytes, start: number): EndOfRows | undefined => {
  // From the newline in front of the first row.
  for (let at = start - 1; at < bytes.size;) {
    const piece = bytes.at(at, at + pieceLength)
    const isLast = at + piece.length === bytes.size
    // What spans two pieces is read again.
    let next = at + piece.length - 2
    for (let found = piece.indexOf(lastLine); found !== -1;) {
      const line = found + lastLine.length
      const rest = piece.toString('latin1', line, line + 3)
      if (rest.length < 3 && !isLast) {
        next = at + found
        break
      }
      const end = /^(\r{0,2})(?:\n|$)/.exec(rest)
      if (end !== null) return { end: at + found + 1, behind: at + line + (end[1] ?? '').length }
      found = piece.indexOf(lastLine, found + 1)
    }
    if (isLast) return undefined
    at = next
  }
  return undefined
}

const lastLine = '\n\\.'

const linesIn = (bytes: TextBytes, start: number, end: number): number => {
  let lines = 0
  for (const piece of piecesOf(bytes, { start, end }))
    for (let at = piece.indexOf('\n'); at !== -1; at = piece.indexOf('\n', at + 1)) lines += 1
  return lines
}
