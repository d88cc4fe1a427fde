// One line to stderr, and what it may contain.

export type Fields = Readonly<Record<string, string | number>>

/** The text, then the fields as name=value. */
export const log = (text: string, fields: Fields = {}): void => {
  const pairs = Object.entries(fields).map(
    ([name, value]) => ` ${name}=${quoteIfOdd(String(value))}`,
  )
  process.stderr.write(`${text}${pairs.join('')}\n`)
}

/** The SQLSTATE or Node's code. Messages stay out of logs: they repeat hosts, paths and values. */
export const codeOf = (error: unknown): string => {
  if (!(error instanceof Error)) return 'unknown'
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name
}

// A line feed in a call_sid would forge a second line.
const quoteIfOdd = (value: string): string =>
  /^[\w.+:-]+$/.test(value) ? value : JSON.stringify(value)
