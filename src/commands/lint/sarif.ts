// Findings as SARIF.

import { rules } from '../../lint/rules/rules.ts'
import { renderSarif } from '../../report/formats/sarif.ts'
import { allFindings, type LintReport } from './report.ts'

export const renderLintAsSarif = (report: LintReport): Promise<string> =>
  renderSarif(
    [
      ...rules.map(({ id, level, onlyWith, title, condition, effect }) => ({
        ...{ id, level, title, enabled: onlyWith === undefined },
        description: `${condition} ${effect}`,
      })),
      ...[...new Set(report.problems.map(({ code }) => code))].map((id) => ({ id, title: id })),
    ],
    allFindings(report).map(({ rule, level, file, place, message, effect, cure }) => ({
      ...{ rule, level, message: `${message}\n${effect}\nfix: ${cure}` },
      place: file === '' ? undefined : { ...place, file },
    })),
  )
