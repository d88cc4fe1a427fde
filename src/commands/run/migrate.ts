// The story of `schemagate run`, from configuration to outcome, in the order of docs/design/run.md: gate, files,
// connect, fast path, lock, reconcile, apply, contracts, outcome. Each module behind it has one entry point; what only a run with
// something pending needs is loaded behind the fast path.

import packageJson from '../../../package.json' with { type: 'json' }
import {
  hasBegun,
  noteRecorded,
  startCourse,
  whereItIs,
  type Course,
} from '../../database/ledger/course.ts'
import type { Config } from '../../config/config.ts'
import type { LoadedContract } from '../../contract/contract.ts'
import { loadContracts } from '../../contract/load.ts'
import { connectToDatabase, type Connected } from '../../database/connect.ts'
import { requireMigrationRole } from '../../database/migration-role.ts'
import { readOnlyProblems } from '../../database/read-only.ts'
import { problemsOfRun } from '../../errors/interruption.ts'
import { loadPart } from '../../errors/part.ts'
import { problem, SchemagateError } from '../../errors/problem.ts'
import type { Announce } from '../../events.ts'
import {
  ledgerTable,
  pollLedger,
  quotedLedger,
  rowsOfLedger,
  type LedgerSeen,
} from '../../database/ledger/ledger.ts'
import { acquireLock, releaseLock, type LockResult } from '../../database/lock/acquire.ts'
import { describeHolder } from '../../database/lock/holder.ts'
import { lockKeyOf } from '../../database/lock/key.ts'
import { loadMigrations } from '../../migrations/load.ts'
import type { Migration } from '../../migrations/migration.ts'
import { decide, isComplete, nothingToDo, toDoOf, type Decision } from '../../reconcile/decide.ts'
import type { Intent } from '../../reconcile/assessment.ts'
import { initialStateQueries, readState, type StateSeen } from '../validate/read-state.ts'
import { failedOutcome, goodOutcome, type Outcome } from './outcome.ts'
import { withContractsChecked } from './check-contracts.ts'

export type RunContext = {
  readonly announce: Announce
  /** Aborted by SIGTERM or SIGINT, with the signal's name as its reason. */
  readonly interruption: AbortSignal
  /** A UUID. */
  readonly runId: string
  /** Sees what none of our modules expected, for the log. */
  readonly onBug: (error: Error) => void
}

const { version } = packageJson

/** Brings the database to what the files say. Never throws: how it ended is the outcome. */
export const migrate = async (
  config: Config,
  context: RunContext,
  intent: Intent = 'run',
): Promise<Outcome> => {
  const { announce, runId } = context
  const course = startCourse(runId)
  try {
    const { kind, because } = config.gate
    if (kind === 'closed') {
      announce({ kind: 'gate closed', because })
      return goodOutcome('disabled', course, because)
    }
    const { migrations, contracts } = loadOrRefuse(config)
    const run = { config, context, intent, migrations, contracts, course }
    // Said while the connection is being made: the first line of a log takes as long as a server takes to answer.
    const connecting = connect(run, config.endpoints)
    announce({ kind: 'run started', version, migrations: migrations.length, because })
    for (let database = await connecting; ;) {
      const before = written(course)
      const outcome = await inOneSession(run, database)
      if (!isForNextSession(outcome) || written(course) === before) return outcome
      course.at = undefined
      announce({ kind: 'settings changed' })
      const { endpoint } = database.session
      database = await connect(run, { first: endpoint, fallback: undefined })
    }
  } catch (error) {
    return failedOutcome(problemsOfRun(error, context, whereItIs(course)), course)
  }
}

const written = ({ applied, reconciled }: Course): number => applied.length + reconciled.length

// A file has changed what the login starts with: what is left runs as in a run of its own, so that one run and many do the same.
const isForNextSession = ({ problems }: Outcome): boolean =>
  problems.some(({ code }) => code === 'settings-changed')

type Run = Pick<UnderLock, 'config' | 'context' | 'intent' | 'migrations' | 'course'> &
  Pick<Files, 'contracts'>

