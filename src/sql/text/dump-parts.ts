// What pg_dump writes into a script that not every server takes: the rows behind COPY … FROM stdin and the lines \restrict and
// \unrestrict, which are psql's, and a setting that servers before 17 lack, to the value that it has here anyway. The rows are not
// in the texts that we read (migrations/rows-apart.ts): a mark is in their place. Here marks and lines become blanks, so that the
// SQL keeps its length, and places stay those of the text. Pure.
// https://www.postgresql.org/docs/current/app-pgdump.html

import { tokenAt, type Token } from './tokens.ts'

/** Is in a text for the rows of one COPY. */
export type RowsMark = {
  /** Its string index: where the first row would begin. */
  readonly at: number
  /** Among those of the file, from 0. */
  readonly number: number
  /** How many lines of the file the rows take. */
  readonly lines: number
}

// A text with U+0000 is refused when it is read, so no file can forge one.
export const markOfRows = (number: number, lines: number): string => `\0${number} ${lines}\0`

const marks = /\0(\d+) (\d+)\0/g

/** In their order. */
export const rowsMarksIn = (text: string): readonly RowsMark[] =>
  text.includes('\0')
    ? [...text.matchAll(marks)].map(({ index: at, 1: number, 2: lines }) => ({
        ...{ at, number: Number(number), lines: Number(lines) },
      }))
    : []

export type DumpParts = {
  /** As long as the text: marks and psql's lines are blanks. */
  readonly sql: string
  readonly rows: readonly RowsMark[]
}

/** Does it begin as all that pg_dump writes? */
export const isDump = (text: string): boolean => /^--\s*\n-- PostgreSQL database dump\b/.test(text)

type Span = { readonly start: number; readonly end: number }

/** Undefined for a text without any of it. */
export const dumpPartsOf = (text: string): DumpParts | undefined => {
  const rows = rowsMarksIn(text)
  const lines = psqlLinesIn(text)
  if (rows.length === 0 && lines.length === 0) return undefined
  return { sql: blanked(text, lines).replace(marks, (mark) => ' '.repeat(mark.length)), rows }
}

const psqlLinesIn = (text: string): readonly Span[] => {
  const lines: Span[] = []
  let begun = nothingBegun()
  const isOfDump = isDump(text)
  for (let at = isOfDump || text.includes('\\') ? 0 : text.length; at < text.length;) {
    const token = tokenAt(text, at, begun.before)
    const line =
      psqlLineAt(text, token, begun) ?? (isOfDump ? newerSettingAt(text, token, begun) : undefined)
    if (line !== undefined) lines.push(line)
    at = line?.end ?? token.end
    const isOver = token.kind === 'sign' && ';\0'.includes(text.charAt(token.start))
    begun = isOver || line !== undefined ? nothingBegun() : goesOn(begun, text, token)
  }
  return lines
}

/** Of a statement that has begun, what is needed of it: a text may be of one that never ends. */
export type Begun = {
  /** In lower case: all of a COPY, and the first of any other. */
  readonly words: string[]
  /** A literal, and what of blanks and comments follows it, where nothing else does. */
  readonly before: Token[]
}

export const nothingBegun = (): Begun => ({ words: [], before: [] })

export const goesOn = ({ words, before }: Begun, text: string, token: Token): Begun => {
  if (token.kind === 'blank' || token.kind === 'comment') {
    if (before.length > 0) before.push(token)
    return { words, before }
  }
  if (words.length === 0 || words[0] === 'copy')
    words.push(text.slice(token.start, token.end).toLowerCase())
  return { words, before: token.kind === 'string' ? [token] : [] }
}

const restrictLine = /\\(?:un)?restrict[ \t]+[A-Za-z0-9]+[ \t\r]*$/my

/** A line that is for psql and skipped, from a token that begins it on. */
export const psqlLineAt = (text: string, { start }: Token, { words }: Begun): Span | undefined => {
  if (text[start] !== '\\' || words.length > 0) return undefined
  if (start > 0 && text[start - 1] !== '\n') return undefined
  restrictLine.lastIndex = start
  const line = restrictLine.exec(text)?.[0]
  return line === undefined ? undefined : { start, end: start + line.length }
}

const newerSetting = 'SET transaction_timeout = 0;\n'

// pg_dump 17 and later writes it whatever the server's version; psql goes on behind the error. A file's transaction has no such limit.
const newerSettingAt = (text: string, { start }: Token, { words }: Begun): Span | undefined =>
  words.length === 0 && text.startsWith(newerSetting, start)
    ? { start, end: start + newerSetting.length - 1 }
    : undefined

export const isCopyFromStdin = ({ words }: Begun): boolean =>
  words[0] === 'copy' && words[words.indexOf('from') + 1] === 'stdin'

const blanked = (text: string, blanks: readonly Span[]): string => {
  const pieces: string[] = []
  let at = 0
  for (const { start, end } of blanks) {
    pieces.push(text.slice(at, start), text.slice(start, end).replace(/[^\n]/g, ' '))
    at = end
  }
  return [...pieces, text.slice(at)].join('')
}
