// The only module that knows postgres.js: a session that is one connection, speaks the simple protocol only, and once lost
// stays lost. postgres.js would silently reconnect, and lock and transaction would be gone (docs/design/facts.md).

import { EventEmitter } from 'node:events'
import { setImmediate as nextTurn } from 'node:timers/promises'
import postgres from 'postgres'
import type { Endpoint } from '../../config/endpoint.ts'
import { fail } from '../../errors/problem.ts'
import type { Announce } from '../../events.ts'
import type { RowsOnDisk } from '../../files/rows-on-disk.ts'
import { connectionOptions } from './connection-options.ts'
import { feedingCopies } from './copy-rows.ts'
import { attributeNotices, type Attribution, type OnNotice, type OnRow } from './notices.ts'
import {
  noDetails,
  readError,
  readResult,
  shownNotice,
  type Reply,
  type Row,
  type ServerError,
  type SessionRole,
} from './reply.ts'
import {
  featureNotSupported,
  isCondition,
  noActiveSqlTransaction,
} from '../../errors/server/sqlstate.ts'

export type { SessionRole }

export type Session = {
  readonly role: SessionRole
  readonly endpoint: Endpoint
  /**
   * Sends one message of one or many statements. `onRow` sees rows as they come, also before an error; `onNotice` what the server
   * tells from the message's first row on. What nobody hears so is announced. `copies` has the rows of each COPY … FROM stdin of
   * the message, in its order.
   */
  readonly send: (
    text: string,
    onRow?: OnRow,
    onNotice?: OnNotice,
    copies?: readonly RowsOnDisk[],
  ) => Promise<Reply>
  /** Cancels what runs on the server now; its reply tells what became of it. What was sent behind it is not. */
  readonly cancel: () => void
  /** Gives the connection up without waiting for anything: every message, now and later, is answered 'lost'. */
  readonly drop: (reason: string, lostFirst?: SessionRole) => void
  /** Aborted when the connection is gone, its reason in words: for those who wait while nothing runs. */
  readonly lost: AbortSignal
  readonly close: () => Promise<void>
}

export type SessionContext = {
  readonly announce: Announce
  /** Cancels what runs on the server; the reply of `send` tells what became of it. */
  readonly interruption: AbortSignal
}

const connectTimeoutSeconds = 5
const closed = 'the server or the network closed the connection'
const closeTimeoutSeconds = 2
const afterInterruptionMs = 4_000

/** Connects when the first message is sent. Never throws: what goes wrong is a reply. */
export const openSession = (
  endpoint: Endpoint,
  role: SessionRole,
  { announce, interruption }: SessionContext,
): Session => {
  let lost: Extract<Reply, { kind: 'lost' }> | undefined
  const gone = new AbortController()
  let answered = false
  // In the order in which they were sent: the server runs the first.
  const running = new Set<Cancellable>()
  const cancel = (): void => running.values().next().value?.cancel()
  let hungUp = false
  const lose = (reply: Extract<Reply, { kind: 'lost' }>): Reply => {
    gone.abort((lost ??= reply).reason)
    interruption.removeEventListener('abort', onInterruption)
    return lost
  }
  const drop: Session['drop'] = (reason, lostFirst = role) => {
    lose({ kind: 'lost', role: lostFirst, reason, code: 'CONNECTION_DESTROYED' })
    void end(sql, 0)
  }
  const onInterruption = (): void => {
    if (!answered) drop('interrupted')
    cancel()
    // A network that has gone silent would keep us for as long as the system tries.
    setTimeout(drop, afterInterruptionMs, 'no answer after the interruption').unref()
  }
  interruption.addEventListener('abort', onInterruption, { once: true })
  const notices = attributeNotices(announce)
  const sql = makeClient(endpoint, role, notices.take, () => {
    // The server may have said why: what was running is answered first.
    hungUp = true
    setImmediate(drop, closed)
  })
  // postgres.js reconnects for ever when something accepts and closes at once, as a proxy without its server does; so
  // the first answer has a bound of its own.
  let connectTimer: NodeJS.Timeout | undefined
  const send: Session['send'] = async (text, onRow, onNotice, copies = []) => {
    if (hungUp) drop(closed)
    if (lost !== undefined) return lost
    connectTimer ??= setTimeout(drop, connectTimeoutSeconds * 1_000, 'no answer within 5 s')
    const query = feedingCopies(sql.unsafe<postgres.Row[]>(text).simple(), { copies, announce })
    running.add(query)
    const asking = { sql, role, sent: text, onRow: notices.listening(onRow, onNotice) }
    const reply = await answerTo(query, asking)
    notices.answered(onNotice)
    answered = true
    clearTimeout(connectTimer)
    running.delete(query)
    // It was over before it could be cancelled, and the server has begun with the next.
    if (interruption.aborted && reply.kind === 'done') cancel()
    return reply.kind === 'lost' ? lose(reply) : reply
  }
  const close = async (): Promise<void> => {
    interruption.removeEventListener('abort', onInterruption)
    clearTimeout(connectTimer)
    await (running.size > 0 ? end(sql, closeTimeoutSeconds) : askToEnd(sql))
  }
  return { role, endpoint, send, cancel, lost: gone.signal, drop, close }
}

