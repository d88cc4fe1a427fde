// The messages of a scan: one that looks where the next batch ends, one that does a batch. A batch is one transaction in one
// message: the fence, the statement, and the record of it; the server never waits for us in the midst of it.

import { endWhenAbandoned } from '../../../database/server/abandoned.ts'
import { identifier, literal } from '../../../database/literal.ts'
import { pathOfFiles, setOwnPath } from '../../../database/own-sql.ts'
import type { Server } from '../../../database/server/server.ts'
import { fenceStates, raise } from '../../../database/session/fence-states.ts'
import { quotedLedger } from '../../../database/ledger/ledger.ts'
import { isHeld } from '../../../database/lock/key.ts'
import type { LockedSession } from '../../../database/lock/locked-session.ts'
import {
  recordCounts,
  recordDone,
  recordVariables,
  shareState,
  type RecordOf,
} from '../state/completed-ranges.ts'
import type { Backfill } from '../file/backfill.ts'
import {
  noTimeLimits,
  setLocalRoleOf,
  reading,
  readingLong,
  resetLocalRole,
  writing,
} from '../clean-session.ts'
import type { Key } from '../key/facts.ts'
import {
  columnList,
  keyAsTexts,
  listCondition,
  rangeCondition,
  textsLiteral,
  type KeyValues,
  type KeyRange,
} from '../key/key-sql.ts'
import { selectState, skippedTable } from '../state/state.ts'
import { longestBatchMs } from './pace.ts'
import { forBatch } from '../file/statement.ts'

/** What stays the same from batch to batch of one worker. */
export type Scan = {
  readonly backfill: Backfill
  /** Quoted, with its schema. */
  readonly table: string
  readonly key: Key
  readonly schema: string
  readonly locked: LockedSession
  readonly server: Server
  /** A UUID. */
  readonly runId: string
}

export type Batch =
  | RangeBatch
  /** Rows that were locked when their range was done. */
  | { readonly kind: 'skipped before'; readonly list: readonly KeyValues[] }

export type RangeBatch = {
  readonly kind: 'range'
  readonly after: KeyValues | undefined
  readonly upTo: KeyValues
  readonly rows: number
}

export const recordOf = ({ backfill: { name }, schema, runId }: Scan): RecordOf => ({
  ...{ schema, name, runId },
})

/** The lag, in seconds as `lag`; then `rows`, and the last one's key as `key`, a JSON array: of a whole batch, or no row. */
export const nextRowsQuery = (scan: Scan, range: KeyRange, batchSize: number): string =>
  // In a subquery, so that none of the rows that OFFSET skips is made JSON of.
  readingLong(
    scan.server,
    `${lagQuery};
${setLocalRoleOf(scan.server)} SELECT ${batchSize} AS rows, ${keyAsJson(scan.key)} AS key
FROM (SELECT ${columnList(scan.key)} ${rowsIn(scan, range)} OFFSET ${batchSize - 1} LIMIT 1) AS scanned`,
  )

/** The same for the last rows of the range, fewer than `batchSize`. */
export const lastRowsQuery = (scan: Scan, range: KeyRange, batchSize: number): string => {
  const { key, server } = scan
  const descending = key.map(({ name }) => `${identifier(name)} DESC`).join(', ')
  return readingLong(
    server,
    `${lagQuery};
${setLocalRoleOf(server)} WITH scanned AS MATERIALIZED (SELECT ${columnList(key)} ${rowsIn(scan, range)} LIMIT ${batchSize})
SELECT (SELECT count(*) FROM scanned)::pg_catalog.text AS rows, ${keyAsJson(key)} AS key FROM scanned ORDER BY ${descending} LIMIT 1`,
  )
}

const rowsIn = ({ key, table }: Scan, range: KeyRange): string =>
  `FROM ${table} AS scanned WHERE ${rangeCondition(key, range)('scanned')} ORDER BY ${columnList(key)}`

const keyAsJson = (key: Key): string =>
  `pg_catalog.array_to_json(${keyAsTexts(key, 'scanned')})::pg_catalog.text`

/** The keys of rows that were left out, in the order of their texts, behind `after`; before them the lag. */
export const skippedRowsQuery = (
  { backfill, schema }: Scan,
  after: KeyValues | undefined,
  batchSize: number,
): string =>
  reading(`${lagQuery};
SELECT pg_catalog.array_to_json(key)::pg_catalog.text AS key FROM ${skippedTable(schema)}
WHERE name = ${literal(backfill.name)} ${after === undefined ? '' : `AND key > ${textsLiteral(after)}`}
ORDER BY key LIMIT ${batchSize}`)

// Without the privilege to see it (pg_monitor), there is none for us. What the view pg_stat_replication has the lag from: all
// that the view joins to it, at each batch, would take as long as the look itself.
const lagQuery = `SELECT coalesce(max(extract(epoch FROM replay_lag)), 0)::pg_catalog.float8 AS lag
FROM pg_catalog.pg_stat_get_wal_senders()`

