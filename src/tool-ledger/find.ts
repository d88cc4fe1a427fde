// Is another tool's ledger there? The catalog says what kind of table it is before anything of it is read: the name may be
// somebody's view, or a table with a policy, and reading it would run their code with our rights.

import { literal } from '../database/literal.ts'
import { identifier } from '../database/literal.ts'
import { reading } from '../database/own-sql.ts'
import { rowsOf, type Session } from '../database/session/session.ts'
import type { Server } from '../database/server/server.ts'
import { toolLedgers } from './ledgers.ts'
import type { LedgerName } from '../migrations/dialects/dialect.ts'
import type { Kept, ToolLedger } from './tool-ledger.ts'

/** Another tool's ledger, as far as the catalog tells. */
export type FoundLedger = {
  readonly ledger: ToolLedger
  readonly schema: string
  readonly database: string
  /** Of those that only some versions of the tool have too. */
  readonly columns: readonly string[]
  /** Who may read it; the login where both may. */
  readonly reader: 'login' | 'role'
  /** Who may write to it, or why nobody writes. */
  readonly writer: 'login' | 'role' | { readonly obstacle: string }
}

/** `unreadable`: it is there, and is left alone. */
export type Found =
  | { readonly kind: 'none' }
  | { readonly kind: 'found'; readonly found: FoundLedger }
  | { readonly kind: 'unreadable'; readonly table: string; readonly because: string }

export const shownTable = ({ ledger, schema }: Pick<FoundLedger, 'ledger' | 'schema'>): string =>
  `${schema}.${ledger.table}`

export const quotedTable = ({ ledger, schema }: Pick<FoundLedger, 'ledger' | 'schema'>): string =>
  `${identifier(schema)}.${identifier(ledger.table)}`

/** A ledger that is there. */
export type LedgerThere = {
  readonly dialect: string
  readonly found: Exclude<Found, { readonly kind: 'none' }>
}

type Where = Pick<Server, 'searchPath'>

/** The ledger of the tool that the files were written for, where `named` says that it is. Reads the catalog only. Throws what rowsOf() throws. */
export const findToolLedger = async (
  session: Session,
  dialect: string | undefined,
  { named, ...server }: Where & { readonly named: LedgerName },
): Promise<Found> => {
  const kinds = toolLedgers
    .filter((each) => each.dialect === dialect)
    .map((each): ToolLedger => ({ ...each, ...named }))
  const [first] = await findAmong(session, kinds, server)
  return first?.found ?? { kind: 'none' }
}

/** Every table that has the form of some tool's ledger; of one that several tools would take, the first. Otherwise as findToolLedger(). */
export const findToolLedgers = (session: Session, server: Where): Promise<readonly LedgerThere[]> =>
  findAmong(session, toolLedgers, server)

const findAmong = async (
  session: Session,
  kinds: readonly ToolLedger[],
  { searchPath: { existing, role } }: Where,
): Promise<readonly LedgerThere[]> => {
  if (kinds.length === 0) return []
  const schemas = [...new Set([...existing, 'public'])]
  const query = catalogQuery(kinds, schemas, role)
  const rows = rowsOf(session, await session.send(reading(query)))
  const entries = rows.map((row) => JSON.parse(String(row['found'])) as Entry)
  const taken = new Map<Entry, ToolLedger>()
  for (const ledger of kinds)
    for (const schema of ledger.schema === undefined ? schemas : [ledger.schema]) {
      const entry = entries.find(
        (each) => each.schema === schema && each.table === ledger.table && fits(each, ledger),
      )
      if (entry !== undefined && !taken.has(entry)) taken.set(entry, ledger)
    }
  return [...taken].map(([entry, ledger]) => ({
    dialect: ledger.dialect,
    found: evaluate(entry, ledger),
  }))
}

type Entry = {
  readonly schema: string
  readonly table: string
  readonly database: string
  readonly kind: string
  readonly hidden: boolean
  /** The type of each column, as the server writes it; null where it or its value is not built in. */
  readonly columns: Readonly<Record<string, string | null>>
  readonly owner: boolean
  readonly login: Rights
  readonly role: Rights | null
  readonly obstacle: string | null
}

type Rights = { readonly reads: boolean; readonly writes: boolean }

const fits = ({ columns }: Entry, ledger: ToolLedger): boolean =>
  Object.entries(ledger.columns).every(
    ([name, kept]) => kept === 'text if there' || columns[name] !== undefined,
  ) &&
  (ledger.lacks === undefined || columns[ledger.lacks] === undefined)

const evaluate = (entry: Entry, ledger: ToolLedger): LedgerThere['found'] => {
  const { schema, database, columns, login, role } = entry
  const table = shownTable({ ledger, schema })
  const foreign = Object.keys(ledger.columns).find((name) => columns[name] === null)
  const other = Object.entries(ledger.columns).find(([name, kept]) => !keeps(columns[name], kept))
  const because =
    entry.kind !== 'r'
      ? 'it is not an ordinary table'
      : entry.hidden
        ? 'it has row level security, which hides rows'
        : foreign !== undefined
          ? `its column ${foreign} has a type or an expression that is not built in`
          : other !== undefined
            ? `its column ${other[0]} is of type ${columns[other[0]] ?? ''}, and the tool keeps ${inWords[other[1]]} there`
            : login.reads || role?.reads === true
              ? undefined
              : 'the login role may not read it'
  if (because !== undefined) return { kind: 'unreadable', table, because }
  const obstacle = entry.owner
    ? (entry.obstacle ?? (login.writes || role?.writes === true ? undefined : 'may not write'))
    : 'it belongs to another role'
  return {
    kind: 'found',
    found: {
      ...{ ledger, schema, database },
      columns: Object.keys(ledger.columns).filter((name) => columns[name] !== undefined),
      reader: login.reads ? 'login' : 'role',
      writer: obstacle === undefined ? (login.writes ? 'login' : 'role') : { obstacle },
    },
  }
}

