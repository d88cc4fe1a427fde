// PostgreSQL's lexer as far as literals, comments and names go: for texts that may be cut off in the middle, that are not
// ours, or that are looked at where no parser is loaded. libpg-query's own scan() refuses a text with an open quote, which is
// what the server hands out of a long query; where it reads a text, this reads the same (test/unit/sql/tokens.test.ts).
// https://www.postgresql.org/docs/current/sql-syntax-lexical.html

type TokenKind =
  'blank' | 'comment' | 'string' | 'quoted name' | 'word' | 'number' | 'parameter' | 'sign'

export type Token = {
  readonly kind: TokenKind
  /** String indexes. */
  readonly start: number
  readonly end: number
  /** `open`: the text ends before the token does. */
  readonly state: 'closed' | 'open'
  /** Of a string: a backslash escapes what follows it; or, as in B'01', there is no doubled quote. */
  readonly quoting?: 'escapes' | 'bits' | undefined
}

type Span = { readonly from: number; readonly to: number }

/** All of a text, or of a span that begins with a token: they follow each other without a gap. Never throws. */
export const tokensOf = (
  sql: string,
  { from, to }: Span = { from: 0, to: sql.length },
): readonly Token[] => {
  const tokens: Token[] = []
  for (let at = from; at < to;) {
    const token = tokenAt(sql, at, tokens)
    tokens.push(token)
    at = token.end
  }
  return tokens
}

// Each is tried at one place only (the flag y); the first that matches counts.
const plain: readonly (readonly [TokenKind, RegExp])[] = [
  ['blank', /[ \t\n\r\f\v]+/y],
  ['comment', /--[^\n\r]*/y],
  ['parameter', /\$\d+/y],
  [
    'number',
    /0[xX][\da-fA-F_]+|0[oO][0-7_]+|0[bB][01_]+|(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/y,
  ],
  ['word', /[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*/y],
]

const stringStart = /(?:[eEbBxXnN]|[uU]&)?'/y
const quotedNameStart = /(?:[uU]&)?"/y
const dollarStart = /\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$/y

/** The token that begins at an index; `before` are those in front of it, for a literal that goes on over several lines. */
export const tokenAt = (sql: string, at: number, before: readonly Token[] = []): Token => {
  // Most characters begin none of what is looked for first.
  const first = sql.charAt(at)
  return (
    (mayQuote.includes(first) ? quotedAt(sql, at, before) : undefined) ??
    (sql.startsWith('/*', at) ? blockComment(sql, at) : plainAt(sql, at))
  )
}

const mayQuote = `'"$eEbBxXnNuU`

const quotedAt = (sql: string, at: number, before: readonly Token[]): Token | undefined => {
  const string = matchAt(stringStart, sql, at)
  if (string !== undefined) {
    const quoting =
      string === "'" ? continued(sql, before) : quotings[string.charAt(0).toLowerCase()]
    const end = ends[quoting ?? 'plain']
    return quoted(sql, at, { kind: 'string', from: at + string.length, end, quoting })
  }
  const name = matchAt(quotedNameStart, sql, at)
  if (name !== undefined)
    return quoted(sql, at, { kind: 'quoted name', from: at + name.length, end: endOfName })
  const dollar = matchAt(dollarStart, sql, at)
  if (dollar === undefined) return undefined
  const close = sql.indexOf(dollar, at + dollar.length)
  return close === -1
    ? { kind: 'string', start: at, end: sql.length, state: 'open' }
    : { kind: 'string', start: at, end: close + dollar.length, state: 'closed' }
}

const plainAt = (sql: string, at: number): Token => {
  for (const [kind, pattern] of plain) {
    const text = matchAt(pattern, sql, at)
    if (text !== undefined) return { kind, start: at, end: at + text.length, state: 'closed' }
  }
  return { kind: 'sign', start: at, end: at + 1, state: 'closed' }
}

const matchAt = (pattern: RegExp, sql: string, at: number): string | undefined => {
  pattern.lastIndex = at
  return pattern.exec(sql)?.[0]
}

const quotings: Readonly<Record<string, Token['quoting']>> = { e: 'escapes', b: 'bits', x: 'bits' }

// What follows the opening quote, up to and with the closing one.
const ends = {
  plain: /[^']*(?:''[^']*)*'(?!')/y,
  escapes: /[^'\\]*(?:(?:''|\\[\s\S])[^'\\]*)*'(?!')/y,
  bits: /[^']*'/y,
} as const
const endOfName = /[^"]*(?:""[^"]*)*"(?!")/y

type Quoted = Pick<Token, 'kind' | 'quoting'> & { readonly from: number; readonly end: RegExp }

const quoted = (sql: string, start: number, { kind, from, end, quoting }: Quoted): Token => {
  end.lastIndex = from
  const isClosed = end.test(sql)
  return {
    kind,
    start,
    end: isClosed ? end.lastIndex : sql.length,
    state: isClosed ? 'closed' : 'open',
    quoting,
  }
}

// A literal goes on in a further pair of quotes on a later line, and as what it began: E'a' on one line, 'b\'c' on the next.
const continued = (sql: string, before: readonly Token[]): Token['quoting'] => {
  let lineEnds = false
  for (let index = before.length - 1; index >= 0; index--) {
    const token = before[index]
    if (token?.kind === 'string') return lineEnds ? token.quoting : undefined
    if (token?.kind === 'blank') lineEnds ||= /[\n\r]/.test(sql.slice(token.start, token.end))
    else if (token?.kind !== 'comment' || sql.startsWith('/*', token.start)) return undefined
  }
  return undefined
}

// They nest.
const blockComment = (sql: string, start: number): Token => {
  const edge = /\/\*|\*\//g
  edge.lastIndex = start + 2
  for (let depth = 1; ;) {
    const found = edge.exec(sql)
    if (found === null) return { kind: 'comment', start, end: sql.length, state: 'open' }
    depth += found[0] === '/*' ? 1 : -1
    if (depth === 0) return { kind: 'comment', start, end: edge.lastIndex, state: 'closed' }
  }
}
