// The door of this room and the story of `schemagate backfill`: files, connect, what is recorded; then one backfill after the
// other (run-one.ts).

import type { Config } from '../config/config.ts'
import { preferPooler } from '../config/endpoint.ts'
import { connectToDatabase } from '../database/connect.ts'
import { requireMigrationRole } from '../database/migration-role.ts'
import { interrupted } from '../errors/interruption.ts'
import { fail, SchemagateError, type Problem } from '../errors/problem.ts'
import { nearest } from '../nearest.ts'
import { loadParser } from '../sql/parse.ts'
import type { Backfill } from './backfill.ts'
import { loadBackfills } from './load.ts'
import { runOne, type BackfillContext, type BackfillResult } from './run-one.ts'
import { readStates } from './state.ts'

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
  /** What kept all of them from being run. */
  readonly problems: readonly Problem[]
}

/** How it ended is the value; throws only for a bug. */
export const runBackfills = async (
  config: Config,
  request: BackfillRequest,
  context: BackfillContext,
): Promise<BackfillRun> => {
  const { announce, interruption } = context
  const deadlineMs = performance.now() + (request.timeBudgetMs ?? Infinity)
  try {
    const backfills = await chosen(config, request)
    if (backfills.length === 0) return { results: [], problems: [] }
    const database = await connectToDatabase({
      endpoints: config.endpoints && preferPooler(config.endpoints),
      waitMs: config.databaseWaitMs,
      role: 'backfill',
      migrationRole: config.migrationRole,
      first: (session) => readStates(session, config.ledgerSchema),
      announce,
      interruption,
    })
    const { session, connection, server, first: recorded } = database
    const { asked } = request
    const { ledgerSchema: schema } = config
    const results: BackfillResult[] = []
    try {
      requireMigrationRole(database)
      for (const backfill of backfills)
        results.push(
          results.some(endsTheRun)
            ? notAttempted(backfill)
            : await runOne(backfill, {
                session,
                connection,
                server,
                schema,
                recorded,
                asked,
                deadlineMs,
                context,
              }),
        )
      return { results, problems: [] }
    } finally {
      await session.close()
    }
  } catch (error) {
    if (interruption.aborted)
      return { results: [], problems: [interrupted(interruption, 'before a backfill began')] }
    if (error instanceof SchemagateError) return { results: [], problems: error.problems }
    throw error
  }
}

const chosen = async (
  { migrationsDir }: Config,
  { which }: BackfillRequest,
): Promise<readonly Backfill[]> => {
  const { backfills, problems } = loadBackfills(migrationsDir, await loadParser())
  if (problems.length > 0) throw new SchemagateError(problems)
  if (which.kind === 'all') return backfills
  const names = backfills.map(({ name }) => name)
  if (which.names.length === 0) return fail('backfill-not-named', { names, given: 'nothing' })
  return [...new Set(which.names)].map(
    (name) =>
      backfills.find((each) => each.name === name) ??
      fail('unknown-backfill', { name, nearest: nearest(name, names, 5), names }),
  )
}

// The session is gone, or nothing more is wanted.
const endsTheRun = ({ problems }: BackfillResult): boolean =>
  problems.some(({ code }) => code === 'connection-lost' || code.startsWith('interrupted'))

const notAttempted = (backfill: Backfill): BackfillResult => ({
  ...{ backfill, end: 'not attempted', problems: [] },
  ...{ rowsVisited: 0, rowsChanged: 0, durationMs: 0, state: undefined, total: undefined },
})
