// Migrations that an earlier run began statement by statement: how far they are, and whether the files still say so.

import type { Progress } from '../../../database/ledger/ledger-row.ts'
import type { Session } from '../../../database/session/session.ts'
import type { Problem } from '../../../errors/problem.ts'
import { ledgerTable } from '../../../database/ledger/ledger.ts'
import { readProgress } from '../../../database/ledger/progress.ts'
import type { LedgerAt } from '../../../database/ledger/trust.ts'
import type { MigrationVersion } from '../../../migrations/migration.ts'
import type { PreparedMigration } from '../../../migrations/prepare/prepare.ts'
import type { StateOf } from '../../../reconcile/states/plan.ts'
import { resumeProblem } from '../../../reconcile/states/resume.ts'

export type Resumption = {
  readonly progress: ReadonlyMap<MigrationVersion, Progress>
  readonly problems: readonly Problem[]
}

export const readResumption = async (
  session: Session,
  interrupted: readonly StateOf<'interrupted'>[],
  prepared: readonly PreparedMigration[],
  at: LedgerAt,
): Promise<Resumption> => {
  const progress = new Map<MigrationVersion, Progress>()
  const problems: Problem[] = []
  for (const { migration } of interrupted) {
    const { version } = migration
    const found = await readProgress(session, at, version)
    progress.set(version, found)
    const own = prepared.find((each) => each.migration.version === version)
    const refusal = own && resumeProblem(own, found, ledgerTable(at.ledgerSchema))
    if (refusal !== undefined) problems.push(refusal)
  }
  return { progress, problems }
}

export const versionsOf = (
  states: readonly StateOf<'interrupted'>[],
): ReadonlySet<MigrationVersion> => new Set(states.map(({ migration }) => migration.version))
