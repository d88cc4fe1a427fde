// `schemagate wait`: for an initContainer while a Job migrates. Reads only; takes no lock.

import { loadContracts } from '../../contract/file/load.ts'
import { exitCodes } from '../../errors/exit-codes.ts'
import { interrupted } from '../../errors/interruption.ts'
import { problem, SchemagateError, problemsOf } from '../../errors/problem.ts'
import { someMigrations } from '../../errors/define.ts'
import { shownFolder } from '../../migrations/load.ts'
import { renderProblemBriefly } from '../../report/formats/problem-text.ts'
import { publishCause } from '../../report/publish.ts'
import { holding } from '../../report/contracts-of.ts'
import { contractCheckJson, renderContractCheck } from '../validate/report/text.ts'
import { violationFailure } from '../validate/report/violations-json.ts'
import { waitUntilReady, type Waited } from './wait.ts'
import {
  contractsOfServices,
  loadMigrationsBeside,
  type ContractSet,
} from '../validate/validate.ts'
import { prepareCommand, type CommandRequest, type Prepared } from '../prepare.ts'
import { readFlag, withProblems, type ParsedArguments } from '../definition.ts'
import { reportFailure } from '../report-failure.ts'
import { readServices } from '../validate/flags.ts'

const seconds = {
  isValid: (value: string) => /^\d{1,6}$/.test(value),
  form: 'a whole number of seconds, such as 300',
}

export const waitForSchema = async (
  line: CommandRequest,
  parsed: ParsedArguments,
): Promise<number> => {
  const { value = '300', problems: flagProblems } = readFlag(parsed, 'timeout', seconds)
  const services = readServices(parsed)
  const request = withProblems(line, [...flagProblems, ...services.problems])
  const prepared = await prepareCommand(request)
  const { config, problems, announce, print, output } = prepared
  const { interruption } = request
  try {
    if (config === undefined) throw new SchemagateError(problems)
    const contractSet = contractSetOf(prepared, services.all)
    const timeoutMs = Number(value) * 1_000
    const waited = await waitUntilReady(config, contractSet, { timeoutMs, announce, interruption })
    await print({ text: () => renderWaited(waited), json: () => waitedJson(waited) })
    const [violation] = waited.contractCheck.violations
    if (violation === undefined) return exitCodes.ok
    const exitCode = exitCodes['contract violated']
    prepared.logFailure(violation.why, violationFailure(violation), exitCode)
    publishCause(renderWaited(waited), output, prepared)
    return exitCode
  } catch (error) {
    const found = interruption.aborted
      ? [interrupted(interruption, 'while it waited')]
      : problemsOf(error)
    publishCause(found.map(renderProblemBriefly).join('\n'), output, prepared)
    return reportFailure(found, prepared)
  }
}

// Contracts may be missing, or stand alone; with neither there is nothing to wait for.
const contractSetOf = (prepared: Prepared, services: readonly string[]): ContractSet => {
  const { migrationsDir: folder, announce } = prepared
  const { contracts, problems } = loadContracts(folder)
  if (problems.length > 0) throw new SchemagateError(problems)
  const migrations = loadMigrationsBeside(prepared, announce)
  if (migrations === undefined && contracts.length === 0)
    throw new SchemagateError([problem('folder-empty', { folder: shownFolder(folder) })])
  if (contracts.length === 0 && services.length > 0)
    throw new SchemagateError([
      problem('no-contracts', { folder: `${shownFolder(folder)}/contracts` }),
    ])
  return { contracts: contractsOfServices(contracts, services), migrations }
}

const renderWaited = ({ contractCheck, recorded, waitedMs }: Waited): string => {
  if (contractCheck.violations.length > 0) return renderContractCheck(contractCheck)
  const hold = contractCheck.services.length === 0 ? '' : `, ${holding(contractCheck.services)}`
  return `ready: ${someMigrations(recorded)} recorded${hold} (waited ${(waitedMs / 1_000).toFixed(1)} s)\n`
}

const waitedJson = ({
  contractCheck,
  recorded,
  waitedMs,
}: Waited): Readonly<Record<string, unknown>> => ({
  ...contractCheckJson(contractCheck),
  recorded,
  waited_ms: waitedMs,
})
