// Keeps the values in SQL out of what is printed: all of them where the SQL is somebody else's, and in our own files those of
// statements that have to do with secrets. Knows no configured password: those are masked in report/redact.ts.

import { tokensOf, type Token } from './tokens.ts'

// What a statement that holds a secret says somewhere: in its words, in a name, in a comment, inside a function's body.
const secretive =
  /passw|pwd|passphrase|secret|token|credential|api_?key|private_?key|crypt|hmac|conninfo|dblink|\bset_config\b(?!\s*\(\s*'[a-z_]+'\s*,)|\bconnection\b|\buser\s+mapping\b|\bserver\b|\bprogram\b/i

const mayHoldSecrets = (sql: string): boolean => secretive.test(sql)

/** Somebody else's query on one line, without its values and comments. It may be cut off at its end. */
export const withoutLiterals = (query: string): string => {
  const shown = (token: Token): string => {
    const text = query.slice(token.start, token.end)
    if (token.kind === 'string') return "'…'"
    if (token.kind === 'number') return '…'
    return token.kind === 'blank' || token.kind === 'comment' ? ' ' : text
  }
  const tokens = tokensOf(query)
  const unsure = tokens.findIndex((token) => isUnsure(query, token))
  const sure = unsure === -1 ? tokens : tokens.slice(0, unsure)
  const words = sure.map(shown).join('').replace(/ +/g, ' ').trim()
  return unsure === -1 ? words : `${words} '…'`.trimStart()
}

/**
 * SQL with the values of its secretive statements blotted out, character for character, so that every place stays what it was.
 */
export const hideSecrets = (sql: string): string => {
  if (!mayHoldSecrets(sql)) return sql
  let shown = ''
  let upTo = 0
  for (const { start, end } of secretSpans(sql)) {
    shown += sql.slice(upTo, start) + blot(sql.slice(start, end))
    upTo = end
  }
  return shown + sql.slice(upTo)
}

/** What hideSecrets() blots out, in every spelling in which the server may repeat it. */
const secretValues = (sql: string): readonly string[] => {
  if (!mayHoldSecrets(sql)) return []
  const spellings = secretSpans(sql).flatMap(({ start, end }) => {
    const text = sql.slice(start, end)
    const bare = text.replace(/^(?:[a-z]|u&)?'|^\$\w*\$|'$|\$\w*\$$/gi, '')
    return [text, bare, bare.replaceAll("''", "'"), bare.replace(/\\(.)/gs, '$1')]
  })
  return [...new Set(spellings)].filter((each) => each !== '')
}

type Span = { readonly start: number; readonly end: number }

// In their order, and none within another.
const secretSpans = (sql: string): readonly Span[] => {
  const spans: Span[] = []
  const lastMention = [...sql.matchAll(new RegExp(secretive, 'gi'))].at(-1)?.index ?? -1
  for (const statement of statementsOf(sql)) {
    const start = statement[0]?.start ?? 0
    const end = statement.at(-1)?.end ?? 0
    const unsure = statement.find((token) => isUnsure(sql, token))
    if (unsure !== undefined && start <= lastMention) {
      const before = statement.filter((token) => token.start < unsure.start)
      return [...spans, ...before.filter(isString), { start: unsure.start, end: sql.length }]
    }
    if (!mayHoldSecrets(sql.slice(start, end))) continue
    const bare = unquotedPassword(sql, statement)?.start ?? end
    spans.push(
      ...statement.filter(
        (token) => isString(token) || (token.start >= bare && sql[token.start] !== ';'),
      ),
    )
  }
  return spans
}

const isString = ({ kind }: Token): boolean => kind === 'string'

const statementsOf = (sql: string): readonly (readonly Token[])[] => {
  const statements: Token[][] = [[]]
  for (const token of tokensOf(sql)) {
    statements.at(-1)?.push(token)
    if (token.kind === 'sign' && sql[token.start] === ';') statements.push([])
  }
  return statements
}

// A text that was cut off; or a backslash before a quote, which ends the literal or does not, as standard_conforming_strings
// says: from there on nothing is certain.
const isUnsure = (sql: string, { kind, start, end, state, quoting }: Token): boolean =>
  state === 'open' ||
  (kind === 'string' &&
    quoting !== 'escapes' &&
    sql.slice(start, end).includes("\\'") &&
    sql[start] !== '$')

// ALTER ROLE app PASSWORD hunter2: the server refuses it, and repeats it.
const unquotedPassword = (sql: string, statement: readonly Token[]): Token | undefined => {
  const telling = statement.filter(({ kind }) => kind !== 'blank' && kind !== 'comment')
  const word = (index: number): string => {
    const token = telling[index]
    return token === undefined ? '' : sql.slice(token.start, token.end).toLowerCase()
  }
  if (!/^(?:create|alter) (?:role|user|group)$/.test(`${word(0)} ${word(1)}`)) return undefined
  const at = telling.findIndex((_, index) => word(index) === 'password')
  const next = at === -1 ? undefined : telling[at + 1]
  return next === undefined || isString(next) || [';', 'null'].includes(word(at + 1))
    ? undefined
    : next
}

// The index and the line of everything else stay what they are.
const blot = (text: string): string => text.replace(/[^\n\r\t]/g, '*')

// More than any message that somebody wrote to be read.
const mostRead = 65_536

/**
 * For what the server or the parser says about this SQL: without the values of its secretive statements, which an error repeats
 * ('at or near "'hunter2'"', 'Failing row contains (1, hunter2)'), and without the literals of secretive SQL that it quotes.
 */
export const wordsAbout = (sql: string): ((words: string) => string) => {
  let values: readonly string[] | undefined
  return (words) => {
    if (words.length > mostRead && mayHoldSecrets(sql))
      return `(${words.length} characters about a statement that may hold secrets)`
    values ??= [...secretValues(sql)].sort((a, b) => b.length - a.length)
    let safe = words
    for (const value of values)
      safe = value.startsWith("'") ? safe.replaceAll(value, "'***'") : maskedValue(safe, value)
    return withoutQuotedSecrets(safe)
  }
}

/** Words that may quote SQL: where it is secretive, nothing is left between its first quote and its last. */
export const withoutQuotedSecrets = (words: string): string => {
  if (!mayHoldSecrets(words)) return words
  if (words.length > mostRead) return `(${words.length} characters that may hold secrets)`
  return withoutDollarQuoted(words.replace(/'.*'/s, "'***'"))
}

// No pattern with a reference back: it would read all words again for each tag, of which a server may send thousands.
const withoutDollarQuoted = (words: string): string => {
  const tags = [...words.matchAll(/(?=(\$\w*\$))/g)].map(({ 1: tag = '', index }) => ({
    tag,
    index,
  }))
  const last = new Map(tags.map(({ tag, index }) => [tag, index]))
  const lastOf = (tag: string): number => last.get(tag) ?? 0
  const first = tags.find(({ tag, index }) => lastOf(tag) >= index + tag.length)
  if (first === undefined) return words
  return `${words.slice(0, first.index)}'***'${words.slice(lastOf(first.tag) + first.tag.length)}`
}

// In quotes, in brackets, between commas: as a value and not as a part of a word.
// No pattern: a value may be the megabytes of a body.
const maskedValue = (text: string, value: string): string =>
  text
    .split(value)
    .reduce((safe, piece) =>
      /(?:^|["'(=]|, )$/.test(safe.slice(-2)) && /^(?:$|["'),])/.test(piece.slice(0, 1))
        ? `${safe}***${piece}`
        : `${safe}${value}${piece}`,
    )
