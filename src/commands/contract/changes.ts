// The changes between two contracts, or between a contract and a database, as text and as JSON.

import packageJson from '../../../package.json' with { type: 'json' }
import type { Change } from '../../contract/diff/change.ts'
import { describeContractObject } from '../../contract/violation.ts'
import { exitCodes } from '../../errors/exit-codes.ts'
import { oneLine } from '../../report/visible.ts'

export const renderChanges = (changes: readonly Change[]): string => {
  const breaking = changes.filter(({ effect }) => effect === 'breaks').length
  return [
    ...changes.map(({ effect, object, what, means }) =>
      oneLine(`${effect.padEnd(10)}  ${describeContractObject(object)} ${what}: ${means}`),
    ),
    changes.length === 0
      ? 'no difference'
      : `${changes.length} difference${changes.length === 1 ? '' : 's'}, ${breaking} of which ${breaking === 1 ? 'breaks' : 'break'} a service that runs with this contract`,
    '',
  ].join('\n')
}

export const changesJson = (changes: readonly Change[]): Readonly<Record<string, unknown>> => {
  const breaking = changes.filter(({ effect }) => effect === 'breaks').length
  return {
    tool_version: packageJson.version,
    exit_code: breaking > 0 ? exitCodes['contract violated'] : exitCodes.ok,
    breaking,
    changes: changes.map(({ effect, object, what, means }) => ({
      effect,
      object: describeContractObject(object),
      kind: object.kind,
      table: object.of,
      name: object.name,
      what,
      means,
    })),
  }
}
