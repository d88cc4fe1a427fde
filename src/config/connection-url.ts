// A connection URL to its parts, as libpq reads it: several hosts, percent-encoding, parameters. What is
// wrong is told without ever repeating the URL.

import {
  sslModes,
  sslNegotiations,
  targetSessions,
  type SslMode,
  type SslNegotiation,
  type TargetSession,
} from './endpoint.ts'

export type UrlParts = {
  readonly hosts: readonly string[]
  /** For each host; undefined where the URL leaves it out. */
  readonly ports: readonly (number | undefined)[]
  readonly user: string | undefined
  readonly password: string | undefined
  readonly database: string | undefined
  readonly sslMode: SslMode | undefined
  readonly sslNegotiation: SslNegotiation | undefined
  readonly sslRootCert: string | undefined
  readonly sslCert: string | undefined
  readonly sslKey: string | undefined
  /** The passphrase of the key. */
  readonly sslPassword: string | undefined
  readonly targetSession: TargetSession | undefined
  readonly options: string | undefined
}

export type ParsedUrl =
  | { readonly kind: 'parts'; readonly parts: UrlParts }
  | { readonly kind: 'malformed'; readonly reason: string }

/** Parameters that take one of a few words. */
const choices: Readonly<Record<string, readonly string[]>> = {
  sslmode: sslModes,
  sslnegotiation: sslNegotiations,
  target_session_attrs: targetSessions,
}
const parameters = [
  'host',
  'sslmode',
  'sslnegotiation',
  'sslrootcert',
  'sslcert',
  'sslkey',
  'sslpassword',
  'target_session_attrs',
  'options',
]
// libpq's, understood and not needed: our own application_name, 5 s to connect, TCP as the system has it.
const passedOver = [
  'application_name',
  'fallback_application_name',
  'connect_timeout',
  'channel_binding',
  'gssencmode',
  'keepalives',
  'keepalives_idle',
  'keepalives_interval',
  'keepalives_count',
  'tcp_user_timeout',
]

export const parseConnectionUrl = (text: string): ParsedUrl => {
  const malformed = (reason: string): ParsedUrl => ({ kind: 'malformed', reason })
  const match = /^postgres(?:ql)?:\/\/(?:([^/?]*)@)?([^@/?]*)(?:\/([^?]*))?(?:\?(.*))?$/s.exec(
    text.trim(),
  )
  if (match === null) return malformed('does not start with postgresql://')
  const [, credentials, authority = '', path = '', search = ''] = match
  const hosts = parseHosts(authority)
  // Two readings make sense then, and one of them sends the password to another host.
  if (path.includes('@') || (hosts === undefined && search.includes('@')))
    return malformed(
      "has an '@' that may end the password or not; in it write '@' as %40, '/' as %2F and '?' as %3F",
    )
  if (hosts === undefined) return malformed('has a port that is no number from 1 to 65535')
  const decoded = decodeAll([...splitCredentials(credentials), path, ...hosts.hosts, search])
  if (decoded === undefined)
    return malformed("holds a '%' that is no encoding; write a literal % as %25")
  // A form of HTML writes a space as '+', a connection URL does not.
  const query = new URLSearchParams(search.replaceAll('+', '%2B'))
  const unknown = [...query.keys()].find(
    (name) => !parameters.includes(name) && !passedOver.includes(name),
  )
  if (unknown !== undefined) {
    // What is no plain name may be a secret that was put in the wrong place.
    const known = [...parameters, ...passedOver].join(', ')
    const named = /^[a-z_]+$/i.test(unknown) ? `the parameter '${unknown}'` : 'an unknown parameter'
    return malformed(`has ${named}; known are ${known}`)
  }
  if (query.get('channel_binding') === 'require')
    return malformed(
      'asks for channel_binding=require, which this client cannot do; use sslmode=verify-full against a server that is not the right one',
    )
  for (const [name, known] of Object.entries(choices))
    if (query.has(name) && !known.includes(query.get(name) ?? ''))
      return malformed(`has an unknown ${name}; known are ${known.join(', ')}`)
  const [user, password, database] = decoded
  return {
    kind: 'parts',
    parts: {
      hosts: query.get('host')?.split(',') ?? hosts.hosts.map(hostName),
      ports: hosts.ports,
      user,
      password,
      database,
      sslMode: (query.get('sslmode') ?? undefined) as SslMode | undefined,
      sslNegotiation: (query.get('sslnegotiation') ?? undefined) as SslNegotiation | undefined,
      sslRootCert: query.get('sslrootcert') ?? undefined,
      sslCert: query.get('sslcert') ?? undefined,
      sslKey: query.get('sslkey') ?? undefined,
      sslPassword: query.get('sslpassword') ?? undefined,
      targetSession: (query.get('target_session_attrs') ?? undefined) as TargetSession | undefined,
      options: query.get('options') ?? undefined,
    },
  }
}

const splitCredentials = (credentials = ''): [string, string | undefined] => {
  const colon = credentials.indexOf(':')
  return colon === -1
    ? [credentials, undefined]
    : [credentials.slice(0, colon), credentials.slice(colon + 1)]
}

const decodeAll = (parts: readonly (string | undefined)[]): (string | undefined)[] | undefined => {
  try {
    return parts.map((part) =>
      part === undefined || part === '' ? undefined : decodeURIComponent(part),
    )
  } catch {
    return undefined
  }
}

// An IPv6 address stands in brackets, the folder of a socket is percent-encoded.
const hostName = (written: string): string => decodeURIComponent(written).replace(/^\[|\]$/g, '')

type Hosts = { hosts: string[]; ports: (number | undefined)[] }

const parseHosts = (authority: string): Hosts | undefined => {
  if (authority === '') return { hosts: [], ports: [] }
  const pairs = authority.split(',').map((each) => /^(\[[^\]]*\]|[^:]*)(?::(\d*))?$/.exec(each))
  const hosts: string[] = []
  const ports: (number | undefined)[] = []
  for (const pair of pairs) {
    if (pair === null) return undefined
    const [, host = '', written = ''] = pair
    const port = written === '' ? undefined : Number(written)
    if (port !== undefined && (port < 1 || port > 65_535)) return undefined
    hosts.push(host)
    ports.push(port)
  }
  return { hosts, ports }
}
