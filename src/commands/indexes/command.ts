// `schemagate indexes`: builds the declared indexes. It fails no deployment, unless --strict says that it may.

import { exitCodes, gravest } from '../../errors/exit-codes.ts'
import { interrupted } from '../../errors/interruption.ts'
import { SchemagateError, problemsOf } from '../../errors/problem.ts'
import type { IndexesResult } from './build-all.ts'
import { buildDeclared } from './build-declared.ts'
import { allProblems, indexesJson, renderIndexes } from './report.ts'
import { failureFields } from '../../report/formats/failure-fields.ts'
import { publishCause } from '../../report/publish.ts'
import { prepareCommand, type CommandRequest } from '../prepare.ts'
import { readFlag, withProblems, type ParsedArguments } from '../definition.ts'
import { reportFailure } from '../report-failure.ts'

export const buildIndexes = async (
  line: CommandRequest,
  parsed: ParsedArguments,
): Promise<number> => {
  const { value = '1', problems: flagProblems } = readFlag(parsed, 'parallel', {
    isValid: (text) => /^[1-9]\d?$/.test(text),
    form: 'a number from 1 to 99',
  })
  const request = withProblems(line, flagProblems)
  const prepared = await prepareCommand(request)
  const { config, problems, announce, log, output, print } = prepared
  const { interruption } = request
  if (config === undefined) return reportFailure(problems, prepared)
  let result: IndexesResult
  try {
    result = await buildDeclared(config, { announce, interruption, parallel: Number(value) })
  } catch (error) {
    if (!(error instanceof SchemagateError) && !interruption.aborted)
      return reportFailure(problemsOf(error), prepared)
    const found = interruption.aborted
      ? [interrupted(interruption, 'before the indexes were looked at')]
      : problemsOf(error)
    result = { indexes: [], problems: found }
  }
  const found = allProblems(result)
  const grave = exitCodes[gravest(found.map(({ category }) => category))]
  const exitCode =
    found.length === 0 || !(parsed.isSet('strict') || interruption.aborted) ? exitCodes.ok : grave
  const database = config.endpoints?.first.database
  for (const each of found)
    log({ level: 'warn', message: each.title, fields: failureFields(each, { exitCode, database }) })
  const report = { ...result, exitCode }
  if (found.length > 0) publishCause(renderIndexes(report).trimEnd(), output, prepared)
  await print({ text: () => renderIndexes(report), json: () => indexesJson(report) })
  return exitCode
}
