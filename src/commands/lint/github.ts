// Findings as annotations of the files' lines.

import { workflowCommand } from '../../report/formats/github.ts'
import { allFindings, lintSummary, type LintReport } from './report.ts'

export const renderLintForGithub = (report: LintReport): string =>
  [
    ...allFindings(report).map(({ rule, level, file, place, message, effect, cure }) =>
      workflowCommand(level, {
        place: { ...place, file },
        title: rule,
        message: `${message}\n${effect}\nfix: ${cure}`,
      }),
    ),
    lintSummary(report),
  ]
    .map((line) => `${line}\n`)
    .join('')
