// The story of `schemagate run`, from configuration to outcome. It reads like section 2 of the design: gate, files,
// connect, fast path, lock, reconcile, apply, contracts, outcome. Each room behind it has one door.

import packageJson from '../package.json' with { type: 'json' }
import type { Config } from './config/config.ts'
import { describeEndpoint } from './config/endpoint.ts'
import type { LoadedContract } from './contract/contract.ts'
import { loadContracts } from './contract/load.ts'
import { connectToDatabase, type Connected } from './database/connect.ts'
import { interrupted } from './errors/interruption.ts'
import { fail, problem, SchemagateError } from './errors/problem.ts'
import type { Announce } from './events.ts'
import { analyse, type Analysis } from './history/analyse.ts'
import { peekAtLedger, ledgerTable, quotedLedger, rowsOfLedger } from './ledger/ledger.ts'
import { acquireLock, releaseLock, type LockResult } from './lock/acquire.ts'
import { describeHolder } from './lock/holder.ts'
import { lockKeyOf } from './lock/key.ts'
import { loadMigrations } from './migrations/load.ts'
import type { Migration } from './migrations/migration.ts'
import { decide, isComplete, type Decision } from './plan/decide.ts'
import type { Intent } from './plan/make-plan.ts'
import type { LedgerRow } from './plan/plan.ts'
import { readState, type State } from './proof/read-state.ts'
import {
  failedOutcome,
  goodOutcome,
  problemsOf,
  type Outcome,
  type RunSoFar,
} from './report/outcome.ts'
import { proveOutcome } from './settle/prove-outcome.ts'
import { settle } from './settle/settle.ts'

export type RunContext = {
  readonly announce: Announce
  /** Aborted by SIGTERM or SIGINT, with the signal's name as its reason. */
  readonly interruption: AbortSignal
  /** A UUID. */
  readonly runId: string
  /** Sees what no room of ours expected, for the log. */
  readonly onBug: (error: Error) => void
}

/** Brings the database to what the files say. Never throws: how it ended is the outcome. */
export const migrate = async (
  config: Config,
  context: RunContext,
  intent: Intent = 'run',
): Promise<Outcome> => {
  const { announce, interruption, runId } = context
  let soFar: RunSoFar = { runId, startedAtMs: performance.now() }
  try {
    const { kind, because } = config.gate
    if (kind === 'closed') {
      announce({ kind: 'gate closed', because })
      return goodOutcome('disabled', { ...soFar, because })
    }
    const { migrations, contracts } = loadOrRefuse(config)
    announce({
      kind: 'run started',
      version: packageJson.version,
      migrations: migrations.length,
      because,
    })

    const database = await connectToDatabase({
      endpoints: config.endpoints,
      waitMs: config.databaseWaitMs,
      role: 'run',
      first: (session) => readState(session, { ...config, contracts, patienceMs: atOnceMs }),
      announce,
      interruption,
    })
    const prove = (outcome: Outcome, state?: State): Promise<Outcome> =>
      proveOutcome(outcome, { config, context, database, migrations, contracts, state })
    try {
      const decided = decideOn(migrations, rowsOfLedger(database.first.ledger), config)
      soFar = { ...soFar, ...decided.known }
      announceNewerRows(decided.known.unknown, announce)
      refuseIfAny(decided)
      if (isComplete(decided)) return await prove(goodOutcome('up to date', soFar), database.first)

      const toDo = [...decided.interrupted, ...decided.pending].map(({ migration }) => migration)
      soFar = { ...soFar, pending: toDo }
      refuseReadOnly(database, toDo.length)
      const analysis = await analyse(migrations, database.server.searchPath)
      const run = { config, context, intent, database, migrations, analysis, soFar }
      return await prove(await underLock(run))
    } finally {
      await database.session.close()
    }
  } catch (error) {
    if (error instanceof Error && !(error instanceof SchemagateError)) context.onBug(error)
    const problems = interruption.aborted
      ? [interrupted(interruption, 'before anything was applied')]
      : problemsOf(error)
    return failedOutcome(problems, soFar)
  }
}

// Whoever alters a table now may be the one who migrates: the first look does not wait for it.
const atOnceMs = 100

type Files = {
  readonly migrations: readonly Migration[]
  readonly contracts: readonly LoadedContract[]
}

const loadOrRefuse = ({ migrationsDir }: Config): Files => {
  const { migrations, problems } = loadMigrations(migrationsDir)
  const loaded = loadContracts(migrationsDir)
  const all = [...problems, ...loaded.problems]
  if (all.length > 0) throw new SchemagateError(all)
  return { migrations, contracts: loaded.contracts }
}

const decideOn = (
  migrations: readonly Migration[],
  rows: readonly LedgerRow[],
  { ledgerSchema }: Config,
): Decision => decide(migrations, rows, ledgerTable(ledgerSchema))

const refuseIfAny = ({ refusals }: Decision): void => {
  if (refusals.length > 0) throw new SchemagateError(refusals)
}

const announceNewerRows = (versions: readonly string[], announce: Announce): void => {
  if (versions.length > 0) announce({ kind: 'newer rows', versions })
}

const refuseReadOnly = ({ server, session }: Connected<State>, pending: number): void => {
  const endpoint = describeEndpoint(session.endpoint)
  if (server.role === 'standby') fail('standby-server', { endpoint, pending })
  if (server.writes === 'off by default') fail('read-only-database', { endpoint, pending })
}

export type UnderLock = {
  readonly config: Config
  readonly context: RunContext
  readonly intent: Intent
  readonly database: Connected<State>
  readonly migrations: readonly Migration[]
  readonly analysis: Analysis
  readonly soFar: RunSoFar
}

const underLock = async (run: UnderLock): Promise<Outcome> => {
  const { config, context, database, migrations, soFar } = run
  const { announce, interruption } = context
  const { ledgerSchema, lockWaitMs } = config
  const isSatisfied = async (): Promise<boolean> => {
    const rows = rowsOfLedger(await peekAtLedger(database.session, ledgerSchema))
    const decided = decideOn(migrations, rows, config)
    refuseIfAny(decided)
    return isComplete(decided)
  }
  const lock = await acquireLock({
    work: database.session,
    server: database.server,
    key: lockKeyOf(ledgerTable(ledgerSchema)),
    waitMs: lockWaitMs,
    ledger: quotedLedger(ledgerSchema),
    isSatisfied,
    announce,
    interruption,
  })
  switch (lock.kind) {
    case 'satisfied':
      announce({ kind: 'leader finished', waitedMs: lock.waitedMs })
      return goodOutcome('done by another process', soFar)
    case 'timed out':
      return withoutLock(lock, run)
    case 'acquired':
      announce({ kind: 'lock acquired', pid: lock.locked.holderPid, waitedMs: lock.waitedMs })
      try {
        return await settle(lock.locked, run)
      } finally {
        if (await releaseLock(lock.locked)) announce({ kind: 'lock released' })
      }
  }
}

const withoutLock = (
  { waitedMs, holder }: Extract<LockResult, { kind: 'timed out' }>,
  { config, context, soFar }: UnderLock,
): Outcome => {
  const waitedSeconds = Math.round(waitedMs / 1_000)
  context.announce({ kind: 'lock not obtained', waitedSeconds, then: config.onLockTimeout })
  if (config.onLockTimeout === 'skip') return goodOutcome('skipped', soFar)
  const pending = soFar.pending?.length ?? 0
  const facts = { waitedSeconds, pending, holder: describeHolder(holder) }
  return failedOutcome([problem('lock-timeout', facts)], soFar)
}
