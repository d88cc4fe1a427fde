// Shows on a real server whether a migration file does the harm that a lint rule warns of. Each file runs as the gate would
// run it: in one transaction, unless it holds a statement that refuses one.

import postgres from 'postgres'
import type { Hazard } from '../../src/lint/rule.ts'
import { loadParser } from '../../src/sql/tree/parse.ts'
import { lockLevels } from '../../src/sql/locks/table-lock.ts'
import { transactionNeed } from '../../src/sql/transaction/transaction-need.ts'
import { until, type TestDatabase } from './database.ts'

const parse = await loadParser()

const needsNoTransaction = (text: string): boolean => {
  const parsed = parse(text)
  return (
    parsed.kind === 'parsed' &&
    parsed.statements.some(({ node }) => transactionNeed(node).kind === 'no transaction')
  )
}

/** Runs the file; yields whether the harm showed. The file's changes are there afterwards. */
export const showsHarm = async (
  database: TestDatabase,
  text: string,
  hazard: Hazard,
): Promise<boolean> => {
  switch (hazard.kind) {
    case 'lock': {
      const { blocks, keepsOut } = await locksWhileRunning(database, text, hazard.relation)
      // What the lock says, somebody else must feel.
      return blocks(hazard.level) && keepsOut(hazard.level)
    }
    case 'scan': {
      const { blocks, scans } = await locksWhileRunning(database, text, hazard.relation)
      return blocks(hazard.level) && scans > 0
    }
    case 'rewrite':
      return isRewritten(database, text, hazard.relation)
    case 'error':
      return (await errorOf(database, text, hazard.when)) === hazard.sqlstate
    case 'ignored':
      return changesNoColumn(database, text, hazard.relation)
    case 'leak':
      return leaks(database, text, hazard.setting)
    case 'breaks':
      return breaks(database, text, hazard)
    case 'lost rows':
      return losesRows(database, text, hazard.relation)
    case 'locked rows':
      return locksRows(database, text, hazard.relation)
    case 'ends':
      return endsSession(database, text, hazard.applicationName)
    case 'none':
      await run(database, text)
      return false
  }
}

type Locks = {
  /** Was this lock, or a stronger one, held on the relation? */
  readonly blocks: (level: string) => boolean
  /** Did another session wait in vain for what conflicts with such a lock? */
  readonly keepsOut: (level: string) => boolean
  /** How often the relation was read from its start to its end. */
  readonly scans: number
}

const locksWhileRunning = async (
  database: TestDatabase,
  text: string,
  relation: string,
): Promise<Locks> =>
  needsNoTransaction(text)
    ? locksOfConcurrent(database, text, relation)
    : locksOfTransaction(database, text, relation)

const locksOfTransaction = async (
  { sql, client }: TestDatabase,
  text: string,
  relation: string,
): Promise<Locks> => {
  const [oid] = await sql.unsafe(`SELECT '${relation}'::regclass::oid AS oid`)
  // What the session has read before counts on until it is reported.
  const scans = async (): Promise<number> => {
    const [read] = await sql.unsafe(
      `SELECT seq_scan::int AS scans FROM pg_stat_xact_user_tables WHERE relid = ${String(oid?.['oid'])}`,
    )
    return Number(read?.['scans'] ?? 0)
  }
  await sql.unsafe('BEGIN')
  const scansBefore = await scans()
  await sql.unsafe(text)
  const held = await sql.unsafe(
    `SELECT mode FROM pg_locks WHERE pid = pg_backend_pid() AND relation = ${String(oid?.['oid'])} AND granted`,
  )
  const scanned = (await scans()) - scansBefore
  const rival = client()
  const [reader, writer] = [
    await waitsInVain(rival, `SELECT FROM ${relation} LIMIT 1`),
    await waitsInVain(rival, `LOCK TABLE ${relation} IN ROW EXCLUSIVE MODE`),
  ]
  await sql.unsafe('COMMIT')
  return locksFrom(held, scanned, { reader, writer })
}

// It cannot be looked at in its own transaction, so a writer in an open one keeps it waiting meanwhile.
const locksOfConcurrent = async (
  { sql, client }: TestDatabase,
  text: string,
  relation: string,
): Promise<Locks> => {
  const writer = client()
  const observer = client()
  const [{ pid } = { pid: 0 }] = await sql.unsafe('SELECT pg_backend_pid() AS pid')
  await writer.unsafe(`BEGIN; INSERT INTO ${relation} SELECT * FROM ${relation} WHERE false`)
  const running = sql.unsafe(text).then(() => undefined)
  await until('the concurrent statement waits for the writer', async () => {
    const waiting = await observer.unsafe(
      `SELECT FROM pg_stat_activity WHERE pid = ${String(pid)} AND wait_event_type = 'Lock'`,
    )
    return waiting.length > 0
  })
  const held = await observer.unsafe(
    `SELECT mode FROM pg_locks WHERE pid = ${String(pid)} AND relation = '${relation}'::regclass`,
  )
  await observer.unsafe(
    `SET lock_timeout = '2s'; INSERT INTO ${relation} SELECT * FROM ${relation} WHERE false; SELECT FROM ${relation} LIMIT 1`,
  )
  await writer.unsafe('COMMIT')
  await running
  return locksFrom(held, 0, { reader: false, writer: false })
}

