// What the database has of the files that the ledger does not have, and what a run does with each of them, or why it refuses:
// for `run` under the lock, and for `plan`, `adopt` and `doctor`, which only say so. Reads only.

import type { NewDatabase } from '../../../catalog/facts/database-facts.ts'
import { resolveNames } from '../../../catalog/facts/resolve-names.ts'
import type { Config } from '../../../config/config.ts'
import { ledgerTable } from '../../../database/ledger/ledger.ts'
import { lastOrdinalOf, type LedgerRow } from '../../../database/ledger/ledger-row.ts'
import type { Server } from '../../../database/server/server.ts'
import type { Session } from '../../../database/session/session.ts'
import type { Problem } from '../../../errors/problem.ts'
import { prepareFor } from '../../../migrations/prepare/behind-pooler.ts'
import type { Migration } from '../../../migrations/migration.ts'
import type { Preparation } from '../../../migrations/prepare/prepare.ts'
import type { ClaimTrust } from '../../../reconcile/claims/check-claims.ts'
import { lossProblems, type FileLoss } from '../../../reconcile/data-loss/data-loss.ts'
import { decide, type Decision } from '../../../reconcile/states/decide.ts'
import { rowsOfTheseTexts } from '../../../reconcile/states/plan.ts'
import { lateConflicts, type LateConflict } from '../../../reconcile/late/late.ts'
import type { DriftItem } from '../../../reconcile/drift/item.ts'
import type { Intent, MigrationAssessment } from '../../../reconcile/assessment.ts'
import { refusalsOf } from '../../../reconcile/refuse.ts'
import type { Analysis } from '../../../schema/history/analyse.ts'
import type { Watched } from '../../drift-ignore.ts'
import { driftProblems, watchOf } from './drift.ts'
import { readLosses } from './losses.ts'
import { readResumption, versionsOf, type Resumption } from './read-progress.ts'
import { withoutBases } from './bases.ts'
import { assessPending } from './assess-pending.ts'
import { readTakeOver, rowsOfClaims, type ToolLedgerState } from './take-over.ts'

export type AssessmentRequest = {
  readonly migrations: readonly Migration[]
  /** Of the files alone. */
  readonly offline: Analysis
  readonly decided: Pick<Decision, 'pending' | 'interrupted' | 'known'>
  readonly rows: readonly LedgerRow[]
  readonly server: Server
  readonly config: Config
  readonly intent: Intent
  readonly trust: ClaimTrust
  /** With DRIFT. */
  readonly watched: Watched | undefined
}

export type Assessment = {
  /** The ledger of the tool that the files were written for. */
  readonly toolLedger: ToolLedgerState
  /** Of the files, in the light of what the database has. */
  readonly analysis: Analysis
  readonly newDatabase: NewDatabase | undefined
  /** One for each pending migration, in their order. */
  readonly assessments: readonly MigrationAssessment[]
  readonly toRun: readonly MigrationAssessment[]
  /** In the order in which they run: what an earlier run began goes on first, because its row is the ledger's last. */
  readonly files: readonly Migration[]
  readonly preparation: Preparation
  readonly resumption: Resumption
  readonly conflicts: readonly LateConflict[]
  /** What the files that run would remove. */
  readonly losses: readonly FileLoss[]
  /** Why what the database has of the files lets none of them run. */
  readonly stateProblems: readonly Problem[]
  readonly lossProblems: readonly Problem[]
  /** Of tables that pending files touch. */
  readonly drift: readonly DriftItem[]
  readonly driftProblems: readonly Problem[]
  /** Has the database any that are enabled? Undefined where nothing was asked. */
  readonly eventTriggers: boolean | undefined
}

/** Throws `fingerprint-failed`, `connection-lost`, `server-busy`, `server-refused`. */
export const assess = async (session: Session, request: AssessmentRequest): Promise<Assessment> => {
  const { migrations, offline, server, config, intent, trust } = request
  const toolLedger = await readTakeOver(session, request)
  const takeOver = toolLedger.kind === 'taken over' ? toolLedger.takeOver : undefined
  const recorded = rowsOfTheseTexts(request.rows, migrations)
  const rows = [...recorded, ...rowsOfClaims(takeOver, lastOrdinalOf(request.rows))]
  // To the rest of the files what is claimed is as good as recorded: the run is refused where it is not there.
  const { pending: undone, interrupted: begun } =
    takeOver === undefined
      ? request.decided
      : decide(migrations, rows, ledgerTable(config.ledgerSchema))
  const { pending, bases } = withoutBases(undone)
  const { searchPath: loginPath } = server
  const analysis = await resolveNames(session, offline, migrations, loginPath)
  const { history, parse } = analysis
  const { ledgerSchema, statementTimeout } = config
  const watched = { ...request, rows: [...request.rows, ...bases.rows] }
  const decided = { ...request.decided, pending }
  const watch = await watchOf({ ...watched, decided, analysis, loginPath })
  const found = await assessPending(session, {
    ...{ analysis, pending, loginPath, ledgerSchema, intent, trust, takeOver, watch },
    rows: [...rows, ...bases.rows],
    timeoutMs: statementTimeout.ms,
  })
  const { newDatabase, drift, eventTriggers } = found
  const assessments = [...bases.assessments, ...found.assessments]
  const differing = drift.filter(({ object }) => request.watched?.isIgnored(object) === false)
  const unclaimed = assessments.filter(({ claim }) => claim === undefined)
  const conflicts = lateConflicts(history, unclaimed, rows)
  const toRun = assessments.filter(({ action }) => action === 'run')
  const files = [...begun, ...toRun].map(({ migration }) => migration)
  const preparation = prepareFor(server, files, parse, versionsOf(begun))
  const { prepared } = preparation
  const resumption = await readResumption(session, begun, prepared, config)
  const { progress } = resumption
  const losses = await readLosses(session, {
    ...{ analysis, loginPath, rows, assessments: unclaimed, progress, prepared, at: config },
  })
  return {
    ...{
      toolLedger,
      analysis,
      newDatabase,
      assessments,
      toRun,
      files,
      preparation,
      resumption,
      conflicts,
      losses,
    },
    stateProblems: refusalsOf(assessments, history, { order: config.order, conflicts }),
    lossProblems: lossProblems(losses, history),
    drift: differing,
    eventTriggers,
    driftProblems: driftProblems(differing, config),
  }
}

/** Why a run with this intent would refuse. */
export const refusalsIn = (
  { stateProblems, lossProblems: lost, preparation, resumption, ...rest }: Assessment,
  intent: Intent,
): readonly Problem[] => [
  ...stateProblems,
  // What is explained is certain only where every file is.
  ...(stateProblems.length > 0 ? [] : lost),
  ...(intent === 'adopt'
    ? []
    : [...rest.driftProblems, ...preparation.problems, ...resumption.problems]),
]
