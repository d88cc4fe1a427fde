// `schemagate run`: migrate, then publish how it ended.

import { migrate } from '../migrate.ts'
import { failedOutcome, type Outcome } from '../report/outcome.ts'
import { publish, removeReport } from '../report/publish.ts'
import { prepareCommand, type Command, type CommandRequest, type Prepared } from './command.ts'

export const run: Command = async (request) => {
  const prepared = prepareCommand(request)
  // A report of an earlier run must not stand for this one, should this one be killed.
  if (prepared.config !== undefined) removeReport(prepared.output)
  const outcome = await outcomeOf(prepared, request)
  await publish(outcome, request.format, prepared.output, prepared)
  return outcome.exitCode
}

const outcomeOf = async (
  { config, problems, runId, announce, log }: Prepared,
  { interruption }: CommandRequest,
): Promise<Outcome> => {
  if (config === undefined)
    return failedOutcome(problems, { runId, startedAtMs: performance.now() })
  return migrate(config, {
    announce,
    interruption,
    runId,
    onBug: (error) => {
      log({ level: 'debug', message: error.stack ?? error.message })
    },
  })
}
