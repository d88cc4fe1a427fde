// Which endpoints this run has: DIRECT and POOLER, or DATABASE_URL alone, or libpq's PG* variables.

import { problem, type Problem } from '../../errors/problem.ts'
import type { RunEvent } from '../../events.ts'
import { bareUrl, parseConnectionUrl, type UrlParts } from './connection-url.ts'
import {
  makeEndpoint,
  mayBeDirect,
  type Endpoint,
  type EndpointName,
  type Endpoints,
  type SslMode,
  type SslNegotiation,
  type TargetSession,
} from '../endpoint.ts'
import { malformedValue, spelling, type VariableValues } from '../variables/read-variables.ts'
import { passwordFor, type PasswordFile } from './password-file.ts'
import { readPemFiles, type PemFiles } from './pem-files.ts'
import { hostAddressCure } from './url-parameters.ts'
import { suspiciousPart } from '../secret-file.ts'
import type { VariableName } from '../variables/variables.ts'

type Read = {
  readonly endpoints: Endpoints | undefined
  /** SCRATCH_URL. */
  readonly scratch: Endpoint | undefined
  readonly secrets: readonly string[]
  readonly problems: readonly Problem[]
  /** What is not a problem, but must be reported. */
  readonly notices: readonly RunEvent[]
}

/** What the machine knows, asked only where flags and environment leave it out. */
export type Machine = {
  readonly userName: () => string
  /** `named`: PGPASSFILE; undefined for ~/.pgpass. Undefined when there is none and none was named. */
  readonly passwordFile: (named: string | undefined) => PasswordFile | undefined
}

const urlVariables = [
  ['DATABASE_URL_DIRECT', 'DIRECT'],
  ['DATABASE_URL_POOLER', 'POOLER'],
  ['DATABASE_URL', 'DATABASE_URL'],
] as const

type UrlVariable = (typeof urlVariables)[number] | readonly ['SCRATCH_URL', 'SCRATCH_URL']

const noUrl: UrlParts = {
  ...{ hosts: [], ports: [], user: undefined, password: undefined, database: undefined },
  ...{ sslMode: undefined, sslNegotiation: undefined, sslRootCert: undefined },
  ...{ sslCert: undefined, sslKey: undefined, sslPassword: undefined, passFile: undefined },
  ...{ targetSession: undefined, options: undefined },
}

/** `broken` names what is reported already: somebody who tried to name a database gets no second problem that none is named. */
export const readEndpoints = (
  variables: VariableValues,
  broken: ReadonlySet<unknown>,
  machine: Machine,
): Read => {
  const { values, fromFlag } = variables
  const problems: Problem[] = []
  const secrets = values.PGPASSWORD === undefined ? [] : [values.PGPASSWORD]
  const found: Endpoint[] = []
  const notices: RunEvent[] = []
  const build = makeBuilder(variables, machine, { problems, notices })
  const named = (
    [name, endpointName]: UrlVariable,
    standard: string | undefined,
  ): readonly Endpoint[] => {
    const url = values[name]
    if (url === undefined) return []
    const parsed = parseConnectionUrl(url)
    secrets.push(...secretsOf(url, parsed.kind === 'parts' ? parsed.parts.password : undefined))
    // DATABASE_URL often belongs to the service: with DIRECT or POOLER beside it, it is not ours to judge.
    if (name === 'DATABASE_URL' && found.length > 0) return []
    if (parsed.kind === 'parts' && (parsed.parts.database ?? standard) === undefined)
      problems.push(malformedValue(name, url, fromFlag, 'names no database'))
    else if (parsed.kind === 'parts') return build(endpointName, parsed.parts, name)
    else problems.push(malformedValue(name, url, fromFlag, parsed))
    return []
  }
  for (const each of urlVariables) found.push(...named(each, values.PGDATABASE))
  if (isForPgVariables(values, broken)) {
    const unnamed = hostProblem(values)
    if (unnamed === undefined) found.push(...build('PG*', noUrl))
    else problems.push(unnamed)
  }
  const [first, fallback] = found
  // What PGDATABASE names is the database itself.
  const [scratch] = named(['SCRATCH_URL', 'SCRATCH_URL'], undefined)
  for (const { hostPasswords, clientCertificate } of [...found, ...(scratch ? [scratch] : [])])
    for (const secret of [...(hostPasswords ?? []), clientCertificate?.passphrase])
      if (secret !== undefined) secrets.push(secret)
  return { endpoints: first && { first, fallback }, scratch, secrets, problems, notices }
}

type Found = { readonly problems: Problem[]; readonly notices: RunEvent[] }

