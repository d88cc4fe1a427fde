// The exit codes of docs/design/exit-codes.md. compose, Kubernetes and CI decide by them, so a number never
// changes its meaning; 69 and 75 are EX_UNAVAILABLE and EX_TEMPFAIL of sysexits.h.

export const exitCodes = {
  ok: 0,
  'migration failed': 1,
  usage: 2,
  'contract violated': 3,
  refused: 4,
  bug: 5,
  unreachable: 69,
  'try again': 75,
  SIGINT: 130,
  SIGTERM: 143,
} as const

export type ExitCategory = keyof typeof exitCodes

/** Every way a run can end badly, the gravest first: the first one found decides the exit code. */
const byGravity: readonly ExitCategory[] = [
  'bug',
  'SIGTERM',
  'SIGINT',
  'usage',
  'refused',
  'migration failed',
  'contract violated',
  'unreachable',
  'try again',
]

export const gravest = (categories: readonly ExitCategory[]): ExitCategory =>
  byGravity.find((category) => categories.includes(category)) ?? 'ok'
