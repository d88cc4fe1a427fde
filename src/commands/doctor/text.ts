// Findings for people: a line for each with its level, what it is about in detail, and what to do.

import { exitCodeOf, type Finding, type Level } from './finding.ts'
import { renderProblem } from '../../report/formats/problem-text.ts'
import { continued } from '../../report/visible.ts'

export const renderFindings = (findings: readonly Finding[]): string =>
  [...findings.flatMap(linesOf), summaryOf(findings), ''].join('\n')

const levels: readonly Level[] = ['problem', 'warning', 'note', 'ok']
const levelWidth = 9
const margin = ' '.repeat(levelWidth)

const linesOf = (finding: Finding): readonly string[] => {
  const { level, topic, sentence, detail, advice } = finding
  const problems = finding.level === 'problem' ? finding.problems : []
  return [
    `${level.padEnd(levelWidth)}${topic}: ${continued(sentence)}`,
    ...detail.map((line) => `${margin}  ${continued(line)}`),
    ...problems.map((each) => `${margin}${renderProblem(each).replaceAll('\n', `\n${margin}`)}`),
    ...(advice === undefined ? [] : [`${margin}do: ${continued(advice)}`]),
  ]
}

const summaryOf = (findings: readonly Finding[]): string => {
  const counts = levels.flatMap((level) => {
    const count = findings.filter((each) => each.level === level).length
    if (count === 0) return []
    return [`${count} ${level}${level !== 'ok' && count > 1 ? 's' : ''}`]
  })
  const exitCode = exitCodeOf(findings)
  const meaning = exitCode === 0 ? 'a run could start' : `a run would fail (exit code ${exitCode})`
  return `schemagate doctor: ${counts.join(', ')}; ${meaning}; nothing was changed`
}
