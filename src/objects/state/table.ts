// schemagate.schema_objects: which object a file has made, from which text, and what the server then said it is. Made only for who has
// files in migrations/objects/.

import packageJson from '../../../package.json' with { type: 'json' }
import { checkReply, quotedLedger, quotedObjects } from '../../database/ledger/ledger.ts'
import { isInOrder, makeAsOwner, standingIn, standingQuery } from '../../database/ledger/owner.ts'
import {
  migrationTables,
  objectTables,
  refuseForeign,
  type LedgerAt,
} from '../../database/ledger/trust.ts'
import { identifier, literal } from '../../database/literal.ts'
import type { LockedSession } from '../../database/lock/locked-session.ts'
import { reading, writing } from '../../database/own-sql.ts'
import type { Row } from '../../database/session/reply.ts'
import { rowsOf, type Session } from '../../database/session/session.ts'
import { isCondition } from '../../errors/server/sqlstate.ts'
import { keyOf, type Identity } from '../object-file.ts'
import { identityIn, recordedStates, wording } from './definitions.ts'

/** As the ledger says it was, and whether it still is. */
export type RecordedState = {
  readonly identity: Identity
  /** The path within migrations/objects/. */
  readonly entry: string
  readonly checksum: string
  /** 'before migrations': the same, and what columns its '*' stands for may be others since. */
  readonly state: 'same' | 'before migrations' | 'different' | 'missing'
}

/** Is it as it was recorded? */
export const isAsRecorded = ({ state }: Pick<RecordedState, 'state'>): boolean =>
  state === 'same' || state === 'before migrations'

export type RecordedObject = {
  readonly identity: Identity
  readonly entry: string
  readonly checksum: string
  readonly definition: string
  /** The text of the file. */
  readonly source: string
}

/** Yields no row; fails where the table is not to be trusted. */
export const guardObjects = (at: LedgerAt): string => refuseForeign(at, objectTables)

const stateTables = [...objectTables, ...migrationTables]

/** The query of statesInRow(), which reads the ledger, too. */
export const statesQuery = (ledgerSchema: string): string =>
  recordedStates(quotedObjects(ledgerSchema), lastOrdinal(ledgerSchema))

const lastOrdinal = (ledgerSchema: string): string =>
  `(SELECT coalesce(max(ordinal), 0) FROM ${quotedLedger(ledgerSchema)})`

/** Statements for a message that only reads; the last yields the row of readStates(). They fail where there is no such table. */
export const statesStatements = (at: LedgerAt): readonly string[] => [
  refuseForeign(at, stateTables),
  wording,
  statesQuery(at.ledgerSchema),
]

export const statesInRow = (row: Row | undefined): readonly RecordedState[] => {
  const found = row?.['objects']
  const objects = JSON.parse(typeof found === 'string' ? found : '[]') as readonly Row[]
  return objects.map((each) => ({
    identity: identityIn(each),
    entry: String(each['file']),
    checksum: String(each['checksum']),
    state: each['state'] as RecordedState['state'],
  }))
}

/** Undefined where nothing was ever recorded. Throws `ledger-not-ours`, `ledger-not-permitted`, `ledger-busy`, `ledger-unreadable`. */
export const readStates = async (
  session: Session,
  at: LedgerAt,
): Promise<readonly RecordedState[] | undefined> => {
  const reply = await session.send(reading(...statesStatements(at)))
  if (reply.kind === 'server error' && isCondition(reply.error.sqlstate, 'missingTable'))
    return undefined
  await checkReply(session, at, reply, { tables: stateTables })
  return statesInRow(rowsOf(session, reply)[0])
}

/** For who has no files of objects: a table that is not to be trusted or read is not theirs to care about, and undefined. */
export const readStatesIfAny = async (
  session: Session,
  at: LedgerAt,
): Promise<readonly RecordedState[] | undefined> => {
  const reply = await session.send(reading(...statesStatements(at)))
  return reply.kind === 'server error' ? undefined : statesInRow(rowsOf(session, reply)[0])
}

