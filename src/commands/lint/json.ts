// Findings as JSON, for programs. Names are in snake case, like those of the other reports.

import packageJson from '../../../package.json' with { type: 'json' }
import { allFindings, lintExitCode, type LintReport } from './report.ts'

export const lintJson = (report: LintReport): Readonly<Record<string, unknown>> => ({
  tool_version: packageJson.version,
  exit_code: lintExitCode(report),
  files: report.files,
  findings: allFindings(report).map(({ rule, level, file, place, message, effect, cure }) => ({
    rule,
    level,
    file,
    line: place.line,
    column: place.column,
    message,
    effect,
    fix: cure,
  })),
})
