// The story of `schemagate indexes`: declared indexes off the gate. POOLER by preference, under a lock of its own, what is there
// by definition is skipped, the rest is built, on different tables side by side where that is asked for.

import { readNaming } from '../../catalog/facts/read-naming.ts'
import { readEvidence } from '../../catalog/read-evidence.ts'
import { concurrentStatementOf } from '../../apply/concurrent-index/concurrent-statement.ts'
import type { Config } from '../../config/config.ts'
import { connectToDatabase, type Connected } from '../../database/connect/connect.ts'
import { requireMigrationRole } from '../../database/connect/migration-role.ts'
import type { Session } from '../../database/session/session.ts'
import { fail, problem, SchemagateError } from '../../errors/problem.ts'
import { analyse, type Analysis } from '../../schema/history/analyse.ts'
import { ledgerTable, quotedLedger } from '../../database/ledger/ledger.ts'
import { acquireLock, releaseLock } from '../../database/lock/acquire.ts'
import { describeHolder } from '../../database/lock/holder.ts'
import { lockKeyOf } from '../../database/lock/key.ts'
import { requireSecondConnection } from '../../database/lock/second-connection.ts'
import type { Migration } from '../../migrations/migration.ts'
import { loginTimeouts } from '../run/prepare-steps.ts'
import { loadParser } from '../../sql/tree/parse.ts'
import {
  buildAll,
  type Building,
  type Declared,
  type IndexesContext,
  type IndexesResult,
} from './build-all.ts'
import { loadDeclared } from './load.ts'

/** Throws `indexes-busy`, `migration-role-unknown`, `migration-role-denied`, and what connecting throws. */
export const buildDeclared = async (
  config: Config,
  context: IndexesContext,
): Promise<IndexesResult> => {
  const { files, problems } = loadDeclared(config.migrationsDir, await loadParser())
  if (files.length === 0) return { indexes: [], problems }
  const { announce, interruption } = context
  const endpoints = config.endpoints ?? fail('no-database-named', {})
  const database = await connectToDatabase({
    // Building is slow and in nobody's way: it leaves DIRECT to the gate, unless its session must keep a role.
    endpoints:
      config.migrationRole === undefined
        ? { first: endpoints.fallback ?? endpoints.first, fallback: undefined }
        : endpoints,
    waitMs: config.databaseWaitMs,
    role: 'indexes',
    migrationRole: config.migrationRole,
    first: () => Promise.resolve(undefined),
    announce,
    interruption,
  })
  try {
    requireMigrationRole(database)
    const built = await underLock(files, database, config, context)
    return { indexes: built.indexes, problems: [...problems, ...built.problems] }
  } finally {
    await database.session.close()
  }
}

const underLock = async (
  files: readonly Migration[],
  { session, connection, monitor, server }: Connected<undefined>,
  config: Config,
  context: IndexesContext,
): Promise<IndexesResult> => {
  const { announce, interruption } = context
  const { ledgerSchema, lockWaitMs } = config
  const lock = await acquireLock({
    work: connection,
    reading: session,
    monitor,
    server,
    key: lockKeyOf(`${ledgerTable(ledgerSchema)} indexes`),
    waitMs: lockWaitMs,
    ledger: quotedLedger(ledgerSchema),
    isSatisfied: () => Promise.resolve(false),
    announce,
    interruption,
  })
  if (lock.kind !== 'acquired') {
    const holder = lock.kind === 'timed out' ? describeHolder(lock.holder) : 'unknown'
    const waitedSeconds = Math.round(lock.waitedMs / 1_000)
    throw new SchemagateError([problem('indexes-busy', { waitedSeconds, holder })])
  }
  const { locked } = lock
  const { work } = locked
  try {
    await requireSecondConnection(locked, server, announce)
    const naming = await readNaming(work, server, files)
    const analysis = await analyse(files, server.searchPath, naming)
    const timeouts = server.connectionKind === 'POOLER' ? await loginTimeouts(work) : undefined
    if (timeouts !== undefined)
      announce({ kind: 'settings of the pooler', file: 'the indexes', timeouts })
    const building = { ...context, config, server, monitor, parse: analysis.parse, key: locked.key }
    return await buildAll(await look(work, analysis, building), work, building)
  } finally {
    await releaseLock(locked)
  }
}

const look = async (
  session: Session,
  { history, deparse }: Analysis,
  { config, server }: Building,
): Promise<readonly Declared[]> => {
  const { migrations, timelines } = history
  const query = {
    timelines,
    checks: [],
    deparse,
    timeoutMs: config.statementTimeout.ms,
    role: server.searchPath.role,
  }
  const { evidence } = await readEvidence(session, query)
  return migrations.flatMap(({ migration, statements = [] }, at): readonly Declared[] => {
    const [statement] = statements
    const build =
      statement &&
      concurrentStatementOf(statement, migration.text.slice(statement.start, statement.end))
    if (build?.kind !== 'build') return []
    const own = evidence.filter(({ timeline }) =>
      timeline.changes.some((change) => change.at === at),
    )
    return [{ migration, build, evidence: own }]
  })
}
