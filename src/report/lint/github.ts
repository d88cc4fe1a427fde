// Findings as workflow commands, which GitHub shows beside the lines of a pull request.
// https://docs.github.com/actions/reference/workflow-commands-for-github-actions

import { allFindings, lintSummary, type LintReport } from './report.ts'

export const renderLintForGithub = (report: LintReport): string =>
  [
    ...allFindings(report).map(({ rule, level, file, place, message, effect, cure }) => {
      const properties = {
        ...(file === '' ? {} : { file, line: String(place.line), col: String(place.column) }),
        title: rule,
      }
      const words = Object.entries(properties).map(([key, value]) => `${key}=${property(value)}`)
      return `::${level} ${words.join(',')}::${data(`${message}\n${effect}\nfix: ${cure}`)}`
    }),
    lintSummary(report),
  ]
    .map((line) => `${line}\n`)
    .join('')

// As the runner's own toolkit escapes them.
const data = (text: string): string =>
  text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')

const property = (text: string): string => data(text).replaceAll(':', '%3A').replaceAll(',', '%2C')
