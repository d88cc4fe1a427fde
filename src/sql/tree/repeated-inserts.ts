// A text of hundreds of thousands of statements is one that a program wrote: INSERTs of constants, which differ in nothing else. Each
// of such a form is parsed once. What tells them apart are the server's own tokens, so a statement of a form that has been parsed is
// one that parses; what lies between them is parsed as it is.
//
// That a text may be cut at a semicolon, follows from its being read from the start: a chunk that parses by itself ends where a
// statement ends, for inside a literal, a comment or a body it would not parse. When one does not, the text is read as one.

import type { Node } from 'libpg-query'
import { tokenAt, type Token } from '../text/tokens.ts'

/** String indexes, with the semicolon. */
type Chunk =
  | { readonly kind: 'sql'; readonly start: number; readonly end: number }
  | {
      readonly kind: 'insert'
      /** Of its first word. */
      readonly start: number
      readonly end: number
      /** Its tokens, with a sign for each constant, and rows of one form said once. */
      readonly form: string
    }

/** Texts that are smaller are read as one: it takes no time that anybody notices. */
export const isLarge = (text: string): boolean => text.length > 1_000_000

const mostOfChunk = 250_000

/** All of a text, in its order. */
export function* chunksOf(text: string): Generator<Chunk> {
  let from = 0
  for (let at = 0; at < text.length;) {
    const { form, start, end } = nextStatement(text, at)
    if (form !== undefined) {
      if (at > from) yield { kind: 'sql', start: from, end: at }
      yield { kind: 'insert', start, end, form }
      from = end
    } else if (end - from > mostOfChunk) {
      yield { kind: 'sql', start: from, end }
      from = end
    }
    at = end
  }
  if (text.length > from) yield { kind: 'sql', start: from, end: text.length }
}

type Statement = {
  readonly start: number
  readonly end: number
  /** Of an INSERT of constants. */
  readonly form: string | undefined
}

const nextStatement = (text: string, from: number): Statement => {
  const reader = makeReader()
  let start = -1
  let before: Token[] = []
  for (let at = from; at < text.length;) {
    const token = tokenAt(text, at, before)
    at = token.end
    const { kind } = token
    if (kind === 'blank' || kind === 'comment') {
      if (before.length > 0) before.push(token)
      continue
    }
    before = kind === 'string' ? [token] : []
    if (start === -1) start = token.start
    const word = text.slice(token.start, token.end)
    if (kind === 'sign' && word === ';') return { start, end: at, form: reader.form() }
    reader.read(kind, kind === 'word' ? word.toLowerCase() : word)
  }
  return { start, end: text.length, form: undefined }
}

type Reader = {
  /** Words are in lower case. */
  readonly read: (kind: Token['kind'], word: string) => void
  readonly form: () => string | undefined
}

const constant = '?'
const constantWords = ['null', 'true', 'false']

// INSERT INTO name [(names)] VALUES (constant[::type], …)[, (…) …]
const makeReader = (): Reader => {
  let part: 'head' | 'rows' | 'other' = 'head'
  let depth = 0
  const head: string[] = []
  const rows: string[] = []
  let row: string[] = []
  const readHead = (kind: Token['kind'], word: string): void => {
    const isName = kind === 'word' || kind === 'quoted name'
    const expected = ['insert', 'into'][head.length]
    if (expected !== undefined ? word !== expected : !isName && !'.(),'.includes(word))
      part = 'other'
    else if (word === 'values' && depth === 0) part = 'rows'
    head.push(word)
  }
  const readRow = (kind: Token['kind'], word: string): void => {
    const isName = kind === 'word' || kind === 'quoted name'
    const isConstant =
      kind === 'string' || kind === 'number' || (isName && constantWords.includes(word))
    const isType = isName && (row.at(-1) === ':' || row.at(-1)?.startsWith('::') === true)
    if (depth === 0 && word === ',') return
    if (isType) row.push(`::${word}`)
    else if (isConstant && depth === 1 && row.at(-1) !== constant) row.push(constant)
    else if (depth === (word === ')' ? 0 : 1) && '(),-:'.includes(word)) row.push(word)
    else if (depth === 1 && word === 'default') row.push(word)
    else part = 'other'
    if (depth > 0 || word !== ')') return
    const said = row.join(' ')
    if (rows.at(-1) !== said) rows.push(said)
    row = []
  }
  return {
    read: (kind, word) => {
      if (part === 'other') return
      if (word === '(') depth += 1
      if (word === ')') depth -= 1
      if (part === 'head') readHead(kind, word)
      else readRow(kind, word)
    },
    form: () =>
      part === 'rows' && depth === 0 && rows.length > 0 && row.length === 0
        ? [...head, ...rows].join(' ')
        : undefined,
  }
}

/** The tree of an INSERT as that of any other of its form: what it says of no constant holds for all of them. */
export const withoutConstants = (tree: Node): Node => replaced(tree, false) as Node

const replaced = (tree: unknown, isValue: boolean): unknown => {
  if (Array.isArray(tree)) return tree.map((each) => replaced(each, isValue))
  if (typeof tree !== 'object' || tree === null) return tree
  if (isValue && 'A_Const' in tree) return { ParamRef: { number: 1 } }
  return Object.fromEntries(
    Object.entries(tree).map(([key, part]) => [
      key,
      replaced(part, isValue || key === 'valuesLists'),
    ]),
  )
}

/** Places in the tree of a chunk, in bytes, to those in the text that it begins so many bytes behind. */
export const movePlaces = (tree: unknown, bytes: number): void => {
  if (typeof tree !== 'object' || tree === null) return
  const node = tree as Record<string, unknown>
  for (const [key, part] of Object.entries(node)) {
    if (typeof part === 'object') movePlaces(part, bytes)
    else if (key === 'location' && typeof part === 'number') node[key] = part + bytes
  }
}
