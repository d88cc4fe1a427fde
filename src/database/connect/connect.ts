// Waits for the database and chooses its address once: DIRECT is tried once, else the whole run uses POOLER.
// "Not yet" is waited for; "never" (wrong password, unknown database) fails at once.

import { setTimeout as sleep } from 'node:timers/promises'
import {
  describeEndpoint,
  describeHost,
  type Endpoint,
  type Endpoints,
} from '../../config/endpoint.ts'
import { fail } from '../../errors/problem.ts'
import { tryOnce, type AttemptOptions, type Connected } from './attempt.ts'
import type { Server } from '../server/server.ts'

export type { Connected, InitialQueries } from './attempt.ts'

export type ConnectOptions<First> = AttemptOptions<First> & {
  /** Undefined when no database is named. */
  readonly endpoints: Endpoints | undefined
  readonly waitMs: number
}

/** Throws `no-database-named`, `database-unreachable`, `login-refused`, `tls-failed`, `server-too-old`; `interruption` ends the waiting. */
export const connectToDatabase = async <First>(
  options: ConnectOptions<First>,
): Promise<Connected<First>> => {
  const { endpoints = fail('no-database-named', {}), announce } = options
  const { first, fallback } = endpoints
  const chosen = async (
    connected: Connected<First>,
    endpoint: Endpoint,
  ): Promise<Connected<First>> => {
    const { version, versionNumber } = connected.server
    const { endpoint: reached } = connected.session
    if (versionNumber < oldestSupported) {
      await connected.session.close()
      fail('server-too-old', { endpoint: describeEndpoint(endpoint), version })
    }
    announce({
      kind: 'endpoint chosen',
      connectionKind: connectionKindOf(endpoint, connected.server),
      endpoint: describeEndpoint(reached),
      ...{ host: describeHost(reached), database: reached.database },
      directUnavailable: fallback !== undefined && endpoint === fallback,
      serverVersion: version,
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

// Of older ones the catalog lacks what is asked of it.
const oldestSupported = 150_000

// The operator's word for the endpoint; for DATABASE_URL and PG* what it turned out to be.
const connectionKindOf = ({ name }: Endpoint, server: Server): 'DIRECT' | 'POOLER' =>
  name === 'DIRECT' || name === 'POOLER' ? name : server.connectionKind

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
