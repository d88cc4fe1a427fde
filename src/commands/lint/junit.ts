// Findings as JUnit XML: a test case for each file, failed by its errors, with its warnings as output.

import packageJson from '../../../package.json' with { type: 'json' }
import { renderJunit, type JunitCase } from '../../report/formats/junit.ts'
import { allFindings, type LintReport } from './report.ts'
import { renderFinding } from './text.ts'

export const renderLintAsJunit = (report: LintReport): Promise<string> => {
  const findings = allFindings(report)
  // What concerns no file that could be read has a case of its own.
  const named = [...new Set([...report.files, ...findings.map(({ file }) => file)])]
  const cases = named.map((file): JunitCase => {
    const own = findings.filter((finding) => finding.file === file)
    const errors = own.filter(({ level }) => level === 'error')
    const warnings = own.filter(({ level }) => level === 'warning')
    return {
      className: 'migrations',
      name: file === '' ? packageJson.name : file,
      file: file === '' ? undefined : file,
      // A test case fails once, so that all errors of a file are one failure.
      failure:
        errors.length === 0
          ? undefined
          : {
              message: errors.map(({ message }) => message).join('; '),
              type: errors[0]?.rule,
              text: errors.map(renderFinding).join('\n\n'),
            },
      output: warnings.length === 0 ? undefined : warnings.map(renderFinding).join('\n\n'),
    }
  })
  return renderJunit(`${packageJson.name} lint`, cases)
}
