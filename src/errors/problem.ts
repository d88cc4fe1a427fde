// What went wrong, as a value: facts plus the four things an operator asks at 3 a.m. (what, where, what
// happened to the database, what to do). One class carries problems through the code that must throw.

import type { ExitCategory } from './exit-codes.ts'
import { registry } from './registry.ts'

/** A place in a file. Lines and columns count from 1, columns in characters. */
export type Place = {
  readonly file: string
  readonly line: number
  readonly column: number
  /** The line at that place, for the caret. */
  readonly excerpt: string
}

export type ProblemCode = keyof typeof registry

type FactsOf<Code extends ProblemCode> = Parameters<(typeof registry)[Code]['title']>[0]

export type Problem = {
  readonly code: ProblemCode
  readonly category: ExitCategory
  readonly facts: Readonly<Record<string, unknown>>
  readonly place?: Place
  readonly title: string
  /** Further lines: the server's own words, what was expected and what was found. */
  readonly detail: readonly string[]
  /** What happened to the database. */
  readonly database: string
  /** What to do: the exact command or SQL where there is one. */
  readonly fix: string
}

export const problem = <Code extends ProblemCode>(
  code: Code,
  facts: FactsOf<Code> & Readonly<Record<string, unknown>>,
  place?: Place,
): Problem => {
  // The registry is indexed by the very code that types the facts; TypeScript cannot correlate the two.
  const definition = registry[code] as unknown as {
    category: ExitCategory
    title: (facts: FactsOf<Code>) => string
    detail: (facts: FactsOf<Code>) => readonly string[]
    database: string | ((facts: FactsOf<Code>) => string)
    fix: (facts: FactsOf<Code>) => string
  }
  return {
    code,
    category: definition.category,
    facts,
    ...(place === undefined ? {} : { place }),
    title: definition.title(facts),
    detail: definition.detail(facts),
    database:
      typeof definition.database === 'string' ? definition.database : definition.database(facts),
    fix: definition.fix(facts),
  }
}

export class SchemagateError extends Error {
  override readonly name = 'SchemagateError'
  readonly problems: readonly Problem[]

  constructor(problems: readonly Problem[], options?: ErrorOptions) {
    super(problems.map((each) => each.title).join('; '), options)
    this.problems = problems
  }
}

/** Throws one error with a single problem: the common case of code that cannot go on. */
export const fail = <Code extends ProblemCode>(
  code: Code,
  facts: FactsOf<Code> & Readonly<Record<string, unknown>>,
  cause?: unknown,
): never => {
  throw new SchemagateError([problem(code, facts)], { cause })
}

/** Whatever was thrown: our own error with its problems, anything else is a bug in schemagate. */
export const problemsOf = (error: unknown): readonly Problem[] => {
  if (error instanceof SchemagateError) return error.problems
  const { name, message } = error instanceof Error ? error : new Error(String(error))
  // What nobody expected may name a file by its absolute path.
  return [problem('bug', { name, message: message.replace(/(?:\/[\w.@-]+)+\/(?=[\w.@-])/g, '') })]
}
