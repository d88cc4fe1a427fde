// SARIF 2.1.0, for code scanning. The only module that knows node-sarif-builder, loaded only for this format.

import type { Region } from 'sarif'
import packageJson from '../../../package.json' with { type: 'json' }
import type { Place } from '../../errors/problem.ts'

export type SarifRule = {
  readonly id: string
  readonly title: string
  readonly description?: string
  readonly level?: 'error' | 'warning'
  readonly enabled?: boolean
}

export type SarifResult = {
  readonly rule: string
  readonly level: 'error' | 'warning'
  readonly message: string
  readonly place: Place | undefined
}

export const renderSarif = async (
  rules: readonly SarifRule[],
  results: readonly SarifResult[],
): Promise<string> => {
  const { SarifBuilder, SarifResultBuilder, SarifRuleBuilder, SarifRunBuilder } =
    await import('node-sarif-builder')
  const run = new SarifRunBuilder({ columnKind: 'unicodeCodePoints' }).initSimple({
    toolDriverName: packageJson.name,
    toolDriverVersion: packageJson.version,
  })
  for (const { id, title, description, level, enabled } of rules)
    run.addRule(
      new SarifRuleBuilder(
        level === undefined
          ? {}
          : { id, defaultConfiguration: { level, enabled: enabled ?? true } },
      ).initSimple({
        ruleId: id,
        shortDescriptionText: title,
        ...(description === undefined ? {} : { fullDescriptionText: description }),
      }),
    )
  for (const { rule, level, message: messageText, place } of results) {
    const result = new SarifResultBuilder().initSimple({ level, ruleId: rule, messageText })
    if (place !== undefined) {
      result.setLocationArtifactUri({ uri: encodeURI(place.file), uriBaseId: '%SRCROOT%' })
      result.setLocationRegion(regionOf(place))
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
const regionOf = ({ line, column, excerpt }: Place): Region => ({
  startLine: line,
  startColumn: column,
  endLine: line,
  endColumn: Math.max(column, Array.from(excerpt).length + 1),
})
