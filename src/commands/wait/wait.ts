// The story of `schemagate wait`: look again and again until every migration among the files is recorded and the contracts
// hold. For pods that start while a Job migrates. It reads, takes no lock, and survives a lost connection: there is nothing
// that could be lost with it.

import { setTimeout as sleep } from 'node:timers/promises'
import type { Config } from '../../config/config.ts'
import { connectToDatabase, type Connected } from '../../database/connect/connect.ts'
import type { LedgerRow } from '../../database/ledger/ledger-row.ts'
import { fail, problem, SchemagateError, type Problem } from '../../errors/problem.ts'
import type { Announce } from '../../events.ts'
import { ledgerTable, rowsOfLedger } from '../../database/ledger/ledger.ts'
import { decide } from '../../reconcile/states/decide.ts'
import { ofKind, planMigrations } from '../../reconcile/states/plan.ts'
import { checkContracts, type ContractCheck } from '../validate/check-database.ts'
import { readState, type State } from '../validate/read-state.ts'
import type { ContractSet } from '../validate/validate.ts'

export type WaitContext = {
  readonly timeoutMs: number
  readonly announce: Announce
  readonly interruption: AbortSignal
}

export type Waited = {
  /** With violations, where the contracts did not come to hold in time. */
  readonly contractCheck: ContractCheck
  readonly recorded: number
  readonly waitedMs: number
}

const pauseMs = 500
const patienceMs = 200
const announceEveryMs = 5_000

/**
 * Throws `wait-timeout`, `contracts-not-readable`, `edited-file`, what connectToDatabase() throws, and the problems of a
 * ledger that cannot be read.
 */
export const waitUntilReady = async (
  config: Config,
  contractSet: ContractSet,
  context: WaitContext,
): Promise<Waited> => {
  const { timeoutMs, announce, interruption } = context
  const startedAtMs = performance.now()
  const elapsedMs = (): number => Math.round(performance.now() - startedAtMs)
  const tell = makeTelling(announce)
  for (;;) {
    const database = await connect(
      config,
      contractSet,
      context,
      Math.max(0, timeoutMs - elapsedMs()),
    )
    try {
      let state = database.first
      for (;;) {
        const looked = await look(database, state, contractSet, config)
        const waitedMs = elapsedMs()
        if (isReady(looked)) return { ...looked.ready, waitedMs }
        if (waitedMs + pauseMs > timeoutMs) return giveUp(looked, waitedMs)
        tell(looked, waitedMs)
        await sleep(pauseMs, undefined, { signal: interruption })
        state = await readState(database.session, requestOf(config, contractSet))
      }
    } catch (error) {
      if (interruption.aborted || !isLost(error) || elapsedMs() > timeoutMs) throw error
      const reason = String((error as SchemagateError).problems[0]?.facts['reason'])
      announce({ kind: 'connection lost while waiting', reason })
    } finally {
      await database.session.close()
    }
  }
}

const requestOf = ({ ledgerSchema, migrationRole }: Config, { contracts }: ContractSet) => ({
  ledgerSchema,
  migrationRole,
  contracts,
  patienceMs,
})

const connect = (
  config: Config,
  contractSet: ContractSet,
  { announce, interruption }: WaitContext,
  waitMs: number,
): Promise<Connected<State>> =>
  connectToDatabase({
    endpoints: config.endpoints,
    waitMs,
    role: 'wait',
    first: (session) => readState(session, requestOf(config, contractSet)),
    announce,
    interruption,
  })

type Looked = {
  readonly pending: number
  /** The file of the first of them. */
  readonly first: string | undefined
  readonly ready: Pick<Waited, 'contractCheck' | 'recorded'>
  readonly blocked: string | undefined
}

const isReady = ({ pending, ready, blocked }: Looked): boolean =>
  pending === 0 && blocked === undefined && ready.contractCheck.violations.length === 0

const look = async (
  { session, server }: Connected<State>,
  { ledger, facts }: State,
  { contracts, migrations = [] }: ContractSet,
  { ledgerSchema, statementTimeout }: Config,
): Promise<Looked> => {
  const rows = rowsOfLedger(ledger)
  refuseEdited(decide(migrations, rows, ledgerTable(ledgerSchema)).refusals)
  const unrecorded = unrecordedOf(migrations, rows)
  const services = contracts.map(({ contract }) => contract.service)
  const none: ContractCheck = { services, violations: [] }
  // While migrations are to come, violations are not news.
  const isDone = unrecorded.length === 0 && facts.kind === 'facts'
  const contractCheck = isDone
    ? await checkContracts(session, {
        ...{ contracts, facts: facts.facts, migrations, readRows: () => Promise.resolve(rows) },
        ...{ server, timeoutMs: statementTimeout.ms },
      })
    : none
  return {
    pending: unrecorded.length,
    first: unrecorded[0],
    ready: { contractCheck, recorded: migrations.length },
    blocked: facts.kind === 'blocked' ? facts.message : undefined,
  }
}

// What another process is in the middle of is waited for; an edited file stays edited.
const refuseEdited = (refusals: readonly Problem[]): void => {
  if (refusals.length > 0) throw new SchemagateError(refusals)
}

const unrecordedOf = (
  migrations: NonNullable<ContractSet['migrations']>,
  rows: readonly LedgerRow[],
): readonly string[] => {
  const states = planMigrations(migrations, rows)
  return [...ofKind(states, 'pending'), ...ofKind(states, 'interrupted')].map(
    ({ migration }) => migration.file,
  )
}

const giveUp = ({ pending, first, ready, blocked }: Looked, waitedMs: number): Waited => {
  const waitedSeconds = Math.round(waitedMs / 1_000)
  if (pending > 0) return fail('wait-timeout', { waitedSeconds, pending, first: first ?? '' })
  if (blocked !== undefined)
    throw new SchemagateError([
      problem('contracts-not-readable', { waitedSeconds, message: blocked }),
    ])
  return { ...ready, waitedMs }
}

const isLost = (error: unknown): boolean =>
  error instanceof SchemagateError && error.problems.some(({ code }) => code === 'connection-lost')

// At once, whenever something has changed, and every few seconds.
const makeTelling = (announce: Announce): ((looked: Looked, waitedMs: number) => void) => {
  let lastReported = ''
  let lastAtMs = 0
  return ({ pending, first, ready }, waitedMs) => {
    const violations = ready.contractCheck.violations.length
    const reported = `${pending} ${violations}`
    if (reported === lastReported && waitedMs - lastAtMs < announceEveryMs) return
    lastReported = reported
    lastAtMs = waitedMs
    const waitedSeconds = Math.round(waitedMs / 1_000)
    announce({ kind: 'waiting for schema', pending, first, violations, waitedSeconds })
  }
}