const connect = (
  { config, context, migrations, contracts }: Run,
  endpoints: Config['endpoints'],
): Promise<Connected<StateSeen>> => {
  const request = { ...config, contracts, patienceMs: atOnceMs }
  return connectToDatabase<StateSeen>({
    endpoints,
    waitMs: config.databaseWaitMs,
    role: 'run',
    migrationRole: config.migrationRole,
    initialQueries: initialStateQueries(migrations, request),
    first: (session) => readState(session, request),
    announce: context.announce,
    interruption: context.interruption,
  })
}

const inOneSession = async (run: Run, database: Connected<StateSeen>): Promise<Outcome> => {
  const { config, context, migrations, contracts, course } = run
  const checkContracts = (outcome: Outcome, state?: StateSeen): Promise<Outcome> =>
    withContractsChecked(outcome, { config, context, database, migrations, contracts, state })
  try {
    const decided = decideOn(migrations, database.first.ledger, config)
    noteRecorded(course, decided.known)
    announceNewerRows(decided.known.unknown, context.announce)
    refuseIfAny(decided)
    course.pending = toDoOf(decided)
    if (isComplete(decided))
      return await checkContracts(
        goodOutcome(hasBegun(course) ? 'applied' : 'up to date', course),
        database.first,
      )
    const closed = await readOnlyProblems(database, course.pending.length)
    if (closed.length > 0) throw new SchemagateError(closed)
    requireMigrationRole(database)
    return await checkContracts(await underLock({ ...run, database }))
  } finally {
    await database.session.close()
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
  ledger: LedgerSeen,
  { ledgerSchema }: Config,
): Decision =>
  ledger.kind === 'matches files'
    ? nothingToDo(migrations)
    : decide(migrations, rowsOfLedger(ledger), ledgerTable(ledgerSchema))

const refuseIfAny = ({ refusals }: Decision): void => {
  if (refusals.length > 0) throw new SchemagateError(refusals)
}

const announceNewerRows = (versions: readonly string[], announce: Announce): void => {
  if (versions.length > 0) announce({ kind: 'newer rows', versions })
}

type UnderLock = {
  readonly config: Config
  readonly context: RunContext
  readonly intent: Intent
  readonly database: Connected<StateSeen>
  readonly migrations: readonly Migration[]
  readonly course: Course
}

const underLock = async (run: UnderLock): Promise<Outcome> => {
  const { config, context, database, migrations, course } = run
  const { announce, interruption } = context
  const { ledgerSchema, lockWaitMs } = config
  const isSatisfied = async (): Promise<boolean> => {
    const ledger = await pollLedger(database.session, config, migrations.length)
    const decided = decideOn(migrations, ledger, config)
    refuseIfAny(decided)
    return isComplete(decided)
  }
  const acquiring = acquireLock({
    work: database.connection,
    reading: database.session,
    server: database.server,
    key: lockKeyOf(ledgerTable(ledgerSchema)),
    waitMs: lockWaitMs,
    ledger: quotedLedger(ledgerSchema),
    isSatisfied,
    announce,
    interruption,
  })
  // Loaded while the lock's connection is being made; awaited where the lock is released, should it not be there.
  const loading = loadPart('planner', import('./under-lock.ts'))
  loading.catch(() => undefined)
  const lock = await acquiring
  switch (lock.kind) {
    case 'satisfied':
      announce({ kind: 'leader finished', waitedMs: lock.waitedMs })
      course.pending = []
      return goodOutcome('done by another process', course)
    case 'timed out':
      return withoutLock(lock, run)
    case 'acquired':
      try {
        announce({ kind: 'lock acquired', pid: lock.locked.holderPid, waitedMs: lock.waitedMs })
        const { migrateUnderLock } = await loading
        return await migrateUnderLock(lock.locked, run)
      } finally {
        if (await releaseLock(lock.locked)) announce({ kind: 'lock released' })
      }
  }
}

const withoutLock = (
  { waitedMs, holder }: Extract<LockResult, { kind: 'timed out' }>,
  { config, context, course }: UnderLock,
): Outcome => {
  const waitedSeconds = Math.round(waitedMs / 1_000)
  context.announce({ kind: 'lock not obtained', waitedSeconds, then: config.onLockTimeout })
  if (config.onLockTimeout === 'skip') return goodOutcome('skipped', course)
  const pending = course.pending.length
  const facts = { waitedSeconds, pending, holder: describeHolder(holder) }
  return failedOutcome([problem('lock-timeout', facts)], course)
}
