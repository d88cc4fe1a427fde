// The flags that only `lint` has: they are no variables, since they belong to one call and not to an environment.

import { problem, type Problem } from '../errors/problem.ts'
import type { CommandRequest } from './command.ts'

export const lintFormats = ['text', 'json', 'github', 'sarif', 'junit'] as const
export type LintFormat = (typeof lintFormats)[number]

export type LintRequest = CommandRequest & {
  readonly lintFormat: LintFormat
  /** A version, or a git ref: only findings of files behind it, or changed since it. */
  readonly since: string | undefined
}

export const lintFlags = {
  format: {
    type: 'string',
    describe: `form of the report (${lintFormats.join(' | ')}; default text)`,
  },
  since: {
    type: 'string',
    describe:
      'only findings of files behind this version (0109), or new or changed since this git ref',
  },
} as const

/** The values of the flags as the command line has them; whatever is wrong with them joins the request's problems. */
export const lintRequest = (
  request: CommandRequest,
  given: { readonly format: unknown; readonly since: unknown },
): LintRequest => {
  const format = typeof given.format === 'string' ? given.format : request.format
  const lintFormat = lintFormats.find((each) => each === format)
  const since = typeof given.since === 'string' ? given.since : undefined
  return {
    ...request,
    lintFormat: lintFormat ?? 'text',
    since,
    problems: [
      ...request.problems,
      ...(lintFormat === undefined ? [malformed('--format', format, orList(lintFormats))] : []),
      ...(since === '' ? [malformed('--since', since, 'a version or a git ref')] : []),
    ],
  }
}

const malformed = (name: string, value: string, form: string): Problem =>
  problem('malformed-value', {
    name,
    value: value === '' ? undefined : value,
    reason: value === '' ? 'needs a value' : 'is not valid',
    form,
  })

const orList = (words: readonly string[]): string =>
  `${words.slice(0, -1).join(', ')} or ${words.at(-1) ?? ''}`
