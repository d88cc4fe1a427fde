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
import { withoutChanged } from '../../reconcile/drift/changed.ts'
import { findDrift } from '../../reconcile/drift/drift.ts'
import type { Drift, DriftItem } from '../../reconcile/drift/item.ts'
import { decide } from '../../reconcile/states/decide.ts'
import { changedSince, recordedInOrder } from '../../reconcile/states/plan.ts'
import { analyse, type Analysis } from '../../schema/history/analyse.ts'
import { loadFolder } from '../load-folder.ts'
import { asMigration, loadObjects, type ObjectText } from '../../objects/load.ts'
import { findExactDrift } from './exact.ts'
import { onlyPrivileges, recordedObjects, withRecordedKinds } from './objects.ts'
import { readIgnored } from '../drift-ignore.ts'
import type { DriftReport } from './report.ts'

export type CompareOptions = {
  readonly announce: Announce
  readonly interruption: AbortSignal
  readonly onBug: (error: Error) => void
  /** `exact`: by a database that the files have built. */
  readonly by: 'text' | 'exact'
}

/** Throws what readLedger() throws, and every reason why nothing can be said. */
export const compareWithFiles = async (
  config: Config,
  options: CompareOptions,
): Promise<DriftReport> => {
  const { announce, interruption, by } = options
  if (by === 'exact' && config.scratch === undefined)
    fail('no-scratch-server', { command: 'drift --exact' })
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
    return await compare({ config, database, files, ignored, options })
  } finally {
    await database.session.close()
  }
}

type Files = { readonly migrations: readonly Migration[]; readonly objects: readonly ObjectText[] }

type Comparison = {
  readonly config: Config
  readonly database: Connected<Ledger>
  readonly files: Files
  readonly ignored: ReturnType<typeof readIgnored>
  readonly options: CompareOptions
}

const compare = async (comparison: Comparison): Promise<DriftReport> => {
  const { config, database, files, ignored, options } = comparison
  const { session, server } = database
  requireMigrationRole(database)
  const rows = rowsOfLedger(database.first)
  const migrations = recordedOrRefuse(files.migrations, rows, config)
  const defined = await recordedObjects(session, files.objects, { config, server })
  const objects = defined.recorded.map(({ file }) => file)
  const changed = [
    ...changedSince(files.migrations, rows),
    ...defined.changed.map(({ file }) => asMigration(file)),
  ]
  const recorded = [...migrations, ...objects.map(asMigration)]
  const naming = await readNaming(session, server, recorded)
  const { searchPath } = server
  const offline = await analyse(recorded, searchPath, naming)
  const analysis = await resolveNames(session, offline, recorded, searchPath)
  const compared =
    options.by === 'exact'
      ? await withRecordedKinds(session, config, {
          drift: await findExactDrift({
            ...{ config, context: options, files: { migrations, objects }, database },
            history: analysis.history,
          }),
          objects: onlyPrivileges(defined),
        })
      : await withRecordedKinds(session, config, {
          drift: await findDriftByText(comparison, analysis),
          objects: defined,
        })
  const found =
    changed.length === 0
      ? compared
      : withoutChanged(compared, {
          history: (await analyse([...recorded, ...changed], searchPath, naming)).history,
          from: recorded.length,
        })
  const shown = (items: readonly DriftItem[]): readonly DriftItem[] =>
    items.filter(({ object }) => !ignored.isIgnored(object))
  return {
    drift: { ...found, items: shown(found.items), unsure: shown(found.unsure) },
    recorded: recorded.length,
    pending: files.migrations.length + files.objects.length - recorded.length,
    ignored: ignored.patterns,
  }
}

const findDriftByText = async (
  { config, database: { session, server } }: Comparison,
  { history, deparse }: Analysis,
): Promise<Drift> => {
  const timeoutMs = config.statementTimeout.ms
  const { evidence } = await readEvidence(session, {
    timelines: history.timelines.filter(isComparable),
    checks: [],
    deparse,
    timeoutMs,
    role: server.searchPath.role,
  })
  return findDrift({ history, evidence, existing: await readExistingObjects(session, timeoutMs) })
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
