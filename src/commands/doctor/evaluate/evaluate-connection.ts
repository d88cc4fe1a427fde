// How the server is reached, and what the server is. Pure: facts in, findings out.

import { describeEndpoint } from '../../../config/endpoint.ts'
import type { PoolerMode } from '../../../database/connect/pooler-mode.ts'
import { problem } from '../../../errors/problem.ts'
import type { Examination } from '../facts/examination.ts'
import { note, obstacle, ok, refused, warning, type Finding } from '../finding.ts'

export const evaluateGate = ({ gate }: Examination): readonly Finding[] =>
  gate.kind === 'open'
    ? []
    : [
        note('gate', `this container may not migrate (${gate.because}): run would exit 0 at once`, {
          advice: 'The rest of this report is about a container that may.',
        }),
      ]

export const evaluateEndpoint = ({ endpoint, directUnavailable, server }: Examination): Finding => {
  const shown = describeEndpoint(endpoint)
  if (directUnavailable !== undefined)
    return warning(
      'endpoint',
      `${shown} is used, because DIRECT is not available`,
      'Find out why DIRECT does not answer: every start tries it first, for up to 5 s. Without DATABASE_URL_DIRECT, POOLER is used at once.',
      [`${directUnavailable.endpoint}: ${directUnavailable.reason}`],
    )
  switch (endpoint.name) {
    case 'DIRECT':
      return ok('endpoint', `${shown} is used: it is tried first, and it answers`)
    case 'POOLER':
      return ok('endpoint', `${shown} is used: DATABASE_URL_DIRECT is not set`)
    case 'DATABASE_URL':
    case 'PG*':
    case 'SCRATCH_URL':
      return ok('endpoint', `${shown} is used, the only one named; it is ${server.connectionKind}`)
  }
}

// An older one is refused when the connection is made.
export const evaluateServer = ({ server }: Examination): Finding =>
  ok('server', `PostgreSQL ${server.version}, which is supported`)

export const evaluatePooler = ({ endpoint, server, second }: Examination): Finding => {
  if (server.connectionKind === 'DIRECT') return ok('pooler', 'none: this is the server itself')
  const sentence = `there is one, ${modes[second.mode]}`
  return endpoint.name === 'DIRECT'
    ? warning(
        'pooler',
        `${sentence}, though it was given as DATABASE_URL_DIRECT`,
        'Nothing breaks; but give it as DATABASE_URL_POOLER, and the server itself as DATABASE_URL_DIRECT.',
      )
    : ok('pooler', sentence)
}

const modes: Readonly<Record<PoolerMode, string>> = {
  transaction: 'in transaction mode',
  session: 'in session mode',
  unknown: 'in an unknown mode',
  'no pooler': 'in an unknown mode',
}

export const evaluateSecond = ({ endpoint, server, second, preview }: Examination): Finding => {
  if (second.kind === 'open')
    return ok('second connection', 'two at once are available, as a run needs')
  const { reason, cause, waitedSeconds } = second
  const sentence = 'a run needs two connections at once, and did not get a second one'
  if (preview.pending === 0) return note('second connection', `${sentence} (${reason})`)
  const facts = { endpoint: describeEndpoint(endpoint), waitedSeconds }
  return server.connectionKind === 'POOLER' && cause === 'silence'
    ? refused('second connection', sentence, [problem('pooler-too-small', facts)])
    : obstacle('second connection', 'try again', sentence, {
        detail: [reason],
        advice:
          'Check max_connections and the connection limit of the role (ALTER ROLE … CONNECTION LIMIT); a pooler must be in transaction or session mode.',
      })
}

const localHosts = ['localhost', '127.0.0.1', '::1']

export const evaluateTls = ({ endpoint, server, facts: { tls } }: Examination): Finding => {
  const { sslMode, hosts } = endpoint
  const isLocal = hosts.every((host) => host.startsWith('/') || localHosts.includes(host))
  const state =
    tls?.on === true ? `${tls.version}, ${tls.cipher}` : tls === null ? 'not reported' : 'off'
  if (server.connectionKind === 'POOLER')
    return note(
      'tls',
      `the server reports the connection from the pooler to it: ${state}. The connection from here to the pooler has sslmode=${sslMode}`,
      sslMode === 'verify-full'
        ? {}
        : {
            advice:
              'sslmode=verify-full proves that the pooler is the right one; require or less does not.',
          },
    )
  if (tls?.on !== true)
    return isLocal
      ? ok('tls', `${state}, to a server on this machine (sslmode=${sslMode})`)
      : note('tls', `${state}: what is sent can be read on the network (sslmode=${sslMode})`, {
          advice:
            'Set sslmode=verify-full (and PGSSLROOTCERT), unless the network is one you trust.',
        })
  return sslMode.startsWith('verify') || isLocal
    ? ok('tls', `on: ${state} (sslmode=${sslMode})`)
    : note('tls', `on: ${state}; who the server is was not verified (sslmode=${sslMode})`, {
        advice: 'Set sslmode=verify-full, and PGSSLROOTCERT to the certificate of its authority.',
      })
}

export const evaluateClientCheck = ({ server }: Examination): Finding =>
  server.connectionCheck === 'available'
    ? ok(
        'client check',
        'client_connection_check_interval is available: the statement of a killed run ends by itself',
      )
    : note(
        'client check',
        'client_connection_check_interval is not available: the statement of a killed run goes on to its end',
        { advice: 'After a kill, look into pg_stat_activity before the next run.' },
      )

export const evaluateWrites = ({ endpoint, server, preview }: Examination): Finding => {
  const facts = { endpoint: describeEndpoint(endpoint), pending: preview.pending }
  const harmless = 'nothing is pending, so a run needs no more'
  if (server.role === 'standby') {
    const sentence = 'the server is a standby (in recovery): it does not accept writes'
    return preview.pending === 0
      ? note('writes', `${sentence}; ${harmless}`)
      : refused('writes', sentence, [problem('standby-server', facts)])
  }
  if (server.writes === 'allowed') return ok('writes', 'the server is a primary and accepts writes')
  const sentence = 'default_transaction_read_only is on'
  return preview.pending === 0
    ? note('writes', `${sentence}; ${harmless}`)
    : refused('writes', sentence, [problem('read-only-database', facts)])
}

export const evaluateReplication = ({ facts: { replicas } }: Examination): readonly Finding[] => {
  const { count, lagSeconds } = replicas
  if (count === 0) return []
  const standbys = count === 1 ? '1 standby follows' : `${count} standbys follow`
  const lag =
    lagSeconds === null
      ? 'the server does not show how far behind'
      : `at most ${lagSeconds} s behind`
  return [note('replication', `${standbys}, ${lag}`)]
}