/** Yields the state after the batch. `statement` is what an error's position counts in. */
export const batchMessage = (
  scan: Scan,
  batch: Batch,
): { readonly text: string; readonly statement: string } => {
  const { backfill, schema, server } = scan
  const statement = forBatch(backfill.statement, conditionOf(scan, batch))
  const locked = leftOut(scan, batch)
  const body = `DECLARE schemagate_visited bigint := ${batch.kind === 'range' ? batch.rows : 0};
  schemagate_changed bigint; ${locked.variables} ${recordVariables}
BEGIN
  ${fence(scan)}
  ${setLocalRoleOf(server)}
  ${locked.find}
  ${pathOfFiles};
  EXECUTE ${literal(statement)} ${locked.using};
  GET DIAGNOSTICS schemagate_changed = ROW_COUNT;
  PERFORM ${setOwnPath};
  ${resetLocalRole(server)}
  ${ledgerStays(scan)}
  ${locked.keep}
  ${record(scan, batch)}
END`
  const text = writing(
    `DO LANGUAGE plpgsql ${literal(body)};
    ${selectState(schema, `name = ${literal(backfill.name)}`)}`,
    settings(scan),
  )
  return { text, statement }
}

/** Which rows the statement of a batch is for. Those that were locked and left out stay out. */
export const conditionOf = (scan: Scan, batch: Batch): ((qualifier: string) => string) => {
  const { key } = scan
  const rows = rowsOfBatch(key, batch)
  if (waitsForRows(scan, batch)) return rows
  return (qualifier) =>
    `(${rows(qualifier)} AND NOT ${keyAsTexts(key, qualifier)}::pg_catalog.text OPERATOR(pg_catalog.=) ANY ($1))`
}

// Rows that an earlier run left out are taken as they come, whatever the file says by now.
const waitsForRows = ({ backfill: { lockedRows } }: Scan, { kind }: Batch): boolean =>
  lockedRows === 'wait' && kind === 'range'

const rowsOfBatch = (key: Key, batch: Batch): ((qualifier: string) => string) =>
  batch.kind === 'range' ? rangeCondition(key, batch) : listCondition(key, batch.list)

const settings = ({ backfill: { pace }, server }: Scan): string =>
  [
    `SET LOCAL statement_timeout = ${longestBatchMs(pace)}`,
    `SET LOCAL lock_timeout = ${pace.lockTimeout.ms}`,
    noTimeLimits(server),
    // A batch that a crash of the server takes back takes the record of it along, and is done again. What says that all are
    // done waits for the disk, and with it for all before it.
    'SET LOCAL synchronous_commit = off',
    ...endWhenAbandoned(server),
  ].join('; ')

const fence = (scan: Scan): string => {
  const { token } = scan.locked
  return `${shareState(recordOf(scan))}
  IF NOT (${isHeld(token)})
  THEN ${raise(fenceStates.lockLost)} END IF;`
}

// As ledgerUntouched() of a migration; our own part of a batch takes no lock on that table.
const ledgerStays = ({ schema }: Scan): string => `IF EXISTS (SELECT FROM pg_catalog.pg_locks
    WHERE relation = pg_catalog.to_regclass(${literal(quotedLedger(schema))}) AND pid = pg_catalog.pg_backend_pid()
      AND mode IN ('RowExclusiveLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock'))
  THEN ${raise(fenceStates.notRecorded)} END IF;`

/** Of rows that somebody has locked: pieces of the batch, empty where it waits for them. */
type LeftOut = {
  readonly variables: string
  /** Under the role of the application. */
  readonly find: string
  /** Hands their keys, each the text of an array, to the statement as $1. */
  readonly using: string
  /** Ours again. */
  readonly keep: string
}

// Locks the rows that can be had, and keeps the keys of the others. An UPDATE asks for no more than NO KEY, so that rows that
// a foreign key looks at are not left out.
const leftOut = (scan: Scan, batch: Batch): LeftOut => {
  if (waitsForRows(scan, batch)) return { variables: '', find: '', using: '', keep: '' }
  const { backfill, key, table, schema } = scan
  const [name, skipped] = [literal(backfill.name), skippedTable(schema)]
  const strength = backfill.statement.verb === 'UPDATE' ? 'NO KEY UPDATE' : 'UPDATE'
  const rows = `SELECT ${keyAsTexts(key, 'scanned')} AS key FROM ${table} AS scanned WHERE ${rowsOfBatch(key, batch)('scanned')}`
  return {
    variables: 'schemagate_locked text[]; schemagate_freed bigint;',
    find: `WITH had AS MATERIALIZED (${rows} FOR ${strength} SKIP LOCKED)
  SELECT pg_catalog.array_agg(there.key::pg_catalog.text) INTO schemagate_locked
  FROM (${rows}) AS there WHERE there.key NOT IN (SELECT key FROM had);
  schemagate_locked := coalesce(schemagate_locked, '{}');`,
    using: 'USING schemagate_locked',
    keep:
      batch.kind === 'range'
        ? `INSERT INTO ${skipped} (name, key)
  SELECT ${name}, each::pg_catalog.text[] FROM pg_catalog.unnest(schemagate_locked) AS each;
  schemagate_visited := schemagate_visited - pg_catalog.cardinality(schemagate_locked);`
        : `DELETE FROM ${skipped} WHERE name = ${name} AND key IN (${batch.list.map(textsLiteral).join(', ')})
    AND NOT key::pg_catalog.text = ANY (schemagate_locked);
  GET DIAGNOSTICS schemagate_freed = ROW_COUNT;
  schemagate_visited := schemagate_freed;`,
  }
}

const record = (scan: Scan, batch: Batch): string =>
  batch.kind === 'range'
    ? recordDone(recordOf(scan), batch, counted)
    : recordCounts(recordOf(scan), counted)

const counted = `batches = batches + 1, updated_at = pg_catalog.clock_timestamp(),
    rows_visited = rows_visited + schemagate_visited, pass_visited = pass_visited + schemagate_visited,
    rows_changed = rows_changed + schemagate_changed, pass_changed = pass_changed + schemagate_changed`