// What goes wrong at the end of a connection is news for nobody, and must not hide what its work came to.
const end = (sql: postgres.Sql, timeout: number): Promise<unknown> =>
  sql.end({ timeout }).catch(() => undefined)

// With every answer here, the server is only asked: waiting until it has hung up would cost another round trip.
const askToEnd = (sql: postgres.Sql): Promise<unknown> =>
  Promise.race([end(sql, closeTimeoutSeconds), nextTurn()])

type Cancellable = { readonly cancel: () => void }

type Asking = {
  readonly sql: postgres.Sql
  readonly role: SessionRole
  readonly sent: string
  readonly onRow: OnRow | undefined
}

const answerTo = async (
  query: postgres.PendingQuery<postgres.Row[]>,
  { sql, role, sent, onRow }: Asking,
): Promise<Reply> => {
  try {
    const result: unknown = await (onRow === undefined ? query : query.forEach(onRow))
    return readResult(result) ?? copyRefused(sql, result)
  } catch (error) {
    return readError(error, role, sent)
  }
}

const makeClient = (
  endpoint: Endpoint,
  role: SessionRole,
  onNotice: Attribution['take'],
  onclose: () => void,
): postgres.Sql =>
  withoutEnvironment(() =>
    postgres({
      ...connectionOptions(endpoint, role, connectTimeoutSeconds),
      onclose,
      onnotice: ({ code, severity = 'NOTICE', message: notice = '' }) => {
        // Our own ROLLBACK after an error at COMMIT, which left no transaction: no news for anybody.
        if (code !== noActiveSqlTransaction)
          onNotice({ kind: 'server notice', severity, notice: shownNotice(notice) })
      },
    }),
  )

// postgres.js fills in from PG… variables what it was not given; what we want of them, the configuration has read.
const withoutEnvironment = <Value>(make: () => Value): Value => {
  const entries = Object.entries(process.env).filter(([name]) => name.startsWith('PG'))
  for (const [name] of entries) Reflect.deleteProperty(process.env, name)
  try {
    return make()
  } finally {
    Object.assign(process.env, Object.fromEntries(entries))
  }
}

/** The rows of the last statement that returned some; throws for a lost connection or an unexpected error. */
export const rowsOf = (session: Session, reply: Reply): readonly Row[] => {
  switch (reply.kind) {
    case 'done':
      return reply.sets.at(-1) ?? []
    case 'lost':
      return fail('connection-lost', { role: reply.role, reason: reply.reason })
    case 'server error':
      return failWith(session, reply.error)
  }
}

const failWith = ({ role }: Session, { sqlstate, message }: ServerError): never =>
  fail(isCondition(sqlstate, 'passing') ? 'server-busy' : 'server-refused', {
    role,
    sqlstate,
    message,
  })

const copyRefused = (sql: postgres.Sql, stream: unknown): Reply => {
  // Its error, when the connection ends below it, has no other listener and would end the process.
  if (stream instanceof EventEmitter) stream.on('error', () => undefined)
  void end(sql, 0)
  const message = 'the rows of this COPY do not follow it in the file'
  return { kind: 'server error', error: { ...noDetails, sqlstate: featureNotSupported, message } }
}
