// `schemagate contract schema`: what editors complete contracts by. Needs no database.

import contractSchema from '../../../schema/contract.schema.json' with { type: 'json' }
import { exitCodes } from '../../errors/exit-codes.ts'
import { prepareOffline, type CommandRequest } from '../prepare.ts'
import { reportFailure } from '../report-failure.ts'

export const printContractSchema = async (request: CommandRequest): Promise<number> => {
  const prepared = await prepareOffline(request)
  const { problems, print } = prepared
  if (problems.length > 0) return reportFailure(problems, prepared)
  const text = `${JSON.stringify(contractSchema, undefined, 2)}\n`
  await print({ text: () => text, textAs: 'json', json: () => contractSchema }, 'text')
  return exitCodes.ok
}
