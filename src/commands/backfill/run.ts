// The entry point of this module and the story of `schemagate backfill`: files, connect, what is recorded; then one backfill after the
// other (run-one.ts).

import type { Config } from '../../config/config.ts'
import { preferPooler } from '../../config/endpoint.ts'
import { connectToDatabase } from '../../database/connect/connect.ts'
import { requireMigrationRole } from '../../database/connect/migration-role.ts'
import { interrupted } from '../../errors/interruption.ts'
import { fail, problemsOf, SchemagateError, type Problem } from '../../errors/problem.ts'
import { nearest } from '../../errors/nearest.ts'
import { asWritten } from '../../sql/tree/naming.ts'
import { loadParser } from '../../sql/tree/parse.ts'
import type { Backfill } from './file/backfill.ts'
import { loadBackfills, type LoadedBackfills } from './file/load.ts'
import { runOne, type BackfillContext, type BackfillResult } from './run-one.ts'
import { readStates } from './state/state.ts'

export type BackfillRequest = {
  readonly which:
    { readonly kind: 'all' } | { readonly kind: 'named'; readonly names: readonly string[] }
  readonly asked: 'go on' | 'restart'
  /** For the whole run, beside what each file says for itself. */
  readonly timeBudgetMs: number | undefined
}

export type BackfillRun = {
  /** In the order in which they were run. */
  readonly results: readonly BackfillResult[]
  /** Of files that hold no backfill, and what kept all of them from being run. */
  readonly problems: readonly Problem[]
}

/** How it ended is the value: whatever is thrown, what was done before is reported. */
export const runBackfills = async (
  config: Config,
  request: BackfillRequest,
  context: BackfillContext,
): Promise<BackfillRun> => {
  const { announce, interruption } = context
  const deadlineMs = performance.now() + (request.timeBudgetMs ?? Infinity)
  let problems: readonly Problem[] = []
  const results: BackfillResult[] = []
  try {
    const chosen = await choose(config, request)
    const { backfills } = chosen
    if (backfills.length === 0) return { results: [], problems: chosen.problems }
    // The database is contacted for the sake of the others.
    problems = chosen.problems.map((each) => ({
      ...each,
      database: 'Nothing of this file is run.',
    }))
    const database = await connectToDatabase({
      endpoints: config.endpoints && preferPooler(config.endpoints),
      waitMs: config.databaseWaitMs,
      role: 'backfill',
      migrationRole: config.migrationRole,
      first: (session) => readStates(session, config),
      announce,
      interruption,
    })
    const { session, connection, monitor, server, first: recorded } = database
    const { asked } = request
    try {
      requireMigrationRole(database)
      for (const backfill of backfills)
        results.push(
          results.some(endsTheRun)
            ? notAttempted(backfill)
            : await runOne(backfill, {
                session,
                connection,
                monitor,
                server,
                at: config,
                recorded,
                asked,
                deadlineMs,
                context,
              }),
        )
      return { results, problems }
    } finally {
      await session.close()
    }
  } catch (error) {
    if (error instanceof Error && !(error instanceof SchemagateError)) context.onBug(error)
    const found = interruption.aborted
      ? [interrupted(interruption, 'before a backfill began')]
      : problemsOf(error)
    return { results, problems: [...found, ...problems] }
  }
}

// A bad file keeps those beside it from nothing.
const choose = async (
  { migrationsDir }: Config,
  { which }: BackfillRequest,
): Promise<LoadedBackfills> => {
  const wanted = which.kind === 'all' ? which.kind : which.names
  const { names, backfills, problems } = loadBackfills(
    migrationsDir,
    await loadParser(asWritten),
    wanted,
  )
  const isRead = names.length > 0 || problems.length === 0
  if (wanted === 'all' || !isRead) return { backfills, problems }
  if (wanted.length === 0) return fail('backfill-not-named', { names, given: 'nothing' })
  const unknown = wanted.find((name) => !names.includes(name))
  if (unknown !== undefined)
    return fail('unknown-backfill', { name: unknown, nearest: nearest(unknown, names, 5), names })
  const inOrder = [...new Set(wanted)].flatMap((name) =>
    backfills.filter((each) => each.name === name),
  )
  return { backfills: inOrder, problems }
}

// The session is gone, nothing more is wanted, or it is unknown what is wrong.
const endsTheRun = ({ problems }: BackfillResult): boolean =>
  problems.some(
    ({ code }) => code === 'connection-lost' || code === 'bug' || code.startsWith('interrupted'),
  )

const notAttempted = (backfill: Backfill): BackfillResult => ({
  ...{ backfill, end: 'not attempted', problems: [] },
  ...{ rowsVisited: 0, rowsChanged: 0, durationMs: 0, state: undefined, total: undefined },
})
