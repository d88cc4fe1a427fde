// `schemagate validate`: does the database hold what the services rely on? Reads only; takes no lock.

import { exitCodes } from '../../errors/exit-codes.ts'
import { interrupted } from '../../errors/interruption.ts'
import { SchemagateError, problemsOf } from '../../errors/problem.ts'
import type { Proof } from './check-database.ts'
import { renderProblemBriefly } from '../../report/problem-text.ts'
import { printReport, publishCause, type Report, type ReportFormat } from '../../report/publish.ts'
import { renderProof, proofJson } from './text.ts'
import { renderProofForGithub } from './github.ts'
import { renderProofAsJunit } from './junit.ts'
import { loadRelied, validate } from './validate.ts'
import { prepareCommand, type CommandRequest } from '../prepare.ts'
import { readChoice, withProblems, type Given } from '../definition.ts'
import { proofFormats, readServices, type ProofFormat } from './flags.ts'
import { reportFailure } from '../report-failure.ts'

export const validateContracts = async (line: CommandRequest, given: Given): Promise<number> => {
  const { choice, problems: flagProblems } = readChoice(given, 'format', proofFormats)
  const services = readServices(given)
  const request = withProblems(line, [...flagProblems, ...services.problems])
  const format = choice ?? request.format
  const prepared = prepareCommand(request)
  const { config, problems, redact, announce, migrationsDir, output } = prepared
  const { interruption } = request
  try {
    if (config === undefined) throw new SchemagateError(problems)
    const relied = loadRelied(migrationsDir, services.all)
    const proof = await validate(config, relied, { role: 'validate', announce, interruption })
    const report: Report = {
      text: () => textOf[format](proof),
      textAs: format === 'github' ? 'commands' : 'text',
      json: () => proofJson(proof),
    }
    await printReport(report, plainFormat(format), redact)
    if (proof.violations.length === 0) return exitCodes.ok
    publishCause(renderProof(proof), output, prepared)
    return exitCodes['contract violated']
  } catch (error) {
    const found = interruption.aborted
      ? [interrupted(interruption, 'before the answer came')]
      : problemsOf(error)
    publishCause(found.map(renderProblemBriefly).join('\n'), output, prepared)
    return reportFailure(found, { ...request, format: plainFormat(format) }, redact)
  }
}

const textOf: Readonly<Record<ProofFormat, (proof: Proof) => string | Promise<string>>> = {
  text: renderProof,
  json: () => '',
  github: renderProofForGithub,
  junit: renderProofAsJunit,
}

const plainFormat = (format: ProofFormat): ReportFormat => (format === 'json' ? 'json' : 'text')
