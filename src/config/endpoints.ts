// Which endpoints this run has: DIRECT and POOLER, or DATABASE_URL alone, or libpq's PG* variables.

import { readFileSync } from 'node:fs'
import { problem, type Problem } from '../errors/problem.ts'
import { parseConnectionUrl, type UrlParts } from './connection-url.ts'
import {
  makeEndpoint,
  type Endpoint,
  type EndpointName,
  type Endpoints,
  type SslMode,
} from './endpoint.ts'
import { malformedValue, spelling, type Gathered } from './gather.ts'
import type { VariableName } from './variables.ts'

type Read = {
  readonly endpoints: Endpoints | undefined
  readonly secrets: readonly string[]
  readonly problems: readonly Problem[]
}

const urlVariables = [
  ['DATABASE_URL_DIRECT', 'DIRECT'],
  ['DATABASE_URL_POOLER', 'POOLER'],
  ['DATABASE_URL', 'DATABASE_URL'],
] as const

const noUrl: UrlParts = {
  hosts: [],
  ports: [],
  user: undefined,
  password: undefined,
  database: undefined,
  sslMode: undefined,
  sslRootCert: undefined,
  options: undefined,
}

/** `broken` names what is reported already: who tried to name a database is not told that none is named. */
export const readEndpoints = (
  gathered: Gathered,
  broken: ReadonlySet<unknown>,
  userName: () => string,
): Read => {
  const { values, fromFlag } = gathered
  const problems: Problem[] = []
  const secrets = values.PGPASSWORD === undefined ? [] : [values.PGPASSWORD]
  const found: Endpoint[] = []
  const build = (name: EndpointName, parts: UrlParts, variable?: VariableName): void => {
    const certificate = readCertificate(parts.sslRootCert ?? values.PGSSLROOTCERT)
    if (certificate.kind === 'read') {
      found.push(fromParts(name, parts, values, { certificate: certificate.pem, userName }))
      return
    }
    const [told, reason] =
      parts.sslRootCert === undefined || variable === undefined
        ? (['PGSSLROOTCERT', 'names a file that cannot be read'] as const)
        : ([variable, 'names with sslrootcert a file that cannot be read'] as const)
    // Once, although it is read for DIRECT and for POOLER.
    if (!problems.some(({ facts }) => facts['name'] === spelling(told, fromFlag)))
      problems.push(malformedValue(told, undefined, fromFlag, reason))
  }
  for (const [name, endpointName] of urlVariables) {
    const url = values[name]
    if (url === undefined) continue
    const parsed = parseConnectionUrl(url)
    secrets.push(...secretsOf(url, parsed.kind === 'parts' ? parsed.parts.password : undefined))
    // DATABASE_URL often belongs to the service: with DIRECT or POOLER beside it, it is not ours to judge.
    if (name === 'DATABASE_URL' && found.length > 0) continue
    if (parsed.kind === 'parts' && (parsed.parts.database ?? values.PGDATABASE) === undefined)
      problems.push(malformedValue(name, url, fromFlag, 'names no database'))
    else if (parsed.kind === 'parts') build(endpointName, parsed.parts, name)
    else problems.push(malformedValue(name, url, fromFlag, parsed.reason))
  }
  const anyUrl = urlVariables.some(([name]) => values[name] !== undefined)
  const attempted = [...broken].some((name) =>
    /^(DATABASE_URL|--database-url|PG)/.test(String(name)),
  )
  if (!anyUrl && !attempted) {
    if (values.PGHOST === undefined) problems.push(problem('no-database-named', {}))
    else build('PG*', noUrl)
  }
  const [first, fallback] = found
  return { endpoints: first && { first, fallback }, secrets, problems }
}

type Rest = { readonly certificate: string | undefined; readonly userName: () => string }

const fromParts = (
  name: EndpointName,
  parts: UrlParts,
  values: Readonly<Partial<Record<VariableName, string>>>,
  { certificate, userName }: Rest,
): Endpoint => {
  const hosts = parts.hosts.length > 0 ? parts.hosts : (values.PGHOST ?? 'localhost').split(',')
  const defaultPorts = (values.PGPORT ?? '5432').split(',').map(Number)
  const portOf = (at: number): number =>
    parts.ports[at] ?? defaultPorts[at] ?? defaultPorts[0] ?? 5432
  const user = parts.user ?? values.PGUSER ?? userName()
  return makeEndpoint(
    {
      name,
      hosts,
      ports: hosts.map((_, at) => portOf(at)),
      user,
      database: parts.database ?? values.PGDATABASE ?? user,
      sslMode: parts.sslMode ?? (values.PGSSLMODE as SslMode | undefined) ?? 'prefer',
      rootCertificate: certificate,
      options: parts.options,
    },
    parts.password ?? values.PGPASSWORD,
  )
}

type Certificate =
  { readonly kind: 'read'; readonly pem: string | undefined } | { readonly kind: 'unreadable' }

const readCertificate = (path: string | undefined): Certificate => {
  // 'system' is libpq's word for the certificates that the machine trusts, which is Node's default too.
  if (path === undefined || path === 'system') return { kind: 'read', pem: undefined }
  try {
    return { kind: 'read', pem: readFileSync(path, 'utf8') }
  } catch {
    return { kind: 'unreadable' }
  }
}

// The password as it was written and as it was meant: server and libraries may repeat either.
const secretsOf = (url: string, password: string | undefined): readonly string[] => {
  // A bare scheme is no secret, and would blot out what we say about URLs.
  if (url.length < 16) return []
  const written = /^[^:]*:\/\/[^:@/]*:(.*)@/s.exec(url)?.[1]
  return [url, written, password].filter((each) => each !== undefined && each !== '') as string[]
}
