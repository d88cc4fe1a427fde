// The flags that only `lint` has.

import type { CommandRequest } from '../prepare.ts'
import { readChoice, readFlag, withProblems, type ParsedArguments } from '../definition.ts'

export const lintFormats = ['text', 'json', 'github', 'sarif', 'junit'] as const
export type LintFormat = (typeof lintFormats)[number]

export type LintRequest = CommandRequest & {
  readonly lintFormat: LintFormat
  /** A version, or a git ref: only findings of files behind it, or changed since it. */
  readonly since: string | undefined
  /** Rules that are looked for only when they are asked for. */
  readonly also: readonly 'unguarded'[]
}

export const lintFlags = {
  format: {
    type: 'string',
    describe: `form of the report (${lintFormats.join(' | ')}; default text)`,
  },
  since: {
    type: 'string',
    describe:
      'only findings in files after this version (0109), or new or changed since this git ref',
  },
  unguarded: {
    type: 'boolean',
    describe: 'also find statements that fail when they are run again (unguarded-statement)',
  },
} as const

/** The values of the flags; whatever is wrong with them joins the request's problems. */
export const lintRequest = (request: CommandRequest, parsed: ParsedArguments): LintRequest => {
  const format = readChoice(parsed, 'format', lintFormats)
  const since = readFlag(parsed, 'since', { isValid: () => true, form: 'a version or a git ref' })
  return {
    ...withProblems(request, [...format.problems, ...since.problems]),
    lintFormat: format.choice ?? (request.format === 'text' ? 'text' : 'json'),
    since: since.value,
    also: parsed.isSet('unguarded') ? ['unguarded'] : [],
  }
}
