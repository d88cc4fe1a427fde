// What the server tells about itself, our role, other sessions and the catalog: one message, in a read-only transaction that
// is rolled back, so that not even a setting of a pooled connection is left changed. No judgement here.

import { rowsOf, type Session } from '../database/session.ts'
import { factsAsJson, timeouts, type FactsRequest } from './questions.ts'

export type HeldLock = {
  /** As the login role's search path lets it be written. */
  readonly table: string
  /** pg_locks' word, such as 'AccessShareLock'. */
  readonly mode: string
}

export type LongTransaction = {
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

export type PreparedTransaction = {
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
  readonly role: {
    readonly name: string
    readonly superuser: boolean
    readonly memberOf: readonly string[]
    /** May it see what sessions of other roles do? */
    readonly seesAll: boolean
    readonly createsSchemas: boolean
  }
  readonly ledger: {
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
  }[]
  /** Of the tables in the schemas of the search path. */
  readonly owners: readonly {
    readonly owner: string
    readonly tables: number
    readonly member: boolean
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
  /** Tables that the files lock, by the name in the file, as HeldLock names them. */
  readonly locked: readonly { readonly name: string; readonly table: string }[]
}

/** Throws `connection-lost`, `server-busy`, `server-refused`. */
export const readServerFacts = async (
  session: Session,
  request: FactsRequest,
): Promise<ServerFacts> => {
  const { timeoutMs } = request
  // The timeouts are read before we set our own.
  const reply = await session.send(`BEGIN ISOLATION LEVEL READ COMMITTED READ ONLY;
RESET SESSION AUTHORIZATION; RESET ROLE; RESET ALL;
${timeouts};
SET LOCAL statement_timeout = ${timeoutMs}; SET LOCAL lock_timeout = ${lockPatienceMs}; SET LOCAL jit = off;
SELECT ${factsAsJson(request)}::text AS facts;
ROLLBACK`)
  if (reply.kind === 'server error') await session.send('ROLLBACK')
  const [row] = rowsOf(session, reply)
  const rows = reply.kind === 'done' ? (reply.sets[0] ?? []) : []
  return {
    ...(JSON.parse(String(row?.['facts'])) as Omit<ServerFacts, 'timeouts'>),
    timeouts: rows.map((each) => ({
      name: String(each['name']),
      ms: Number(each['ms']),
      source: String(each['source']),
    })),
  }
}

const lockPatienceMs = 1_000
