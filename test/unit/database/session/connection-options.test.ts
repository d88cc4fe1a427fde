import { describe, expect, test } from '@jest/globals'
import type { PeerCertificate } from 'node:tls'
import { makeEndpoint, type SslMode } from '../../../../src/config/endpoint.ts'
import {
  checkIdentity,
  connectionOptions,
} from '../../../../src/database/session/connection-options.ts'

const certificateFor = (commonName: string, alternatives?: string): PeerCertificate =>
  ({ subject: { CN: commonName }, subjectaltname: alternatives }) as unknown as PeerCertificate

const refused = { code: 'ERR_TLS_CERT_ALTNAME_INVALID' }

const endpoint = (sslMode: SslMode, hosts: readonly string[] = ['db.example']) =>
  makeEndpoint(
    {
      name: 'DATABASE_URL',
      hosts,
      ports: hosts.map(() => 5432),
      user: 'u',
      database: 'd',
      sslMode,
      rootCertificate: 'PEM',
      options: undefined,
    },
    'secret-1',
  )

describe('the identity of a server under verify-full', () => {
  test('a certificate for localhost does not do for an IP address', () => {
    // Node passes 'localhost' as the name when it was given none, as for an IP address.
    expect(checkIdentity('localhost', ['10.1.2.3'], certificateFor('localhost'))).toMatchObject(
      refused,
    )
  })

  test.each([
    [
      'the host name that was asked for',
      'db.example',
      ['db.example'],
      certificateFor('db.example'),
    ],
    [
      'an address among its alternatives',
      'localhost',
      ['10.1.2.3'],
      certificateFor('x', 'IP Address:10.1.2.3'),
    ],
    [
      'one of several addresses',
      'localhost',
      ['10.1.2.3', '10.1.2.4'],
      certificateFor('x', 'IP Address:10.1.2.4'),
    ],
    ['localhost, asked for by name', 'localhost', ['localhost'], certificateFor('localhost')],
  ])('a certificate for %s is taken', (_, name, hosts, certificate) => {
    expect(checkIdentity(name, hosts, certificate)).toBeUndefined()
  })

  test.each([
    ['another name', 'db.example', ['db.example'], certificateFor('other.example')],
    ['another address', 'localhost', ['10.1.2.3'], certificateFor('x', 'IP Address:10.9.9.9')],
  ])('a certificate for %s is refused', (_, name, hosts, certificate) => {
    expect(checkIdentity(name, hosts, certificate)).toMatchObject(refused)
  })
})

describe('TLS by sslmode', () => {
  test.each<[SslMode, unknown]>([
    ['disable', false],
    ['allow', 'prefer'],
    ['prefer', 'prefer'],
    ['require', expect.objectContaining({ ca: 'PEM', rejectUnauthorized: true })],
    ['verify-ca', expect.objectContaining({ ca: 'PEM', rejectUnauthorized: true })],
    ['verify-full', expect.objectContaining({ ca: 'PEM', rejectUnauthorized: true })],
  ])('%s', (sslMode, expected) => {
    expect(connectionOptions(endpoint(sslMode), 'run', 5)).toHaveProperty('ssl', expected)
  })

  test('require without a root certificate encrypts and trusts, as libpq does', () => {
    const trusting = { ...endpoint('require'), rootCertificate: undefined, password: undefined }
    expect(connectionOptions(trusting, 'run', 5)).toHaveProperty('ssl', 'require')
  })

  test('is begun at once where that is said', () => {
    const options = connectionOptions(
      { ...endpoint('require'), sslNegotiation: 'direct', password: undefined },
      'run',
      5,
    )
    expect(options).toHaveProperty('sslnegotiation', 'direct')
  })

  test('a local socket needs none', () => {
    const options = connectionOptions(endpoint('prefer', ['/var/run/postgresql']), 'run', 5)
    expect(options).toMatchObject({ path: '/var/run/postgresql/.s.PGSQL.5432', ssl: false })
  })
})
