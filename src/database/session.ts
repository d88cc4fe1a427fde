// The one door to postgres.js: a session that is one connection, speaks the simple protocol only, and once lost
// stays lost. postgres.js would silently reconnect, and lock and transaction would be gone (FACTS.md).

import { EventEmitter } from 'node:events'
import postgres from 'postgres'
import type { Endpoint } from '../config/endpoint.ts'
import { fail } from '../errors/problem.ts'
import { connectionOptions } from './connection-options.ts'
import { means } from './sqlstate.ts'

export type Row = Readonly<Record<string, unknown>>

export type ServerError = {
  readonly sqlstate: string
  readonly message: string
  readonly detail: string | undefined
  readonly hint: string | undefined
  readonly context: string | undefined
  /** What a function or DO block was running. */
  readonly internalQuery: string | undefined
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

const noActiveTransaction = '25P01'
const connectTimeoutSeconds = 5
const closeTimeoutSeconds = 2

/** Connects when the first message is sent. Never throws: what goes wrong is a reply. */
export const openSession = (endpoint: Endpoint, role: SessionRole, onNotice: OnNotice): Session => {
  let lost: string | undefined
  const running = new Set<{ cancel: () => void }>()
  const withinConnectTimeout = firstAnswerWithin(connectTimeoutSeconds * 1_000, () => {
    lost ??= 'no answer'
    void sql.end({ timeout: 0 })
  })
  const sql = postgres({
    ...connectionOptions(endpoint, role, connectTimeoutSeconds),
    onnotice: (notice) => {
      // Our own ROLLBACK after an error at COMMIT, which left no transaction: no news for anybody.
      if (notice['code'] === noActiveTransaction) return
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
      return readResult(result) ?? copyRefused(sql, result)
    } catch (error) {
      const reply = readError(error)
      if (reply.kind === 'lost') lost ??= reply.reason
      return reply
    } finally {
      running.delete(query)
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

type Guard = <Value>(query: Promise<Value>) => Promise<Value>

// postgres.js reconnects for ever when something accepts and closes at once, as a proxy without its server does; so
// the first answer has a bound of its own.
const firstAnswerWithin = (boundMs: number, onTimeout: () => void): Guard => {
  let answered = false
  return async (query) => {
    if (answered) return query
    const timer = setTimeout(onTimeout, boundMs)
    try {
      const value = await query
      answered = true
      return value
    } finally {
      clearTimeout(timer)
    }
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

const copyRefused = (sql: postgres.Sql, stream: unknown): Reply => {
  // Its error, when the connection ends below it, has no other listener and would end the process.
  if (stream instanceof EventEmitter) stream.on('error', () => undefined)
  void sql.end({ timeout: 0 })
  const message = 'COPY through the client is for psql only; write the rows as INSERT statements'
  return { kind: 'server error', error: { ...noDetails, sqlstate: '0A000', message } }
}

const noDetails = {
  detail: undefined,
  hint: undefined,
  context: undefined,
  internalQuery: undefined,
  position: undefined,
} as const

const readError = (error: unknown): Reply => {
  if (!(error instanceof postgres.PostgresError)) {
    // Node's words for a server that answered the request for TLS and then went away: it has none to offer.
    if (error instanceof Error && error.message.includes('before secure TLS connection'))
      return { kind: 'lost', reason: 'ERR_TLS_NOT_OFFERED' }
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
      internalQuery: text(error.internal_query),
      position: text(position) === undefined ? undefined : Number(position),
    },
  }
}

// postgres.js types these as always there; the server sends them when it has them.
const text = (value: string | undefined): string | undefined => value
