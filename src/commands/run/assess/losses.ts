// What the files that are about to run would remove: asked of the database, and judged by the one rule for data. For `run` under
// the lock and for `plan` alike.

import { readTableSizes } from '../../../catalog/facts/table-sizes.ts'
import { readLostObjects } from '../../../catalog/facts/lost-objects.ts'
import { readMadeObjects } from '../../../database/ledger/made-objects.ts'
import type { LedgerAt } from '../../../database/ledger/trust.ts'
import { basesFirst, type LedgerRow, type Progress } from '../../../database/ledger/ledger-row.ts'
import type { Session } from '../../../database/session/session.ts'
import type { Analysis } from '../../../schema/history/analyse.ts'
import type { LoginPath } from '../../../schema/history/history.ts'
import type { Migration, MigrationVersion } from '../../../migrations/migration.ts'
import type { PreparedMigration } from '../../../migrations/prepare/prepare.ts'
import {
  lossesIn,
  tableOfLoss,
  withSizes,
  type FileLoss,
} from '../../../reconcile/data-loss/data-loss.ts'
import { removalsOf, type Running } from '../../../reconcile/data-loss/removals.ts'
import type { MigrationAssessment } from '../../../reconcile/assessment.ts'

export type LossRequest = {
  readonly analysis: Analysis
  readonly loginPath: LoginPath
  readonly rows: readonly LedgerRow[]
  readonly assessments: readonly MigrationAssessment[]
  /** Of files that an earlier run began statement by statement. */
  readonly progress: ReadonlyMap<MigrationVersion, Progress>
  /** In the order in which they run. */
  readonly prepared: readonly PreparedMigration[]
  readonly at: LedgerAt
}

/** Throws `connection-lost`, `server-busy`, `server-refused`. Reads only. */
export const readLosses = async (
  session: Session,
  request: LossRequest,
): Promise<readonly FileLoss[]> => {
  const running = runningOf(request)
  const removals = removalsOf(running)
  const asks = removals.flatMap((each) => each.queries)
  const there = await readLostObjects(session, asks, request.loginPath.role)
  const { loginPath } = request
  const { parse, naming } = request.analysis
  const files = pastOf(request, running)
  const past = { files, parse, naming, loginPath, objects: [] }
  const found = lossesIn(removals, there, past)
  const losses = found.some(isPerhapsOfObjects)
    ? lossesIn(removals, there, { ...past, objects: await readMadeObjects(session, request.at) })
    : found
  if (losses.length === 0) return []
  return withSizes(losses, await readTableSizes(session, [...new Set(losses.map(tableOfLoss))]))
}

// Of what files of migrations/objects/ make, only this has data.
const isPerhapsOfObjects = ({ name, verdict }: FileLoss): boolean =>
  name.kind === 'materialized view' && verdict.kind === 'refused'

const runningOf = ({ analysis, progress, prepared }: LossRequest): readonly Running[] => {
  const read = new Map(analysis.history.migrations.map((each) => [each.migration.version, each]))
  return prepared.flatMap((each): readonly Running[] => {
    const { version } = each.migration
    const found = read.get(version)
    const left = progress.get(version)
    return found === undefined
      ? []
      : [{ read: found, done: left === undefined ? 0 : doneOf(found.statements ?? [], each, left) }]
  })
}

// One that was begun may have been done: what it has made is the file's own anyway.
const doneOf = (
  statements: readonly { readonly start: number }[],
  { statementMode }: PreparedMigration,
  { done, started }: Progress,
): number => {
  const numbered = (statementMode?.units ?? []).flatMap((unit) => unit.statements)
  const last = numbered.filter(({ number }) => number < Math.max(done, started)).at(-1)
  return statements.filter(({ start }) => last !== undefined && start <= last.start).length
}

// The recorded files in the order in which they ran, those that are there besides, and what is done of those that were begun.
const pastOf = (
  { analysis, rows, assessments }: LossRequest,
  running: readonly Running[],
): readonly Migration[] => {
  const files = new Map(
    analysis.history.migrations.map(({ migration }) => [migration.version, migration]),
  )
  return [
    ...basesFirst(rows).flatMap(({ version, state }) =>
      state === 'running' ? [] : (files.get(version) ?? []),
    ),
    ...assessments.flatMap(({ migration, action }) => (action === 'mark' ? [migration] : [])),
    ...running.flatMap(({ read: { migration, statements = [] }, done }) => {
      const last = statements[done - 1]
      return last === undefined ? [] : [{ ...migration, text: migration.text.slice(0, last.end) }]
    }),
  ]
}
