// Where each backfill is, in a table of the ledger's schema. The row is written in the transaction of the batch it speaks of,
// so that a batch and the record of it are one.

import { identifier, literal } from '../../../database/literal.ts'
import type { Reply, Row } from '../../../database/session/reply.ts'
import { rowsOf, type Session } from '../../../database/session/session.ts'
import { fail } from '../../../errors/problem.ts'
import { checkReply } from '../../../database/ledger/ledger.ts'
import {
  isInOrder,
  makeAsOwner,
  standingIn,
  standingQuery,
} from '../../../database/ledger/owner.ts'
import { backfillTables, refuseForeign, type LedgerAt } from '../../../database/ledger/trust.ts'
import { reading, writing } from '../clean-session.ts'
import type { KeyValues } from '../key/key-sql.ts'
import { isCondition } from '../../../errors/server/sqlstate.ts'

export type BackfillState = {
  readonly state: 'running' | 'done'
  readonly checksum: string
  /** All rows up to this key are done; undefined while the first ones are not. What is done beyond it: completed-ranges.ts. */
  readonly cursor: KeyValues | undefined
  /** Committed ones since it began. */
  readonly batches: number
  readonly rowsVisited: number
  readonly rowsChanged: number
  /** How often the table is gone through; more than once only where @done was not true yet. */
  readonly pass: number
  readonly passVisited: number
  readonly passChanged: number
}

/** Whose state is intended. */
export type StateOf = {
  readonly session: Session
  readonly at: LedgerAt
  readonly name: string
  /** A UUID. Only the run that claimed a backfill last may write its state. */
  readonly runId: string
}

export const stateTable = (schema: string): string => `${identifier(schema)}.backfills`
export const skippedTable = (schema: string): string => `${identifier(schema)}.backfill_skipped`
export const completedTable = (schema: string): string => `${identifier(schema)}.backfill_ahead`

export const selectState = (schema: string, condition: string): string =>
  `SELECT name, ${columns} FROM ${stateTable(schema)} WHERE ${condition}`

const columns = `state, checksum, pg_catalog.array_to_json(cursor)::pg_catalog.text AS cursor,
  batches, rows_visited, rows_changed, pass, pass_visited, pass_changed`

export const readStateRow = (row: Row): BackfillState => ({
  state: row['state'] === 'done' ? 'done' : 'running',
  checksum: String(row['checksum']),
  cursor: typeof row['cursor'] === 'string' ? (JSON.parse(row['cursor']) as string[]) : undefined,
  batches: Number(row['batches']),
  rowsVisited: Number(row['rows_visited']),
  rowsChanged: Number(row['rows_changed']),
  pass: Number(row['pass']),
  passVisited: Number(row['pass_visited']),
  passChanged: Number(row['pass_changed']),
})

/** By name; empty where no backfill ever began. */
export const readStates = async (
  session: Session,
  at: LedgerAt,
): Promise<ReadonlyMap<string, BackfillState>> => {
  const reply = await session.send(reading(`${guard(at)}; ${selectState(at.ledgerSchema, 'true')}`))
  if (reply.kind === 'server error') await session.send('ROLLBACK')
  if (reply.kind === 'server error' && isCondition(reply.error.sqlstate, 'missingTable'))
    return new Map()
  await checkReply(session, at, reply, ours)
  return new Map(rowsOf(session, reply).map((row) => [String(row['name']), readStateRow(row)]))
}

const ours = { tables: backfillTables }
export const guard = (at: LedgerAt): string => refuseForeign(at, backfillTables)

