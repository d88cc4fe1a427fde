// The certificates and the key that a connection needs, read and tried out before the run: a file that OpenSSL cannot use
// would otherwise end a run where nobody can tell which.

import { createSecureContext } from 'node:tls'
import { mostOfSecret, readRegularFile } from '../../files/regular-file.ts'
import type { UrlParts } from './connection-url.ts'
import type { ClientCertificate } from '../endpoint.ts'

type PemVariable = 'PGSSLROOTCERT' | 'PGSSLCERT' | 'PGSSLKEY'

type PemProblem = {
  readonly variable: PemVariable
  /** The URL's parameter that named the file; undefined where the variable did. */
  readonly parameter: string | undefined
  readonly reason: string
}

export type PemFiles = {
  readonly rootCertificate: string | undefined
  readonly clientCertificate: ClientCertificate | undefined
  readonly problems: readonly PemProblem[]
}

type Values = Readonly<Partial<Record<PemVariable, string>>>

export const readPemFiles = (parts: UrlParts, values: Values): PemFiles => {
  const problems: PemProblem[] = []
  const tell = (variable: PemVariable, reason: string): void => {
    problems.push({ variable, parameter: parameterOf(parts, variable), reason })
  }
  const read = (variable: PemVariable): string | undefined => {
    const path = pathIn(parts, variable) ?? values[variable]
    // 'system' is libpq's word for the certificates that the machine trusts, which is Node's default too.
    if (path === undefined || (variable === 'PGSSLROOTCERT' && path === 'system')) return undefined
    const found = readRegularFile(path, mostOfSecret)
    if (found.kind === 'bytes') return found.bytes.toString('utf8')
    const reason = found.kind === 'folder' ? 'it is a folder' : found.reason
    tell(variable, `a file that cannot be read: ${reason}`)
    return undefined
  }
  const [rootCertificate, certificate, key] = [
    read('PGSSLROOTCERT'),
    read('PGSSLCERT'),
    read('PGSSLKEY'),
  ]
  const none = { rootCertificate, clientCertificate: undefined, problems }
  if (problems.length > 0) return none
  // Node takes any text for root certificates, and would then trust nobody.
  if (rootCertificate?.includes('-----BEGIN CERTIFICATE-----') === false)
    tell('PGSSLROOTCERT', 'a file that holds no certificate in PEM form')
  if (certificate === undefined && key === undefined) return none
  if (certificate === undefined || key === undefined) {
    if (key === undefined) tell('PGSSLCERT', 'a certificate without its key (PGSSLKEY, sslkey)')
    else tell('PGSSLKEY', 'a key without its certificate (PGSSLCERT, sslcert)')
    return none
  }
  const clientCertificate = { certificate, key, passphrase: parts.sslPassword }
  if (!usable({ cert: certificate, key, passphrase: parts.sslPassword }))
    tell(
      'PGSSLKEY',
      'a key that does not go with the certificate, is not in PEM form, or needs another passphrase (sslpassword in the URL)',
    )
  return { rootCertificate, clientCertificate, problems }
}

const pathIn = (parts: UrlParts, variable: PemVariable): string | undefined =>
  ({ PGSSLROOTCERT: parts.sslRootCert, PGSSLCERT: parts.sslCert, PGSSLKEY: parts.sslKey })[variable]

const parameterOf = (parts: UrlParts, variable: PemVariable): string | undefined =>
  pathIn(parts, variable) === undefined ? undefined : variable.slice(2).toLowerCase()

const usable = (options: Parameters<typeof createSecureContext>[0]): boolean => {
  try {
    createSecureContext(options)
    return true
  } catch {
    return false
  }
}
