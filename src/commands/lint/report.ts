// What lint found, as one value. Text, JSON, GitHub's annotations, SARIF, JUnit and the exit code are rendered from it.

import { exitCodes, gravest } from '../../errors/exit-codes.ts'
import type { Problem } from '../../errors/problem.ts'
import { findingOf, type Finding } from '../../lint/finding.ts'

export type LintReport = {
  /** What kept files from being read as migrations, or the command from being understood. */
  readonly problems: readonly Problem[]
  readonly findings: readonly Finding[]
  /** The files that were asked about. */
  readonly files: readonly string[]
}

export const lintExitCode = ({ problems, findings }: LintReport): number =>
  exitCodes[
    gravest([
      ...problems.map(({ category }) => category),
      ...(findings.some(({ level }) => level === 'error') ? (['refused'] as const) : []),
    ])
  ]

/** For formats that know findings only: problems are errors among them. */
export const allFindings = ({ problems, findings }: LintReport): readonly Finding[] => [
  ...problems.map(findingOf),
  ...findings,
]

/** '3 findings: 1 error, 2 warnings in 55 files' */
export const lintSummary = (report: LintReport): string => {
  const found = allFindings(report)
  const errors = found.filter(({ level }) => level === 'error').length
  const levels = `${some(errors, 'error')}, ${some(found.length - errors, 'warning')}`
  return `${some(found.length, 'finding')}: ${levels} in ${some(report.files.length, 'file')}`
}

const some = (count: number, thing: string): string => `${count} ${thing}${count === 1 ? '' : 's'}`
