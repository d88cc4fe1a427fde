// Findings for a terminal: the place with a caret, what it does, what to write instead.

import type { Finding } from '../../lint/finding.ts'
import { lintSummary, type LintReport } from './report.ts'
import { renderPlace, renderProblem } from '../../report/problem-text.ts'
import { continued } from '../../report/visible.ts'

export const renderLint = (report: LintReport): string =>
  [
    ...report.problems.map(renderProblem),
    ...report.findings.map(renderFinding),
    ...(report.findings.length === 0 ? [] : [wayOut]),
    // A command that was not understood has looked at nothing.
    ...(report.problems.some(({ category }) => category === 'usage') ? [] : [lintSummary(report)]),
  ]
    .map((part) => `${part}\n`)
    .join('\n')

const wayOut = 'Intended? Accept a finding at the top of its file: -- @allow <rule> <reason>'

export const renderFinding = ({ rule, level, place, message, effect, cure }: Finding): string =>
  [
    `${level}[${rule}]: ${continued(message)}`,
    ...renderPlace(place),
    `  effect: ${continued(effect)}`,
    `  fix: ${cure.replaceAll('\n', '\n    ')}`,
  ].join('\n')
