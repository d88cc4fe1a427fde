// The one door to postgres.js: a session that is one connection, speaks the simple protocol only, and once lost
// stays lost. postgres.js would silently reconnect, and lock and transaction would be gone (FACTS.md).

import postgres from 'postgres'
import packageJson from '../../package.json' with { type: 'json' }
import type { Endpoint } from '../config/endpoint.ts'
import { fail } from '../errors/problem.ts'
import { means } from './sqlstate.ts'

export type Row = Readonly<Record<string, unknown>>

export type ServerError = {
  readonly sqlstate: string
  readonly message: string
  readonly detail: string | undefined
  readonly hint: string | undefined
  readonly context: string | undefined
  /** In characters from 1, within the text that was sent. */
  readonly position: number | undefined
}

/** What became of one message. Errors are expected here, so they are values. */
export type Reply =
  | {
      readonly kind: 'done'
      /** The rows of each statement that returns rows. */
      readonly sets: readonly (readonly Row[])[]
      /** The process id of the protocol's handshake: not pg_backend_pid() behind a pooler (FACTS.md). */
      readonly handshakePid: number
    }
  | { readonly kind: 'server error'; readonly error: ServerError }
  | { readonly kind: 'lost'; readonly reason: string }

export type SessionRole = 'run' | 'lock' | 'status'

export type Session = {
  readonly role: SessionRole
  readonly endpoint: Endpoint
  /** Sends one message of one or many statements. `onRow` sees rows as they come, also before an error. */
  readonly send: (text: string, onRow?: (row: Row) => void) => Promise<Reply>
  /** Asks the server to cancel what runs; the reply of `send` tells what became of it. */
  readonly cancel: () => void
  readonly close: () => Promise<void>
}

export type OnNotice = (severity: string, message: string) => void

const connectTimeoutSeconds = 5
const closeTimeoutSeconds = 2

/** Connects when the first message is sent. Never throws: what goes wrong is a reply. */
export const openSession = (endpoint: Endpoint, role: SessionRole, onNotice: OnNotice): Session => {
  let lost: string | undefined
  const running = new Set<{ cancel: () => void }>()
  const sql = postgres({
    ...connectionOptions(endpoint, role),
    onnotice: (notice) => {
      onNotice(notice['severity'] ?? 'NOTICE', notice['message'] ?? '')
    },
    onclose: () => {
      lost ??= 'the server or the network closed the connection'
      void sql.end({ timeout: 0 })
    },
  })

  const send: Session['send'] = async (text, onRow) => {
    if (lost !== undefined) return { kind: 'lost', reason: lost }
    const query = sql.unsafe<postgres.Row[]>(text).simple()
    running.add(query)
    try {
      const result: unknown = await withinConnectTimeout(
        onRow === undefined ? query : query.forEach(onRow),
      )
      return readResult(result) ?? copyRefused(sql)
    } catch (error) {
      const reply = readError(error)
      if (reply.kind === 'lost') lost ??= reply.reason
      return reply
    } finally {
      running.delete(query)
    }
  }

  // postgres.js reconnects for ever when something accepts and closes at once, as a proxy without its server
  // does; so the first answer has a bound of its own.
  let answered = false
  const withinConnectTimeout = async <Value>(query: Promise<Value>): Promise<Value> => {
    if (answered) return query
    const timer = setTimeout(() => {
      lost ??= 'no answer'
      void sql.end({ timeout: 0 })
    }, connectTimeoutSeconds * 1_000)
    try {
      const value = await query
      answered = true
      return value
    } finally {
      clearTimeout(timer)
    }
  }

  return {
    role,
    endpoint,
    send,
    cancel: () => {
      for (const query of running) query.cancel()
    },
    close: () => sql.end({ timeout: closeTimeoutSeconds }),
  }
}

/** The rows of the last statement that returned some; throws for a lost connection or an unexpected error. */
export const rowsOf = (session: Session, reply: Reply): readonly Row[] => {
  switch (reply.kind) {
    case 'done':
      return reply.sets.at(-1) ?? []
    case 'lost':
      return fail('connection-lost', { role: session.role, reason: reply.reason })
    case 'server error':
      throw new Error(`SQLSTATE ${reply.error.sqlstate}: ${reply.error.message}`)
  }
}

const connectionOptions = (
  endpoint: Endpoint,
  role: SessionRole,
): postgres.Options<Record<string, never>> => {
  const { hosts, ports, user, database, password = '', options } = endpoint
  const socketFolder = hosts[0]?.startsWith('/') === true ? hosts[0] : undefined
  // postgres.js takes several hosts as arrays; its types know only one.
  const addresses = { host: hosts, port: ports } as unknown as { host: string; port: number }
  return {
    ...(socketFolder === undefined
      ? { ...addresses, ssl: sslOption(endpoint) }
      : { path: `${socketFolder}/.s.PGSQL.${ports[0] ?? 5432}`, ssl: false }),
    user,
    database,
    pass: password,
    max: 1,
    idle_timeout: 0,
    max_lifetime: null,
    connect_timeout: connectTimeoutSeconds,
    fetch_types: false,
    prepare: false,
    connection: {
      application_name: `schemagate/${packageJson.version} ${role}`,
      ...(options === undefined ? {} : { options }),
    },
  }
}

const sslOption = ({
  sslMode,
  rootCertificate,
}: Endpoint): false | 'prefer' | 'require' | object => {
  const trust = rootCertificate === undefined ? {} : { ca: rootCertificate }
  switch (sslMode) {
    case 'disable':
      return false
    case 'allow':
    case 'prefer':
      return 'prefer'
    case 'require':
      return 'require'
    case 'verify-ca':
      return { ...trust, rejectUnauthorized: true, checkServerIdentity: () => undefined }
    case 'verify-full':
      return { ...trust, rejectUnauthorized: true }
  }
}

type Result = readonly Row[] & {
  readonly columns?: readonly unknown[]
  readonly state?: { readonly pid?: number }
}

// One statement yields a result, many yield an array of results; anything else is the stream of a COPY.
const readResult = (result: unknown): Reply | undefined => {
  if (!Array.isArray(result)) return undefined
  const results = (Array.isArray(result[0]) ? result : [result]) as readonly Result[]
  return {
    kind: 'done',
    sets: results.filter(({ columns = [] }) => columns.length > 0),
    handshakePid: results[0]?.state?.pid ?? 0,
  }
}

const copyRefused = (sql: postgres.Sql): Reply => {
  void sql.end({ timeout: 0 })
  const message = 'COPY through the client is for psql only; write the rows as INSERT statements'
  return { kind: 'server error', error: { ...noDetails, sqlstate: '0A000', message } }
}

const noDetails = {
  detail: undefined,
  hint: undefined,
  context: undefined,
  position: undefined,
} as const

const readError = (error: unknown): Reply => {
  if (!(error instanceof postgres.PostgresError)) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error)
    return { kind: 'lost', reason: code }
  }
  const { code: sqlstate, message, detail, hint, where, position } = error
  if (sqlstate.startsWith('08') || means(sqlstate, 'sessionEnded'))
    return { kind: 'lost', reason: `SQLSTATE ${sqlstate}: ${message}` }
  return {
    kind: 'server error',
    error: {
      sqlstate,
      message,
      detail: text(detail),
      hint: text(hint),
      context: text(where),
      position: text(position) === undefined ? undefined : Number(position),
    },
  }
}

// postgres.js types these as always there; the server sends them when it has them.
const text = (value: string | undefined): string | undefined => value
