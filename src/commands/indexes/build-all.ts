// Builds what of the declared indexes is missing, on different tables side by side. Whatever goes wrong with one, what became of
// the others is reported.

import { showName, type BuildContext } from '../../apply/concurrent-index/build-result.ts'
import type { ConcurrentStatement } from '../../apply/concurrent-index/concurrent-statement.ts'
import { runConcurrently } from '../../apply/concurrent-index/run-concurrently.ts'
import type { Config } from '../../config/config.ts'
import { endWhenAbandoned } from '../../database/server/abandoned.ts'
import type { Monitor } from '../../database/monitor/monitor.ts'
import type { Server } from '../../database/server/server.ts'
import { openSession, rowsOf, type Session } from '../../database/session/session.ts'
import { withRole } from '../../database/session/with-role.ts'
import { interrupted } from '../../errors/interruption.ts'
import { problem, problemsOf, type Problem } from '../../errors/problem.ts'
import type { Announce } from '../../events.ts'
import type { LockKey } from '../../database/lock/locked-session.ts'
import { nameMessage } from '../../database/lock/named-statement.ts'
import { prepareFor } from '../../migrations/prepare/behind-pooler.ts'
import type { Migration } from '../../migrations/migration.ts'
import type { Evidence } from '../../reconcile/evidence.ts'
import type { Parse } from '../../sql/tree/parse.ts'
import type { DeclaredIndex } from './declared.ts'
import { problemOf } from './failure.ts'

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

export type Declared = {
  readonly migration: Migration
  readonly build: Extract<ConcurrentStatement, { kind: 'build' }>
  readonly evidence: readonly Evidence[]
}

export type Building = IndexesContext & {
  readonly config: Config
  readonly server: Server
  readonly monitor: Monitor
  readonly parse: Parse
  readonly key: LockKey
}

/** Those of one table one after the other; tables side by side, each worker with a session of its own. */
export const buildAll = async (
  declared: readonly Declared[],
  session: Session,
  building: Building,
): Promise<IndexesResult> => {
  const queues = new Map<string, Declared[]>()
  for (const each of declared) {
    const table = showName(each.build.table)
    queues.set(table, [...(queues.get(table) ?? []), each])
  }
  const waiting = [...queues.values()]
  const results = new Map<Declared, DeclaredIndex>()
  const work = async (own: Session): Promise<void> => {
    if (building.server.connectionKind === 'DIRECT')
      rowsOf(own, await own.send(ownSession(building.server)))
    for (let queue = waiting.shift(); queue !== undefined; queue = waiting.shift())
      for (const each of queue)
        if (!own.lost.aborted) results.set(each, await buildOrFailure(each, own, building))
  }
  const more = Math.min(building.parallel, waiting.length) - 1
  const others = Array.from({ length: Math.max(0, more) }, () =>
    openSession(session.endpoint, 'indexes', building),
  )
  const drop = (): void => {
    for (const other of others) other.drop(String(session.lost.reason))
  }
  // Given up when the lock is lost: the others with it.
  session.lost.addEventListener('abort', drop, { once: true })
  const ends = await Promise.allSettled([session, ...others].map(work))
  session.lost.removeEventListener('abort', drop)
  await Promise.all(others.map((other) => other.close()))
  return {
    indexes: declared.map(
      (each) =>
        results.get(each) ?? { ...shownOf(each), state: 'not attempted', problem: undefined },
    ),
    // Of a worker that did not get to work.
    problems: ends.flatMap((end) => (end.status === 'rejected' ? problemsOf(end.reason) : [])),
  }
}

const shownOf = ({ migration: { file }, build: { index, table } }: Declared) => ({
  ...{ file, index: showName(index), table: showName(table) },
})

/** Whatever goes wrong with one, what was built before is reported. */
const buildOrFailure = async (
  declared: Declared,
  looking: Session,
  building: Building,
): Promise<DeclaredIndex> => {
  try {
    return await buildDeclaredIndex(declared, looking, building)
  } catch (error) {
    const { interruption } = building
    const { file } = declared.migration
    const [found] = interruption.aborted
      ? [interrupted(interruption, `in ${file}`)]
      : problemsOf(error)
    const state = looking.lost.aborted ? 'in doubt' : 'failed'
    return { ...shownOf(declared), state, problem: found }
  }
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

const buildDeclaredIndex = async (
  declared: Declared,
  looking: Session,
  { config: { indexTimeout }, announce, interruption, server, monitor, parse, key }: Building,
): Promise<DeclaredIndex> => {
  const { migration, build, evidence } = declared
  const { file } = migration
  const shown = shownOf(declared)
  const definition = evidence.find(({ timeline }) => timeline.property === 'definition')
  const isInvalid = evidence.some(
    ({ timeline, found }) => timeline.property === 'validation' && found === 'INVALID',
  )
  if (definition?.found !== undefined && !isInvalid) {
    // What cannot be compared is never called different.
    if (definition.matches[0] === true || isUnknown(definition))
      return { ...shown, state: 'there', problem: undefined }
    const facts = {
      file,
      index: shown.index,
      found: definition.found,
      expected: definition.expected[0] ?? '',
    }
    return { ...shown, state: 'differs', problem: problem('index-differs', facts) }
  }
  if (interruption.aborted)
    return { ...shown, state: 'failed', problem: interrupted(interruption, `before ${file}`) }
  const [unsendable] = prepareFor(server, [migration], parse, new Set()).problems
  if (unsendable !== undefined) return { ...shown, state: 'failed', problem: unsendable }
  const work = withRole(looking, server.searchPath.role)
  const context: BuildContext = {
    ...{ work, looking, monitor, announce, interruption },
    name: nameMessage(file, key),
    timeoutMs: indexTimeout.ms,
  }
  const built = await runConcurrently(build, context, 'new')
  const found = problemOf(built, file, { bound: indexTimeout.text, interruption })
  if (found !== undefined)
    return { ...shown, state: built.kind === 'lost' ? 'in doubt' : 'failed', problem: found }
  announce({ kind: 'index built', index: shown.index })
  return { ...shown, state: isInvalid ? 'rebuilt' : 'built', problem: undefined }
}
