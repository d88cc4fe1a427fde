// Findings for a terminal: the place with a caret, what it does, what to write instead. What is found at many places in the same
// words is said once.

import type { Finding } from '../../lint/finding.ts'
import { lintSummary, type LintReport } from './report.ts'
import { renderPlace, renderProblem } from '../../report/formats/problem-text.ts'
import { continued, oneLine } from '../../report/visible.ts'

export const renderLint = (report: LintReport): string =>
  [
    ...report.problems.map(renderProblem),
    ...grouped(report.findings).map(renderFindings),
    ...(report.findings.length === 0 ? [] : [wayOut]),
    // A command that was not understood has looked at nothing.
    ...(report.problems.some(({ category }) => category === 'usage') ? [] : [lintSummary(report)]),
  ]
    .map((part) => `${part}\n`)
    .join('\n')

const wayOut = 'Intended? Accept a finding at the top of its file: -- @allow <rule> <reason>'

export const renderFinding = (finding: Finding): string => renderFindings([finding])

const renderFindings = ([first, ...others]: Group): string => {
  const { rule, level, place, message, effect, cure } = first
  const count = others.length === 0 ? '' : ` (${others.length + 1} places)`
  return [
    `${level}[${rule}]: ${continued(message)}${count}`,
    ...renderPlace(place),
    ...others.map((other) => {
      const { file, line, column } = other.place
      const words = other.message === message ? '' : `  ${continued(other.message)}`
      return `  --> ${oneLine(file)}:${line}:${column}${words}`
    }),
    `  effect: ${continued(effect)}`,
    `  fix: ${cure.replaceAll('\n', '\n    ')}`,
  ].join('\n')
}

type Group = readonly [Finding, ...Finding[]]

/** Those whose effect and cure are the same, in the order of the first of each. */
const grouped = (findings: readonly Finding[]): readonly Group[] => {
  const groups = new Map<string, [Finding, ...Finding[]]>()
  for (const finding of findings) {
    const { rule, level, effect, cure } = finding
    const key = JSON.stringify([rule, level, effect, cure])
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [finding])
    else group.push(finding)
  }
  return [...groups.values()]
}
