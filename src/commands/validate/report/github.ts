// Violations as annotations of the contract's lines.

import type { ContractCheck } from '../check-database.ts'
import { holding } from '../../../report/contracts-of.ts'
import { workflowCommand } from '../../../report/formats/github.ts'
import { violationSummary, violationTitle } from './violations-text.ts'

export const renderContractCheckForGithub = ({ services, violations }: ContractCheck): string =>
  [
    ...violations.map((violation) => {
      const { service, place, expected, found, why, fix } = violation
      const title = `${service}: ${violationTitle(violation)}`
      const message = `${title}\nexpected: ${expected}\nfound: ${found}\n${why}\nfix: ${fix}`
      return workflowCommand('error', { place, title: 'contract-violated', message })
    }),
    violations.length === 0 ? holding(services) : violationSummary(violations),
  ]
    .map((line) => `${line}\n`)
    .join('')
