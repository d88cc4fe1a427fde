// One backfill, from what is recorded of it to how it ended: lock it, see whether it is ready, claim it, scan. It has a lock of
// its own, so that different ones may be run at once and the same one never.

import { describeEndpoint } from '../../config/endpoint.ts'
import type { Monitor } from '../../database/monitor/monitor.ts'
import type { Server } from '../../database/server/server.ts'
import type { Session } from '../../database/session/session.ts'
import { interrupted } from '../../errors/interruption.ts'
import { fail, problemsOf, SchemagateError, type Problem } from '../../errors/problem.ts'
import type { Announce } from '../../events.ts'
import { ledgerTable, quotedLedger } from '../../database/ledger/ledger.ts'
import type { LedgerAt } from '../../database/ledger/trust.ts'
import { acquireLock, releaseLock } from '../../database/lock/acquire.ts'
import { describeHolder } from '../../database/lock/holder.ts'
import { lockKeyOf } from '../../database/lock/key.ts'
import type { LockedSession } from '../../database/lock/locked-session.ts'
import { requireSecondConnection } from '../../database/lock/second-connection.ts'
import type { Backfill } from './file/backfill.ts'
import { openWorkers } from './workers.ts'
import { claimState } from './state/claim.ts'
import { decideStart } from './state/decide-start.ts'
import { askIfDone, checkReady } from './preflight.ts'
import { ensureStateTables, finishState, readStates, type BackfillState } from './state/state.ts'
import { scanTable } from './scan/scan.ts'

export type BackfillContext = {
  readonly announce: Announce
  readonly interruption: AbortSignal
  /** A UUID. */
  readonly runId: string
  /** Sees what none of our modules expected, for the log. */
  readonly onBug: (error: Error) => void
}

/** 'busy': another process is at it. */
type BackfillEnd = 'done' | 'up to date' | 'incomplete' | 'busy' | 'failed' | 'not attempted'

export type BackfillResult = {
  readonly backfill: Backfill
  readonly end: BackfillEnd
  /** In this run. */
  readonly rowsVisited: number
  readonly rowsChanged: number
  readonly durationMs: number
  /** What is recorded of it now, as far as that is known. */
  readonly state: BackfillState | undefined
  /** About how many rows the table has, when anything tells. */
  readonly total: number | undefined
  readonly problems: readonly Problem[]
}

export type RunOne = {
  /** For questions; watched. */
  readonly session: Session
  /** The same, not watched yet: the lock's work is watched by itself. */
  readonly connection: Session
  readonly monitor: Monitor
  readonly server: Server
  readonly at: LedgerAt
  /** When the run began. */
  readonly recorded: ReadonlyMap<string, BackfillState>
  readonly asked: 'go on' | 'restart'
  /** By performance.now(); Infinity is none. */
  readonly deadlineMs: number
  readonly context: BackfillContext
}

/** How far it came, also when it then fails. */
type BackfillProgress = {
  before: BackfillState | undefined
  state: BackfillState | undefined
  total: number | undefined
}

export const runOne = async (backfill: Backfill, run: RunOne): Promise<BackfillResult> => {
  const startedMs = performance.now()
  const progress: BackfillProgress = { before: undefined, state: undefined, total: undefined }
  const result = (end: BackfillEnd, problems: readonly Problem[] = []): BackfillResult => {
    const { before, state, total } = progress
    return {
      backfill,
      end,
      rowsVisited: (state?.rowsVisited ?? 0) - (before?.rowsVisited ?? 0),
      rowsChanged: (state?.rowsChanged ?? 0) - (before?.rowsChanged ?? 0),
      durationMs: Math.round(performance.now() - startedMs),
      ...{ state, total, problems },
    }
  }
  try {
    return result(await goThrough(backfill, run, progress))
  } catch (error) {
    const { interruption } = run.context
    if (interruption.aborted)
      return result('failed', [interrupted(interruption, `in the backfill ${backfill.name}`)])
    if (error instanceof Error && !(error instanceof SchemagateError)) run.context.onBug(error)
    const problems = problemsOf(error)
    const isBusy = problems.some(({ code }) => code === 'backfill-busy')
    return result(isBusy ? 'busy' : 'failed', problems)
  }
}

const goThrough = async (
  backfill: Backfill,
  run: RunOne,
  progress: BackfillProgress,
): Promise<BackfillEnd> => {
  const { name } = backfill
  progress.state = progress.before = run.recorded.get(name)
  if (decideOrRefuse(backfill, progress.state, run.asked).kind === 'up to date') return 'up to date'
  refuseReadOnly(run)
  const locked = await lockOrRefuse(backfill, run)
  try {
    return await underLock(backfill, run, { progress, locked })
  } finally {
    await releaseLock(locked)
  }
}

