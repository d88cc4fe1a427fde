// DRIFT: the tables that pending files touch, as the recorded files make them. Asked for in the question by which pending files are
// recognised, so that it costs no round trip.

import { isComparable } from '../../../catalog/comparison/catalog-query.ts'
import type { Config } from '../../../config/config.ts'
import type { LedgerRow } from '../../../database/ledger/ledger-row.ts'
import { problem, type Problem } from '../../../errors/problem.ts'
import type { Migration } from '../../../migrations/migration.ts'
import { asMigration } from '../../../objects/load.ts'
import { driftOfItem, type DriftItem } from '../../../reconcile/drift/item.ts'
import { watchTables, type Watch } from '../../../reconcile/drift/watch.ts'
import type { Decision } from '../../../reconcile/states/decide.ts'
import { recordedInOrder } from '../../../reconcile/states/plan.ts'
import type { Analysis } from '../../../schema/history/analyse.ts'
import {
  readHistoryYielding,
  type History,
  type LoginPath,
} from '../../../schema/history/history.ts'
import type { Watched } from '../../drift-ignore.ts'

export type WatchTask = {
  readonly analysis: Analysis
  readonly migrations: readonly Migration[]
  readonly rows: readonly LedgerRow[]
  readonly decided: Pick<Decision, 'pending' | 'interrupted' | 'known'>
  readonly loginPath: LoginPath
  readonly watched: Watched | undefined
}

/** Undefined where nothing can differ: nothing is recorded, or what a newer image has made would look like it. */
export const watchOf = async (task: WatchTask): Promise<Watch | undefined> => {
  const { analysis, migrations, rows, decided, watched } = task
  if (watched === undefined || decided.known.unknown.length > 0) return undefined
  const recorded = recordedInOrder(migrations, rows)
  if (recorded.length === 0) return undefined
  const objects = watched.objects.map(asMigration)
  const read = (files: readonly Migration[]): Promise<History> => readAgain(files, task)
  const watch = watchTables({
    whole: analysis.history,
    recorded: await read(recorded),
    withObjects: objects.length === 0 ? undefined : await read([...recorded, ...objects]),
    pending: new Set(
      [...decided.pending, ...decided.interrupted].map(({ migration }) => migration.version),
    ),
  })
  return { ...watch, timelines: watch.timelines.filter(isComparable) }
}

const readAgain = (
  files: readonly Migration[],
  { analysis: { parse, naming, findSchemas }, loginPath }: WatchTask,
): Promise<History> =>
  readHistoryYielding(files, {
    ...{ parse, naming, loginPath },
    ...(findSchemas === undefined ? {} : { findSchemas }),
  })

/** Why a run would refuse. */
export const driftProblems = (
  drift: readonly DriftItem[],
  { drift: then }: Pick<Config, 'drift'>,
): readonly Problem[] => {
  const [first] = drift
  if (first === undefined || then !== 'fail') return []
  return [problem('drifted', { drift: drift.map(driftOfItem) }, first.place)]
}
