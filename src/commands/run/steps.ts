// The files that run, as steps: in their order, with what the server must find after each, and how far an earlier run got.

import type { Step } from '../../apply/attempt.ts'
import { withNamedFingerprints } from './assess/assess-pending.ts'
import { makeVerifier } from '../../catalog/verification.ts'
import type { LedgerRow, Progress } from '../../database/ledger/ledger-row.ts'
import type { Server } from '../../database/server/server.ts'
import type { Analysis } from '../../schema/history/analyse.ts'
import { makeYield } from '../../schema/history/event-loop.ts'
import type { MigrationVersion } from '../../migrations/migration.ts'
import type { PreparedMigration } from '../../migrations/prepare/prepare.ts'
import type { MigrationAssessment } from '../../reconcile/assessment.ts'
import { rowsOfTheseTexts } from '../../reconcile/states/plan.ts'

export type StepContext = {
  readonly analysis: Analysis
  readonly assessments: readonly MigrationAssessment[]
  readonly rows: readonly LedgerRow[]
  readonly eventTriggers: boolean
  /** Of files that an earlier run began statement by statement. */
  readonly progress: ReadonlyMap<MigrationVersion, Progress>
}

export const stepsOf = async (
  prepared: readonly PreparedMigration[],
  found: StepContext,
  { searchPath }: Server,
): Promise<readonly Step[]> => {
  const { analysis, assessments, rows, progress } = found
  const { history, deparse } = analysis
  const whole = withNamedFingerprints(history, assessments, searchPath)
  const placeOf = new Map(whole.migrations.map(({ migration }, at) => [migration.version, at]))
  const recorded = new Set(
    rowsOfTheseTexts(
      rows,
      history.migrations.map(({ migration }) => migration),
    ).flatMap(({ version, state }) => (state === 'running' ? [] : (placeOf.get(version) ?? []))),
  )
  const verify = makeVerifier({ history: whole, recorded, deparse })
  const late = new Set(
    assessments.filter(({ outOfOrder }) => outOfOrder).map(({ migration }) => migration),
  )
  const trusted = trustedOf(prepared, found)
  const yieldNow = makeYield()
  const steps: Step[] = []
  for (const [index, each] of prepared.entries()) {
    const { migration, statementMode } = each
    // Between statements that stand alone, anybody may come in.
    const verifiedBy = index < trusted && statementMode === undefined ? 'success' : 'comparison'
    const at = placeOf.get(migration.version) ?? -1
    const resumes = progress.get(migration.version)
    steps.push({
      prepared: each,
      outOfOrder: late.has(migration),
      ...(resumes === undefined ? {} : { resumes }),
      statements: whole.migrations[at]?.statements ?? [],
      verification: verify({ migration, at, verifiedBy }),
    })
    await yieldNow()
  }
  return steps
}

const makesEventTrigger = /\bevent\s+trigger\b/i

/** How many files run before there may be an event trigger, which may change what a statement makes. */
const trustedOf = (
  prepared: readonly PreparedMigration[],
  { eventTriggers }: Pick<StepContext, 'eventTriggers'>,
): number => {
  if (eventTriggers) return 0
  const first = prepared.findIndex(({ migration }) => makesEventTrigger.test(migration.text))
  return first < 0 ? prepared.length : first
}
