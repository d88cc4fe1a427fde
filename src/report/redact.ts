// The last line of defence for secrets: passwords are kept out of messages by construction, and every text that
// leaves the process passes here all the same.

export type Redact = (text: string) => string

const mask = '***'

// Shorter ones would blot out ordinary words; by construction they are in no message anyway.
const shortestSecret = 4

export const makeRedact = (secrets: readonly string[]): Redact => {
  const spellings = secrets
    .filter((secret) => secret.length >= shortestSecret)
    .flatMap((secret) => [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)])
    // The longest first: a URL holds the password.
    .sort((a, b) => b.length - a.length)
  return (text) => {
    let safe = text
    for (const spelling of spellings) safe = safe.replaceAll(spelling, mask)
    return (
      safe
        // All but the form that our own messages show.
        .replace(/\b(postgres(?:ql)?:\/\/)([^\s'"]+)/gi, (whole, scheme: string, rest: string) =>
          rest.startsWith('<user>') ? whole : scheme + mask,
        )
        .replace(/(\bpassword\s*=\s*)[^\s'"&]+/gi, `$1${mask}`)
        .replace(/(\bpassword\s+)\$(\w*)\$.*?\$\2\$/gis, `$1'${mask}'`)
        .replace(/(\bpassword\s+)(?:E'(?:[^'\n\\]|''|\\.)*'|'(?:[^'\n]|'')*')/gi, `$1'${mask}'`)
    )
  }
}

/**
 * The same for what becomes JSON: every string in it, but no key and no number, so that a password that happens to be a
 * word of ours leaves the JSON readable for machines.
 */
export const redactStrings = (value: unknown, redact: Redact): unknown => {
  if (typeof value === 'string') return redact(value)
  if (Array.isArray(value)) return value.map((each) => redactStrings(each, redact))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [key, redactStrings(each, redact)]),
  )
}