// As format_type() writes them. Of other types a row could not be read as the tool's, sorted, or written as the tool would.
const types: Readonly<Record<Kept, readonly string[]>> = {
  text: ['text', 'character varying', 'character', 'name'],
  number: ['bigint', 'integer', 'smallint'],
  'yes or no': ['boolean'],
  time: ['timestamp with time zone', 'timestamp without time zone'],
  bytes: ['bytea'],
  JSON: ['jsonb'],
  'text if there': ['text', 'character varying'],
}

const inWords: Readonly<Record<Kept, string>> = {
  text: 'text',
  number: 'an integer',
  'yes or no': 'a boolean',
  time: 'a timestamp',
  bytes: 'bytes',
  JSON: 'JSON (jsonb)',
  'text if there': 'text',
}

const keeps = (type: string | null | undefined, kept: Kept): boolean =>
  type === undefined || type === null || types[kept].includes(type)

// The first that the server makes for others: https://www.postgresql.org/docs/current/system-catalog-initial-data.html
const firstNotBuiltIn = 16_384

const catalogQuery = (
  kinds: readonly ToolLedger[],
  schemas: readonly string[],
  role: string | undefined,
): string => {
  const places = kinds.flatMap(({ schema, table }) =>
    (schema === undefined ? schemas : [schema]).map(
      (each) => `(${literal(each)}, ${literal(table)})`,
    ),
  )
  const owners = ['session_user', ...(role === undefined ? [] : [literal(role)])].join(', ')
  return `SELECT pg_catalog.json_build_object('schema', n.nspname, 'table', c.relname, 'database', pg_catalog.current_database(),
    'kind', c.relkind, 'hidden', pg_catalog.row_security_active(c.oid),
    'columns', (SELECT pg_catalog.json_object_agg(a.attname, CASE WHEN a.atttypid < ${firstNotBuiltIn} AND a.attgenerated = '' THEN pg_catalog.format_type(a.atttypid, NULL) END)
      FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped),
    'owner', pg_catalog.pg_get_userbyid(c.relowner) IN (${owners}) OR (SELECT r.rolsuper FROM pg_catalog.pg_roles r WHERE r.oid = c.relowner)
      OR pg_catalog.pg_has_role(session_user, c.relowner, 'MEMBER'),
    'login', ${rightsOf('session_user')}, 'role', ${role === undefined ? 'NULL' : rightsOf(literal(role))},
    'obstacle', ${obstacle}
  )::pg_catalog.text AS found
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'v', 'm', 'p', 'f') AND (n.nspname, c.relname) IN (${places.join(', ')})`
}

const rightsOf = (role: string): string => {
  const may = (privilege: string): string =>
    `pg_catalog.has_table_privilege(${role}, c.oid, '${privilege}')`
  const uses = `pg_catalog.has_schema_privilege(${role}, n.oid, 'USAGE')`
  return `pg_catalog.json_build_object('reads', ${uses} AND ${may('SELECT')},
    'writes', ${uses} AND ${['SELECT', 'INSERT', 'UPDATE', 'DELETE'].map(may).join(' AND ')})`
}

/** What would run somebody's code when a row is written, over `c`; NULL where nothing would. */
export const obstacle = `CASE
    WHEN EXISTS (SELECT FROM pg_catalog.pg_trigger t WHERE t.tgrelid = c.oid AND NOT t.tgisinternal) THEN 'it has a trigger'
    WHEN EXISTS (SELECT FROM pg_catalog.pg_rewrite w WHERE w.ev_class = c.oid) THEN 'it has a rule'
    WHEN EXISTS (SELECT FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
      AND (a.atttypid >= ${firstNotBuiltIn} OR a.attgenerated <> '')) THEN 'it has a column of a type or an expression that is not built in'
    WHEN EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.refobjid >= ${firstNotBuiltIn}
      AND d.refclassid IN ('pg_catalog.pg_proc'::pg_catalog.regclass, 'pg_catalog.pg_operator'::pg_catalog.regclass)
      AND (d.classid = 'pg_catalog.pg_attrdef'::pg_catalog.regclass AND d.objid IN (SELECT f.oid FROM pg_catalog.pg_attrdef f WHERE f.adrelid = c.oid)
        OR d.classid = 'pg_catalog.pg_constraint'::pg_catalog.regclass AND d.objid IN (SELECT k.oid FROM pg_catalog.pg_constraint k WHERE k.conrelid = c.oid)
        OR d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid IN (SELECT i.indexrelid FROM pg_catalog.pg_index i WHERE i.indrelid = c.oid)))
      THEN 'it has a default, a check or an index with a function that is not built in'
  END`
