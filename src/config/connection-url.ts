// A connection URL to its parts, as libpq reads it: several hosts, percent-encoding, parameters. What is
// wrong is told without ever repeating the URL.

import type { SslMode } from './endpoint.ts'

export type UrlParts = {
  readonly hosts: readonly string[]
  readonly ports: readonly number[]
  readonly user: string | undefined
  readonly password: string | undefined
  readonly database: string | undefined
  readonly sslMode: SslMode | undefined
  readonly sslRootCert: string | undefined
  readonly options: string | undefined
}

export type ParsedUrl =
  | { readonly kind: 'parts'; readonly parts: UrlParts }
  | { readonly kind: 'malformed'; readonly reason: string }

const sslModes = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full']
const parameters = ['host', 'sslmode', 'sslrootcert', 'options', 'application_name']

export const parseConnectionUrl = (text: string): ParsedUrl => {
  const malformed = (reason: string): ParsedUrl => ({ kind: 'malformed', reason })
  const match = /^postgres(?:ql)?:\/\/(?:(.*)@)?([^@/?]*)(?:\/([^?]*))?(?:\?(.*))?$/s.exec(
    text.trim(),
  )
  if (match === null)
    return malformed("does not start with postgresql:// or holds an unencoded '/' or '?'")
  const [, credentials, authority = '', path, search] = match
  const query = new URLSearchParams(search)
  const unknown = [...query.keys()].find((name) => !parameters.includes(name))
  if (unknown !== undefined)
    return malformed(`has the parameter '${unknown}'; known are ${parameters.join(', ')}`)
  const sslMode = query.get('sslmode') ?? undefined
  if (sslMode !== undefined && !sslModes.includes(sslMode))
    return malformed(`has sslmode=${sslMode}; known are ${sslModes.join(', ')}`)
  const hosts = parseHosts(query.get('host') ?? authority)
  if (hosts === undefined) return malformed('has a port that is no number')
  const decoded = decodeAll([...splitCredentials(credentials), path])
  if (decoded === undefined)
    return malformed("holds a '%' that is no encoding; write a literal % as %25")
  const [user, password, database] = decoded
  return {
    kind: 'parts',
    parts: {
      ...hosts,
      user,
      password,
      database,
      sslMode: sslMode as SslMode | undefined,
      sslRootCert: query.get('sslrootcert') ?? undefined,
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

type Hosts = { hosts: string[]; ports: number[] }

const parseHosts = (authority: string): Hosts | undefined => {
  if (authority === '') return { hosts: [], ports: [] }
  const pairs = authority.split(',').map((each) => /^(\[[^\]]*\]|[^:]*)(?::(\d*))?$/.exec(each))
  const hosts: string[] = []
  const ports: number[] = []
  for (const pair of pairs) {
    const port = Number(pair?.[2] === undefined || pair[2] === '' ? 5432 : pair[2])
    if (pair === null || port > 65_535) return undefined
    hosts.push(decodeURIComponent(pair[1] ?? '').replace(/^\[|\]$/g, ''))
    ports.push(port)
  }
  return { hosts, ports }
}
