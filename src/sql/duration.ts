// Durations as PostgreSQL writes them: '120s', '2min', '0.5h'. The two timeouts have types of their own, so
// that one is never set from the other.

export type Duration = { readonly ms: number; readonly text: string }
export type LockTimeout = Duration & { readonly brand: 'lock_timeout' }
export type StatementTimeout = Duration & { readonly brand: 'statement_timeout' }

const unitMs: Readonly<Record<string, number>> = {
  us: 0.001,
  ms: 1,
  s: 1_000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
}

// Without a unit PostgreSQL reads milliseconds; who writes MIGRATION_STATEMENT_TIMEOUT=120 means seconds.
// So the unit is required, and only a bare 0 (off) goes without. The same form is the JSON Schema pattern.
export const durationPattern = '^(0|(\\d+(\\.\\d+)?)\\s*(us|ms|s|min|h|d))$'
export const durationForm =
  "a number with PostgreSQL's unit (us, ms, s, min, h, d), such as 500ms, 5s, 2min or 0.5h, and at most 24d; 0 turns it off"

// The largest timeout that the server takes: 2^31-1 milliseconds, almost 25 days.
const largestMs = 2_147_483_647

/** Undefined for what is not a duration, or out of the server's range. Rounds up to whole milliseconds. */
export const parseDuration = (text: string): Duration | undefined => {
  const match = new RegExp(durationPattern).exec(text)
  if (match === null) return undefined
  const ms = Math.ceil(Number(match[2] ?? 0) * (unitMs[match[4] ?? 'ms'] ?? 0))
  return ms > largestMs ? undefined : { ms, text: text.replace(/\s+/, '') }
}

export const parseLockTimeout = (text: string): LockTimeout | undefined =>
  parseDuration(text) as LockTimeout | undefined

export const parseStatementTimeout = (text: string): StatementTimeout | undefined =>
  parseDuration(text) as StatementTimeout | undefined
