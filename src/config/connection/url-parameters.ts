// The parameters of a connection URL: libpq's, and those of other drivers that share the URL with the gate.

import type { SslMode, SslNegotiation, TargetSession } from '../endpoint.ts'
import { isOfForm, pgVariables, strictParameters } from '../variables/pg-variables.ts'
import { optionFor } from './server-options.ts'
import type { Variable } from '../variables/variable.ts'

/** What a URL says behind its '?'; what it also says before it, counts here. */
export type Parameters = {
  readonly hosts: readonly string[] | undefined
  readonly ports: readonly (number | undefined)[] | undefined
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
  readonly passFile: string | undefined
  readonly targetSession: TargetSession | undefined
  readonly options: string | undefined
}

export type Malformed = {
  readonly kind: 'malformed'
  readonly reason: string
  /** What to do, where it is more than to give a URL of the right form. */
  readonly cure?: string
}

const read = [
  ...['host', 'hostaddr', 'port', 'user', 'password', 'dbname', 'ssl', 'sslrootcert', 'sslcert'],
  ...['sslkey', 'sslpassword', 'passfile', 'options', 'schema', 'currentSchema', 'search_path'],
  ...Object.keys(strictParameters),
]

// libpq's, understood and not needed: our own application_name, 5 s to connect, TCP as the system has it, hosts in their order.
const passedOver = [
  ...['application_name', 'fallback_application_name', 'connect_timeout', 'load_balance_hosts'],
  ...['keepalives', 'keepalives_idle', 'keepalives_interval', 'keepalives_count'],
  ...['tcp_user_timeout', 'sslcompression', 'krbsrvname', 'gsslib', 'gssdelegation'],
  'max_protocol_version',
]

// Of the pools and caches of other drivers, which the gate has none of.
const ofOtherDrivers =
  /^(pgbouncer|connection_limit|pool_timeout|socket_timeout|statement_cache_size|single_use_connections|pool|pool_(max|min)_\w+|pool_health_check_period|default_query_exec_mode|(statement|description)_cache_capacity|prepareThreshold|preparedStatementCacheQueries|prepared_statements|statement_cache_mode|uselibpqcompat|connectTimeout|socketTimeout|ApplicationName)$/

const isKnown = (name: string): boolean =>
  read.includes(name) || passedOver.includes(name) || ofOtherDrivers.test(name)

export const readParameters = (query: URLSearchParams): Parameters | Malformed => {
  const malformed = (reason: string, cure?: string): Malformed => ({
    kind: 'malformed',
    reason,
    ...(cure === undefined ? {} : { cure }),
  })
  const unknown = [...query.keys()].find((name) => !isKnown(name))
  if (unknown !== undefined) {
    // What is not a plain name may be a secret that was put in the wrong place.
    const named = /^[a-z_]+$/i.test(unknown) ? `the parameter '${unknown}'` : 'an unknown parameter'
    return malformed(`has ${named}; known are ${[...read, ...passedOver].join(', ')}`)
  }
  // As libpq takes it: the last of several.
  const get = (name: string): string | undefined => query.getAll(name).at(-1)
  for (const [name, variable] of Object.entries(strictParameters)) {
    const [value, said]: [string | undefined, Variable] = [get(name), pgVariables[variable]]
    if (value === undefined || isOfForm(said, value)) continue
    return said.cure === undefined
      ? malformed(`has an unknown ${name}; known are ${said.enum?.join(', ') ?? said.form}`)
      : malformed(`has ${name}, which schemagate cannot honour as written`, said.cure)
  }
  const ssl = get('ssl')
  if (ssl !== undefined && ssl !== 'true')
    return malformed(
      'has an ssl other than true',
      'Say it with sslmode: disable, require, verify-full, ….',
    )
  if (get('hostaddr') !== undefined && get('host') !== undefined)
    return malformed('has both host and hostaddr', hostAddressCure)
  const ports = get('port')?.split(',')
  if (ports?.some((each) => each !== '' && !isOfForm(pgVariables.PGPORT, each)) === true)
    return malformed('has a port that is not a number from 1 to 65535')
  return {
    hosts: (get('host') ?? get('hostaddr'))?.split(','),
    ports: ports?.map((each) => (each === '' ? undefined : Number(each))),
    user: get('user'),
    password: get('password'),
    database: get('dbname'),
    sslMode: (get('sslmode') ?? (ssl === undefined ? undefined : 'require')) as SslMode | undefined,
    sslNegotiation: get('sslnegotiation') as SslNegotiation | undefined,
    sslRootCert: get('sslrootcert'),
    sslCert: get('sslcert'),
    sslKey: get('sslkey'),
    sslPassword: get('sslpassword'),
    passFile: get('passfile'),
    targetSession: get('target_session_attrs') as TargetSession | undefined,
    options: optionsOf(get),
  }
}

/** For a host that is given twice. */
export const hostAddressCure =
  'Give the host once: by its name, which is resolved here and which sslmode=verify-full looks for in the certificate, or by its address.'

// Prisma names one schema, JDBC and pgx write the path as the server does.
const optionsOf = (get: (name: string) => string | undefined): string | undefined => {
  const schema = get('schema')
  const path =
    get('search_path') ??
    get('currentSchema') ??
    (schema === undefined ? undefined : `"${schema.replaceAll('"', '""')}"`)
  const options = [
    get('options'),
    path === undefined ? undefined : optionFor('search_path', path),
  ].filter((each) => each !== undefined)
  return options.length === 0 ? undefined : options.join(' ')
}
