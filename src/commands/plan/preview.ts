// What `run` would do now, seen without the lock and without writing anything: the ledger as it is, the catalog in a
// read-only transaction.

import { assess, refusalsIn } from '../run/assess/assess.ts'
import { announceToolLedger } from '../run/assess/take-over.ts'
import { readNaming } from '../../catalog/facts/read-naming.ts'
import { readTableSizes } from '../../catalog/facts/table-sizes.ts'
import type { Config } from '../../config/config.ts'
import { loadContracts } from '../../contract/file/load.ts'
import type { Contract } from '../../contract/contract.ts'
import { connectToDatabase, type Connected } from '../../database/connect/connect.ts'
import { readOnlyProblems } from '../../database/connect/read-only.ts'
import { requireMigrationRole } from '../../database/connect/migration-role.ts'
import { SchemagateError } from '../../errors/problem.ts'
import type { Announce } from '../../events.ts'
import { analyse } from '../../schema/history/analyse.ts'
import { ledgerTable, readLedger, rowsOfLedger, type Ledger } from '../../database/ledger/ledger.ts'
import { lintEach } from '../../lint/lint.ts'
import { loadWatched, type Watched } from '../drift-ignore.ts'
import { loadFolder } from '../load-folder.ts'
import type { Migration } from '../../migrations/migration.ts'
import { driftOfItem } from '../../reconcile/drift/item.ts'
import { decide, isComplete } from '../../reconcile/states/decide.ts'
import { asMigration, loadObjects, type ObjectText } from '../../objects/load.ts'
import { lockedTables, makePlan, nothingToDo, type Plan } from './make-plan.ts'
import { planObjects } from './objects.ts'
import type { ClaimTrust } from '../../reconcile/claims/check-claims.ts'
import type { Intent } from '../../reconcile/assessment.ts'

export type PreviewOptions = {
  readonly announce: Announce
  readonly interruption: AbortSignal
  readonly intent: Intent
  readonly trust: ClaimTrust
}

/** Throws what `run` throws before its first look; what it would refuse after it, is in the plan. */
export const previewRun = async (
  config: Config,
  { announce, interruption, ...asked }: PreviewOptions,
): Promise<Plan> => {
  const { migrations, problems, dialect } = loadFolder(config, announce)
  const loaded = loadContracts(config.migrationsDir)
  const defined = loadObjects(config.migrationsDir, dialect)
  const all = [...problems, ...defined.problems, ...loaded.problems]
  if (all.length > 0) throw new SchemagateError(all)
  const contracts = loaded.contracts.map(({ contract }) => contract)
  const files = {
    ...{ migrations, contracts, objects: defined.objects },
    watched: loadWatched(config, defined.objects),
  }
  const database = await connectToDatabase({
    endpoints: config.endpoints,
    waitMs: config.databaseWaitMs,
    role: 'plan',
    migrationRole: config.migrationRole,
    first: (session) => readLedger(session, config),
    announce,
    interruption,
  })
  try {
    const found = await lookAhead(config, files, database, { ...asked, announce })
    const objects = asked.intent === 'run' ? defined.objects : []
    const { planned, problems: refused } = await planObjects(database.session, objects, {
      ...{ config, server: database.server, pending: found.migrations.length },
    })
    return { ...found, refusals: [...found.refusals, ...refused], objects: planned, dialect }
  } finally {
    await database.session.close()
  }
}

export type PreviewedFiles = {
  readonly migrations: readonly Migration[]
  readonly contracts: readonly Contract[]
  /** The files of migrations/objects/. */
  readonly objects?: readonly ObjectText[]
  /** With DRIFT. */
  readonly watched?: Watched | undefined
}

/** As previewRun(), of files that are read and a database that is connected. */
export const lookAhead = async (
  config: Config,
  { migrations, contracts, objects = [], watched }: PreviewedFiles,
  database: Connected<Ledger>,
  { intent, trust, announce }: Omit<PreviewOptions, 'interruption'>,
): Promise<Plan> => {
  const { session, server } = database
  const rows = rowsOfLedger(database.first)
  const decided = decide(migrations, rows, ledgerTable(config.ledgerSchema))
  const { pending, interrupted: begun, known, refusals } = decided
  if (isComplete(decided)) return nothingToDo(intent, known, refusals)
  requireMigrationRole(database)
  const naming = await readNaming(session, server, migrations)
  const offline = await analyse(migrations, server.searchPath, naming)
  const assessment = await assess(session, {
    ...{ migrations, offline, decided, rows, server, config, intent, trust },
    watched: intent === 'run' ? watched : undefined,
  })
  announceToolLedger({ ...assessment, rows }, announce)
  const { history, parse } = assessment.analysis
  const { assessments, files, preparation, resumption, losses, conflicts } = assessment
  const sizes = await readTableSizes(session, lockedTables(history, files))
  return makePlan({
    intent,
    history,
    reconciled: assessments,
    known,
    refusals: [
      ...refusals,
      ...(await readOnlyProblems(database, pending.length)),
      ...refusalsIn(assessment, intent),
    ],
    begun: begun.map(({ migration }) => ({
      migration,
      done: resumption.progress.get(migration.version)?.done ?? 0,
    })),
    prepared: preparation.prepared,
    sizes,
    losses,
    conflicts,
    drift: assessment.drift.map(driftOfItem),
    findings: new Map(
      [...lintEach(migrations, parse, { contracts, objects: objects.map(asMigration) })].map(
        ([{ version }, found]) => [version, found],
      ),
    ),
  })
}
