// The last step of a run: a good outcome is one only when the database holds what the services rely on.

import type { Config } from '../../config/config.ts'
import type { LoadedContract } from '../../contract/contract.ts'
import type { Connected } from '../../database/connect/connect.ts'
import { problemsOfRun } from '../../errors/interruption.ts'
import type { Announce } from '../../events.ts'
import { readLedger, rowsOfLedger } from '../../database/ledger/ledger.ts'
import type { Migration } from '../../migrations/migration.ts'
import { checkContracts, type ContractCheck } from '../validate/check-database.ts'
import { factsOrFail, readState, type StateSeen } from '../validate/read-state.ts'
import { checkedOutcome, uncheckedOutcome, type Outcome } from './outcome/outcome.ts'

export type FinalCheck = {
  readonly config: Config
  readonly context: {
    readonly announce: Announce
    readonly interruption: AbortSignal
    readonly onBug: (error: Error) => void
  }
  readonly database: Connected<StateSeen>
  readonly migrations: readonly Migration[]
  readonly contracts: readonly LoadedContract[]
  /** The database as it was read, where nothing has changed it since. */
  readonly state: StateSeen | undefined
}

/** Never throws: what kept the contracts from being checked joins the outcome. */
export const withContractsChecked = async (
  outcome: Outcome,
  finalCheck: FinalCheck,
): Promise<Outcome> => {
  const { context, contracts } = finalCheck
  if (contracts.length === 0 || !needsContractCheck(outcome)) return outcome
  try {
    const contractCheck = await runContractCheck(finalCheck)
    const { services, violations } = contractCheck
    const violated = services.filter((each) => violations.some(({ service }) => service === each))
    if (violations.length === 0) context.announce({ kind: 'contracts hold', services })
    else context.announce({ kind: 'contracts violated', services, violated })
    return checkedOutcome(outcome, contractCheck)
  } catch (error) {
    const problems = problemsOfRun(error, context, 'before the contracts were checked')
    return uncheckedOutcome(outcome, problems)
  }
}

// Who skips leaves the rest to another process, and adopting leaves it to `run`.
const needsContractCheck = ({ kind }: Outcome): boolean =>
  kind === 'up to date' || kind === 'applied' || kind === 'done by another process'

const leastPatienceMs = 1_000

const runContractCheck = async ({
  config,
  database,
  migrations,
  contracts,
  state,
}: FinalCheck): Promise<ContractCheck> => {
  const { session, server } = database
  const { lockWaitMs, statementTimeout } = config
  const patienceMs = Math.max(lockWaitMs, leastPatienceMs)
  const { ledger, facts } =
    state?.facts.kind === 'facts'
      ? state
      : await readState(session, { ...config, contracts, patienceMs })
  return checkContracts(session, {
    contracts,
    facts: factsOrFail(facts, patienceMs),
    migrations,
    readRows: async () =>
      rowsOfLedger(ledger.kind === 'matches files' ? await readLedger(session, config) : ledger),
    server,
    timeoutMs: statementTimeout.ms,
  })
}