const underLock = async (
  backfill: Backfill,
  { session, at, server, asked, deadlineMs, context }: RunOne,
  { progress, locked }: { readonly progress: BackfillProgress; readonly locked: LockedSession },
): Promise<BackfillEnd> => {
  const { announce, interruption, runId } = context
  const { name, pace } = backfill
  // Another process may have gone on with it, or finished it, since the run began.
  progress.state = progress.before = (await readStates(session, at)).get(name)
  const decision = decideOrRefuse(backfill, progress.state, asked)
  if (decision.kind === 'up to date') return 'up to date'
  const { table, key, total } = await checkReady({ session, server }, backfill, interruption)
  progress.total = total
  await ensureStateTables(session, at)
  const of = { session, at, name, runId }
  const claim = { backfill, start: decision.start, locked }
  const claimed = await claimState(of, claim, announce)
  progress.state = claimed
  if (decision.start === 'from the first row') {
    progress.before = claimed
    if ((await askIfDone({ session, server }, backfill, interruption)) === 'done') {
      progress.state = await finishState(of)
      announce({ kind: 'backfill done', name, visited: 0, changed: 0 })
      return 'done'
    }
  }
  const budgetMs =
    pace.timeBudget === undefined || pace.timeBudget.ms === 0 ? Infinity : pace.timeBudget.ms
  const atMost = Math.min(deadlineMs, performance.now() + budgetMs)
  const workerSessions = await openWorkers(locked, server, pace.workers - 1, {
    announce,
    interruption,
  })
  const workers = workerSessions.others.length + 1
  if (workerSessions.lacking !== undefined && !interruption.aborted)
    announce({
      ...{ kind: 'backfill workers lacking', name, workers },
      ...{ declared: pace.workers, reason: workerSessions.lacking },
    })
  const { passVisited: visited, pass } = claimed
  announce({ kind: 'backfill started', name, table, visited, total, pass, workers })
  const scan = { backfill, table, key, schema: at.ledgerSchema, locked, server, runId }
  const scanned = await scanTable(scan, workerSessions.others, claimed, {
    ...{ announce, interruption, total },
    deadlineMs: atMost,
    onState: (state) => (progress.state = state),
    // oxlint-disable-next-line typescript/no-misused-promises -- finally() waits for what its callback promises
  }).finally(workerSessions.close)
  const { rowsVisited, rowsChanged } = scanned.state
  if (scanned.kind === 'out of time') {
    announce({ kind: 'backfill incomplete', name, visited: rowsVisited })
    return 'incomplete'
  }
  announce({ kind: 'backfill done', name, visited: rowsVisited, changed: rowsChanged })
  return 'done'
}

const decideOrRefuse = (
  backfill: Backfill,
  recorded: BackfillState | undefined,
  asked: RunOne['asked'],
): Exclude<ReturnType<typeof decideStart>, { kind: 'edited' }> => {
  const decision = decideStart(backfill, recorded, asked)
  const { name, file } = backfill
  return decision.kind === 'edited'
    ? fail('backfill-edited', { name, file, state: decision.state })
    : decision
}

const refuseReadOnly = ({ session, server }: RunOne): void => {
  const endpoint = describeEndpoint(session.endpoint)
  if (server.role === 'standby')
    fail('backfill-not-writable', { endpoint, reason: 'it is a standby (in recovery)' })
  if (server.writes === 'off by default')
    fail('backfill-not-writable', { endpoint, reason: 'default_transaction_read_only is on' })
}

const lockOrRefuse = async (
  { name }: Backfill,
  { session, connection, monitor, server, at, context: { announce, interruption } }: RunOne,
): Promise<LockedSession> => {
  const result = await acquireLock({
    work: connection,
    reading: session,
    monitor,
    server,
    key: lockKeyOf(`${ledgerTable(at.ledgerSchema)} backfill ${name}`),
    // Whoever has it does all that there is to do.
    waitMs: 0,
    ledger: quotedLedger(at.ledgerSchema),
    isSatisfied: () => Promise.resolve(false),
    announce: (event) => {
      // Its words are those of the migration lock.
      if (event.kind !== 'lock busy') announce(event)
    },
    interruption,
  })
  if (result.kind !== 'acquired') {
    const holder = result.kind === 'timed out' ? result.holder : undefined
    return fail('backfill-busy', { name, holder: describeHolder(holder) })
  }
  try {
    await requireSecondConnection(result.locked, server, announce)
    return result.locked
  } catch (error) {
    await releaseLock(result.locked)
    throw error
  }
}
