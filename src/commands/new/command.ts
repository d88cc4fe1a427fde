// `schemagate new <name>`: an empty migration with the next number. Needs no database.

import { readdirSync } from 'node:fs'
import { exitCodes } from '../../errors/exit-codes.ts'
import { problem, SchemagateError, problemsOf } from '../../errors/problem.ts'
import { cleanName, createMigration, nextNumber } from './create.ts'
import { prepareOffline, type CommandRequest } from '../prepare.ts'
import { reportFailure } from '../report-failure.ts'

export const newMigration = async (request: CommandRequest, name: string): Promise<number> => {
  const prepared = await prepareOffline(request)
  try {
    if (prepared.problems.length > 0) throw new SchemagateError(prepared.problems)
    const clean = cleanName(name)
    if (clean === undefined) throw new SchemagateError([problem('bad-migration-name', { name })])
    const folder = prepared.migrationsDir
    const number = nextNumber(entriesOf(folder), new Date())
    const file = createMigration(folder, `${number}_${clean}.sql`, clean)
    await prepared.print({ text: () => `created ${file}\n`, json: () => ({ file }) })
    return exitCodes.ok
  } catch (error) {
    return reportFailure(problemsOf(error), prepared)
  }
}

const entriesOf = (folder: string): readonly string[] => {
  try {
    return readdirSync(folder)
  } catch {
    // createMigration makes the folder, or says why it cannot.
    return []
  }
}
