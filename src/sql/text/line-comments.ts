// The comments that begin with two dashes, as PostgreSQL's lexer finds them: what looks like one inside a literal, a quoted
// name, a dollar-quoted body or a block comment is none. Needs no parser, because it is asked at every start; and for the same
// reason it has only those tokens read that something can hide in.

import { tokenAt, tokensOf, type Token } from './tokens.ts'

export type LineComment = {
  readonly start: number
  /** From its dashes to the end of its line. */
  readonly text: string
}

/**
 * In their order. From a quote or comment on that is never closed (no server takes such a text) every '--' counts: what a
 * caller looks for must not hide behind a mistake.
 */
export const lineComments = (text: string): readonly LineComment[] => {
  const found: LineComment[] = []
  let last: Token | undefined
  for (let at = 0; ;) {
    opening.lastIndex = at
    const match = opening.exec(text)
    if (match === null) return found
    at = opening.lastIndex
    if (isWord(match[0])) continue
    const token = tokenAt(text, match.index, before(text, match.index, last))
    if (token.state === 'open') return [...found, ...dashesFrom(text, token.start + 1)]
    const own = text.slice(token.start, token.end)
    if (own.startsWith('--')) found.push({ start: token.start, text: own })
    if (token.kind === 'string') last = token
    at = token.end
  }
}

// A letter before a quote makes it another kind of literal, and a dollar within a name opens no body.
const opening =
  /--|\/\*|'|"|\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$|[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*'?/g

const isWord = (opened: string): boolean => /^[^-/'"$]/.test(opened) && !opened.endsWith("'")

/** What shows whether a quote goes on with the last literal, and as what: only one that is not plain matters. */
const before = (text: string, at: number, last: Token | undefined): readonly Token[] =>
  last?.quoting === undefined || text[at] !== "'"
    ? []
    : [last, ...tokensOf(text, { from: last.end, to: at })]

const dashesFrom = (text: string, from: number): readonly LineComment[] =>
  [...text.slice(from).matchAll(/--[^\n\r]*/g)].map((match) => ({
    start: from + match.index,
    text: match[0],
  }))
