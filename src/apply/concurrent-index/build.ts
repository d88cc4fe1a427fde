// Builds an index beside the work of others, and leaves it valid or not at all. What an earlier try left INVALID is dropped and
// built again, also under IF NOT EXISTS; whoever builds it already is waited for, never raced.

import { setTimeout as sleep } from 'node:timers/promises'
import type { Reply } from '../../database/session/reply.ts'
import type { RelationName } from '../../schema/effects/effect.ts'
import { showName, sqlName, type BuildContext, type BuildResult } from './build-result.ts'
import { findDuplicates } from './duplicates.ts'
import { lookAtIndex, type IndexSeen } from './look.ts'
import type { ConcurrentStatement } from './concurrent-statement.ts'
import { announceProgress } from './progress.ts'
import { waitForBuilder } from './wait-for-builder.ts'
import { deadlockDetected, duplicateTable, uniqueViolation } from '../../errors/server/sqlstate.ts'

type Build = Extract<ConcurrentStatement, { kind: 'build' }>

// The name may be taken between look and build, as often as somebody else tries the same.
const mostTries = 5

/** `partitioned`: nothing was sent; PostgreSQL builds no index of such a table concurrently. */
export const buildOnTable = async (
  build: Build,
  context: BuildContext,
): Promise<BuildResult | { readonly kind: 'partitioned' }> => {
  const { work, name, announce } = context
  const { index } = build
  const shown = showName(index)
  let last: Reply | undefined
  for (let tries = 0; tries < mostTries; tries++) {
    const seen = await lookWhenFree(build, context)
    if ('kind' in seen) return seen
    if (seen.table === 'partitioned') return { kind: 'partitioned' }
    if (seen.state === 'valid') return { kind: last?.kind === 'done' ? 'built' : 'there' }
    if (seen.state === 'invalid') {
      announce({ kind: 'index leftover', index: shown })
      last = await work.send(`${name} ${dropSql(index)}`)
      if (isDeadlock(last)) continue
      if (last.kind !== 'done') return await failed(last, build, context)
    }
    const reply = await sendWatched(build.sql, shown, context)
    if (reply === 'timed out')
      return await cleaned({ kind: 'timed out', by: undefined }, build, context)
    last = reply
    const isTaken = last.kind === 'server error' && last.error.sqlstate === duplicateTable
    // Somebody came to the table between look and build.
    if (isDeadlock(last)) continue
    if (last.kind !== 'done' && !isTaken) return await failed(last, build, context)
  }
  return last === undefined || last.kind === 'done'
    ? { kind: 'timed out', by: undefined }
    : failed(last, build, context)
}

export const isDeadlock = (reply: Reply | BuildResult): boolean =>
  'error' in reply && reply.error.sqlstate === deadlockDetected

/** What the catalog says once nobody builds it or works on its table, or how the waiting ended. */
const lookWhenFree = async (
  build: Build,
  context: BuildContext,
): Promise<IndexSeen | BuildResult> => {
  const look = (): Promise<IndexSeen> =>
    lookAtIndex(context.looking, { ...build, name: context.name })
  for (;;) {
    const seen = await look()
    const { builder, state } = seen
    if (builder === undefined || (builder.kind === 'neighbour' && state === 'valid')) return seen
    const waited = await waitForBuilder(
      builder,
      showName(build.index),
      () => look().then((again) => again.builder),
      context,
    )
    if (waited !== undefined) return waited
  }
}

const dropSql = (index: RelationName): string =>
  `DROP INDEX CONCURRENTLY IF EXISTS ${sqlName(index)}`

/** Sends one statement, tells its progress, and cancels it when its time is over. */
export const sendWatched = async (
  sql: string,
  shown: string,
  context: BuildContext,
): Promise<Reply | 'timed out'> => {
  const { work, name, timeoutMs } = context
  const progress = announceProgress({ ...context, who: name, shown })
  const over = new AbortController()
  const bound =
    timeoutMs === 0
      ? undefined
      : setTimeout(() => {
          over.abort()
          work.cancel()
        }, timeoutMs)
  try {
    const reply = await work.send(`${name} ${sql}`)
    return over.signal.aborted && reply.kind === 'server error' ? 'timed out' : reply
  } finally {
    clearTimeout(bound)
    progress.stop()
  }
}

const failed = async (reply: Reply, build: Build, context: BuildContext): Promise<BuildResult> => {
  if (reply.kind === 'lost') return { kind: 'lost', role: reply.role, reason: reply.reason }
  if (reply.kind === 'done') return { kind: 'built' }
  const { error } = reply
  if (error.sqlstate !== uniqueViolation) return cleaned({ kind: 'failed', error }, build, context)
  const duplicates = await findDuplicates(context.work, build)
  const result: BuildResult =
    duplicates === undefined ? { kind: 'failed', error } : { kind: 'duplicates', error, duplicates }
  return cleaned(result, build, context)
}

// After an interruption the session is given a few seconds; what is not dropped by then, the next run drops.
const cleanWithinMs = 3_000

/** Removes what the failed build left. That it could not, does not change what went wrong. */
const cleaned = async (
  result: BuildResult,
  build: Build,
  context: BuildContext,
): Promise<BuildResult> => {
  const { work, looking, name, interruption, announce } = context
  const clean = async (): Promise<void> => {
    const seen = await lookAtIndex(looking, { ...build, name })
    if (seen.state !== 'invalid' || seen.builder !== undefined) return
    const reply = await work.send(`${name} ${dropSql(build.index)}`)
    if (reply.kind === 'done') announce({ kind: 'index leftover', index: showName(build.index) })
  }
  const attempt = clean().catch(() => undefined)
  await (interruption.aborted
    ? Promise.race([attempt, sleep(cleanWithinMs, undefined, { ref: false })])
    : attempt)
  return result
}
