// A migration that cannot be one transaction: a row that says 'running' first, then unit after unit, each recorded. A unit
// that has a transaction shares it with its record, so it is never in doubt. One without is announced in the row before
// it runs; if its answer is lost, the next run decides by what the database has.

import { interrupted } from '../../errors/interruption.ts'
import type { Problem } from '../../errors/problem.ts'
import { recordFinished, recordRunning } from '../../database/ledger/progress.ts'
import { lostSettings } from '../../migrations/prepare/behind-pooler.ts'
import type { Unit } from '../../migrations/prepare/units.ts'
import { attemptOf, type ApplyOptions, type Step } from '../attempt.ts'
import { noteStatements, sessionFor } from '../../database/ledger/course.ts'
import {
  resetSession,
  confirmProgress,
  confirmRecords,
  ledgerUntouched,
  runDeferred,
  type FenceExpectation,
} from '../fence.ts'
import { dropSessionObjects, limitsOf, setLocalRole } from '../transaction-settings.ts'
import { retryOnLockTimeout } from '../retry.ts'
import { mirrorRows } from '../../tool-ledger/mirror.ts'
import { timeoutsOf } from '../send.ts'
import { runNonTransactional } from './non-transactional.ts'
import { updateLedger } from './update-ledger.ts'
import { resolveDoubt } from './doubt.ts'
import type { StatementsRun } from './statements-run.ts'
import { tryTransaction } from './transaction.ts'

/** Yields what stopped it; what was done until then is recorded. `fence` is that before the migration. */
export const applyStatements = async (
  step: Step,
  units: readonly Unit[],
  options: ApplyOptions & { readonly fence: FenceExpectation },
): Promise<Problem | undefined> => {
  const { fence, interruption, announce, course } = options
  const { migration } = step.prepared
  const { file } = migration
  const of = totalOf(units)
  const { done, started } = step.resumes ?? { done: 0, started: 0 }
  const work = sessionFor([migration], options.locked.work, course)
  const own = { ...options, locked: { ...options.locked, work }, step, units }
  if (step.resumes === undefined) {
    const failed = await begin(own)
    if (failed !== undefined) return failed
  } else announce({ kind: 'statements resumed', file, done, of })
  noteStatements(course, migration, { done, of })
  const run: StatementsRun = {
    ...own,
    fence: step.resumes === undefined ? afterRow(fence) : fence,
  }
  for (const unit of leftOf(units, done)) {
    const [{ number }] = unit.statements
    if (interruption.aborted)
      return interrupted(interruption, `before statement ${number + 1} of ${file}`)
    const inDoubt = number === done && started > done && unit.kind !== 'block'
    const failed = inDoubt ? await resolveDoubt(unit, run) : await runUnit(unit, run)
    if (failed !== undefined) return failed
    const doneNow = number + unit.statements.length
    noteStatements(course, migration, { done: doneNow, of })
    announce({ kind: 'statement done', file, done: doneNow, of })
  }
  return finish(run)
}

// An earlier run may have cut the file in other places.
const leftOf = (units: readonly Unit[], done: number): readonly Unit[] =>
  units.flatMap(({ kind, statements }) => {
    const [first, ...more] = statements.filter(({ number }) => number >= done)
    return first === undefined ? [] : [{ kind, statements: [first, ...more] }]
  })

const runUnit = (unit: Unit, run: StatementsRun): Promise<Problem | undefined> =>
  unit.kind === 'non-transactional'
    ? runNonTransactional(unit, run)
    : retryOnLockTimeout(run.step.prepared.migration, run, async () => {
        const tried = await tryTransaction(unit, run)
        if (tried.kind !== 'needs no transaction') return tried
        return keepsSettings(unit, run)
          ? attemptOf(await runNonTransactional(apart(unit), run))
          : { kind: 'failed', problem: tried.problem }
      })

const apart = (unit: Unit): Unit => ({ ...unit, kind: 'non-transactional' })

// Behind a pooler a statement without a transaction runs without what the file has set before.
const keepsSettings = (unit: Unit, { server, step, units }: StatementsRun): boolean => {
  const [{ number }] = unit.statements
  const before = units.filter(({ statements: [first] }) => first.number < number)
  const { role } = server.searchPath
  return (
    server.connectionKind === 'DIRECT' ||
    lostSettings(step.prepared, [...before, apart(unit)], role).length === 0
  )
}

const totalOf = (units: readonly Unit[]): number =>
  units.reduce((sum, { statements }) => sum + statements.length, 0)

const afterRow = (fence: FenceExpectation): FenceExpectation => ({
  ...fence,
  lastOrdinal: fence.lastOrdinal + 1,
})

const begin = (run: StatementsRun): Promise<Problem | undefined> => {
  const { step, units, fence, ledgerSchema, runId } = run
  const { migration } = step.prepared
  const ordinal = fence.lastOrdinal + 1
  return updateLedger(run, {
    fence,
    statements: [
      recordRunning(ledgerSchema, { migration, ordinal, statements: totalOf(units), runId }),
      confirmRecords(fence, runId, 1),
    ],
  })
}

const finish = (run: StatementsRun): Promise<Problem | undefined> => {
  const { step, units, fence, ledgerSchema, runId, server } = run
  const { migration } = step.prepared
  const { version } = migration
  const { role } = server.searchPath
  const done = totalOf(units)
  const verification = step.verification.sql
  return updateLedger(run, {
    fence: { ...fence, running: { version, done } },
    statements: [
      ...(verification === '' || role === undefined ? [] : [setLocalRole(role)]),
      ...(verification === '' ? [] : [verification]),
      resetSession(limitsOf({ server, ...timeoutsOf(migration, run) })),
      runDeferred,
      ledgerUntouched(fence, 'in part'),
      recordFinished(ledgerSchema, { migration, statements: done, runId }),
      confirmProgress(fence, { version, done, state: 'applied' }),
      ...(run.mirror === undefined ? [] : mirrorRows(run.mirror, [migration], 'before')),
    ],
    ...(server.connectionKind === 'DIRECT' ? { session: dropSessionObjects(server) } : {}),
  })
}
