// Contracts as JUnit XML: a test case for each service, failed by its violations.

import packageJson from '../../../../package.json' with { type: 'json' }
import type { ContractCheck } from '../check-database.ts'
import { renderJunit } from '../../../report/formats/junit.ts'
import { renderViolation, violationTitle } from './violations-text.ts'

export const renderContractCheckAsJunit = ({
  services,
  violations,
}: ContractCheck): Promise<string> =>
  renderJunit(
    `${packageJson.name} validate`,
    services.map((service) => {
      const own = violations.filter((each) => each.service === service)
      return {
        className: 'contracts',
        name: service,
        file: own[0]?.place?.file,
        failure:
          own.length === 0
            ? undefined
            : {
                message: own.map(violationTitle).join('; '),
                type: 'contract-violated',
                text: own.map(renderViolation).join('\n\n'),
              },
        output: undefined,
      }
    }),
  )
