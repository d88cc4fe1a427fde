// The only module that knows libpg-query, PostgreSQL's own parser as WebAssembly. It takes 20 ms to load, so it is
// imported only when something is pending (docs/design/facts.md).

import type { Node } from 'libpg-query'
import { loadPart } from '../../errors/part.ts'
import { dumpPartsOf, isDump, type DumpParts, type RowsMark } from '../text/dump-parts.ts'
import { utf8, type Naming } from './naming.ts'
import { isLarge, movePlaces, chunksOf, withoutConstants } from './repeated-inserts.ts'
import { byteOffsets, indexOfCharacter } from '../text/offsets.ts'
import { wordsAbout } from '../text/secrets.ts'
import { readableNames } from './written-names.ts'

/** One statement: its parse tree and where its text is in the file, as string indexes. */
export type ParsedStatement = {
  readonly node: Node
  readonly start: number
  readonly end: number
  /** Of COPY … FROM stdin: the mark of the rows that follow it in the file. */
  readonly rows?: RowsMark
}

export type ParseResult =
  | {
      readonly kind: 'parsed'
      readonly statements: readonly ParsedStatement[]
      /** As long as the text, without what in it is for psql; undefined where all of it is SQL. */
      readonly sql?: string
    }
  | {
      readonly kind: 'unreadable'
      readonly message: string
      readonly index: number
      /** As above. */
      readonly sql?: string
    }

export type Parse = (text: string) => ParseResult

/** Reads no text twice: for the files of a run, which are looked at by several modules. */
export const rememberParsed = (parse: Parse): Parse => {
  const results = new Map<string, ParseResult>()
  return (text) => {
    const result = results.get(text) ?? parse(text)
    results.set(text, result)
    return result
  }
}

/**
 * Loads the parser. The function it yields never throws for bad SQL: what it cannot read is a value. The names in its trees are
 * those that a server of this naming makes of what is written.
 */
export const loadParser = async (naming: Naming = utf8): Promise<Parse> => {
  const { hasSqlDetails, loadModule, parseSync } = await loadPart(
    'SQL parser',
    import('libpg-query'),
  )
  await loadPart('SQL parser', loadModule())
  const parse: Parse = (written) => {
    // libpg-query refuses the empty string with a plain Error; PostgreSQL itself takes it.
    if (written.trim() === '') return { kind: 'parsed', statements: [] }
    if (overflows === mostOverflows) return wornOut
    const { text, restore, restoreIn } = readableNames(written, naming)
    try {
      const indexAt = byteOffsets(text)
      const statements = (parseSync(text).stmts ?? []).flatMap(
        ({ stmt, stmt_location = 0, stmt_len }): ParsedStatement[] => {
          if (stmt === undefined) return []
          const start = indexAt(stmt_location)
          const end = stmt_len === undefined ? text.length : indexAt(stmt_location + stmt_len)
          return [{ node: stmt, start, end }]
        },
      )
      const deep = statements.find(({ node }) => isDeeper(node, deepest))
      if (deep !== undefined) return tooDeep(deep.start)
      restore(statements)
      return { kind: 'parsed', statements }
    } catch (error) {
      if (isOverflow(error)) {
        overflows += 1
        return tooDeep(0)
      }
      if (!hasSqlDetails(error)) throw error
      // The parser's cursor counts characters from 0; the server's position counts them from 1.
      const index = indexOfCharacter(text, Math.max(0, error.sqlDetails?.cursorPosition ?? 0))
      return { kind: 'unreadable', message: wordsAbout(written)(restoreIn(error.message)), index }
    }
  }
  const read: Parse = (text) => (isLarge(text) ? parseLarge(text, parse) : undefined) ?? parse(text)
  return (text) => {
    // The parser would take a mark for the end of the text.
    const parsed = text.includes('\0') || isDump(text) ? undefined : read(text)
    if (parsed?.kind === 'parsed') return parsed
    // What is for psql stops the parser; a file of SQL alone is read once. A dump may have what is not for every server.
    const parts = dumpPartsOf(text)
    return parts === undefined ? (parsed ?? read(text)) : withRows(read(parts.sql), parts)
  }
}

/** Undefined for a text that has to be read as one. */
const parseLarge = (text: string, parse: Parse): ParseResult | undefined => {
  const known = new Map<string, Node>()
  const statements: ParsedStatement[] = []
  let [bytes, counted] = [0, 0]
  for (const chunk of chunksOf(text)) {
    const { start, end } = chunk
    const form = chunk.kind === 'insert' ? chunk.form : undefined
    const node = form === undefined ? undefined : known.get(form)
    if (node !== undefined) statements.push({ node, start, end: end - 1 })
    else {
      const parsed = parse(text.slice(start, end))
      if (parsed.kind === 'unreadable') return undefined
      bytes += Buffer.byteLength(text.slice(counted, start))
      counted = start
      movePlaces(parsed.statements, bytes)
      for (const each of parsed.statements)
        statements.push({ node: each.node, start: each.start + start, end: each.end + start })
      const [only] = parsed.statements
      if (form !== undefined && only !== undefined) known.set(form, withoutConstants(only.node))
    }
  }
  return { kind: 'parsed', statements }
}

const withRows = (parsed: ParseResult, { sql, rows }: DumpParts): ParseResult => {
  if (parsed.kind === 'unreadable') return { ...parsed, sql }
  return { kind: 'parsed', sql, statements: parsed.statements.map(withOwn(rows)) }
}

// Rows follow the semicolon of their COPY.
const withOwn =
  (rows: readonly RowsMark[]) =>
  (statement: ParsedStatement, index: number, all: readonly ParsedStatement[]): ParsedStatement => {
    const nextEnd = all[index + 1]?.end ?? Infinity
    const own = rows.find(({ at }) => at > statement.end && at < nextEnd)
    return own === undefined ? statement : { ...statement, rows: own }
  }

// In levels of the parse tree, of which an operator takes two and a subquery seven. All that walks a tree recurses: it must
// not come to the end of the stack of Node.js, which takes some 4,000.
const deepest = 1_500

const isDeeper = (tree: object, levels: number): boolean =>
  levels === 0 ||
  Object.values(tree).some(
    (part: unknown) => typeof part === 'object' && part !== null && isDeeper(part, levels - 1),
  )

// The server's stack is larger than the parser's, and its own: it is none the worse for it.
const tooDeep = (index: number): ParseResult => ({
  kind: 'unreadable',
  message: 'a statement is nested too deeply',
  index,
})

// At the end of the stack of Node.js the parser leaves on its own stack what nobody removes again. After 24 such statements it
// overwrites its memory, and then refuses every text, or reads without end. All who load the parser share that memory.
const mostOverflows = 8
let overflows = 0

const wornOut: ParseResult = {
  kind: 'unreadable',
  message: 'the parser gave up after too many statements that are nested too deeply',
  index: 0,
}

const isOverflow = (error: unknown): boolean =>
  error instanceof RangeError || (error instanceof Error && error.name === 'RuntimeError')