/** One endpoint, or none and why in `found`. */
const makeBuilder =
  ({ values, fromFlag }: VariableValues, machine: Machine, { problems, notices }: Found) =>
  (name: EndpointName, parts: UrlParts, variable?: VariableName): readonly Endpoint[] => {
    const pem = readPemFiles(parts, values)
    for (const { variable: ofLibpq, parameter, reason } of pem.problems) {
      const source = parameter === undefined || variable === undefined ? ofLibpq : variable
      const where = source === variable ? ` with ${parameter ?? ''}` : ''
      // Once, although it is read for DIRECT and for POOLER.
      if (!problems.some(({ facts }) => facts['name'] === spelling(source, fromFlag)))
        problems.push(malformedValue(source, undefined, fromFlag, `names${where} ${reason}`))
    }
    if (pem.problems.length > 0) return []
    const known = { userName: machine.userName, pem, variable }
    const endpoint = fromParts(name, parts, values, known)
    if (endpoint.sslNegotiation === 'direct' && !mayBeDirect(endpoint.sslMode)) {
      const source = (parts.sslNegotiation && variable) ?? 'PGSSLNEGOTIATION'
      if (!problems.some(({ facts }) => facts['name'] === source))
        problems.push(malformedValue(source, 'direct', fromFlag, tooWeak(endpoint.sslMode)))
      return []
    }
    const file = (): PasswordFile | undefined =>
      machine.passwordFile(parts.passFile ?? values.PGPASSFILE)
    return [
      endpoint.password === undefined ? withPasswordFile(endpoint, file(), notices) : endpoint,
    ]
  }

// No URL is given, and nothing that tried to name a database is reported already.
const isForPgVariables = (
  values: VariableValues['values'],
  broken: ReadonlySet<unknown>,
): boolean =>
  urlVariables.every(([name]) => values[name] === undefined) &&
  ![...broken].some((name) => /^(DATABASE_URL|--database-url|PG)/.test(String(name)))

const hostProblem = ({ PGHOST, PGHOSTADDR }: VariableValues['values']): Problem | undefined => {
  if (PGHOST === undefined)
    return PGHOSTADDR === undefined ? problem('no-database-named', {}) : undefined
  const fault = { reason: 'is set together with PGHOST', cure: hostAddressCure }
  return PGHOSTADDR === undefined
    ? undefined
    : malformedValue('PGHOSTADDR', undefined, new Set(), fault)
}

const tooWeak = (sslMode: SslMode): string =>
  `asks for sslnegotiation=direct, which needs sslmode=require, verify-ca or verify-full, not ${sslMode}`

type Known = {
  readonly userName: () => string
  readonly pem: PemFiles
  /** That named the URL. */
  readonly variable: VariableName | undefined
}

const doubtOf = (
  parts: UrlParts,
  values: VariableValues['values'],
  variable: VariableName | undefined,
): string | undefined => {
  const describe = (subject: string, secret: string | undefined): string | undefined => {
    const suspicious = secret === undefined ? undefined : suspiciousPart(secret)
    return suspicious === undefined
      ? undefined
      : `${subject} ${suspicious}, which counts as part of it`
  }
  return (
    (variable && describe(variable, values[variable])) ??
    describe(`the password in ${variable ?? ''}`, parts.password) ??
    (parts.password === undefined ? describe('PGPASSWORD', values.PGPASSWORD) : undefined)
  )
}

const fromParts = (
  name: EndpointName,
  parts: UrlParts,
  values: Readonly<Partial<Record<VariableName, string>>>,
  { userName, pem, variable }: Known,
): Endpoint => {
  const hosts =
    parts.hosts.length > 0
      ? parts.hosts
      : (values.PGHOST ?? values.PGHOSTADDR ?? 'localhost').split(',')
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
      sslNegotiation:
        parts.sslNegotiation ??
        (values.PGSSLNEGOTIATION as SslNegotiation | undefined) ??
        'postgres',
      rootCertificate: pem.rootCertificate,
      options: parts.options ?? values.PGOPTIONS,
      settings: settingsOf(values),
      loginDoubt: doubtOf(parts, values, variable),
      targetSession:
        parts.targetSession ?? (values.PGTARGETSESSIONATTRS as TargetSession | undefined) ?? 'any',
    },
    parts.password ?? values.PGPASSWORD,
    { clientCertificate: pem.clientCertificate },
  )
}

// As libpq sends them.
const settingsOf = ({
  PGTZ: timezone,
  PGDATESTYLE: datestyle,
  PGGEQO: geqo,
}: VariableValues['values']): Endpoint['settings'] => {
  const given = Object.entries({ timezone, datestyle, geqo }).filter(
    (each): each is [string, string] => each[1] !== undefined,
  )
  return given.length === 0 ? undefined : Object.fromEntries(given)
}

// As libpq does: where nothing else gives a password, and for each host its own.
const withPasswordFile = (
  endpoint: Endpoint,
  file: PasswordFile | undefined,
  notices: RunEvent[],
): Endpoint => {
  const { hosts, ports, user, database, clientCertificate } = endpoint
  if (file?.kind === 'ignored' && notices.length === 0)
    notices.push({ kind: 'password file ignored', reason: file.reason })
  if (file?.kind !== 'text') return endpoint
  const hostPasswords = hosts.map((host, at) =>
    passwordFor(file.text, { host, port: ports[at] ?? 5432, database, user }),
  )
  return makeEndpoint(endpoint, undefined, { hostPasswords, clientCertificate })
}

// The password as it was written and as it was meant: server and libraries may repeat either.
const secretsOf = (url: string, password: string | undefined): readonly string[] => {
  // A bare scheme is not a secret, and would blot out what we say about URLs.
  if (url.length < 16) return []
  const bare = bareUrl(url)
  const written = /^[^:]*:\/\/[^:@/]*:(.*)@/s.exec(bare)?.[1]
  const parameter = /[?&]password=([^&]*)/s.exec(bare)?.[1]
  return [url, bare, written, parameter, password].filter(
    (each) => each !== undefined && each !== '',
  ) as string[]
}
