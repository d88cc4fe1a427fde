// `schemagate backfill`: fills old rows in small batches, off the gate. It never fails a deployment unless --strict asks for it.

import { runBackfills, type BackfillRequest, type BackfillRun } from './run.ts'
import { problem, type Problem } from '../../errors/problem.ts'
import { backfillsJson, exitCodeOf, problemsIn, renderBackfills, summaryOf } from './report.ts'
import { nowAndThen } from './progress.ts'
import { renderProblemBriefly } from '../../report/formats/problem-text.ts'
import { failureFields } from '../../report/formats/failure-fields.ts'
import { publishCause } from '../../report/publish.ts'
import { durationForm, parseDuration } from '../../sql/duration.ts'
import { prepareCommand, type CommandRequest, type Prepared } from '../prepare.ts'
import { readFlag, withProblems, type ParsedArguments } from '../definition.ts'

const duration = {
  isValid: (value: string) => parseDuration(value) !== undefined,
  form: durationForm,
}

export const backfill = async (line: CommandRequest, parsed: ParsedArguments): Promise<number> => {
  const { value: budget, problems } = readFlag(parsed, 'time-budget', duration)
  const request = withProblems(line, [...problems, ...wrongTogether(parsed)])
  const prepared = await prepareCommand(request)
  const { log, runId, output, print } = prepared
  const timeBudgetMs = budget === undefined ? 0 : (parseDuration(budget)?.ms ?? 0)
  const run = await runOf(prepared, request, {
    which: parsed.isSet('all') ? { kind: 'all' } : { kind: 'named', names: parsed.positionals },
    asked: parsed.isSet('restart') ? 'restart' : 'go on',
    // As in a file, 0 is not a bound.
    timeBudgetMs: timeBudgetMs === 0 ? undefined : timeBudgetMs,
  })
  const exitCode = exitCodeOf(run, parsed.isSet('strict') ? 'strict' : 'lenient')
  const found = problemsIn(run)
  const summary = summaryOf(run, exitCode)
  log({
    level: exitCode > 0 ? 'error' : found.length > 0 ? 'warn' : 'info',
    message: summary,
    fields: failureFields(found[0], {
      exitCode,
      database: prepared.config?.endpoints?.first.database,
    }),
  })
  if (found.length > 0)
    publishCause([...found.map(renderProblemBriefly), summary].join('\n'), output, prepared)
  await print({
    text: () => renderBackfills(run, exitCode),
    json: () => backfillsJson(run, { exitCode, runId }),
  })
  return exitCode
}

const wrongTogether = (parsed: ParsedArguments): readonly Problem[] => {
  if (!parsed.isSet('all')) return []
  if (parsed.isSet('restart')) return [problem('restart-of-all', {})]
  return parsed.positionals.length === 0
    ? []
    : [problem('backfill-not-named', { names: parsed.positionals, given: 'both' })]
}

const runOf = async (
  { config, problems, runId, announce, log, watchedOn }: Prepared,
  { interruption }: CommandRequest,
  request: BackfillRequest,
): Promise<BackfillRun> => {
  if (config === undefined) return { results: [], problems }
  const onBug = ({ stack = '' }: Error): void => {
    log({ level: 'debug', message: stack })
  }
  const context = { interruption, runId, onBug }
  return runBackfills(config, request, {
    ...context,
    announce: watchedOn === 'view' ? announce : nowAndThen(announce, () => performance.now()),
  })
}
