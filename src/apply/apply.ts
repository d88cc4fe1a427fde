// Applies the steps of a plan in their order, and stops at the first that does not go through. "Applied" is said only after
// the server answered the commit.

import { interrupted, problemsOfRun } from '../errors/interruption.ts'
import { storedSettings } from '../database/server/login-settings.ts'
import { reading } from '../database/own-sql.ts'
import { rowsOf } from '../database/session/session.ts'
import { problem, type Problem } from '../errors/problem.ts'
import type { Unit } from '../migrations/prepare/units.ts'
import { attemptOf, sightOf, type ApplyOptions, type Step } from './attempt.ts'
import type { DigestedRow } from '../database/ledger/digest.ts'
import {
  noteApplied,
  undoneOf,
  whereItIs,
  type AppliedMigration,
  type Undone,
} from '../database/ledger/course.ts'
import { cutBatches, type Batches } from './batch/cut.ts'
import { openPipeline, type FenceBefore } from './pipeline.ts'
import { retryOnLockTimeout } from './retry.ts'
import { applyStatements } from './statements/apply-statements.ts'

export type ApplyResult = Undone & {
  readonly applied: readonly AppliedMigration[]
  /** Why it stopped; none where every step was applied. */
  readonly problems: readonly Problem[]
}

/** Never throws. Whatever happens below it, the result says what became of each step, and the ledger says the same. */
export const applySteps = async (
  steps: readonly Step[],
  options: ApplyOptions,
): Promise<ApplyResult> => {
  const { course } = options
  const problems = await problemsIn(steps, options)
  // Who goes on in a new session has not stopped.
  if (problems.some(({ code }) => code !== 'settings-changed')) announceStop(options)
  return { ...undoneOf(course), applied: [...course.applied], problems }
}

const problemsIn = async (
  steps: readonly Step[],
  options: ApplyOptions,
): Promise<readonly Problem[]> => {
  try {
    const found = (await inTurn(steps, options)) ?? (await otherSettings(steps, options))
    return found === undefined ? [] : [found]
  } catch (error) {
    return problemsOfRun(error, options, whereItIs(options.course))
  }
}

const announceStop = ({ course, announce }: ApplyOptions): void => {
  const { inDoubt, notAttempted } = undoneOf(course)
  const { at = notAttempted[0] } = course
  // What went wrong behind the last step stopped none.
  if (at === undefined) return
  announce({
    kind: 'stopping',
    file: at.file,
    inDoubt: inDoubt.filter(({ version }) => version !== at.version).length,
    notAttempted: notAttempted.length,
  })
}

const inTurn = async (
  steps: readonly Step[],
  options: ApplyOptions,
): Promise<Problem | undefined> => {
  const { course, announce, interruption } = options
  const fenceBefore = fenceExpectations(steps, options)
  const batches = options.batch === undefined ? none : cutBatches(steps, options.batch)
  const pipeline = openPipeline(steps, batches, fenceBefore, options)
  for (const [index, step] of steps.entries()) {
    const { migration, statementMode } = step.prepared
    const { file } = migration
    // What is on its way ends by itself: it is cancelled.
    if (interruption.aborted && pipeline.pendingCount() === 0)
      return interrupted(interruption, `before ${file}`)
    course.at = migration
    announce({
      kind: 'migration started',
      file,
      at: index + 1,
      of: steps.length,
      outOfOrder: step.outOfOrder,
    })
    const started = performance.now()
    let measuredMs: number | undefined
    const inSteps = (units: readonly Unit[]): Promise<Problem | undefined> =>
      applyStatements(step, units, { ...options, fence: fenceBefore(index, 1) })
    const found =
      statementMode === undefined
        ? await retryOnLockTimeout(migration, options, async () => {
            const tried = await pipeline.attempt(index)
            if (tried.kind === 'applied') measuredMs = tried.durationMs
            if (tried.kind !== 'needs steps') return tried
            announce({ kind: 'statement by statement', file, because: tried.because })
            return attemptOf(await inSteps(tried.units))
          })
        : await inSteps(statementMode.units)
    if (found !== undefined) return found
    const durationMs = measuredMs ?? Math.round(performance.now() - started)
    noteApplied(course, migration, durationMs)
    announce({ kind: 'migration applied', file, durationMs })
  }
  return undefined
}

const none: Batches = new Map()

/** A migration that goes on where an earlier run stopped has its row already. */
const fenceExpectations = (
  steps: readonly Step[],
  { locked, server, ledgerSchema, lastOrdinal, rows }: ApplyOptions,
): FenceBefore => {
  let newRows = 0
  const before = steps.map(({ resumes }) => (resumes === undefined ? newRows++ : newRows))
  return (index, count) => {
    const added = before[index] ?? 0
    return {
      locked,
      ledgerSchema,
      migrationRole: server.searchPath.role,
      lastOrdinal: lastOrdinal + added,
      ...(provesRows(steps, index, count) ? { rows: rowsBefore(steps.slice(0, index), rows) } : {}),
      ...(mayFindOtherSettings(steps, index) ? { storedSettings: server.login.stored } : {}),
    }
  }
}

/**
 * Between the first step and the last, the plain ones are not asked: within its transaction nobody changes the ledger unseen, and
 * of what others do between two of them, the last one tells. A sum for each of 500 files over 5,000 rows would take four seconds.
 */
const provesRows = (steps: readonly Step[], index: number, count: number): boolean => {
  const prepared = steps[index]?.prepared
  return (
    index === 0 ||
    index + count === steps.length ||
    (prepared?.statementMode ?? prepared?.unlessWhole) !== undefined ||
    prepared?.statements === undefined
  )
}

// The first step tells what others have done since the plan was made.
const mayFindOtherSettings = (steps: readonly Step[], index: number): boolean => {
  const before = steps[index - 1]
  return before === undefined || mayStoreSettings(before)
}

/** May it have changed what a new session of the login starts with? What cannot be seen into may. */
const mayStoreSettings = ({ statements }: Step): boolean =>
  sightOf(statements) !== 'whole' ||
  statements.some(({ node }) => 'AlterDatabaseSetStmt' in node || 'AlterRoleSetStmt' in node)

/** Has the last step changed them? A fence tells it of the others; what is behind it, the contracts are to be read as the next run does. */
const otherSettings = async (
  steps: readonly Step[],
  { locked: { work }, server: { login } }: ApplyOptions,
): Promise<Problem | undefined> => {
  const last = steps.at(-1)
  if (last === undefined || !mayStoreSettings(last)) return undefined
  const [row] = rowsOf(work, await work.send(reading(`SELECT ${storedSettings} AS stored`)))
  const { file } = last.prepared.migration
  return row?.['stored'] === login.stored ? undefined : problem('settings-changed', { file })
}

const rowsBefore = (
  done: readonly Step[],
  rows: readonly DigestedRow[],
): readonly DigestedRow[] => {
  const all = new Map(rows.map((row) => [row.version, row]))
  for (const { prepared } of done) {
    const { version, checksum } = prepared.migration
    all.set(version, { version, checksum, state: 'applied' })
  }
  return [...all.values()]
}
