// Findings as JUnit XML: a test case for each file, failed by its errors, with its warnings as output. The one door to
// junit-report-builder, loaded only for this format.

import packageJson from '../../../package.json' with { type: 'json' }
import { allFindings, type LintReport } from './report.ts'
import { renderFinding } from './text.ts'

export const renderLintAsJunit = async (report: LintReport): Promise<string> => {
  const { default: loaded } = await import('junit-report-builder')
  // Its types speak of an ES module; what Node loads is the builder itself.
  const junit = (loaded as unknown as typeof loaded.default).newBuilder()
  const suite = junit.testSuite().name(`${packageJson.name} lint`)
  const findings = allFindings(report)
  // What concerns no file that could be read has a case of its own.
  const named = [...new Set([...report.files, ...findings.map(({ file }) => file)])]
  for (const file of named) {
    const own = findings.filter((finding) => finding.file === file)
    const errors = own.filter(({ level }) => level === 'error')
    const warnings = own.filter(({ level }) => level === 'warning')
    const test = suite
      .testCase()
      .className('migrations')
      .name(legal(file === '' ? packageJson.name : file))
    if (file !== '') test.file(legal(file))
    // A test case fails once, so that all errors of a file are one failure.
    if (errors.length > 0)
      test
        .failure(legal(errors.map(({ message }) => message).join('; ')), errors[0]?.rule)
        .stacktrace(legal(errors.map(renderFinding).join('\n\n')))
    if (warnings.length > 0) test.standardOutput(legal(warnings.map(renderFinding).join('\n\n')))
  }
  return `${junit.build()}\n`
}

// XML 1.0 has no way to write these.
const legal = (text: string): string =>
  text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '?')
