// One try of an endpoint: its hosts in their order, as libpq goes through them, until one answers that will do. What may
// pass by itself is told as "not yet"; what waiting would not change is thrown.

import { describeEndpoint, describeHost, hostsOf, type Endpoint } from '../config/endpoint.ts'
import { fail, type SchemagateError } from '../errors/problem.ts'
import type { Announce } from '../events.ts'
import type { Reply } from './reply.ts'
import { askServer, readServer, type Server } from './server.ts'
import { openSession, type Session, type SessionRole } from './session.ts'
import { answeringWithin } from './silence.ts'
import { means } from './sqlstate.ts'
import { roundsOf, unsuited, type Wanted } from './target-session.ts'
import { watched } from './watch.ts'

export type Connected<First> = {
  /**
   * For questions: given up when the server goes silent. Its endpoint has one host, the one that answered: the lock must
   * go to the same server.
   */
  readonly session: Session
  /** The same, unwatched: for work that is watched in another way. */
  readonly connection: Session
  readonly server: Server
  /** What `first` asked, answered in the same round trip as the facts about the server. */
  readonly first: First
}

export type AttemptOptions<First> = {
  readonly role: SessionRole
  /** MIGRATION_ROLE, for those who run migrations or foresee it. */
  readonly migrationRole?: string | undefined
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
  const told = [...reasons].map(([host, reason]) =>
    hosts.length === 1 ? reason : `${describeHost(host)}: ${reason}`,
  )
  return { kind: 'not yet', reason: told.join('; ') }
}

// The first look has limits of a minute on the server itself.
const firstWithinMs = 75_000
// A new connection may wait its turn in a pool that is used up.
const longestQueueSeconds = 60

const tryHost = async <First>(
  endpoint: Endpoint,
  wanted: Wanted,
  { role, migrationRole, first, announce, interruption }: AttemptOptions<First>,
): Promise<Attempt<First>> => {
  interruption.throwIfAborted()
  const context = { announce, interruption }
  const connection = openSession(endpoint, role, context)
  // Both are sent before either is answered: one round trip.
  const asked = askServer(connection, migrationRole)
  const firstAsked = first(answeringWithin(connection, firstWithinMs)).then(
    (value) => ({ kind: 'value', value }) as const,
    (error: unknown) => ({ kind: 'error', error }) as const,
  )
  const reply = await asked
  if (reply.kind !== 'done') {
    await connection.close()
    await firstAsked
    interruption.throwIfAborted()
    return failedAttempt(endpoint, reply)
  }
  const answered = await firstAsked
  const server = readServer(reply, migrationRole)
  const reason = unsuited(wanted, server)
  if (reason === undefined && answered.kind === 'value') {
    const silentSeconds = server.way === 'DIRECT' ? 10 : longestQueueSeconds
    const session = watched(connection, { server, context, silentSeconds })
    return {
      kind: 'connected',
      connected: { session, connection, server, first: answered.value },
    }
  }
  await connection.close()
  if (reason !== undefined) return { kind: 'not yet', reason }
  throw (answered as { readonly error: unknown }).error as SchemagateError
}

const failedAttempt = (
  endpoint: Endpoint,
  reply: Exclude<Reply, { kind: 'done' }>,
): { kind: 'not yet'; reason: string } => {
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
