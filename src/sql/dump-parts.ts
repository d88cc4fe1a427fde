// What pg_dump writes into a script for psql rather than for the server: the rows behind COPY … FROM stdin, and the lines
// \restrict and \unrestrict around it all. Here they are told apart from the SQL, which keeps its length, so that places stay
// those of the file. Pure.
// https://www.postgresql.org/docs/current/app-pgdump.html

import { tokenAt, type Token } from './tokens.ts'

/** One COPY's rows, as string indexes of the text. */
export type InlineRows = {
  /** Of the semicolon that ends the COPY. */
  readonly semicolon: number
  /** The first character of the first row. */
  readonly start: number
  /** Behind the newline of the last row: where the line `\.` begins. */
  readonly end: number
}

export type DumpParts = {
  /** As long as the text: rows and psql's lines are blanks. */
  readonly sql: string
  readonly rows: readonly InlineRows[]
}

/** Does it begin as all that pg_dump writes? */
export const isDump = (text: string): boolean => /^--\s*\n-- PostgreSQL database dump\b/.test(text)

type Stretch = { readonly start: number; readonly end: number }

/** Undefined for a text without any of it. */
export const dumpPartsOf = (text: string): DumpParts | undefined => {
  const rows: InlineRows[] = []
  const blanks: Stretch[] = []
  // Of the statement that has begun.
  let tokens: Token[] = []
  for (let at = 0; at < text.length;) {
    const token = tokenAt(text, at, tokens)
    at = token.end
    if (token.kind !== 'sign') {
      tokens.push(token)
      continue
    }
    const sign = text[token.start]
    const line = sign === '\\' ? psqlLineAt(text, token.start, tokens) : undefined
    const found = sign === ';' ? rowsBehind(text, token, tokens) : undefined
    const blank = line ?? found?.blank
    if (found !== undefined) rows.push(found.rows)
    if (blank !== undefined) {
      blanks.push(blank)
      at = blank.end
    }
    if (sign === ';' || blank !== undefined) tokens = []
    else tokens.push(token)
  }
  return blanks.length === 0 ? undefined : { sql: blanked(text, blanks), rows }
}

const restrictLine = /\\(?:un)?restrict[ \t]+[A-Za-z0-9]+[ \t\r]*$/my

// `before` are the tokens of the statement that it would stand in.
const psqlLineAt = (text: string, start: number, before: readonly Token[]): Stretch | undefined => {
  if ((start > 0 && text[start - 1] !== '\n') || wordsOf(text, before).length > 0) return undefined
  restrictLine.lastIndex = start
  const line = restrictLine.exec(text)?.[0]
  return line === undefined ? undefined : { start, end: start + line.length }
}

const wordsOf = (text: string, tokens: readonly Token[]): readonly string[] =>
  tokens.flatMap(({ kind, start, end }) =>
    kind === 'blank' || kind === 'comment' ? [] : [text.slice(start, end).toLowerCase()],
  )

const isCopyFromStdin = (text: string, tokens: readonly Token[]): boolean => {
  const words = wordsOf(text, tokens)
  return words[0] === 'copy' && words[words.indexOf('from') + 1] === 'stdin'
}

const restOfLine = /[ \t\r]*\n/y
const terminator = /^\\\.\r?$/gm

// What stands on the semicolon's line behind it, psql would take for SQL.
const rowsBehind = (
  text: string,
  { start: semicolon, end }: Token,
  statement: readonly Token[],
): { readonly rows: InlineRows; readonly blank: Stretch } | undefined => {
  if (!isCopyFromStdin(text, statement)) return undefined
  restOfLine.lastIndex = end
  if (!restOfLine.test(text)) return undefined
  const start = restOfLine.lastIndex
  terminator.lastIndex = start
  const last = terminator.exec(text)
  if (last === null) return undefined
  const blank = { start, end: last.index + last[0].length }
  return { rows: { semicolon, start, end: last.index }, blank }
}

const blanked = (text: string, blanks: readonly Stretch[]): string => {
  const pieces: string[] = []
  let at = 0
  for (const { start, end } of blanks) {
    pieces.push(text.slice(at, start), text.slice(start, end).replace(/[^\n]/g, ' '))
    at = end
  }
  return [...pieces, text.slice(at)].join('')
}
