// `schemagate contract diff`: which changes break a service that runs with a contract. Against a database it reads only;
// between two contracts it needs none.

import { resolve } from 'node:path'
import { check, factsNeeded } from '../../contract/check/check.ts'
import type { LoadedContract } from '../../contract/contract.ts'
import type { Change } from '../../contract/diff/change.ts'
import { diffContracts } from '../../contract/diff/diff.ts'
import { diffWithDatabase } from '../../contract/diff/diff-database.ts'
import { loadContract, loadContracts, type LoadedContracts } from '../../contract/file/load.ts'
import { readFacts } from '../../catalog/facts/contract-facts.ts'
import { connectToDatabase } from '../../database/connect/connect.ts'
import { exitCodes } from '../../errors/exit-codes.ts'
import { interrupted } from '../../errors/interruption.ts'
import { fail, SchemagateError, problemsOf } from '../../errors/problem.ts'
import { shownFolder } from '../../migrations/load.ts'
import { factsOrFail } from '../validate/read-state.ts'
import { compareOnServer } from '../validate/compare-on-server.ts'
import { changesJson, renderChanges } from './changes.ts'
import { contractsOfServices } from '../validate/validate.ts'
import { prepareCommand, prepareOffline, type CommandRequest } from '../prepare.ts'
import type { ParsedArguments } from '../definition.ts'
import { reportFailure } from '../report-failure.ts'

const patienceMs = 5_000

export const diffContract = async (
  request: CommandRequest,
  parsed: ParsedArguments,
): Promise<number> => {
  const { positionals } = parsed
  const { interruption } = request
  const prepared = await prepareOffline(request)
  const { problems, migrationsDir } = prepared
  try {
    if (problems.length > 0) throw new SchemagateError(problems)
    if (positionals.length < 1 || positionals.length > 2)
      fail('contracts-not-named', { count: positionals.length })
    const [before, after] = positionals.map((word) => loadNamed(word, migrationsDir))
    if (before === undefined) return exitCodes.usage
    const changes =
      after === undefined
        ? await changesInDatabase(before, request)
        : diffContracts(before.contract, after.contract)
    await prepared.print({ text: () => renderChanges(changes), json: () => changesJson(changes) })
    return changes.some(({ effect }) => effect === 'breaks')
      ? exitCodes['contract violated']
      : exitCodes.ok
  } catch (error) {
    const found = interruption.aborted
      ? [interrupted(interruption, 'before the answer came')]
      : problemsOf(error)
    return reportFailure(found, prepared)
  }
}

// A file has a name that ends in .json; every other word is a service of the folder.
const loadNamed = (word: string, migrationsDir: string): LoadedContract => {
  const loaded = word.endsWith('.json')
    ? loadContract(resolve(word))
    : ofService(word, migrationsDir)
  if (loaded.problems.length > 0) throw new SchemagateError(loaded.problems)
  return loaded.contracts[0] ?? fail('no-contracts', { folder: shownContracts(migrationsDir) })
}

const shownContracts = (migrationsDir: string): string => `${shownFolder(migrationsDir)}/contracts`

const ofService = (service: string, migrationsDir: string): LoadedContracts => {
  const { contracts, problems } = loadContracts(migrationsDir)
  if (problems.length > 0 || contracts.length === 0) return { contracts, problems }
  return { contracts: contractsOfServices(contracts, [service]), problems }
}

const changesInDatabase = async (
  contract: LoadedContract,
  request: CommandRequest,
): Promise<readonly Change[]> => {
  const { config, problems, announce } = await prepareCommand(request)
  if (config === undefined) throw new SchemagateError(problems)
  const { session, server, first } = await connectToDatabase({
    endpoints: config.endpoints,
    waitMs: config.databaseWaitMs,
    role: 'contract',
    first: (opened) => readFacts(opened, factsNeeded([contract]), patienceMs),
    announce,
    interruption: request.interruption,
  })
  try {
    const facts = factsOrFail(first, patienceMs)
    const violations = await compareOnServer(session, check(contract, facts), {
      loginPath: server.searchPath,
      timeoutMs: config.statementTimeout.ms,
    })
    return diffWithDatabase(contract, violations, facts)
  } finally {
    await session.close()
  }
}
