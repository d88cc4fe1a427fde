// Findings as SARIF 2.1.0, for code scanning. The only module that knows node-sarif-builder, loaded only for this format.

import type { Region } from 'sarif'
import packageJson from '../../../package.json' with { type: 'json' }
import type { Finding } from '../../lint/finding.ts'
import { rules } from '../../lint/rules/rules.ts'
import { allFindings, type LintReport } from './report.ts'

export const renderLintAsSarif = async (report: LintReport): Promise<string> => {
  const { SarifBuilder, SarifResultBuilder, SarifRuleBuilder, SarifRunBuilder } =
    await import('node-sarif-builder')
  const run = new SarifRunBuilder({ columnKind: 'unicodeCodePoints' }).initSimple({
    toolDriverName: packageJson.name,
    toolDriverVersion: packageJson.version,
  })
  for (const { id, level, onlyWith, title, condition, effect } of rules)
    run.addRule(
      new SarifRuleBuilder({
        id,
        defaultConfiguration: { level, enabled: onlyWith === undefined },
      }).initSimple({
        ruleId: id,
        shortDescriptionText: title,
        fullDescriptionText: `${condition} ${effect}`,
      }),
    )
  for (const code of new Set(report.problems.map((problem) => problem.code)))
    run.addRule(new SarifRuleBuilder().initSimple({ ruleId: code, shortDescriptionText: code }))
  for (const finding of allFindings(report)) {
    const { rule, level, file, message, effect, cure } = finding
    const messageText = `${message}\n${effect}\nfix: ${cure}`
    const result = new SarifResultBuilder().initSimple({ level, ruleId: rule, messageText })
    if (file !== '') {
      result.setLocationArtifactUri({ uri: encodeURI(file), uriBaseId: '%SRCROOT%' })
      result.setLocationRegion(regionOf(finding))
    }
    run.addResult(result)
  }
  const builder = new SarifBuilder()
  builder.addRun(run)
  const sarif = {
    ...builder.buildSarifOutput(),
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
  }
  return `${JSON.stringify(sarif, undefined, 2)}\n`
}

// From the place to the end of its line.
const regionOf = ({ place: { line, column, excerpt } }: Finding): Region => ({
  startLine: line,
  startColumn: column,
  endLine: line,
  endColumn: Math.max(column, Array.from(excerpt).length + 1),
})
