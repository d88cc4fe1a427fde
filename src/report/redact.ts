// The last line of defence for secrets: passwords are kept out of messages by construction, and every text that
// leaves the process passes here anyway.

import { tokenAt } from '../sql/text/tokens.ts'

export type Redact = (text: string) => string

const mask = '***'

// Shorter ones would blot out ordinary words; by construction they are in no message anyway.
const shortestSecret = 4

export const makeRedact = (secrets: readonly string[]): Redact => {
  const known = secrets.filter((secret) => secret.length >= shortestSecret)
  // The longest first: a URL holds the password.
  const spellings = known
    .filter((secret) => !isLikeAWord(secret))
    .flatMap(spellingsOf)
    .sort((a, b) => b.length - a.length)
  const words = known.filter(isLikeAWord).map(asValue)
  return (text) => {
    let safe = text
    for (const spelling of spellings) safe = safe.replaceAll(spelling, mask)
    for (const word of words) safe = safe.replace(word, `$1${mask}`)
    return withoutPasswords(safe)
  }
}

// As it is in a URL, in JSON, and in an SQL literal.
const spellingsOf = (secret: string): readonly string[] => [
  secret,
  encodeURIComponent(secret),
  encodeURIComponent(secret).replace(/%../g, (byte) => byte.toLowerCase()),
  JSON.stringify(secret).slice(1, -1),
  secret.replaceAll("'", "''"),
]

// 'users', 'postgres', 'my-app': also the name of a table, a role or a file, which must stay readable. A long one, or one of
// capitals, small letters and digits, is nobody's name.
const isLikeAWord = (secret: string): boolean =>
  /^[\w.-]{1,15}$/.test(secret) && !/^(?=.*[a-z])(?=.*[A-Z])(?=.*\d).{8,}$/.test(secret)

const passwordName = String.raw`\w*(?:pass(?:word|wd|phrase)?|pwd|secret)["']?`

// Where a word is a value: behind the name of a password, between the colon and the @ of a URL, as all of a quoted literal.
const asValue = (secret: string): RegExp => {
  const word = secret.replaceAll('.', '\\.')
  return new RegExp(
    String.raw`(\b${passwordName}\s*(?:[:=]\s*)?["']?|:(?=[^\s/@]*@)|'(?=${word}'))(?<![\w.-])${word}(?![\w.-])`,
    'gi',
  )
}

const withoutPasswords = (text: string): string =>
  withoutPasswordLiterals(
    text
      // All but the form that our own messages show.
      .replace(/\b(postgres(?:ql)?:\/\/)([^\s'"]+)/gi, (whole, scheme: string, rest: string) =>
        rest.startsWith('<user>') ? whole : scheme + mask,
      )
      // Of any other service, what stands before the host.
      .replace(/\b([a-z][a-z0-9+.-]*:\/\/[^\s/:@'"]*:)(?!<password>@)[^\s/@'"]+@/gi, `$1${mask}@`)
      .replace(
        /(\b\w*password\s*=\s*)(?:''(?:[^'\\]|\\''|\\.)*''|'(?:[^'\\]|\\.|'')*'|"[^"]*"|[^\s'"&]+)/gi,
        `$1${mask}`,
      ),
  )

// Between the word and its literal there may be a line end, a comment, a sign. What follows an open quote is cut off with it.
const beforeLiteral =
  /password\b(?:\s|--[^\n]*\n|\/\*[\s\S]*?\*\/|[=:(,])*(?=(?:e|n|u&)?'|\$\w*\$)/gi

const withoutPasswordLiterals = (text: string): string => {
  let safe = ''
  let upTo = 0
  for (const { index, 0: found } of text.matchAll(beforeLiteral)) {
    const start = index + found.length
    // Inside of a literal that is masked already.
    if (start < upTo) continue
    safe += `${text.slice(upTo, start)}'${mask}'`
    upTo = endOfLiteral(text, start)
  }
  return safe + text.slice(upTo)
}

// In a literal that is within another, its quotes are doubled: EXECUTE 'ALTER ROLE r PASSWORD ''p'''.
const endOfLiteral = (text: string, start: number): number => {
  const nested = /(?:e|n|u&)?((?:'')+)(?=[^\s'),;])/iy
  nested.lastIndex = start
  const quotes = nested.exec(text)?.[1]
  if (quotes === undefined) return tokenAt(text, start).end
  const close = text.indexOf(quotes, nested.lastIndex)
  return close === -1 ? text.length : close + quotes.length
}

/**
 * The same for what becomes JSON: every string in it, but no key and no number, so that a password that happens to be a
 * word of schemagate leaves the JSON readable for machines.
 */
export const redactStrings = (value: unknown, redact: Redact): unknown => {
  if (typeof value === 'string') return redact(value)
  if (Array.isArray(value)) return value.map((each) => redactStrings(each, redact))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [key, redactStrings(each, redact)]),
  )
}
