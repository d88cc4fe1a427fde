// Are two SQL texts the same, word for word? Case, space, the schema public, the cast of a whole literal to its column's type
// and a second pair of brackets around a CHECK do not count; what is quoted does. Texts that differ may still mean the same:
// then the server decides (commands/validate/compare-on-server.ts), at the price of a second round trip.

export const sameSqlText = (a: string, b: string, searchPath: readonly string[]): boolean =>
  words(a, searchPath) === words(b, searchPath)

const words = (text: string, searchPath: readonly string[]): string =>
  unwrapped(
    withoutCast(text.trim())
      .split(/('(?:[^']|'')*'|"(?:[^"]|"")*")/)
      .map((each, index) => (index % 2 === 1 ? each : plain(each, searchPath)))
      .join(''),
  )

// The server writes the default 'inbound' of a varchar as 'inbound'::character varying.
const withoutCast = (text: string): string =>
  /^('(?:[^']|'')*')::[\w ."]+(?:\([\d,]+\))?(?:\[\])*$/.exec(text)?.[1] ?? text

const plain = (text: string, searchPath: readonly string[]): string => {
  const spaced = text
    .toLowerCase()
    .replace(/\s+/g, ' ')
    .replace(/ ?([(),=<>]) ?/g, '$1')
  return searchPath.includes('public') ? spaced.replace(/\bpublic\./g, '') : spaced
}

const doubled = /^check\(\((.*)\)\)$/

// CHECK (a > 0) is shown as CHECK ((a > 0)); but the outer brackets of ((a) or (b)) are none.
const unwrapped = (text: string): string => {
  const inner = doubled.exec(text)?.[1]
  return inner !== undefined && isBalanced(inner) ? `check(${inner})` : text
}

const isBalanced = (text: string): boolean => {
  let depth = 0
  for (const each of text.replace(/'(?:[^']|'')*'|"(?:[^"]|"")*"/g, '')) {
    if (each === '(') depth++
    if (each === ')') depth--
    if (depth < 0) return false
  }
  return depth === 0
}