const waitsInVain = (rival: postgres.Sql, statement: string): Promise<boolean> =>
  rival.unsafe(`BEGIN; SET LOCAL lock_timeout = '100ms'; ${statement}; COMMIT`).then(
    () => false,
    async (error: unknown) => {
      await rival.unsafe('ROLLBACK')
      return error instanceof postgres.PostgresError && error.code === '55P03'
    },
  )

const locksFrom = (
  rows: readonly postgres.Row[],
  scans: number,
  keptOut: { readonly reader: boolean; readonly writer: boolean },
): Locks => {
  const held = rows.map(({ mode }) =>
    lockLevels.findIndex(
      (level) => `${level.replaceAll(' ', '')}LOCK` === String(mode).toUpperCase(),
    ),
  )
  return {
    scans,
    blocks: (level) => Math.max(...held) >= lockLevels.findIndex((each) => each === level),
    keepsOut: (level) => (level === 'ACCESS EXCLUSIVE' ? keptOut.reader : keptOut.writer),
  }
}

export const run = async ({ sql }: TestDatabase, text: string): Promise<void> => {
  if (!needsNoTransaction(text)) await sql.unsafe(text)
  else for (const statement of statementsOf(text)) await sql.unsafe(statement)
}

const statementsOf = (text: string): readonly string[] => {
  const parsed = parse(text)
  return parsed.kind === 'parsed'
    ? parsed.statements.map(({ start, end }) => text.slice(start, end))
    : [text]
}

const isRewritten = async (
  database: TestDatabase,
  text: string,
  relation: string,
): Promise<boolean> => {
  const fileNode = async (): Promise<unknown> =>
    (await database.sql.unsafe(`SELECT pg_relation_filenode('${relation}') AS node`))[0]?.['node']
  const before = await fileNode()
  await run(database, text)
  return (await fileNode()) !== before
}

const changesNoColumn = async (
  database: TestDatabase,
  text: string,
  relation: string,
): Promise<boolean> => {
  const columns = async (): Promise<unknown> =>
    (
      await database.sql.unsafe(
        `SELECT string_agg(attname || ' ' || format_type(atttypid, atttypmod), ', ' ORDER BY attnum) AS columns
           FROM pg_attribute WHERE attrelid = '${relation}'::regclass AND attnum > 0`,
      )
    )[0]?.['columns']
  const before = await columns()
  await run(database, text)
  return (await columns()) === before
}

const errorOf = async (
  database: TestDatabase,
  text: string,
  when: Extract<Hazard, { kind: 'error' }>['when'],
): Promise<string | undefined> => {
  try {
    // A file that needs no transaction is not sent in one unless that is the point of the rule.
    if (when === 'run in a transaction' && statementsOf(text).length > 1)
      await database.sql.unsafe(`BEGIN; ${text}; COMMIT`)
    else await run(database, text)
    if (when === 'run again') await run(database, text)
    return undefined
  } catch (error) {
    await database.sql.unsafe('ROLLBACK')
    return error instanceof postgres.PostgresError ? error.code : String(error)
  }
}

const leaks = async (database: TestDatabase, text: string, setting: string): Promise<boolean> => {
  const shown = async (): Promise<unknown> =>
    (await database.sql.unsafe(`SELECT current_setting('${setting}') AS value`))[0]?.['value']
  const before = await shown()
  await run(database, text)
  return (await shown()) !== before
}

const breaks = async (
  database: TestDatabase,
  text: string,
  { query, sqlstate }: Extract<Hazard, { kind: 'breaks' }>,
): Promise<boolean> => {
  const service = database.client()
  await service.unsafe(query)
  await run(database, text)
  try {
    await service.unsafe(query)
    return false
  } catch (error) {
    return error instanceof postgres.PostgresError && error.code === sqlstate
  }
}

const losesRows = async (
  database: TestDatabase,
  text: string,
  relation: string,
): Promise<boolean> => {
  const count = async (): Promise<number> =>
    Number((await database.sql.unsafe(`SELECT count(*) AS n FROM ${relation}`))[0]?.['n'])
  const before = await count()
  await run(database, text)
  return (await count()) < before
}

/** A rival that skips what is locked finds fewer rows. */
const locksRows = async (
  { sql, client }: TestDatabase,
  text: string,
  relation: string,
): Promise<boolean> => {
  const rows = Number((await sql.unsafe(`SELECT count(*) AS n FROM ${relation}`))[0]?.['n'])
  await sql.unsafe('BEGIN')
  await sql.unsafe(text)
  const [written] = await sql.unsafe(
    `SELECT n_tup_upd::int AS n FROM pg_stat_xact_user_tables WHERE relid = '${relation}'::regclass`,
  )
  const rival = client()
  await rival.unsafe(`SET lock_timeout = '200ms'`)
  const isBlocked = await rival.unsafe(`SELECT FROM ${relation} LIMIT 1 FOR UPDATE`).then(
    () => false,
    (error: unknown) => error instanceof postgres.PostgresError && error.code === '55P03',
  )
  await sql.unsafe('COMMIT')
  return isBlocked && Number(written?.['n'] ?? 0) === rows
}

const endsSession = async (
  database: TestDatabase,
  text: string,
  applicationName: string,
): Promise<boolean> => {
  const connection = { application_name: applicationName }
  const other = postgres(database.url, { max: 1, connection })
  const pid = async (): Promise<unknown> =>
    (await other`SELECT pg_backend_pid() AS pid`)[0]?.['pid']
  const before = await pid()
  await run(database, text)
  const after = await pid().catch(() => 'ended')
  await other.end({ timeout: 1 })
  return after !== before
}
