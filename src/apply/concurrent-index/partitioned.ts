// PostgreSQL builds no index of a partitioned table concurrently: it is made for the parent alone, built on each partition
// concurrently, and attached; with the last one it becomes valid. What is attached already is skipped.
// https://www.postgresql.org/docs/current/ddl-partitioning.html

import { createHash } from 'node:crypto'
import { identifier, literal } from '../../database/literal.ts'
import { readOnly } from '../../database/own-sql.ts'
import type { Reply } from '../../database/session/reply.ts'
import { rowsOf } from '../../database/session/session.ts'
import type { RelationName } from '../../schema/effects/effect.ts'
import { buildOnTable } from './build.ts'
import { sqlName, type BuildContext, type BuildResult } from './build-result.ts'
import { ofParentOnly, type ConcurrentStatement } from './concurrent-statement.ts'

type Build = Extract<ConcurrentStatement, { kind: 'build' }>

export const buildIndex = async (build: Build, context: BuildContext): Promise<BuildResult> => {
  const built = await buildOnTable(build, context)
  return built.kind === 'partitioned' ? buildOnPartitions(build, context) : built
}

const buildOnPartitions = async (build: Build, context: BuildContext): Promise<BuildResult> => {
  const parentOnly = ofParentOnly(build.sql)
  // Any other goes to the server as it is, which says in its own words that it cannot.
  const failed =
    parentOnly === undefined
      ? failureIn(await context.work.send(`${context.name} ${build.sql}`))
      : await sendShort(parentOnly, context)
  return failed ?? attachAll(build, context)
}

const attachAll = async (parent: Build, context: BuildContext): Promise<BuildResult> => {
  for (const partition of await partitionsWithout(parent, context)) {
    const { table, kind, head, rest } = partition
    const index = { schema: table.schema, name: nameOn(parent.index.name, table.name) }
    const own: Build = {
      kind: 'build',
      index,
      table,
      sql: `${head} CONCURRENTLY ${identifier(index.name)} ON ${sqlName(table)}${rest}`,
    }
    const built =
      kind === 'partitioned'
        ? await buildOnPartitions(own, context)
        : await buildIndex(own, context)
    if (built.kind !== 'built' && built.kind !== 'there') return built
    const failed = await sendShort(
      `ALTER INDEX ${sqlName(parent.index)} ATTACH PARTITION ${sqlName(index)}`,
      context,
    )
    if (failed !== undefined) return failed
  }
  return { kind: 'built' }
}

const lockWithinMs = 5_000

// They take short locks, so they must not queue in front of others for long.
const sendShort = async (sql: string, { work }: BuildContext): Promise<BuildResult | undefined> => {
  const reply = await work.send(`BEGIN; SET LOCAL lock_timeout = ${lockWithinMs}; ${sql}; COMMIT`)
  if (reply.kind === 'server error') await work.send('ROLLBACK')
  return failureIn(reply)
}

const failureIn = (reply: Reply): BuildResult | undefined => {
  switch (reply.kind) {
    case 'done':
      return undefined
    case 'lost':
      return { kind: 'lost', role: reply.role, reason: reply.reason }
    case 'server error':
      return { kind: 'failed', error: reply.error }
  }
}

type Partition = {
  readonly table: RelationName
  readonly kind: 'plain' | 'partitioned'
  /** 'CREATE UNIQUE INDEX', and what follows the table's name. */
  readonly head: string
  readonly rest: string
}

const partitionsWithout = async (
  { index, table }: Build,
  { work }: BuildContext,
): Promise<readonly Partition[]> => {
  const rows = rowsOf(work, await work.send(`${readOnly}; ${query(index, table)}`))
  return rows.map((row) => ({
    table: { schema: String(row['schema']), name: String(row['name']) },
    kind: row['relkind'] === 'p' ? 'partitioned' : 'plain',
    head: String(row['head']),
    rest: String(row['rest']),
  }))
}

// On the path that the statements made from it are read on: there the server's words for the index mean the same index again.
// Foreign tables have no indexes.
const query = (index: RelationName, table: RelationName): string => `WITH parent AS (
    SELECT i.indexrelid, i.indrelid, CASE WHEN i.indisunique THEN 'CREATE UNIQUE INDEX' ELSE 'CREATE INDEX' END AS head,
      pg_catalog.pg_get_indexdef(i.indexrelid) AS definition
    FROM pg_catalog.pg_index i
    WHERE i.indexrelid OPERATOR(pg_catalog.=) ${literal(sqlName(index))}::pg_catalog.regclass::pg_catalog.oid)
  SELECT n.nspname AS schema, c.relname AS name, c.relkind, parent.head, pg_catalog.substr(definition,
      pg_catalog.length(pg_catalog.concat(parent.head, pg_catalog.format(' %I ON ONLY %I.%I',
        ${literal(index.name)}, ${literal(table.schema)}, ${literal(table.name)}))) OPERATOR(pg_catalog.+) 1) AS rest
  FROM parent JOIN pg_catalog.pg_inherits h ON h.inhparent OPERATOR(pg_catalog.=) parent.indrelid
    JOIN pg_catalog.pg_class c ON c.oid OPERATOR(pg_catalog.=) h.inhrelid
      AND c.relkind OPERATOR(pg_catalog.=) ANY ('{r,p}'::pg_catalog."char"[])
    JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace
  WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_inherits a
    JOIN pg_catalog.pg_index o ON o.indexrelid OPERATOR(pg_catalog.=) a.inhrelid
    WHERE a.inhparent OPERATOR(pg_catalog.=) parent.indexrelid AND o.indrelid OPERATOR(pg_catalog.=) c.oid)
  ORDER BY c.relname`

const longestName = 63

/** The same each time, so that a second run finds what the first has built. */
export const nameOn = (index: string, partition: string): string => {
  const whole = `${index}_${partition}`
  if (Buffer.byteLength(whole) <= longestName) return whole
  const hash = createHash('sha256').update(whole).digest('hex').slice(0, 8)
  // Cut by characters, so that none is cut in two.
  let start = whole
  while (Buffer.byteLength(start) > longestName - hash.length - 1) start = start.slice(0, -1)
  return `${start}_${hash}`
}
