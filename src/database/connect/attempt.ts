// One try of an endpoint: its hosts in their order, as libpq goes through them, until one answers that will do. What may
// pass by itself is reported as "not yet"; what waiting would not change is thrown.

import { describeEndpoint, describeHost, hostsOf, type Endpoint } from '../../config/endpoint.ts'
import { settingIn } from '../../config/connection/server-options.ts'
import { fail } from '../../errors/problem.ts'
import type { Announce } from '../../events.ts'
import { ownPath } from '../own-sql.ts'
import type { Reply, Row } from '../session/reply.ts'
import { readServer, serverQuery, type Server } from '../server/server.ts'
import { openSession, type Session, type SessionRole } from '../session/session.ts'
import { answeringWithin } from '../session/silence.ts'
import { roundsOf, unsuited, type Wanted } from './target-session.ts'
import { watched } from '../monitor/liveness.ts'
import { openMonitor, type Monitor } from '../monitor/monitor.ts'
import { isCondition } from '../../errors/server/sqlstate.ts'

export type Connected<First> = {
  /**
   * For questions: given up when the server goes silent. Its endpoint has one host, the one that answered: the lock must
   * go to the same server.
   */
  readonly session: Session
  /** The same, unwatched: for work that is watched in another way. */
  readonly connection: Session
  readonly monitor: Monitor
  readonly server: Server
  /** What was asked first. */
  readonly first: First
}

/**
 * Statements that go in one message with the question about the server: one round trip, where postgres.js has the first
 * message of a connection answered before it sends the second.
 */
export type InitialQueries<First> = {
  /** Each reads, on our own path, and yields one row, or none at all as a SET does. */
  readonly statements: readonly string[]
  /** May ask for more. */
  readonly read: (session: Session, rows: readonly Row[]) => Promise<First>
}

export type AttemptOptions<First> = {
  readonly role: SessionRole
  /** MIGRATION_ROLE, for those who run migrations or preview them. */
  readonly migrationRole?: string | undefined
  /** Where one of its statements fails, `first` asks and says what is wrong. */
  readonly initialQueries?: InitialQueries<First>
  readonly first: (session: Session) => Promise<First>
  readonly announce: Announce
  readonly interruption: AbortSignal
}

export type Attempt<First> =
  | { readonly kind: 'connected'; readonly connected: Connected<First> }
  | { readonly kind: 'not yet'; readonly reason: string }

/** Throws `login-refused` and `tls-failed`, without a look at the hosts that are left, and what `first` throws. */
export const tryOnce = async <First>(
  endpoint: Endpoint,
  options: AttemptOptions<First>,
): Promise<Attempt<First>> => {
  const hosts = hostsOf(endpoint)
  const reasons = new Map<Endpoint, string>()
  for (const wanted of roundsOf(endpoint.targetSession ?? 'any'))
    for (const host of hosts) {
      const attempt = await tryHost(host, wanted, options)
      if (attempt.kind === 'connected') return attempt
      reasons.set(host, attempt.reason)
    }
  const reasonsByHost = [...reasons].map(([host, reason]) =>
    hosts.length === 1 ? reason : `${describeHost(host)}: ${reason}`,
  )
  return { kind: 'not yet', reason: reasonsByHost.join('; ') }
}

// The first look has limits of a minute on the server itself.
const firstWithinMs = 75_000
// A new connection may wait its turn in a pool that is used up.
const longestQueueSeconds = 60

const tryHost = async <First>(
  endpoint: Endpoint,
  wanted: Wanted,
  options: AttemptOptions<First>,
): Promise<Attempt<First>> => {
  const { role, announce, interruption } = options
  interruption.throwIfAborted()
  const context = { announce, interruption }
  const connection = openSession(endpoint, role, context)
  try {
    const attempt = await tryConnection(connection, wanted, options)
    if (attempt.kind !== 'connected') await connection.close()
    return attempt
  } catch (error) {
    // Whatever it was: nobody else has it to close.
    await connection.close()
    throw error
  }
}

const tryConnection = async <First>(
  connection: Session,
  wanted: Wanted,
  options: AttemptOptions<First>,
): Promise<Attempt<First>> => {
  const { announce, interruption } = options
  const asked = (await sendInitialQueries(connection, options)) ?? (await ask(connection, options))
  if (asked.kind === 'not let in') {
    interruption.throwIfAborted()
    return failedAttempt(connection.endpoint, asked.reply)
  }
  const { server } = asked
  const reason = unsuited(wanted, server)
  if (reason !== undefined) return { kind: 'not yet', reason }
  const silentSeconds = server.connectionKind === 'DIRECT' ? 10 : longestQueueSeconds
  const monitor = openMonitor(connection.endpoint, { announce, interruption })
  const session = watched(connection, { server, monitor, silentSeconds })
  const first = await asked.first()
  return { kind: 'connected', connected: { session, connection, monitor, server, first } }
}

const serverQueryOn = ({ endpoint: { options } }: Session, role: string | undefined): string =>
  serverQuery(role, options === undefined ? undefined : settingIn(options, 'search_path'))

type Asked<First> =
  | { readonly kind: 'answered'; readonly server: Server; readonly first: () => Promise<First> }
  | { readonly kind: 'not let in'; readonly reply: Exclude<Reply, { kind: 'done' }> }

