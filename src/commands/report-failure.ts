// How commands that are not a run tell that they failed: the problems to stdout, in the format that was asked for.

import { exitCodes, gravest } from '../errors/exit-codes.ts'
import type { Problem } from '../errors/problem.ts'
import { problemJson } from '../report/formats/problem-json.ts'
import { renderProblem } from '../report/formats/problem-text.ts'
import { prepareCommand, type CommandRequest, type Prepared } from './prepare.ts'

type Reporting = Pick<Prepared, 'print' | 'logFailure'>

export const reportFailure = async (
  problems: readonly Problem[],
  { print, logFailure }: Reporting,
): Promise<number> => {
  const exitCode = exitCodes[gravest(problems.map(({ category }) => category))]
  const [first] = problems
  if (first !== undefined) logFailure(first.title, first, exitCode)
  await print({
    text: () => `${problems.map(renderProblem).join('\n')}\n`,
    json: () => ({ exit_code: exitCode, problems: problems.map(problemJson) }),
  })
  return exitCode
}

/** A line that names no command: nothing else of it matters. */
export const refuseLine = async (problem: Problem, request: CommandRequest): Promise<number> =>
  reportFailure([problem], await prepareCommand(request))
