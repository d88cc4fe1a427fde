// `schemagate doctor`: is everything there that a run needs, and what would block it? Reads only; takes no lock.

import { diagnose } from './diagnose.ts'
import { exitCodeOf } from './finding.ts'
import { interrupted } from '../../errors/interruption.ts'
import { SchemagateError, problemsOf } from '../../errors/problem.ts'
import { findingsJson } from './json.ts'
import { renderFindings } from './text.ts'
import { prepareCommand, type Command } from '../prepare.ts'
import { reportFailure } from '../report-failure.ts'

/** Exits as a run would that started now; warnings do not count. */
export const doctor: Command = async (request) => {
  const prepared = await prepareCommand(request)
  const { config, problems, announce, print } = prepared
  const { interruption } = request
  try {
    if (config === undefined) throw new SchemagateError(problems)
    const findings = await diagnose(config, { announce, interruption })
    await print({ text: () => renderFindings(findings), json: () => findingsJson(findings) })
    const exitCode = exitCodeOf(findings)
    const found = findings.flatMap((each) => (each.level === 'problem' ? each.problems : []))
    if (found[0] !== undefined) prepared.logFailure(found[0].title, found[0], exitCode)
    return exitCode
  } catch (error) {
    const found = interruption.aborted
      ? [interrupted(interruption, 'before the answer came')]
      : problemsOf(error)
    return reportFailure(found, prepared)
  }
}