/** Makes the tables when they are not there. Throws `ledger-not-ours`, `ledger-not-permitted`, `ledger-not-created`, `ledger-busy`. */
export const ensureStateTables = async (session: Session, at: LedgerAt): Promise<void> => {
  const { ledgerSchema: schema } = at
  const present = `SELECT pg_catalog.to_regnamespace(${literal(identifier(schema))}) IS NOT NULL AS schema,
    pg_catalog.to_regclass(${literal(skippedTable(schema))}) IS NOT NULL AS first_two,
    pg_catalog.to_regclass(${literal(completedTable(schema))}) IS NOT NULL AS all_three, ${standingQuery(at)}`
  for (let tries = 0; ; tries++) {
    const found = await session.send(reading(`${guard(at)}; ${present}`))
    if (found.kind === 'server error') await session.send('ROLLBACK')
    await checkReply(session, at, found, ours)
    const [row] = rowsOf(session, found)
    const standing = standingIn(row, at)
    const isThere = row?.['all_three'] === true
    if (isThere && isInOrder(standing)) return
    // An earlier version made only two.
    const create = [
      ...(row?.['first_two'] === true ? [] : [createFirstTwo(schema)]),
      createCompleted(schema),
    ]
    const make = makeAsOwner(at, standing, {
      schema: row?.['schema'] === true ? 'there' : 'absent',
      tables: isThere ? [] : create,
      made: backfillTables,
    })
    const reply = await session.send(writing(make.join(';\n')))
    if (reply.kind === 'done') return
    if (reply.kind === 'server error') await session.send('ROLLBACK')
    // Another backfill makes the tables at the same moment.
    const again =
      reply.kind === 'server error' && isCondition(reply.error.sqlstate, 'concurrentlyCreated')
    if (again && tries < 5) continue
    await checkReply(session, at, reply, { otherwise: 'ledger-not-created' })
    rowsOf(session, reply)
  }
}

const createFirstTwo = (schema: string): string => `CREATE TABLE ${stateTable(schema)} (
  name text PRIMARY KEY,
  checksum text NOT NULL,
  state text NOT NULL CHECK (state IN ('running', 'done')),
  cursor text[],
  batches bigint NOT NULL DEFAULT 0,
  rows_visited bigint NOT NULL DEFAULT 0,
  rows_changed bigint NOT NULL DEFAULT 0,
  pass integer NOT NULL DEFAULT 1,
  pass_visited bigint NOT NULL DEFAULT 0,
  pass_changed bigint NOT NULL DEFAULT 0,
  started_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
  updated_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
  finished_at timestamptz,
  run_id uuid NOT NULL,
  applied_by text NOT NULL DEFAULT session_user,
  tool_version text NOT NULL
);
COMMENT ON TABLE ${stateTable(schema)} IS 'How far each backfill of schemagate is';
CREATE TABLE ${skippedTable(schema)} (
  name text NOT NULL,
  key text[] NOT NULL,
  PRIMARY KEY (name, key)
);
COMMENT ON TABLE ${skippedTable(schema)} IS 'Rows that a backfill of schemagate found locked, and has still to visit'`

const createCompleted = (schema: string): string => `CREATE TABLE ${completedTable(schema)} (
  name text NOT NULL,
  after_key text[] NOT NULL,
  up_to_key text[] NOT NULL,
  PRIMARY KEY (name, after_key)
);
COMMENT ON TABLE ${completedTable(schema)} IS 'What several workers of a backfill of schemagate have done beyond its cursor'`

/** Where it starts: at the first row, with all counts at 0, or where it stopped. */
export type Start = 'from the first row' | 'where it stopped'

export const finishState = (of: StateOf): Promise<BackfillState> =>
  write(of, `state = 'done', finished_at = pg_catalog.clock_timestamp()`)

/** The next pass begins at the first row. */
export const startPass = (of: StateOf): Promise<BackfillState> =>
  write(of, 'cursor = NULL, pass = pass + 1, pass_visited = 0, pass_changed = 0')

const write = async (of: StateOf, settings: string): Promise<BackfillState> => {
  const { session, at, name, runId } = of
  const { ledgerSchema: schema } = at
  const mine = `name = ${literal(name)} AND run_id = ${literal(runId)}`
  const reply = await session.send(
    writing(
      `UPDATE ${stateTable(schema)} SET ${settings}, updated_at = pg_catalog.clock_timestamp() WHERE ${mine};
      ${selectState(schema, mine)}`,
    ),
  )
  return stateIn(reply, of)
}

/** What a message that ends with selectState() says; throws `backfill-taken-over` where there is no such row. */
export const stateIn = async (
  reply: Reply,
  { session, at, name }: StateOf,
): Promise<BackfillState> => {
  if (reply.kind === 'server error') await session.send('ROLLBACK')
  await checkReply(session, at, reply, ours)
  const [row] = rowsOf(session, reply)
  return row === undefined ? fail('backfill-taken-over', { name }) : readStateRow(row)
}
