// Certificates of our own making, by openssl: an authority that is trusted, another that is not, and what they signed.

import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export type Certificates = {
  readonly folder: string
  /** The text of a file that was made. */
  readonly read: (name: string) => string
}

const openssl = (...args: readonly string[]): void => {
  execFileSync('openssl', args, { stdio: 'pipe' })
}

/**
 * In the folder: ca.crt, other-ca.crt; of ca: server.crt (for localhost and 127.0.0.1), elsewhere.crt, expired.crt, client.crt
 * (for the role postgres) and their keys; of other-ca: stranger.crt; client-locked.key, the client's key under `passphrase`.
 */
export const makeCertificates = (folder: string, passphrase: string): Certificates => {
  const at = (name: string): string => join(folder, name)
  for (const ca of ['ca', 'other-ca'])
    openssl(
      ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-subj', `/CN=${ca}`, '-days', '2'],
      ...['-keyout', at(`${ca}.key`), '-out', at(`${ca}.crt`)],
    )
  const issue = (name: string, ca: string, subject: string, days = '1'): void => {
    writeFileSync(at(`${name}.ext`), `subjectAltName=${alternativesOf(subject)}`)
    openssl(
      ...['req', '-newkey', 'rsa:2048', '-nodes', '-subj', `/CN=${subject}`],
      ...['-keyout', at(`${name}.key`), '-out', at(`${name}.csr`)],
    )
    openssl(
      ...['x509', '-req', '-in', at(`${name}.csr`), '-CA', at(`${ca}.crt`)],
      ...['-CAkey', at(`${ca}.key`), '-CAcreateserial', '-days', days],
      ...['-extfile', at(`${name}.ext`), '-out', at(`${name}.crt`)],
    )
  }
  issue('server', 'ca', 'localhost')
  issue('elsewhere', 'ca', 'elsewhere.example')
  issue('expired', 'ca', 'localhost', '-1')
  issue('client', 'ca', 'postgres')
  issue('stranger', 'other-ca', 'postgres')
  openssl(
    ...['rsa', '-aes256', '-passout', `pass:${passphrase}`],
    ...['-in', at('client.key'), '-out', at('client-locked.key')],
  )
  return { folder, read: (name) => readFileSync(at(name), 'utf8') }
}

const alternativesOf = (subject: string): string =>
  subject === 'localhost' ? 'DNS:localhost,IP:127.0.0.1' : `DNS:${subject}`
