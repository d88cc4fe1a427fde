// Files, ledger and catalog, read and compared.

import { readExistingObjects } from '../../catalog/facts/existing-objects.ts'
import { readNaming } from '../../catalog/facts/read-naming.ts'
import { resolveNames } from '../../catalog/facts/resolve-names.ts'
import { readEvidence } from '../../catalog/read-evidence.ts'
import { isComparable } from '../../catalog/comparison/catalog-query.ts'
import type { Config } from '../../config/config.ts'
import { connectToDatabase, type Connected } from '../../database/connect/connect.ts'
import { requireMigrationRole } from '../../database/connect/migration-role.ts'
import { ledgerTable, readLedger, rowsOfLedger, type Ledger } from '../../database/ledger/ledger.ts'
import type { LedgerRow } from '../../database/ledger/ledger-row.ts'
import { fail, SchemagateError } from '../../errors/problem.ts'
import type { Announce } from '../../events.ts'
import type { Migration } from '../../migrations/migration.ts'
import { findDrift } from '../../reconcile/drift/drift.ts'
import type { DriftItem } from '../../reconcile/drift/item.ts'
import { decide } from '../../reconcile/states/decide.ts'
import { recordedInOrder } from '../../reconcile/states/plan.ts'
import { analyse } from '../../schema/history/analyse.ts'
import { loadFolder } from '../load-folder.ts'
import { loadObjects, type ObjectText } from '../../objects/load.ts'
import { recordedObjects } from './objects.ts'
import { readIgnored } from '../drift-ignore.ts'
import type { DriftReport } from './report.ts'

export type CompareOptions = {
  readonly announce: Announce
  readonly interruption: AbortSignal
}

/** Throws what readLedger() throws, and every reason why nothing can be said. */
export const compareWithFiles = async (
  config: Config,
  { announce, interruption }: CompareOptions,
): Promise<DriftReport> => {
  const { migrations, problems, dialect } = loadFolder(config, announce)
  const defined = loadObjects(config.migrationsDir, dialect)
  const ignored = readIgnored(config.migrationsDir)
  const found = [...problems, ...defined.problems]
  if (found.length > 0) throw new SchemagateError(found)
  const database = await connectToDatabase({
    endpoints: config.endpoints,
    waitMs: config.databaseWaitMs,
    role: 'drift',
    migrationRole: config.migrationRole,
    first: (session) => readLedger(session, config),
    announce,
    interruption,
  })
  try {
    const files = { migrations, objects: defined.objects }
    return await compare(config, database, files, ignored)
  } finally {
    await database.session.close()
  }
}

type Files = { readonly migrations: readonly Migration[]; readonly objects: readonly ObjectText[] }

const compare = async (
  config: Config,
  database: Connected<Ledger>,
  { migrations, objects }: Files,
  { isIgnored, patterns }: ReturnType<typeof readIgnored>,
): Promise<DriftReport> => {
  const { session, server } = database
  requireMigrationRole(database)
  const rows = rowsOfLedger(database.first)
  const ofMigrations = recordedOrRefuse(migrations, rows, config)
  const ofObjects = await recordedObjects(session, objects, { config, server })
  const recorded = [...ofMigrations, ...ofObjects]
  const timeoutMs = config.statementTimeout.ms
  const naming = await readNaming(session, server, recorded)
  const { searchPath } = server
  const offline = await analyse(recorded, searchPath, naming)
  const { history, deparse } = await resolveNames(session, offline, recorded, searchPath)
  const { evidence } = await readEvidence(session, {
    timelines: history.timelines.filter(isComparable),
    checks: [],
    deparse,
    timeoutMs,
    role: searchPath.role,
  })
  const existing = await readExistingObjects(session, timeoutMs)
  const found = findDrift({ history, evidence, existing })
  const shown = (items: readonly DriftItem[]): readonly DriftItem[] =>
    items.filter(({ object }) => !isIgnored(object))
  return {
    drift: { ...found, items: shown(found.items), unsure: shown(found.unsure) },
    recorded: recorded.length,
    pending: migrations.length + objects.length - recorded.length,
    ignored: patterns,
  }
}

const recordedOrRefuse = (
  migrations: readonly Migration[],
  rows: readonly LedgerRow[],
  { ledgerSchema }: Config,
): readonly Migration[] => {
  const { refusals, known } = decide(migrations, rows, ledgerTable(ledgerSchema))
  if (refusals.length > 0) throw new SchemagateError(refusals)
  if (rows.length === 0) fail('nothing-recorded', { ledger: ledgerTable(ledgerSchema) })
  if (known.unknown.length > 0) fail('newer-rows', { versions: known.unknown })
  return recordedInOrder(migrations, rows)
}
