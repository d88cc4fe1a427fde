// Findings as JSON. Names are in snake case, like the ledger's columns.

import packageJson from '../../../package.json' with { type: 'json' }
import { exitCodes } from '../../errors/exit-codes.ts'
import { exitCodeOf, type Finding } from './finding.ts'
import { problemJson } from '../../report/formats/problem-json.ts'

export const findingsJson = (findings: readonly Finding[]): Readonly<Record<string, unknown>> => ({
  tool_version: packageJson.version,
  exit_code: exitCodeOf(findings),
  findings: findings.map((finding) => {
    const { level, topic, sentence, detail, advice } = finding
    const own = { level, topic: topic.replaceAll(' ', '_'), sentence, detail, advice }
    return finding.level === 'problem'
      ? {
          ...own,
          exit_code: exitCodes[finding.category],
          problems: finding.problems.map(problemJson),
        }
      : own
  }),
})
