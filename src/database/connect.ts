// Waits for the database and chooses the way to it once: DIRECT is tried once, else the whole run uses POOLER.
// "Not yet" is waited for; "never" (wrong password, unknown database) fails at once.

import { setTimeout as sleep } from 'node:timers/promises'
import { describeEndpoint, type Endpoint, type Endpoints } from '../config/endpoint.ts'
import { fail, type SchemagateError } from '../errors/problem.ts'
import type { Announce } from '../events.ts'
import { askServer, readServer, type Server } from './server.ts'
import type { Reply } from './reply.ts'
import { openSession, type Session, type SessionRole } from './session.ts'
import { means } from './sqlstate.ts'

export type Connected<First> = {
  readonly session: Session
  readonly server: Server
  /** What `first` asked, answered in the same round trip as the facts about the server. */
  readonly first: First
}

export type ConnectOptions<First> = {
  /** Undefined when no database is named. */
  readonly endpoints: Endpoints | undefined
  readonly waitMs: number
  readonly role: SessionRole
  readonly first: (session: Session) => Promise<First>
  readonly announce: Announce
  readonly interruption: AbortSignal
}

/** Throws `no-database-named`, `database-unreachable`, `login-refused`, `tls-failed`; `interruption` ends the waiting. */
export const connectToDatabase = async <First>(
  options: ConnectOptions<First>,
): Promise<Connected<First>> => {
  const { endpoints = fail('no-database-named', {}), announce } = options
  const { first, fallback } = endpoints
  const chosen = (connected: Connected<First>, endpoint: Endpoint): Connected<First> => {
    announce({
      kind: 'endpoint chosen',
      way: wayOf(endpoint, connected.server),
      endpoint: describeEndpoint(endpoint),
      directUnavailable: fallback !== undefined && endpoint === fallback,
      serverVersion: connected.server.version,
    })
    return connected
  }
  if (fallback === undefined) return chosen(await waitFor(first, options), first)
  const attempt = await tryOnce(first, options)
  if (attempt.kind === 'connected') return chosen(attempt.connected, first)
  announce({
    kind: 'direct unavailable',
    endpoint: describeEndpoint(first),
    reason: attempt.reason,
  })
  return chosen(await waitFor(fallback, options), fallback)
}

// The operator's word for the endpoint; for DATABASE_URL and PG* what it turned out to be.
const wayOf = ({ name }: Endpoint, server: Server): 'DIRECT' | 'POOLER' =>
  name === 'DIRECT' || name === 'POOLER' ? name : server.way

const firstPauseMs = 100
const longestPauseMs = 2_000

const waitFor = async <First>(
  endpoint: Endpoint,
  options: ConnectOptions<First>,
): Promise<Connected<First>> => {
  const { waitMs, announce, interruption } = options
  const started = Date.now()
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
    const attempt = await tryOnce(endpoint, options)
    if (attempt.kind === 'connected') return attempt.connected
    const { reason } = attempt
    const waitedMs = Date.now() - started
    if (waitedMs + pauseMs > waitMs)
      return fail('database-unreachable', {
        endpoint: describeEndpoint(endpoint),
        reason,
        waitedSeconds: waitMs / 1_000,
      })
    announce({
      kind: 'waiting for database',
      endpoint: describeEndpoint(endpoint),
      reason,
      waitedSeconds: Math.round(waitedMs / 1_000),
    })
    await sleep(pauseMs, undefined, { signal: interruption })
  }
}

type Attempt<First> =
  | { readonly kind: 'connected'; readonly connected: Connected<First> }
  | { readonly kind: 'not yet'; readonly reason: string }

const tryOnce = async <First>(
  endpoint: Endpoint,
  { role, first, announce, interruption }: ConnectOptions<First>,
): Promise<Attempt<First>> => {
  interruption.throwIfAborted()
  const session = openSession(endpoint, role, { announce, interruption })
  // Both are sent before either is answered: one round trip.
  const asked = askServer(session)
  const firstAsked = first(session).then(
    (value) => ({ kind: 'value', value }) as const,
    (error: unknown) => ({ kind: 'error', error }) as const,
  )
  const reply = await asked
  if (reply.kind === 'done') {
    const answered = await firstAsked
    if (answered.kind === 'value')
      return {
        kind: 'connected',
        connected: { session, server: readServer(reply), first: answered.value },
      }
    await session.close()
    throw answered.error as SchemagateError
  }
  await session.close()
  await firstAsked
  interruption.throwIfAborted()
  if (reply.kind === 'lost') return lostAttempt(endpoint, reply)
  const { sqlstate, message } = reply.error
  if (means(sqlstate, 'notYet')) return { kind: 'not yet', reason: message }
  return fail('login-refused', {
    endpoint: describeEndpoint(endpoint),
    sqlstate,
    message,
    password: endpoint.password === undefined ? 'none' : 'given',
  })
}

const tlsReasons: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is self-signed and not trusted here',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is signed by an authority that is not trusted here',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'the authority that signed its certificate is not known here',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'the authority that signed its certificate is not known here',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another host name',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  ERR_TLS_NOT_OFFERED: 'the server broke off; it may offer no TLS',
}

type Lost = Extract<Reply, { kind: 'lost' }>

const lostAttempt = (
  endpoint: Endpoint,
  { code, reason }: Lost,
): { kind: 'not yet'; reason: string } => {
  const isTls = /CERT|^ERR_TLS|^ERR_SSL|^EPROTO|UNABLE_TO_|SELF_SIGNED/.test(code)
  if (isTls) {
    const words = `${tlsReasons[code] ?? 'the TLS handshake failed'} (${code})`
    return fail('tls-failed', { endpoint: describeEndpoint(endpoint), reason: words })
  }
  return { kind: 'not yet', reason }
}