/** Makes the table when it is not there. Throws `ledger-not-ours`, `ledger-not-permitted`, `ledger-not-created`, `ledger-busy`. */
export const ensureObjectsTable = async (
  { work }: LockedSession,
  at: LedgerAt,
  waitMs: number,
): Promise<void> => {
  const schema = at.ledgerSchema
  const present = `SELECT pg_catalog.to_regnamespace(${literal(identifier(schema))}) IS NOT NULL AS schema,
    pg_catalog.to_regclass(${literal(quotedObjects(schema))}) IS NOT NULL AS objects, EXISTS (SELECT FROM pg_catalog.pg_attribute
      WHERE attrelid = pg_catalog.to_regclass(${literal(quotedObjects(schema))}) AND attname = 'ledger_ordinal') AS complete, ${standingQuery(at)}`
  const found = await work.send(reading(guardObjects(at), present))
  await checkReply(work, at, found, { otherwise: 'ledger-not-created', tables: objectTables })
  const [row] = rowsOf(work, found)
  const standing = standingIn(row, at)
  if (row?.['complete'] === true && isInOrder(standing)) return
  const boundMs = Math.max(waitMs, 1_000)
  const limits = `SET LOCAL lock_timeout = ${boundMs}; SET LOCAL statement_timeout = ${boundMs + 1_000}`
  const made = await work.send(
    writing(
      limits,
      ...makeAsOwner(at, standing, {
        schema: row?.['schema'] === true ? 'there' : 'absent',
        tables: [
          ...(row?.['objects'] === true ? [] : [createTable(schema)]),
          ...(row?.['complete'] === true ? [] : [addOrdinal(schema)]),
        ],
        made: objectTables,
      }),
    ),
  )
  if (made.kind === 'server error') await work.send('ROLLBACK')
  await checkReply(work, at, made, { otherwise: 'ledger-not-created', tables: objectTables })
  rowsOf(work, made)
}

const createTable = (schema: string): string => `CREATE TABLE ${quotedObjects(schema)} (
  kind text NOT NULL,
  schema text NOT NULL,
  relation text NOT NULL,
  name text NOT NULL,
  file text NOT NULL,
  checksum text NOT NULL,
  definition text NOT NULL,
  source text NOT NULL,
  applied_at timestamptz NOT NULL,
  run_id uuid NOT NULL,
  applied_by text NOT NULL,
  tool_version text NOT NULL,
  PRIMARY KEY (kind, schema, relation, name)
);
COMMENT ON TABLE ${quotedObjects(schema)} IS 'What schemagate made from the files of migrations/objects, one row for each object'`

// Builds before 1.0 made the table without it.
const addOrdinal = (
  schema: string,
): string => `ALTER TABLE ${quotedObjects(schema)} ADD COLUMN ledger_ordinal bigint;
COMMENT ON COLUMN ${quotedObjects(schema)}.ledger_ordinal IS 'Of a definition that says * for columns: the last row of schema_migrations when it was compared'`

export const selectObjects = (schema: string): string =>
  `SELECT kind, schema, relation, name, file, checksum, definition, source FROM ${quotedObjects(schema)}`

/** By keyOf(). */
export const recordedInRows = (rows: readonly Row[]): ReadonlyMap<string, RecordedObject> =>
  new Map(
    rows.map((row) => {
      const identity = identityIn(row)
      const [entry = '', checksum = '', definition = '', source = ''] = [
        ...['file', 'checksum', 'definition', 'source'],
      ].map((column) => String(row[column]))
      return [keyOf(identity), { identity, entry, checksum, definition, source }]
    }),
  )

export type ObjectRow = RecordedObject & {
  /** Is it what the run has made of it, or only looked at? */
  readonly news: 'made' | 'compared'
  /** Do columns of its query come from '*' or NATURAL JOIN? */
  readonly columns: 'written' | 'found'
}

/** A statement; `runId` is a UUID. */
export const recordObject = (
  schema: string,
  { identity, entry, checksum, definition, source, news, columns }: ObjectRow,
  runId: string,
): string => {
  const { kind, schema: ofSchema, relation, name } = identity
  const values = [kind, ofSchema, relation, name, entry, checksum, definition, source].map(literal)
  const made =
    ', applied_at = excluded.applied_at, run_id = excluded.run_id, applied_by = excluded.applied_by, tool_version = excluded.tool_version'
  return `INSERT INTO ${quotedObjects(schema)} (kind, schema, relation, name, file, checksum, definition, source, applied_at, run_id, applied_by, tool_version, ledger_ordinal)
  VALUES (${values.join(', ')}, pg_catalog.clock_timestamp(), ${literal(runId)}, session_user, ${literal(packageJson.version)},
    ${columns === 'found' ? lastOrdinal(schema) : 'NULL'})
  ON CONFLICT (kind, schema, relation, name) DO UPDATE SET file = excluded.file, checksum = excluded.checksum,
    definition = excluded.definition, source = excluded.source, ledger_ordinal = excluded.ledger_ordinal${news === 'made' ? made : ''}`
}

/** A statement. */
export const forgetObject = (
  schema: string,
  { kind, schema: of, relation, name }: Identity,
): string =>
  `DELETE FROM ${quotedObjects(schema)} WHERE (kind, schema, relation, name) = (${[kind, of, relation, name].map(literal).join(', ')})`
