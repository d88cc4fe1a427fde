// `schemagate status`: what is recorded, pending, unknown, edited. Reads only; takes no lock.

import { connectToDatabase } from '../../database/connect/connect.ts'
import { exitCodes } from '../../errors/exit-codes.ts'
import { interrupted } from '../../errors/interruption.ts'
import { SchemagateError, problemsOf } from '../../errors/problem.ts'
import { readLedger, rowsOfLedger } from '../../database/ledger/ledger.ts'
import { loadFolder } from '../load-folder.ts'
import { planMigrations } from '../../reconcile/states/plan.ts'
import type { Config } from '../../config/config.ts'
import { exitCodeOf } from './advice.ts'
import { renderStatus, statusJson } from './table.ts'
import type { ParsedArguments } from '../definition.ts'
import { prepareCommand, type CommandRequest, type Prepared } from '../prepare.ts'
import { reportFailure } from '../report-failure.ts'

export const status = async (request: CommandRequest, parsed: ParsedArguments): Promise<number> => {
  const prepared = await prepareCommand(request)
  const { config, problems, print } = prepared
  try {
    if (config === undefined) throw new SchemagateError(problems)
    const states = await readStates(config, prepared, request)
    await print({ text: () => renderStatus(states), json: () => statusJson(states) })
    return parsed.isSet('exit-code') ? exitCodeOf(states) : exitCodes.ok
  } catch (error) {
    const found = request.interruption.aborted
      ? [interrupted(request.interruption, 'before the answer came')]
      : problemsOf(error)
    return reportFailure(found, prepared)
  }
}

const readStates = async (
  config: Config,
  { announce }: Prepared,
  { interruption }: CommandRequest,
): Promise<ReturnType<typeof planMigrations>> => {
  const { migrations, problems } = loadFolder(config, announce)
  if (problems.length > 0) throw new SchemagateError(problems)
  const { session, first: ledger } = await connectToDatabase({
    endpoints: config.endpoints,
    waitMs: config.databaseWaitMs,
    role: 'status',
    first: (opened) => readLedger(opened, config),
    announce,
    interruption,
  })
  await session.close()
  return planMigrations(migrations, rowsOfLedger(ledger))
}
