// What validating found, for people and as JSON.

import packageJson from '../../../../package.json' with { type: 'json' }
import { exitCodes } from '../../../errors/exit-codes.ts'
import type { ContractCheck } from '../check-database.ts'
import { holding } from '../../../report/contracts-of.ts'
import { violationJson } from './violations-json.ts'
import { renderViolations, violationSummary } from './violations-text.ts'

export const renderContractCheck = ({ services, violations }: ContractCheck): string =>
  violations.length === 0
    ? `${holding(services)}\n`
    : `${renderViolations(violations)}\n${violationSummary(violations)} (exit code ${exitCodes['contract violated']})\n`

export const contractCheckJson = ({
  services,
  violations,
}: ContractCheck): Readonly<Record<string, unknown>> => ({
  tool_version: packageJson.version,
  exit_code: violations.length === 0 ? exitCodes.ok : exitCodes['contract violated'],
  contracts: services,
  violations: violations.map(violationJson),
})
