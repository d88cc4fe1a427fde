// The entry point of this module: a statement that runs concurrently, and what an earlier try of it left behind.

import { literal } from '../../database/literal.ts'
import { readOnly, reading } from '../../database/own-sql.ts'
import { rowsOf } from '../../database/session/session.ts'
import { SchemagateError } from '../../errors/problem.ts'
import { isDeadlock, sendWatched } from './build.ts'
import { showName, sqlName, type BuildContext, type BuildResult } from './build-result.ts'
import type { ConcurrentStatement } from './concurrent-statement.ts'
import { buildIndex } from './partitioned.ts'
import { waitForTables } from './wait-for-builder.ts'

/** `in doubt`: an earlier run sent it and never got the answer. */
export type Certainty = 'new' | 'in doubt'

/** Never throws what the server has to do with. */
export const runConcurrently = async (
  concurrent: ConcurrentStatement,
  context: BuildContext,
  certainty: Certainty,
): Promise<BuildResult> => {
  try {
    return await runUntilBuilt(concurrent, context, certainty)
  } catch (error) {
    const { role, lost } = context.work
    if (lost.aborted) return { kind: 'lost', role, reason: String(lost.reason) }
    const [found] = error instanceof SchemagateError ? error.problems : []
    if (found === undefined) throw error
    return { kind: 'stopped', problem: found }
  }
}

const runUntilBuilt = async (
  concurrent: ConcurrentStatement,
  context: BuildContext,
  certainty: Certainty,
): Promise<BuildResult> => {
  let built = await runOnce(concurrent, context, certainty)
  // Somebody came to the table between look and statement; what that left of it, the next try sees.
  for (let tries = 1; isDeadlock(built) && tries < mostTries; tries++)
    built = await runOnce(concurrent, context, 'in doubt')
  return built
}

const mostTries = 5

const runOnce = (
  concurrent: ConcurrentStatement,
  context: BuildContext,
  certainty: Certainty,
): Promise<BuildResult> => {
  switch (concurrent.kind) {
    case 'build':
      return buildIndex(concurrent, context)
    case 'drop':
      return drop(concurrent, context, certainty)
    case 'rebuild':
      return rebuild(concurrent, context)
    case 'detach':
      return detach(concurrent, context, certainty)
  }
}

type Of<Kind extends ConcurrentStatement['kind']> = Extract<ConcurrentStatement, { kind: Kind }>

/** `tables` is a subquery that yields the oids of those that the statement works on. */
const send = async (
  sql: string,
  tables: string,
  shown: string,
  context: BuildContext,
): Promise<BuildResult> => {
  const waited = await waitForTables(tables, shown, context)
  if (waited !== undefined) return waited
  const reply = await sendWatched(sql, shown, context)
  if (reply === 'timed out') return { kind: 'timed out', by: undefined }
  switch (reply.kind) {
    case 'done':
      return { kind: 'built' }
    case 'lost':
      return { kind: 'lost', role: reply.role, reason: reply.reason }
    case 'server error':
      return { kind: 'failed', error: reply.error }
  }
}

const drop = async (
  { index, sql }: Of<'drop'>,
  context: BuildContext,
  certainty: Certainty,
): Promise<BuildResult> => {
  const oid = await oidOf(sqlName(index), context)
  if (oid === none && certainty === 'in doubt') return { kind: 'there' }
  const table = `(SELECT indrelid FROM pg_catalog.pg_index WHERE indexrelid = ${oid})`
  return send(sql, table, showName(index), context)
}

const rebuild = async (
  { subject, sql }: Of<'rebuild'>,
  context: BuildContext,
): Promise<BuildResult> => {
  const tables = tablesOf(await oidOf(subject, context))
  const waited = await waitForTables(tables, subject, context)
  if (waited !== undefined) return waited
  await dropReindexLeftovers(subject, context)
  const built = await send(sql, tables, subject, context)
  if (built.kind === 'failed' || built.kind === 'timed out')
    await dropReindexLeftovers(subject, context).catch(() => undefined)
  return built
}

const none = 'NULL::pg_catalog.oid'

/** Of the relation that the statement names, on the path that it is read on; none where it is not there. */
const oidOf = async (name: string, { work }: BuildContext): Promise<string> => {
  const asked = `SELECT pg_catalog.to_regclass(${literal(name)})::pg_catalog.oid::pg_catalog.int8 AS oid`
  const oid = rowsOf(work, await work.send(`${readOnly}; ${asked}`))[0]?.['oid']
  return oid == null ? none : `${Number(oid)}::pg_catalog.oid`
}

/** Of a table or an index, and of its partitions. */
const tablesOf = (oid: string): string =>
  `(SELECT coalesce((SELECT indrelid FROM pg_catalog.pg_index WHERE indexrelid = s.oid), s.oid)
    FROM (SELECT ${oid} AS oid UNION SELECT relid FROM pg_catalog.pg_partition_tree(${oid})) s)`

// What REINDEX CONCURRENTLY leaves when it is cut off: the new index unfinished, or the old one not dropped.
// https://www.postgresql.org/docs/current/sql-reindex.html
const dropReindexLeftovers = async (subject: string, context: BuildContext): Promise<void> => {
  const { work, announce } = context
  const oid = await oidOf(subject, context)
  const halves = `SELECT pg_catalog.format('%I.%I', n.nspname, c.relname) AS name
    FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE i.indrelid IN (SELECT coalesce((SELECT indrelid FROM pg_catalog.pg_index WHERE indexrelid = s.oid), s.oid)
        FROM (SELECT ${oid} AS oid) s)
      AND NOT i.indisvalid AND c.relname ~ '_cc(new|old)[0-9]*$'
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_stat_progress_create_index p WHERE p.relid = i.indrelid)`
  for (const row of rowsOf(work, await work.send(reading(halves)))) {
    const name = String(row['name'])
    const dropped = await work.send(`DROP INDEX CONCURRENTLY IF EXISTS ${name}`)
    if (dropped.kind === 'done') announce({ kind: 'index leftover', index: name })
  }
}

const detach = async (
  { parent, partition, sql }: Of<'detach'>,
  context: BuildContext,
  certainty: Certainty,
): Promise<BuildResult> => {
  const { work } = context
  const [whole, part] = [await oidOf(parent, context), await oidOf(partition, context)]
  const asked = `SELECT inhdetachpending AS pending FROM pg_catalog.pg_inherits
    WHERE inhparent = ${whole} AND inhrelid = ${part}`
  const [row] = rowsOf(work, await work.send(reading(asked)))
  if (row === undefined && certainty === 'in doubt') return { kind: 'there' }
  // Cut off in its middle it is neither attached nor detached, and only FINALIZE goes on.
  return send(
    row?.['pending'] === true
      ? `ALTER TABLE ${parent} DETACH PARTITION ${partition} FINALIZE`
      : sql,
    `(${whole}, ${part})`,
    partition,
    context,
  )
}
