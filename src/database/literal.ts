// Quoting for the simple protocol, which takes no parameters (docs/design/facts.md: a parameter means the extended
// protocol, and that holds a snapshot).

/** A string literal that is safe whatever standard_conforming_strings says. */
export const literal = (value: string): string => {
  const quoted = `'${value.replaceAll("'", "''").replaceAll('\\', '\\\\')}'`
  return value.includes('\\') ? ` E${quoted}` : quoted
}

export const identifier = (name: string): string => `"${name.replaceAll('"', '""')}"`
