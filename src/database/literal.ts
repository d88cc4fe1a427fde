// Quoting for the simple protocol, which takes no parameters (docs/design/facts.md: a parameter means the extended
// protocol, and that holds a snapshot).

import { randomBytes } from 'node:crypto'

/** A string literal that is safe whatever standard_conforming_strings says. */
export const literal = (value: string): string => {
  const quoted = `'${value.replaceAll("'", "''").replaceAll('\\', '\\\\')}'`
  return value.includes('\\') ? ` E${quoted}` : quoted
}

/** The same between dollars: for a long text, of which quoting would double each quote. */
export const dollarQuoted = (value: string): string => {
  let tag = '$s$'
  while (`${value}${tag}`.indexOf(tag) < value.length) tag = `$s${randomBytes(6).toString('hex')}$`
  return `${tag}${value}${tag}`
}

export const identifier = (name: string): string => `"${name.replaceAll('"', '""')}"`
