// `schemagate validate`: does the database hold what the services rely on? Reads only; takes no lock.

import { exitCodes } from '../../errors/exit-codes.ts'
import { interrupted } from '../../errors/interruption.ts'
import { SchemagateError, problemsOf } from '../../errors/problem.ts'
import type { ContractCheck } from './check-database.ts'
import { renderProblemBriefly } from '../../report/formats/problem-text.ts'
import { publishCause, type Report, type ReportFormat } from '../../report/publish.ts'
import { renderContractCheck, contractCheckJson } from './report/text.ts'
import { violationFailure } from './report/violations-json.ts'
import { renderContractCheckForGithub } from './report/github.ts'
import { renderContractCheckAsJunit } from './report/junit.ts'
import { loadContractSet, validate } from './validate.ts'
import { prepareCommand, type CommandRequest } from '../prepare.ts'
import { readChoice, withProblems, type ParsedArguments } from '../definition.ts'
import { validateFormats, readServices, type ValidateFormat } from './flags.ts'
import { reportFailure } from '../report-failure.ts'

export const validateContracts = async (
  line: CommandRequest,
  parsed: ParsedArguments,
): Promise<number> => {
  const { choice, problems: flagProblems } = readChoice(parsed, 'format', validateFormats)
  const services = readServices(parsed)
  const request = withProblems(line, [...flagProblems, ...services.problems])
  const format = choice ?? (line.format === 'text' ? 'text' : 'json')
  const prepared = await prepareCommand(request)
  const { config, problems, announce, output } = prepared
  const { interruption } = request
  const print = (report: Report): Promise<void> =>
    prepared.print(report, reportFormat(format, line.format))
  try {
    if (config === undefined) throw new SchemagateError(problems)
    const contractSet = loadContractSet(prepared, announce, services.all)
    const contractCheck = await validate(config, contractSet, {
      role: 'validate',
      announce,
      interruption,
    })
    const report: Report = {
      text: () => textOf[format](contractCheck),
      textAs: format === 'github' ? 'commands' : 'text',
      json: () => contractCheckJson(contractCheck),
    }
    const [violation] = contractCheck.violations
    await print(report)
    if (violation === undefined) return exitCodes.ok
    const exitCode = exitCodes['contract violated']
    prepared.logFailure(violation.why, violationFailure(violation), exitCode)
    publishCause(renderContractCheck(contractCheck), output, prepared)
    return exitCode
  } catch (error) {
    const found = interruption.aborted
      ? [interrupted(interruption, 'before the answer came')]
      : problemsOf(error)
    publishCause(found.map(renderProblemBriefly).join('\n'), output, prepared)
    return reportFailure(found, { ...prepared, print })
  }
}

const textOf: Readonly<
  Record<ValidateFormat, (contractCheck: ContractCheck) => string | Promise<string>>
> = {
  text: renderContractCheck,
  json: () => '',
  github: renderContractCheckForGithub,
  junit: renderContractCheckAsJunit,
}

/** A format that is asked for by its name goes before the one that the log has. */
const reportFormat = (format: ValidateFormat, asked: ReportFormat): ReportFormat => {
  if (format !== 'json') return 'text'
  return asked === 'text' ? 'json' : asked
}
