// The ledger: one table that says what this database has. Reading it is one statement, safe for anybody; all
// writing happens under the lock.

import { identifier, literal } from '../literal.ts'
import { reading, writing } from '../own-sql.ts'
import type { Reply, Row } from '../session/reply.ts'
import { rowsOf, type Session } from '../session/session.ts'
import { fenceStates } from '../session/fence-states.ts'
import { fail } from '../../errors/problem.ts'
import type { LockedSession } from '../lock/locked-session.ts'
import type { Checksum, MigrationVersion } from '../../migrations/migration.ts'
import type { LedgerRow, LedgerState } from './ledger-row.ts'
import { isInOrder, makeAsOwner, standingIn, standingQuery } from './owner.ts'
import { failForeign, migrationTables, refuseForeign, type LedgerAt } from './trust.ts'
import { insufficientPrivilege, isCondition } from '../../errors/server/sqlstate.ts'

export type Ledger =
  { readonly kind: 'absent' } | { readonly kind: 'present'; readonly rows: readonly LedgerRow[] }

/** What a first look shows: who need not know more, has not read its rows. */
export type LedgerSeen = Ledger | { readonly kind: 'matches files' }

export const ledgerTable = (schema: string): string => `${schema}.schema_migrations`

export const quotedLedger = (schema: string): string =>
  `${identifier(schema)}.${identifier('schema_migrations')}`

/** What was made from the files of migrations/objects/. */
export const quotedObjects = (schema: string): string =>
  `${identifier(schema)}.${identifier('schema_objects')}`

/** The version as text, also of a ledger of an earlier version, which has it as a number. */
export const versionText = 'version::pg_catalog.text'

export const isVersion = (version: MigrationVersion): string =>
  `${versionText} = ${literal(version)}`

const selectRows = (schema: string, condition = 'true'): string =>
  // In JSON a time is ISO 8601, whatever DateStyle the login starts with.
  `SELECT version, name, checksum, state, ordinal, pg_catalog.to_json(finished_at) AS finished_at, applied_by
  FROM ${quotedLedger(schema)} WHERE ${condition} ORDER BY ordinal`

/** Throws `ledger-not-ours`, `ledger-not-permitted`, `ledger-unreadable`, `connection-lost`. */
export const readLedger = async (session: Session, at: LedgerAt): Promise<Ledger> => {
  const reply = await session.send(reading(refuseForeign(at), selectRows(at.ledgerSchema)))
  if (reply.kind === 'server error' && isCondition(reply.error.sqlstate, 'missingTable'))
    return { kind: 'absent' }
  return { kind: 'present', rows: await readRows(session, at, reply) }
}

export const rowsOfLedger = (ledger: Ledger): readonly LedgerRow[] =>
  ledger.kind === 'present' ? ledger.rows : []

/**
 * As readLedger(), for those who wait until it has so many rows: reported as empty as long as it has fewer, or while somebody holds
 * the table for long. Fifty who wait ask often.
 */
export const pollLedger = async (
  session: Session,
  at: LedgerAt,
  awaited: number,
): Promise<Ledger> => {
  const { ledgerSchema: schema } = at
  const isEnough = `(SELECT pg_catalog.count(*) FROM ${quotedLedger(schema)}) >= ${awaited}`
  const reply = await session.send(
    reading(
      `SET LOCAL lock_timeout = ${pollWithinMs}`,
      refuseForeign(at),
      selectRows(schema, isEnough),
    ),
  )
  if (reply.kind !== 'server error')
    return { kind: 'present', rows: await readRows(session, at, reply) }
  const { sqlstate } = reply.error
  if (isCondition(sqlstate, 'missingTable') || isCondition(sqlstate, 'lockFailure'))
    return { kind: 'absent' }
  return { kind: 'present', rows: await readRows(session, at, reply) }
}

const pollWithinMs = 500

