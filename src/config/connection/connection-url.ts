// A connection URL to its parts, as libpq reads it: several hosts, percent-encoding, parameters. What is
// wrong is reported without ever repeating the URL.

import { readParameters, type Malformed, type Parameters } from './url-parameters.ts'

export type UrlParts = Omit<Parameters, 'hosts' | 'ports'> & {
  readonly hosts: readonly string[]
  /** For each host; undefined where the URL leaves it out. */
  readonly ports: readonly (number | undefined)[]
}

export type ParsedUrl = { readonly kind: 'parts'; readonly parts: UrlParts } | Malformed

/** Without what is around it: the quotes that Docker's --env-file keeps, blanks, a line end. */
export const bareUrl = (text: string): string =>
  /^\s*(["'])(.*)\1\s*$/s.exec(text)?.[2]?.trim() ?? text.trim()

export const parseConnectionUrl = (text: string): ParsedUrl => {
  const malformed = (reason: string): Malformed => ({ kind: 'malformed', reason })
  const match = /^postgres(?:ql)?:\/\/(?:([^/?]*)@)?([^@/?]*)(?:\/([^?]*))?(?:\?(.*))?$/s.exec(
    bareUrl(text),
  )
  if (match === null) return malformed('does not start with postgresql://')
  const [, credentials, authority = '', path = '', search = ''] = match
  const hosts = parseHosts(authority)
  // Two readings make sense then, and one of them sends the password to another host.
  if (path.includes('@') || (hosts === undefined && search.includes('@')))
    return malformed(
      "has an '@' that may end the password or not; in it write '@' as %40, '/' as %2F and '?' as %3F",
    )
  if (hosts === undefined) return malformed('has a port that is not a number from 1 to 65535')
  const decoded = decodeAll([...splitCredentials(credentials), path, ...hosts.hosts, search])
  if (decoded === undefined)
    return malformed("has a '%' that does not begin an encoded character; write a literal % as %25")
  // A form of HTML writes a space as '+', a connection URL does not.
  const query = new URLSearchParams(search.replaceAll('+', '%2B'))
  const said = readParameters(query)
  if ('kind' in said) return said
  const [user, password, database] = decoded
  return {
    kind: 'parts',
    parts: {
      ...said,
      hosts: said.hosts ?? hosts.hosts.map(hostName),
      ports: said.ports ?? hosts.ports,
      user: said.user ?? user,
      password: said.password ?? password,
      database: said.database ?? database,
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

// An IPv6 address is in brackets, the folder of a socket is percent-encoded.
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
