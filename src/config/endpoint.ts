// A way to the database. The password is not enumerable, so that no log, report or JSON can pick it up.

/** By which name the operator gave it. DIRECT and POOLER also tell what it is. */
export type EndpointName = 'DIRECT' | 'POOLER' | 'DATABASE_URL' | 'PG*'

export type SslMode = 'disable' | 'allow' | 'prefer' | 'require' | 'verify-ca' | 'verify-full'

export type Endpoint = {
  readonly name: EndpointName
  readonly hosts: readonly string[]
  readonly ports: readonly number[]
  readonly user: string
  readonly database: string
  readonly sslMode: SslMode
  /** PEM text of the root certificates. */
  readonly rootCertificate: string | undefined
  /** libpq's `options`, sent at start. */
  readonly options: string | undefined
  readonly password: string | undefined
}

/** DIRECT is tried once, then POOLER for the whole run; either may be alone. */
export type Endpoints = { readonly first: Endpoint; readonly fallback: Endpoint | undefined }

/** For work off the gate, which leaves the direct connections to others: POOLER alone, where there is one. */
export const preferPooler = (endpoints: Endpoints): Endpoints => {
  const { first, fallback = first } = endpoints
  return fallback.name === 'POOLER' ? { first: fallback, fallback: undefined } : endpoints
}

export const makeEndpoint = (
  visible: Omit<Endpoint, 'password'>,
  password: string | undefined,
): Endpoint => Object.defineProperty({ ...visible, password }, 'password', { enumerable: false })

/** 'DIRECT (db.example:5432/app)': enough to recognise it, nothing secret. */
export const describeEndpoint = ({ name, hosts, ports, database }: Endpoint): string => {
  const addresses = hosts.map((host, at) => {
    const shown = host.startsWith('/') ? 'a local socket' : host
    return `${shown}:${ports[at] ?? ports[0] ?? 5432}`
  })
  return `${name} (${addresses.join(',')}/${database})`
}
