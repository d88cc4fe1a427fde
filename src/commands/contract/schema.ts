// `schemagate contract schema`: what editors complete contracts by. Needs no database.

import contractSchema from '../../../schema/contract.schema.json' with { type: 'json' }
import { exitCodes } from '../../errors/exit-codes.ts'
import { printReport } from '../../report/publish.ts'
import { prepareOffline, type CommandRequest } from '../prepare.ts'
import { reportFailure } from '../report-failure.ts'

export const printContractSchema = async (request: CommandRequest): Promise<number> => {
  const { problems, redact } = prepareOffline(request)
  if (problems.length > 0) return reportFailure(problems, request, redact)
  const text = `${JSON.stringify(contractSchema, undefined, 2)}\n`
  await printReport({ text: () => text, json: () => contractSchema }, request.format, redact)
  return exitCodes.ok
}