/** Undefined where there is nothing to ask, or a statement of it failed. */
const sendInitialQueries = async <First>(
  connection: Session,
  { migrationRole, initialQueries }: AttemptOptions<First>,
): Promise<Asked<First> | undefined> => {
  if (initialQueries === undefined) return undefined
  const session = answeringWithin(connection, firstWithinMs)
  const rows: Row[] = []
  const message = [
    serverQueryOn(connection, migrationRole),
    ownPath,
    ...initialQueries.statements,
  ].join(';\n')
  const reply = await session.send(message, (row) => {
    rows.push(row)
  })
  const [row, ...others] = rows
  if (reply.kind === 'done') {
    const server = readServer(row ?? {}, reply.handshakePid, migrationRole)
    return { kind: 'answered', server, first: () => initialQueries.read(session, others) }
  }
  // Who has seen a row has been let in: what failed then is one of the statements.
  return reply.kind === 'server error' && row !== undefined
    ? undefined
    : { kind: 'not let in', reply }
}

const ask = async <First>(
  connection: Session,
  { migrationRole, first }: AttemptOptions<First>,
): Promise<Asked<First>> => {
  const asking = connection.send(serverQueryOn(connection, migrationRole))
  const asked = first(answeringWithin(connection, firstWithinMs))
  // Its error is for those who want its answer.
  const [reply] = await Promise.all([asking, Promise.allSettled([asked])])
  if (reply.kind !== 'done') return { kind: 'not let in', reply }
  const server = readServer(reply.sets.at(-1)?.[0] ?? {}, reply.handshakePid, migrationRole)
  return { kind: 'answered', server, first: () => asked }
}

const failedAttempt = (
  endpoint: Endpoint,
  reply: Exclude<Reply, { kind: 'done' }>,
): { kind: 'not yet'; reason: string } => {
  if (reply.kind === 'lost') return lostAttempt(endpoint, reply)
  const { sqlstate, message } = reply.error
  if (isCondition(sqlstate, 'startingUp')) return { kind: 'not yet', reason: message }
  return refuse(endpoint, sqlstate, message)
}

const refuse = (endpoint: Endpoint, sqlstate: string, message: string): never => {
  return fail('login-refused', {
    endpoint: describeEndpoint(endpoint),
    user: endpoint.user,
    databaseName: endpoint.database,
    sqlstate,
    message,
    password: endpoint.password === undefined ? 'none' : 'given',
    doubt: message.includes(unsupported) ? parametersDoubt : endpoint.loginDoubt,
  })
}

// PgBouncer's words, which it does not translate, for what it does not pass on; its code is that of much that passes by itself.
const unsupported = 'unsupported startup parameter'

const parametersDoubt =
  'PgBouncer ignores such settings with ignore_startup_parameters = options, geqo; the search_path in options takes effect anyway'

const tlsReasons: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is self-signed and not trusted here',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is signed by an authority that is not trusted here',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'the authority that signed its certificate is not known here',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'the authority that signed its certificate is not known here',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another host name',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  ERR_TLS_NOT_OFFERED: 'the server broke off; it may offer no TLS',
}

const notDirect =
  'the server broke off: sslnegotiation=direct is for PostgreSQL 17 and later, with TLS; others must be asked for it first'

const cureOf = (code: string, endpoint: Endpoint): string => {
  const [host = ''] = endpoint.hosts
  const at = describeHost(endpoint)
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID')
    return `Use a host name that the certificate has, in place of ${host}; sslmode=verify-ca checks the authority and not the name.`
  if (code === 'CERT_HAS_EXPIRED') return `Have the certificate of ${at} renewed.`
  if (code === 'ERR_TLS_NOT_OFFERED')
    return `Switch TLS on at the server (ssl = on). Only inside a network that you trust: sslmode=disable (PGSSLMODE).`
  return code in tlsReasons
    ? `Give the gate the certificate of the authority that signed it: PGSSLROOTCERT=/path/ca.pem (or sslrootcert in the URL). This shows who that is: openssl s_client -starttls postgres -connect ${at} -showcerts </dev/null`
    : 'Check sslmode (PGSSLMODE) and the root certificate (PGSSLROOTCERT).'
}

type Lost = Extract<Reply, { kind: 'lost' }>

const lostAttempt = (
  endpoint: Endpoint,
  { code, reason }: Lost,
): { kind: 'not yet'; reason: string } => {
  const isTls = /CERT|^ERR_TLS|^ERR_SSL|^EPROTO|UNABLE_TO_|SELF_SIGNED/.test(code)
  if (isTls) {
    const known =
      code === 'ERR_TLS_NOT_OFFERED' && endpoint.sslNegotiation === 'direct'
        ? notDirect
        : tlsReasons[code]
    const words = `${known ?? 'the TLS handshake failed'} (${code})`
    return fail('tls-failed', {
      endpoint: describeEndpoint(endpoint),
      reason: words,
      cure: cureOf(code, endpoint),
    })
  }
  if (reason.includes(unsupported))
    return refuse(endpoint, code, reason.replace(/^SQLSTATE \w+: /, ''))
  return { kind: 'not yet', reason }
}
