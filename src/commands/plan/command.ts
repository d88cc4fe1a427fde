// `schemagate plan` and `schemagate adopt --dry-run`: what would be done now, and why. Writes nothing, takes no lock.

import { exitCodes } from '../../errors/exit-codes.ts'
import { interrupted } from '../../errors/interruption.ts'
import { SchemagateError, problemsOf } from '../../errors/problem.ts'
import { planJson } from './plan-json.ts'
import { renderPlan } from './plan-text.ts'
import type { Intent } from '../../reconcile/assessment.ts'
import { previewRun } from './preview.ts'
import type { ParsedArguments } from '../definition.ts'
import { prepareCommand, type CommandRequest } from '../prepare.ts'
import { reportFailure } from '../report-failure.ts'

const previewAs =
  (intent: Intent) =>
  async (request: CommandRequest, parsed: ParsedArguments): Promise<number> => {
    const prepared = await prepareCommand(request)
    const { config, problems, announce, print } = prepared
    const { interruption } = request
    try {
      if (config === undefined) throw new SchemagateError(problems)
      const found = await previewRun(config, {
        ...{ announce, interruption, intent },
        trust: parsed.isSet('trust-ledger') ? 'trusted' : 'checked',
      })
      const detail = intent === 'adopt' || parsed.isSet('verbose') ? 'verbose' : 'brief'
      await print({ text: () => renderPlan(found, detail), json: () => planJson(found) })
      const [refusal] = found.refusals
      if (refusal === undefined) return exitCodes.ok
      prepared.logFailure(refusal.title, refusal, exitCodes.refused)
      return exitCodes.refused
    } catch (error) {
      const found = interruption.aborted
        ? [interrupted(interruption, 'before the answer came')]
        : problemsOf(error)
      return reportFailure(found, prepared)
    }
  }

export const plan = previewAs('run')
export const adoptDryRun = previewAs('adopt')