/** Makes the ledger when it is not there. Throws `ledger-not-ours`, `ledger-not-permitted`, `ledger-not-created`, `ledger-busy`. */
export const ensureLedger = async (
  { work }: LockedSession,
  at: LedgerAt,
  waitMs: number,
): Promise<void> => {
  const first = await makeLedger(work, at, waitMs)
  // Who has lost the lock and does not know it yet may have been at it in the same moment: then it is looked at again.
  const isMade =
    first.kind === 'server error' && isCondition(first.error.sqlstate, 'concurrentlyCreated')
  const reply = isMade ? await makeLedger(work, at, waitMs) : first
  await checkReply(work, at, reply, { otherwise: 'ledger-not-created' })
  rowsOf(work, reply)
  // What an event trigger puts on a new table, as FORCE ROW LEVEL SECURITY, would be met in the midst of a migration.
  const made = await work.send(reading(refuseForeign(at)))
  await checkReply(work, at, made)
  rowsOf(work, made)
}

const makeLedger = async (work: Session, at: LedgerAt, waitMs: number): Promise<Reply> => {
  const { ledgerSchema: schema } = at
  const present = `SELECT pg_catalog.to_regnamespace('${identifier(schema)}') IS NOT NULL AS schema,
    pg_catalog.to_regclass('${quotedLedger(schema)}') IS NOT NULL AS ledger,
    (SELECT pg_catalog.count(*) FROM pg_catalog.pg_attribute
      WHERE attrelid = pg_catalog.to_regclass('${quotedLedger(schema)}') AND NOT attisdropped
      AND (attname IN (${addedColumns.map((name) => literal(name)).join(', ')})
        OR attname = 'version' AND atttypid = 'pg_catalog.text'::pg_catalog.regtype)) = ${addedColumns.length + 1} AS complete, ${standingQuery(at)}`
  // A schema that somebody else has made since the ledger was read: our table in it would not be ours alone.
  const found = await work.send(reading(refuseForeign(at), present))
  if (found.kind === 'server error') return found
  const [row] = rowsOf(work, found)
  const standing = standingIn(row, at)
  if (row?.['complete'] === true && isInOrder(standing)) return found
  // A ledger of an earlier version lacks what came later.
  const incomplete = row?.['ledger'] === true ? addColumns(schema) : createTable(schema)
  const tables = row?.['complete'] === true ? [] : [incomplete]
  const make = makeAsOwner(at, standing, {
    schema: row?.['schema'] === true ? 'there' : 'absent',
    tables,
    made: migrationTables,
  })
  const reply = await work.send(writing(limits(waitMs), ...make))
  if (reply.kind === 'server error') await work.send('ROLLBACK')
  return reply
}

const limits = (waitMs: number): string => {
  const boundMs = Math.max(waitMs, 1_000)
  return `SET LOCAL lock_timeout = ${boundMs}; SET LOCAL statement_timeout = ${boundMs + 1_000}`
}

/**
 * Reads the ledger under its own table lock: waits, up to `waitMs`, for a message of a killed runner that the
 * server may still be executing (docs/design/facts.md), so that the plan rests on what it committed. No rows where there is no ledger.
 */
export const readLedgerUnderLock = async (
  { work }: LockedSession,
  at: LedgerAt,
  waitMs: number,
): Promise<readonly LedgerRow[]> => {
  const { ledgerSchema: schema } = at
  const reply = await work.send(
    writing(limits(waitMs), refuseForeign(at), lockLedger(schema), selectRows(schema)),
  )
  if (reply.kind === 'server error') await work.send('ROLLBACK')
  if (reply.kind === 'server error' && isCondition(reply.error.sqlstate, 'missingTable')) return []
  return readRows(work, at, reply)
}

/** Serialises whoever writes the ledger; readers are not held up. */
export const lockLedger = (schema: string): string =>
  `LOCK TABLE ${quotedLedger(schema)} IN SHARE ROW EXCLUSIVE MODE`

const addedColumns = [
  ...['recognised_by', 'statement_started', 'statement_checksums', 'allowed'],
  ...['dialect', 'source_checksum'],
]

