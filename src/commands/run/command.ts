// `schemagate run` and `schemagate adopt`: migrate, then publish how it ended.

import { startCourse } from '../../database/ledger/course.ts'
import { migrate } from './migrate.ts'
import type { ClaimTrust } from '../../reconcile/claims/check-claims.ts'
import type { Intent } from '../../reconcile/assessment.ts'
import { failedOutcome, type Outcome } from './outcome/outcome.ts'
import { publish } from './outcome/publish-outcome.ts'
import { removeReport } from '../../report/publish.ts'
import { prepareCommand, type Command, type CommandRequest, type Prepared } from '../prepare.ts'

const migrateAs =
  (intent: Intent, trust: ClaimTrust): Command =>
  async (request) => {
    const prepared = await prepareCommand(request)
    // A report of an earlier run must not stand for this one, should this one be killed.
    if (prepared.config !== undefined) removeReport(prepared.output)
    const outcome = await outcomeOf(prepared, request, { intent, trust })
    await publish(outcome, prepared)
    return outcome.exitCode
  }

export const run = migrateAs('run', 'checked')
export const adopt = migrateAs('adopt', 'checked')
export const adoptTrusting = migrateAs('adopt', 'trusted')

const outcomeOf = async (
  { config, problems, runId, announce, log }: Prepared,
  { interruption }: CommandRequest,
  { intent, trust }: { readonly intent: Intent; readonly trust: ClaimTrust },
): Promise<Outcome> => {
  if (config === undefined) return failedOutcome(problems, startCourse(runId))
  const onBug = (error: Error): void => {
    log({ level: 'debug', message: error.stack ?? error.message })
  }
  const outcome = await migrate(config, { announce, interruption, runId, onBug }, intent, trust)
  return { ...outcome, database: config.endpoints?.first.database }
}
