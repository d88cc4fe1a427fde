// What an alert needs of a failure, as fields of one line of the log: the same for every command.

import type { Problem } from '../../errors/problem.ts'

export type Failure = {
  readonly code: string
  readonly place?: Problem['place'] | undefined
  readonly facts?: Problem['facts']
  readonly fix: string
}

type Ending = { readonly exitCode: number; readonly database?: string | undefined }

export const failureFields = (
  failure: Failure | undefined,
  { exitCode, database }: Ending,
): Readonly<Record<string, unknown>> => {
  if (failure === undefined) return { exit_code: exitCode, database }
  const { code, place, facts = {}, fix } = failure
  return {
    ...{ exit_code: exitCode, database, code },
    file: place?.file ?? textIn(facts, 'file'),
    ...{ line: place?.line, column: place?.column, sqlstate: textIn(facts, 'sqlstate') },
    next_step: fix,
  }
}

const textIn = (facts: Problem['facts'], name: string): string | undefined => {
  const value = facts[name]
  return typeof value === 'string' ? value : undefined
}