// What other tools call a version is a word. An image from before still reads such a table, and finds nothing pending in it; it
// cannot write to it any more (docs/design/ledger.md).
const addColumns = (schema: string): string =>
  `ALTER TABLE ${quotedLedger(schema)} ADD COLUMN IF NOT EXISTS recognised_by text,
    ADD COLUMN IF NOT EXISTS statement_started integer, ADD COLUMN IF NOT EXISTS statement_checksums text[],
    ADD COLUMN IF NOT EXISTS allowed text,
    ALTER COLUMN version TYPE text COLLATE "C" USING ${versionText},
    ADD COLUMN IF NOT EXISTS dialect text, ADD COLUMN IF NOT EXISTS source_checksum text,
    DROP CONSTRAINT IF EXISTS schema_migrations_ordinal_key;
${indexOrdinals(schema)}`

// No constraint: a file that renames every UNIQUE constraint of the database would rename it too, and be refused for it.
const indexOrdinals = (schema: string): string =>
  `CREATE UNIQUE INDEX IF NOT EXISTS schema_migrations_ordinal ON ${quotedLedger(schema)} (ordinal)`

const createTable = (schema: string): string => `CREATE TABLE ${quotedLedger(schema)} (
  version text COLLATE "C" PRIMARY KEY,
  name text NOT NULL,
  checksum text NOT NULL,
  state text NOT NULL CHECK (state IN ('applied', 'reconciled', 'running')),
  reconciled boolean NOT NULL DEFAULT false,
  ordinal bigint NOT NULL,
  statements_done integer NOT NULL,
  statements_total integer NOT NULL,
  started_at timestamptz NOT NULL,
  finished_at timestamptz,
  duration_ms bigint,
  run_id uuid NOT NULL,
  applied_by text NOT NULL,
  tool_version text NOT NULL,
  recognised_by text,
  statement_started integer,
  statement_checksums text[],
  allowed text,
  dialect text,
  source_checksum text
);
${indexOrdinals(schema)};
COMMENT ON TABLE ${quotedLedger(schema)} IS 'What schemagate applied to this database, one row for each migration'`

const readRows = async (
  session: Session,
  at: LedgerAt,
  reply: Reply,
): Promise<readonly LedgerRow[]> => {
  await checkReply(session, at, reply)
  return rowsOf(session, reply).map(readRow)
}

const readRow = (row: Row): LedgerRow => ({
  version: String(row['version']) as MigrationVersion,
  name: String(row['name']),
  checksum: String(row['checksum']) as Checksum,
  state: String(row['state']) as LedgerState,
  ordinal: Number(row['ordinal']),
  finishedAt:
    typeof row['finished_at'] === 'string' ? new Date(row['finished_at']).toISOString() : undefined,
  appliedBy: String(row['applied_by']),
})

type Meant = {
  /** Of all that has no problem of its own. */
  readonly otherwise?: 'ledger-unreadable' | 'ledger-not-created'
  readonly tables?: readonly string[]
}

/** Throws `ledger-not-ours`, `ledger-not-permitted`, `ledger-busy`, and `otherwise`. */
export const checkReply = async (
  session: Session,
  at: LedgerAt,
  reply: Reply,
  { otherwise = 'ledger-unreadable', tables = migrationTables }: Meant = {},
): Promise<void> => {
  if (reply.kind !== 'server error') return
  const { sqlstate, message, raised } = reply.error
  if (raised === fenceStates.ledgerForeign) await failForeign(session, at, tables)
  const ledger = ledgerTable(at.ledgerSchema)
  const { user, database } = session.endpoint
  if (sqlstate === insufficientPrivilege)
    fail('ledger-not-permitted', { ledger, user, database, message })
  if (isCondition(sqlstate, 'passing')) fail('ledger-busy', { ledger, sqlstate, message })
  fail(otherwise, { ledger, sqlstate, message })
}
