// How a run ended, in every form that somebody waits for: a line of the log, REPORT_FILE, TERMINATION_LOG, stdout.

import { outcomeFields, outcomeJson } from './outcome-json.ts'
import type { Outcome } from './outcome.ts'
import { progressLines, renderEnd, renderOutcome, summary } from './outcome-text.ts'
import { renderProblemBriefly } from '../../../report/formats/problem-text.ts'
import { publishCause, writeReportFile } from '../../../report/publish.ts'
import type { Prepared } from '../../prepare.ts'
import { renderViolationBriefly } from '../../validate/report/violations-text.ts'

export const publish = async (
  outcome: Outcome,
  { output, log, redact, print }: Pick<Prepared, 'output' | 'log' | 'redact' | 'print'>,
): Promise<void> => {
  log({
    level: outcome.kind === 'failed' ? 'error' : 'info',
    message: summary(outcome),
    fields: outcomeFields(outcome),
  })
  const json = outcomeJson(outcome)
  writeReportFile(json, output, { log, redact })
  publishCause(cause(outcome), output, { log, redact })
  await print({
    text: () => renderOutcome(outcome),
    textBelowView: () => renderEnd(outcome),
    json: () => json,
  })
}

// What fits a screen at a glance.
const mostLines = 10

// The counts of the run are in the report too: they go first where there is no room.
const cause = (outcome: Outcome): string => {
  const said = [
    ...outcome.problems.map(renderProblemBriefly),
    ...(outcome.contractCheck?.violations ?? []).map(renderViolationBriefly),
  ]
  const progress = progressLines(outcome)
  const lines = said.join('\n').split('\n').length + progress.length + 1
  return [...said, ...(lines > mostLines ? [] : progress), summary(outcome)].join('\n')
}
