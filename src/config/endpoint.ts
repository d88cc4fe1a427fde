// A way to the database. Its secrets are not enumerable, so that no log, report or JSON can pick them up.

/** By which name the operator gave it. DIRECT and POOLER also tell what it is. */
export type EndpointName = 'DIRECT' | 'POOLER' | 'DATABASE_URL' | 'PG*' | 'SCRATCH_URL'

export const sslModes = [
  'disable',
  'allow',
  'prefer',
  'require',
  'verify-ca',
  'verify-full',
] as const
export type SslMode = (typeof sslModes)[number]

/** libpq's sslnegotiation: ask the server for TLS first, or begin with it at once. */
export const sslNegotiations = ['postgres', 'direct'] as const
export type SslNegotiation = (typeof sslNegotiations)[number]

/** The server is not asked, so TLS must be what is wanted. https://www.postgresql.org/docs/current/libpq-connect.html */
export const mayBeDirect = (sslMode: SslMode): boolean =>
  sslMode === 'require' || sslMode === 'verify-ca' || sslMode === 'verify-full'

/** libpq's target_session_attrs: which of several servers will do. */
export const targetSessions = [
  'any',
  'read-write',
  'read-only',
  'primary',
  'standby',
  'prefer-standby',
] as const
export type TargetSession = (typeof targetSessions)[number]

/** PEM texts; the passphrase is that of the key. */
export type ClientCertificate = {
  readonly certificate: string
  readonly key: string
  readonly passphrase: string | undefined
}

type Secrets = {
  readonly password: string | undefined
  /** For each host, where the password file has them. */
  readonly hostPasswords?: readonly (string | undefined)[] | undefined
  readonly clientCertificate?: ClientCertificate | undefined
}

export type Endpoint = {
  readonly name: EndpointName
  readonly hosts: readonly string[]
  readonly ports: readonly number[]
  readonly user: string
  readonly database: string
  readonly sslMode: SslMode
  /** 'postgres' when not said. */
  readonly sslNegotiation?: SslNegotiation
  /** PEM text of the root certificates. */
  readonly rootCertificate: string | undefined
  /** libpq's `options`, sent at start. */
  readonly options: string | undefined
  /** Settings that are sent at start, by their names. */
  readonly settings?: Readonly<Record<string, string>> | undefined
  /** 'any' when not said. */
  readonly targetSession?: TargetSession
  /** What makes a refused login likely, in words that hold nothing secret: 'PGPASSWORD ends with a line end'. */
  readonly loginDoubt?: string | undefined
} & Secrets

/** DIRECT is tried once, then POOLER for the whole run; either may be alone. */
export type Endpoints = { readonly first: Endpoint; readonly fallback: Endpoint | undefined }

/** For work off the gate, which leaves the direct connections to others: POOLER alone, where there is one. */
export const preferPooler = (endpoints: Endpoints): Endpoints => {
  const { first, fallback = first } = endpoints
  return fallback.name === 'POOLER' ? { first: fallback, fallback: undefined } : endpoints
}

export const makeEndpoint = (
  visible: Omit<Endpoint, keyof Secrets>,
  password: string | undefined,
  others: Omit<Secrets, 'password'> = {},
): Endpoint => {
  const endpoint: Endpoint = { ...visible, password, ...others }
  for (const name of ['password', ...Object.keys(others)])
    Object.defineProperty(endpoint, name, { enumerable: false })
  return endpoint
}

/** One endpoint for each host, in their order: a session must know which server it talks to. */
export const hostsOf = (endpoint: Endpoint): readonly Endpoint[] =>
  endpoint.hosts.map((host, at) => {
    const { hostPasswords, clientCertificate, password } = endpoint
    const visible = { ...endpoint, hosts: [host], ports: [endpoint.ports[at] ?? 5432] }
    return makeEndpoint(visible, password ?? hostPasswords?.[at], { clientCertificate })
  })

/** 'DIRECT (db.example:5432/app)': enough to recognise it, nothing secret. */
export const describeEndpoint = (endpoint: Endpoint): string =>
  `${endpoint.name} (${describeHost(endpoint)}/${endpoint.database})`

/** 'db.example:5432'. */
export const describeHost = ({ hosts, ports }: Endpoint): string =>
  hosts
    .map((host, at) => {
      const shown = host.startsWith('/') ? 'a local socket' : host
      return `${shown}:${ports[at] ?? ports[0] ?? 5432}`
    })
    .join(',')
