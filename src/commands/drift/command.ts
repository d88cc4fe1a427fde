// `schemagate drift`: the database against what the recorded files make. Reads only, takes no lock.

import { exitCodes } from '../../errors/exit-codes.ts'
import { interrupted } from '../../errors/interruption.ts'
import { problemsOf, SchemagateError } from '../../errors/problem.ts'
import type { PrintedAs } from '../../report/visible.ts'
import { readChoice, withProblems, type ParsedArguments } from '../definition.ts'
import { prepareCommand, type CommandRequest } from '../prepare.ts'
import { reportFailure } from '../report-failure.ts'
import { compareWithFiles } from './compare.ts'
import { driftFormats, type DriftFormat } from './flags.ts'
import { driftForGithub, driftAsJunit, driftAsSarif } from './formats.ts'
import { driftJson, driftSummary, renderDrift, type DriftReport } from './report.ts'

const texts: Readonly<
  Record<Exclude<DriftFormat, 'json'>, (report: DriftReport) => string | Promise<string>>
> = { text: renderDrift, github: driftForGithub, sarif: driftAsSarif, junit: driftAsJunit }

const readAs: Readonly<Record<DriftFormat, PrintedAs>> = {
  ...{ text: 'text', junit: 'text', github: 'commands', json: 'json', sarif: 'json' },
}

export const drift = async (line: CommandRequest, parsed: ParsedArguments): Promise<number> => {
  const chosen = readChoice(parsed, 'format', driftFormats)
  const request = withProblems(line, chosen.problems)
  const form = chosen.choice ?? (request.format === 'text' ? 'text' : 'json')
  const prepared = await prepareCommand(request)
  const { config, problems, announce, print, logFailure, log } = prepared
  const { interruption } = request
  try {
    if (config === undefined) throw new SchemagateError(problems)
    const report = await compareWithFiles(config, {
      ...{ announce, interruption, by: parsed.isSet('exact') ? 'exact' : 'text' },
      onBug: (error) => {
        log({ level: 'debug', message: error.stack ?? error.message })
      },
    })
    const [first] = report.drift.items
    const exitCode = first === undefined ? exitCodes.ok : exitCodes['contract violated']
    if (first !== undefined)
      logFailure(
        driftSummary(report),
        { code: 'drift', place: first.place, fix: 'schemagate drift shows each difference.' },
        exitCode,
      )
    await print(
      {
        text: () => (form === 'json' ? '' : texts[form](report)),
        textAs: readAs[form],
        json: () => driftJson(report, exitCode),
      },
      form === 'json' ? (request.format === 'text' ? 'json' : request.format) : 'text',
    )
    return exitCode
  } catch (error) {
    const found = interruption.aborted
      ? [interrupted(interruption, 'before the answer came')]
      : problemsOf(error)
    return reportFailure(found, prepared)
  }
}
