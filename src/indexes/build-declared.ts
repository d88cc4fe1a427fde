// The story of `schemagate indexes`: declared indexes off the gate. POOLER by preference, under a lock of its own, what is there
// by definition is passed over, the rest is built, on different tables side by side where that is asked for.

import { gatherEvidence } from '../catalog/gather.ts'
import { buildIndex, showName, type BuildContext } from '../concurrent-index/build.ts'
import { managedOf, type Managed } from '../concurrent-index/managed.ts'
import type { Config } from '../config/config.ts'
import { endWhenAbandoned } from '../database/abandoned.ts'
import { connectToDatabase, type Connected } from '../database/connect.ts'
import { requireMigrationRole } from '../database/migration-role.ts'
import type { Server } from '../database/server.ts'
import { openSession, rowsOf, type Session } from '../database/session.ts'
import { underRole } from '../database/under-role.ts'
import { interrupted } from '../errors/interruption.ts'
import { fail, problem, SchemagateError, type Problem } from '../errors/problem.ts'
import type { Announce } from '../events.ts'
import { analyse, type Analysis } from '../history/analyse.ts'
import { ledgerTable, quotedLedger } from '../ledger/ledger.ts'
import { acquireLock, releaseLock } from '../lock/acquire.ts'
import { describeHolder, nameMessage } from '../lock/holder.ts'
import { lockKeyOf } from '../lock/key.ts'
import { requireSecondConnection } from '../lock/second-connection.ts'
import { prepareFor } from '../migrations/behind-pooler.ts'
import type { Migration } from '../migrations/migration.ts'
import type { Evidence } from '../plan/evidence.ts'
import { loginTimeouts } from '../settle/prepare-steps.ts'
import { loadParser, type Parse } from '../sql/parse.ts'
import type { DeclaredIndex } from './declared.ts'
import { problemOf } from './failure.ts'
import { loadDeclared } from './load.ts'

export type IndexesContext = {
  readonly announce: Announce
  readonly interruption: AbortSignal
  readonly parallel: number
}

export type IndexesResult = {
  readonly indexes: readonly DeclaredIndex[]
  /** Of files that declare no index. */
  readonly problems: readonly Problem[]
}

type Declared = {
  readonly migration: Migration
  readonly build: Extract<Managed, { kind: 'build' }>
  readonly evidence: readonly Evidence[]
}

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
    return { indexes: await underLock(files, database, config, context), problems }
  } finally {
    await database.session.close()
  }
}

type Building = IndexesContext & {
  readonly config: Config
  readonly server: Server
  readonly parse: Parse
}

const underLock = async (
  files: readonly Migration[],
  { session, connection, server }: Connected<undefined>,
  config: Config,
  context: IndexesContext,
): Promise<readonly DeclaredIndex[]> => {
  const { announce, interruption } = context
  const { ledgerSchema, lockWaitMs } = config
  const lock = await acquireLock({
    work: connection,
    reading: session,
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
    await requireSecondConnection(locked, server, lockWaitMs, announce)
    const analysis = await analyse(files, server.searchPath)
    const timeouts = server.way === 'POOLER' ? await loginTimeouts(work) : undefined
    if (timeouts !== undefined)
      announce({ kind: 'settings of the pooler', file: 'the indexes', timeouts })
    const building = { ...context, config, server, parse: analysis.parse }
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
  const question = {
    timelines,
    queries: [],
    deparse,
    timeoutMs: config.statementTimeout.ms,
    role: server.searchPath.role,
  }
  const { evidence } = await gatherEvidence(session, question)
  return migrations.flatMap(({ migration, statements = [] }, at): readonly Declared[] => {
    const [statement] = statements
    const build =
      statement && managedOf(statement, migration.text.slice(statement.start, statement.end))
    if (build?.kind !== 'build') return []
    const own = evidence.filter(({ timeline }) =>
      timeline.changes.some((change) => change.at === at),
    )
    return [{ migration, build, evidence: own }]
  })
}

/** Those of one table one after the other; tables side by side, each worker with a session of its own. */
const buildAll = async (
  declared: readonly Declared[],
  session: Session,
  building: Building,
): Promise<readonly DeclaredIndex[]> => {
  const queues = new Map<string, Declared[]>()
  for (const each of declared) {
    const table = showName(each.build.table)
    queues.set(table, [...(queues.get(table) ?? []), each])
  }
  const waiting = [...queues.values()]
  const results = new Map<Declared, DeclaredIndex>()
  const work = async (own: Session): Promise<void> => {
    if (building.server.way === 'DIRECT') rowsOf(own, await own.send(ownSession(building.server)))
    for (let queue = waiting.shift(); queue !== undefined; queue = waiting.shift())
      for (const each of queue) results.set(each, await settleOne(each, own, building))
  }
  const more = Math.min(building.parallel, waiting.length) - 1
  const others = Array.from({ length: Math.max(0, more) }, () =>
    openSession(session.endpoint, 'indexes', building),
  )
  try {
    await Promise.all([session, ...others].map(work))
  } finally {
    await Promise.all(others.map((other) => other.close()))
  }
  return declared.flatMap((each) => results.get(each) ?? [])
}

// No limit of the role or the database may strike a build, and none is left on the server when we are gone.
const ownSession = (server: Server): string =>
  [
    'SET statement_timeout = 0',
    'SET lock_timeout = 0',
    ...(server.versionNumber >= 170_000 ? ['SET transaction_timeout = 0'] : []),
    ...endWhenAbandoned(server, 'SET'),
  ].join('; ')

const isUnknown = ({ timeline: { changes } }: Evidence): boolean =>
  changes[0]?.value.kind === 'unknown'

const settleOne = async (
  { migration, build, evidence }: Declared,
  looking: Session,
  { config: { indexTimeout }, announce, interruption, server, parse }: Building,
): Promise<DeclaredIndex> => {
  const { file } = migration
  const told = { file, index: showName(build.index), table: showName(build.table) }
  const definition = evidence.find(({ timeline }) => timeline.facet === 'definition')
  const isInvalid = evidence.some(
    ({ timeline, found }) => timeline.facet === 'validation' && found === 'INVALID',
  )
  if (definition?.found !== undefined && !isInvalid) {
    // What cannot be compared is never called different.
    if (definition.matches[0] === true || isUnknown(definition))
      return { ...told, state: 'there', problem: undefined }
    const facts = {
      file,
      index: told.index,
      found: definition.found,
      expected: definition.expected[0] ?? '',
    }
    return { ...told, state: 'differs', problem: problem('index-differs', facts) }
  }
  if (interruption.aborted)
    return { ...told, state: 'failed', problem: interrupted(interruption, `before ${file}`) }
  const [unsendable] = prepareFor(server, [migration], parse, new Set()).problems
  if (unsendable !== undefined) return { ...told, state: 'failed', problem: unsendable }
  const work = underRole(looking, server.searchPath.role)
  const context: BuildContext = {
    ...{ work, looking, announce, interruption },
    name: nameMessage(file),
    timeoutMs: indexTimeout.ms,
  }
  const found = problemOf(await buildIndex(build, context), file, {
    bound: indexTimeout.text,
    interruption,
  })
  if (found !== undefined) return { ...told, state: 'failed', problem: found }
  return { ...told, state: isInvalid ? 'rebuilt' : 'built', problem: undefined }
}
