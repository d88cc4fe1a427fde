// The comments that begin with two dashes, as PostgreSQL's lexer finds them: what looks like one inside a literal, a quoted
// name, a dollar-quoted body or a block comment is none. Needs no parser, because it is asked at every start.
// https://www.postgresql.org/docs/current/sql-syntax-lexical.html

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
  let index = 0
  for (;;) {
    opening.lastIndex = index
    const match = opening.exec(text)
    if (match === null) return found
    const [token] = match
    const behind = opening.lastIndex
    if (token.startsWith('--')) found.push({ start: match.index, text: token })
    const end = token.startsWith('--') ? behind : endOf(text, token, behind)
    if (end === undefined) return [...found, ...dashesFrom(text, behind)]
    index = end
  }
}

// A letter before a quote makes it another kind of literal, and a dollar within a name opens no body.
const opening =
  /--[^\n\r]*|\/\*|'|"|\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$|[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*'?/g

/** Where what a token opens is over; undefined where it never is. */
const endOf = (text: string, token: string, from: number): number | undefined => {
  if (token === '/*') return endOfBlock(text, from)
  if (token.startsWith('$')) return after(text, token, from)
  if (token === '"') return endOfQuote(text, '"', from)
  if (/^e'$/i.test(token)) return endOfEscapes(text, from)
  return token.endsWith("'") ? endOfQuote(text, "'", from) : from
}

const after = (text: string, what: string, from: number): number | undefined => {
  const at = text.indexOf(what, from)
  return at === -1 ? undefined : at + what.length
}

const endOfQuote = (text: string, quote: string, from: number): number | undefined => {
  let end = after(text, quote, from)
  while (end !== undefined && text[end] === quote) end = after(text, quote, end + 1)
  return end
}

const endOfEscapes = (text: string, from: number): number | undefined => {
  const next = /['\\]/g
  next.lastIndex = from
  for (let match = next.exec(text); match !== null; match = next.exec(text)) {
    const behind = next.lastIndex
    if (match[0] === '\\' || text[behind] === "'") next.lastIndex = behind + 1
    else {
      // A literal goes on behind a line end, and so does its kind.
      const [more = ''] = /^\s*'/.exec(text.slice(behind, behind + 1_000)) ?? []
      if (!/[\n\r]/.test(more)) return behind
      next.lastIndex = behind + more.length
    }
  }
  return undefined
}

const endOfBlock = (text: string, from: number): number | undefined => {
  const next = /\/\*|\*\//g
  next.lastIndex = from
  let depth = 1
  for (let match = next.exec(text); match !== null; match = next.exec(text)) {
    depth += match[0] === '/*' ? 1 : -1
    if (depth === 0) return next.lastIndex
  }
  return undefined
}

const dashesFrom = (text: string, from: number): readonly LineComment[] =>
  [...text.slice(from).matchAll(/--[^\n\r]*/g)].map((match) => ({
    start: from + match.index,
    text: match[0],
  }))
