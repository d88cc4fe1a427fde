// The story of `schemagate run` and `schemagate adopt`, from the gate to the outcome, in the order of docs/design/run.md; the
// configuration is read before it. Each step has its work in the module that it is named after. What only a run with something
// pending needs (planner.ts, and with it the SQL parser) is loaded behind the fast path.

import packageJson from '../../../package.json' with { type: 'json' }
import type { Config } from '../../config/config.ts'
import { hasBegun, startCourse, whereItIs, type Course } from '../../database/ledger/course.ts'
import { releaseLock, type LockResult } from '../../database/lock/acquire.ts'
import { requireMigrationRole } from '../../database/connect/migration-role.ts'
import { readOnlyProblems } from '../../database/connect/read-only.ts'
import { problemsOfRun } from '../../errors/interruption.ts'
import { loadPart } from '../../errors/part.ts'
import { orphanEvents } from '../../objects/decide.ts'
import { isComplete } from '../../reconcile/states/decide.ts'
import type { Intent } from '../../reconcile/assessment.ts'
import type { ClaimTrust } from '../../reconcile/claims/check-claims.ts'
import { withContractsChecked } from './check-contracts.ts'
import { connectAndLook, noteWhatIsToDo, type Look } from './look-at-ledger.ts'
import { areDone, type Seen } from './objects/first-look.ts'
import { failedOutcome, goodOutcome, type Outcome } from './outcome/outcome.ts'
import { loadFiles, refuseIfAny, type Run, type RunContext } from './run.ts'
import { waitForLock, withoutLock } from './wait-for-lock.ts'

const { version } = packageJson

/** Brings the database to what the files say. Never throws: how it ended is the outcome. */
export const migrate = async (
  config: Config,
  context: RunContext,
  intent: Intent = 'run',
  trust: ClaimTrust = 'checked',
): Promise<Outcome> => {
  const { announce, runId } = context
  const course = startCourse(runId)
  try {
    // May this container migrate?
    const { kind, because } = config.gate
    if (kind === 'closed') {
      announce({ kind: 'gate closed', because })
      return goodOutcome('disabled', course, because)
    }
    // Files. A bad one ends the run before the database has been asked anything.
    const files = context.files ?? loadFiles(config, announce)
    const run: Run = { config, context, intent, trust, course, ...files }
    // Connect. Said meanwhile: the first line of a log takes as long as a server takes to answer.
    const connecting = connectAndLook(run, config.endpoints)
    announce({ kind: 'run started', version, migrations: run.migrations.length, because })
    for (let database = await connecting; ;) {
      const before = written(course)
      const outcome = await inOneSession(run, database)
      if (!isForNextSession(outcome) || written(course) === before) return outcome
      course.at = undefined
      announce({ kind: 'settings changed' })
      const { endpoint } = database.session
      database = await connectAndLook(run, { first: endpoint, fallback: undefined })
    }
  } catch (error) {
    return failedOutcome(problemsOfRun(error, context, whereItIs(course)), course)
  }
}

const written = ({ applied, reconciled }: Course): number => applied.length + reconciled.length

// A file has changed what the login starts with: what is left runs as in a run of its own, so that one run and many do the same.
const isForNextSession = ({ problems }: Outcome): boolean =>
  problems.some(({ code }) => code === 'settings-changed')

const inOneSession = async (run: Run, database: Look): Promise<Outcome> => {
  const { config, context, course, migrations, contracts } = run
  const checkContracts = (outcome: Outcome, state?: Seen): Promise<Outcome> =>
    withContractsChecked(outcome, { config, context, database, migrations, contracts, state })
  try {
    // Fast path. Nothing pending and every contract satisfied: no lock, no write, no SQL parser.
    const decided = noteWhatIsToDo(run, database.first.ledger)
    const { unknown: versions, removed } = decided.known
    if (versions.length > 0) context.announce({ kind: 'newer rows', versions })
    if (removed.length > 0) context.announce({ kind: 'tool files removed', versions: removed })
    refuseIfAny(decided.refusals)
    const isNothingLeft = isComplete(decided) && areDone(run, database.first)
    if (isNothingLeft || run.objects.length === 0)
      orphanEvents(run.objects, database.first.objects).forEach(context.announce)
    if (isNothingLeft) {
      const kind = hasBegun(course) ? 'applied' : 'up to date'
      return await checkContracts(goodOutcome(kind, course), database.first)
    }
    refuseIfAny(await readOnlyProblems(database, course.pending.length + run.objects.length))
    requireMigrationRole(database)
    // Lock.
    const waiting = waitForLock(run, database)
    // Loaded while the lock's connection is being made; awaited where the lock is released, should it not be there.
    const loading = loadPart('planner', import('./planner.ts'))
    loading.catch(() => undefined)
    const lock = await waiting
    const outcome =
      lock.kind === 'acquired'
        ? await underLock(lock, run, { database, loading })
        : withoutLock(lock, run)
    // Contracts.
    return await checkContracts(outcome)
  } finally {
    await database.session.close()
  }
}

type Planner = typeof import('./planner.ts')

const underLock = async (
  { locked, waitedMs }: Extract<LockResult, { kind: 'acquired' }>,
  run: Run,
  { database: { server, first }, loading }: { database: Look; loading: Promise<Planner> },
): Promise<Outcome> => {
  const { context, intent, course } = run
  try {
    context.announce({ kind: 'lock acquired', pid: locked.holderPid, waitedMs })
    const { lookUnderLock, planAndMark, announceUndecided, apply } = await loading
    // The ledger again: since the first look, another process may have applied some of it.
    const seen = await lookUnderLock(locked, run, server)
    // Who only adopts leaves the objects to the next run.
    const objects =
      run.objects.length === 0 || intent === 'adopt'
        ? undefined
        : await loadPart('objects', import('./objects/under-lock.ts'))
    const files = objects?.readObjectFiles(run, seen, server)
    if (isComplete(seen.decided) && objects === undefined)
      return goodOutcome('done by another process', course)
    // Reconcile. Files, ledger and catalog make a plan, or a refusal; what the database has already is recorded.
    if (!isComplete(seen.decided)) {
      const plan = await planAndMark(locked, run, { ...seen, server })
      if (intent === 'adopt') {
        announceUndecided(plan, context.announce)
        return goodOutcome('adopted', course)
      }
      // Apply. Each migration is fenced, verified and recorded; the first failure stops the run.
      const { problems } = await apply(locked, run, { ...plan, server })
      if (problems.length > 0) return failedOutcome(problems, course)
    }
    // Objects that are defined once: compared with what the server has, in one transaction.
    if (objects === undefined || files === undefined) return goodOutcome('applied', course)
    const stopped = await objects.applyObjects(locked, run, { ...files, server, seen: first })
    if (stopped.length > 0) return failedOutcome(stopped, course)
    return goodOutcome(hasBegun(course) ? 'applied' : 'up to date', course)
  } finally {
    if (await releaseLock(locked)) context.announce({ kind: 'lock released' })
  }
}
