// The rows of another tool's ledger, as data: each column's text, of the table itself and none of its children. While it is read, and
// again while our own ledger takes it over, it is held as it is.

import { fenceStates, raising } from '../database/session/fence-states.ts'
import { dollarQuoted, identifier, literal } from '../database/literal.ts'
import { reading, writing } from '../database/own-sql.ts'
import { rowsOf, type Session } from '../database/session/session.ts'
import type { Row } from '../database/session/reply.ts'
import { fail } from '../errors/problem.ts'
import { isCondition } from '../errors/server/sqlstate.ts'
import { quotedTable, shownTable, type FoundLedger } from './find.ts'
import { takeLockRow } from './lock-row.ts'
import type { ToolRow } from './tool-ledger.ts'

export type ToolLedgerRead = {
  readonly found: FoundLedger
  readonly rows: readonly ToolRow[]
  /** Differs when a row does; undefined where there is none. */
  readonly digest: string | undefined
}

const waitMs = 5_000

/** Throws `tool-ledger-changed`, `server-busy` where somebody holds the table, and what rowsOf() throws. */
export const readToolLedger = async (
  session: Session,
  found: FoundLedger,
  role: string | undefined,
): Promise<ToolLedgerRead> => {
  const reply = await session.send(
    reading(
      `SET LOCAL lock_timeout = ${waitMs}`,
      ...asReader(found, role),
      `LOCK TABLE ONLY ${quotedTable(found)} IN ACCESS SHARE MODE`,
      stillPlain(found),
      `WITH r AS MATERIALIZED (${selectRows(found)}), s AS (SELECT pg_catalog.row_to_json(r)::pg_catalog.text AS j FROM r)
      SELECT r.*, (${digestOver('s')}) AS schemagate_digest FROM r`,
    ),
  )
  if (reply.kind === 'server error' && reply.error.raised === fenceStates.toolLedgerForeign)
    fail('tool-ledger-changed', { table: shownTable(found) })
  const rows = rowsOf(session, reply)
  const digest = rows[0]?.['schemagate_digest']
  return {
    found,
    rows: rows.map((row) => textsOf(row, found)),
    digest: typeof digest === 'string' ? digest : undefined,
  }
}

/**
 * Statements of a transaction that raise `toolBusy` when the tool is at work, or was since the ledger was read; until the
 * transaction ends neither the tool nor anybody else writes to it. Behind ownPath.
 */
export const holdToolLedger = (
  { found, digest }: ToolLedgerRead,
  role: string | undefined,
): readonly string[] => {
  const mode = typeof found.writer === 'string' ? 'SHARE ROW EXCLUSIVE' : 'ACCESS SHARE'
  const same = `(WITH r AS (${selectRows(found)}), s AS (SELECT pg_catalog.row_to_json(r)::pg_catalog.text AS j FROM r)
    ${digestOver('s')}) IS NOT DISTINCT FROM ${digest === undefined ? 'NULL' : literal(digest)}`
  return [
    ...asReader(found, role),
    ...takeToolLock(found),
    ...holdLockRow(found),
    `LOCK TABLE ONLY ${quotedTable(found)} IN ${mode} MODE`,
    stillPlain(found),
    `SELECT CASE WHEN NOT (${same}) THEN ${raising(fenceStates.toolBusy)} END AS schemagate_tool`,
    ...(role === undefined ? [] : ['RESET ROLE']),
  ]
}

/** Could it be held as it was read? Lets go of it at once. Throws what rowsOf() throws. */
export const canHold = async (
  session: Session,
  read: ToolLedgerRead,
  { role, waitMs: boundMs }: { readonly role: string | undefined; readonly waitMs: number },
): Promise<boolean> => {
  const reply = await session.send(
    writing(`SET LOCAL lock_timeout = ${boundMs}`, ...holdToolLedger(read, role)),
  )
  if (reply.kind === 'server error') {
    await session.send('ROLLBACK')
    const { raised, sqlstate } = reply.error
    if (raised === fenceStates.toolBusy || isCondition(sqlstate, 'lockFailure')) return false
  }
  rowsOf(session, reply)
  return true
}

/** Raises `toolBusy` where the tool holds it; it is ours until the transaction ends. */
const takeToolLock = (found: FoundLedger): readonly string[] => {
  const key = lockKeyOfTool(found)
  return key === undefined
    ? []
    : [
        `SELECT CASE WHEN NOT pg_catalog.pg_try_advisory_xact_lock(${key}) THEN ${raising(fenceStates.toolBusy)} END AS schemagate_tool`,
      ]
}

const holdLockRow = (found: FoundLedger): readonly string[] => {
  const body = takeLockRow(found, "''")
  return body.length === 0 ? [] : [`DO ${dollarQuoted(`BEGIN ${body.join('\n')} END`)}`]
}

/** Of the tool's own advisory lock; undefined of a tool that takes none. */
export const lockKeyOfTool = ({ ledger, schema, database }: FoundLedger): bigint | undefined =>
  ledger.lock?.({ schema, table: ledger.table, database })

const asReader = ({ reader }: FoundLedger, role: string | undefined): readonly string[] =>
  reader === 'role' && role !== undefined ? [`SET LOCAL ROLE ${identifier(role)}`] : []

// Whoever owns it may have changed it since it was found; behind its lock nobody does.
const stillPlain = (found: FoundLedger): string =>
  `SELECT ${raising(fenceStates.toolLedgerForeign)} FROM pg_catalog.pg_class c
  WHERE c.oid = pg_catalog.to_regclass(${literal(quotedTable(found))}) AND (c.relkind <> 'r' OR pg_catalog.row_security_active(c.oid))`

const selectRows = (found: FoundLedger): string => {
  const { ledger, columns } = found
  const texts = columns.map((name) => {
    const column = identifier(name)
    return ledger.columns[name] === 'bytes'
      ? `pg_catalog.encode(${column}, 'hex') AS ${column}`
      : `${column}::pg_catalog.text AS ${column}`
  })
  return `SELECT ${texts.join(', ')} FROM ONLY ${quotedTable(found)} t ORDER BY ${orderOf(found)}`
}

// By the columns themselves, not by their texts.
const orderOf = ({ ledger }: FoundLedger): string =>
  ledger.orderBy
    .split(', ')
    .map((name) => `t.${identifier(name)}`)
    .join(', ')

const digestOver = (rows: string): string =>
  `SELECT pg_catalog.md5(pg_catalog.string_agg(j, E'\\n' ORDER BY j COLLATE "C")) FROM ${rows}`

const textsOf = (row: Row, { columns }: FoundLedger): ToolRow =>
  Object.fromEntries(
    columns.map((name) => {
      const value = row[name]
      return [name, typeof value === 'string' ? value : undefined]
    }),
  )
