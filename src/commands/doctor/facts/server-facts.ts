// What the server tells about itself, our roles, other sessions and the catalog: one message, in a read-only transaction that
// is rolled back, so that not even a setting of a pooled connection is left changed. No judgement here.

import { identifier } from '../../../database/literal.ts'
import { pathOfFiles, readingInCleanSession } from '../../../database/own-sql.ts'
import { rowsOf, type Session } from '../../../database/session/session.ts'
import {
  fileFactsAsJson,
  loginFactsAsJson,
  roleFactsAsJson,
  timeouts,
  type FactsRequest,
} from './queries.ts'

export type HeldLock = {
  readonly oid: number
  /** As the login role's search path lets it be written. */
  readonly table: string
  /** pg_locks' word, such as 'AccessShareLock'. */
  readonly mode: string
}

type LongTransaction = {
  readonly pid: number
  readonly user: string
  readonly application: string
  readonly state: string
  readonly seconds: number
  readonly query: string
  /** Holds back CREATE INDEX CONCURRENTLY and VACUUM. */
  readonly snapshot: boolean
  readonly locks: readonly HeldLock[]
}

type PreparedTransaction = {
  readonly gid: string
  readonly owner: string
  readonly seconds: number
  readonly locks: readonly HeldLock[]
}

export type ServerFacts = {
  /** Those that are not 0. `source` is that of pg_settings: 'user', 'database', 'configuration file', … */
  readonly timeouts: readonly {
    readonly name: string
    readonly ms: number
    readonly source: string
  }[]
  /** Null where the server does not tell. */
  readonly tls: { readonly on: boolean; readonly version: string; readonly cipher: string } | null
  readonly database: string
  /** The login role. */
  readonly login: string
  /** The one that migrations run under: MIGRATION_ROLE, or the login role. */
  readonly role: {
    readonly name: string
    readonly superuser: boolean
    readonly memberOf: readonly string[]
    readonly createsSchemas: boolean
  }
  /** Of the login role, which writes it. */
  readonly ledger: {
    readonly createsSchemas: boolean
    readonly schemaExists: boolean
    readonly createsInSchema: boolean
    readonly exists: boolean
    readonly selects: boolean
    readonly inserts: boolean
    /** SHARE ROW EXCLUSIVE, which the fence takes, needs UPDATE, DELETE or TRUNCATE. */
    readonly locks: boolean
  }
  /** Of the login search path and of what the files create in; only those that exist. */
  readonly schemas: readonly { readonly name: string; readonly creates: boolean }[]
  /** Relations that the files alter and that exist. */
  readonly relations: readonly {
    readonly schema: string
    readonly name: string
    readonly owner: string
    readonly owned: boolean
    /** May the owner be made MIGRATION_ROLE, where none is set? */
    readonly becomes: boolean
  }[]
  /** Of the tables in the schemas of the search path. */
  readonly owners: readonly {
    readonly owner: string
    readonly tables: number
    readonly member: boolean
    /** As of the relations. */
    readonly becomes: boolean
  }[]
  readonly transactions: readonly LongTransaction[]
  readonly prepared: readonly PreparedTransaction[]
  /** Other roles' sessions in this database whose transactions we may not see. */
  readonly hidden: number
  readonly invalidIndexes: readonly {
    readonly index: string
    readonly definition: string
    /** The session that builds it now. */
    readonly builtBy: number | null
  }[]
  readonly replicas: { readonly count: number; readonly lagSeconds: number | null }
  /** Tables that the files lock, by the name in the file. */
  readonly locked: readonly { readonly name: string; readonly oid: number }[]
}

type RoleFacts = Pick<ServerFacts, 'role' | 'schemas' | 'relations' | 'owners'>
type FileFacts = Pick<ServerFacts, 'locked'>
type LoginFacts = Omit<ServerFacts, 'timeouts' | keyof RoleFacts | keyof FileFacts>

/** Throws `connection-lost`, `server-busy`, `server-refused`. */
export const readServerFacts = async (
  session: Session,
  request: FactsRequest,
): Promise<ServerFacts> => {
  const { timeoutMs, role } = request
  // The timeouts are read before we set our own.
  const reply = await session.send(
    readingInCleanSession(
      timeouts,
      `SET LOCAL statement_timeout = ${timeoutMs}; SET LOCAL lock_timeout = ${lockPatienceMs}; SET LOCAL jit = off`,
      `SELECT ${loginFactsAsJson(request)}::text AS facts`,
      ...(role === undefined ? [] : [`SET LOCAL ROLE ${identifier(role)}`]),
      `SELECT ${roleFactsAsJson(request)}::text AS facts`,
      pathOfFiles,
      `SELECT ${fileFactsAsJson(request)}::pg_catalog.text AS facts`,
    ),
  )
  if (reply.kind === 'server error') await session.send('ROLLBACK')
  const [ofFiles] = rowsOf(session, reply)
  const [rows = [], [ofLogin] = [], [ofRole] = []] = reply.kind === 'done' ? reply.sets : []
  return {
    ...(JSON.parse(String(ofLogin?.['facts'])) as LoginFacts),
    ...(JSON.parse(String(ofRole?.['facts'])) as RoleFacts),
    ...(JSON.parse(String(ofFiles?.['facts'])) as FileFacts),
    timeouts: rows.map((each) => ({
      name: String(each['name']),
      ms: Number(each['ms']),
      source: String(each['source']),
    })),
  }
}

const lockPatienceMs = 1_000
