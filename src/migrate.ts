// The story of `schemagate run`, from configuration to outcome. It reads like section 2 of the design: gate, files,
// connect, fast path, lock, reconcile, apply, outcome. Each room behind it has one door.

import packageJson from '../package.json' with { type: 'json' }
import { applySteps, type Step } from './apply/apply.ts'
import type { Config } from './config/config.ts'
import { describeEndpoint } from './config/endpoint.ts'
import { connectToDatabase, type Connected } from './database/connect.ts'
import { interrupted } from './errors/interruption.ts'
import { fail, problem, SchemagateError } from './errors/problem.ts'
import type { Announce } from './events.ts'
import {
  ensureLedger,
  peekAtLedger,
  ledgerTable,
  quotedLedger,
  readLedger,
  readSettledLedger,
  rowsOfLedger,
  type Ledger,
} from './ledger/ledger.ts'
import { acquireLock, releaseLock, type LockResult } from './lock/acquire.ts'
import { describeHolder } from './lock/holder.ts'
import { lockKeyOf } from './lock/key.ts'
import type { LockedSession } from './lock/locked-session.ts'
import { requireSecondConnection } from './lock/second-connection.ts'
import { loadMigrations } from './migrations/load.ts'
import type { Migration } from './migrations/migration.ts'
import { prepareMigrations, type PreparedMigration } from './migrations/prepare.ts'
import { decide, type Decision } from './plan/decide.ts'
import type { LedgerRow, StateOf } from './plan/plan.ts'
import {
  appliedOutcome,
  failedOutcome,
  goodOutcome,
  problemsOf,
  type Outcome,
  type RunSoFar,
} from './report/outcome.ts'
import { loadParser } from './sql/parse.ts'

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
export const migrate = async (config: Config, context: RunContext): Promise<Outcome> => {
  const { announce, interruption, runId } = context
  let soFar: RunSoFar = { runId, startedAtMs: performance.now() }
  try {
    const { kind, because } = config.gate
    if (kind === 'closed') {
      announce({ kind: 'gate closed', because })
      return goodOutcome('disabled', { ...soFar, because })
    }
    const migrations = loadOrRefuse(config)
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
      first: (session) => readLedger(session, config.ledgerSchema),
      announce,
      interruption,
    })
    try {
      const decided = decideOn(migrations, rowsOfLedger(database.first), config)
      soFar = { ...soFar, ...decided.known }
      announceNewerRows(decided.known.unknown, announce)
      refuseIfAny(decided)
      if (decided.pending.length === 0) return goodOutcome('up to date', soFar)

      soFar = { ...soFar, pending: decided.pending.map(({ migration }) => migration) }
      refuseReadOnly(database, decided.pending.length)
      const prepared = await prepareOrRefuse(decided.pending, announce)
      return await underLock({ config, context, database, migrations, prepared, soFar })
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

const loadOrRefuse = ({ migrationsDir }: Config): readonly Migration[] => {
  const { migrations, problems } = loadMigrations(migrationsDir)
  if (problems.length > 0) throw new SchemagateError(problems)
  return migrations
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

const refuseReadOnly = ({ server, session }: Connected<Ledger>, pending: number): void => {
  const endpoint = describeEndpoint(session.endpoint)
  if (server.role === 'standby') fail('standby-server', { endpoint, pending })
  if (server.writes === 'off by default') fail('read-only-database', { endpoint, pending })
}

const prepareOrRefuse = async (
  pending: readonly StateOf<'pending'>[],
  announce: Announce,
): Promise<readonly PreparedMigration[]> => {
  const parse = await loadParser()
  const { prepared, problems } = prepareMigrations(
    pending.map(({ migration }) => migration),
    parse,
  )
  if (problems.length > 0) throw new SchemagateError(problems)
  for (const { migration, statements, unreadable } of prepared) {
    const { file } = migration
    if (unreadable !== undefined)
      announce({ kind: 'parser gave up', file, reason: unreadable.message })
    if (statements?.length === 0) announce({ kind: 'no statement', file })
  }
  return prepared
}

type UnderLock = {
  readonly config: Config
  readonly context: RunContext
  readonly database: Connected<Ledger>
  readonly migrations: readonly Migration[]
  readonly prepared: readonly PreparedMigration[]
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
    return decided.pending.length === 0
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
        return await applyPending(lock.locked, run)
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

const applyPending = async (locked: LockedSession, run: UnderLock): Promise<Outcome> => {
  const { config, context, database, migrations, soFar } = run
  const { announce, interruption, runId } = context
  const { ledgerSchema, statementTimeout, lockTimeout } = config
  await requireSecondConnection(locked, database.server, config.lockWaitMs)
  await ensureLedger(locked, ledgerSchema, config.lockWaitMs)
  // Decided anew: since the first look, another process may have applied some of it.
  const rows = await readSettledLedger(locked, ledgerSchema, config.lockWaitMs)
  const decided = decideOn(migrations, rows, config)
  refuseIfAny(decided)
  const { pending, known } = decided
  const now: RunSoFar = { ...soFar, ...known }
  if (pending.length === 0) return goodOutcome('done by another process', now)
  announce({
    kind: 'timeouts',
    statementTimeout: statementTimeout.text,
    lockTimeout: lockTimeout.text,
    pending: pending.length,
  })
  const result = await applySteps(await stepsOf(pending, run), {
    locked,
    server: database.server,
    ledgerSchema,
    lastOrdinal: rows.at(-1)?.ordinal ?? 0,
    rowCount: rows.length,
    runId,
    statementTimeout,
    lockTimeout,
    announce,
    interruption,
  })
  return appliedOutcome(result, now)
}

// What was pending at the first look is prepared; more can be pending now only if a row was taken out meanwhile.
const stepsOf = async (
  pending: readonly StateOf<'pending'>[],
  { prepared, context }: UnderLock,
): Promise<readonly Step[]> => {
  const ready = new Map(prepared.map((each) => [each.migration.version, each]))
  const missing = pending.filter(({ migration }) => !ready.has(migration.version))
  for (const each of missing.length === 0 ? [] : await prepareOrRefuse(missing, context.announce))
    ready.set(each.migration.version, each)
  return pending.flatMap(({ migration, outOfOrder }) => {
    const found = ready.get(migration.version)
    return found === undefined ? [] : [{ prepared: found, outOfOrder }]
  })
}
