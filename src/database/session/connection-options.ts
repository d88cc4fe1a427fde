// What postgres.js is given about a connection. Everything it would otherwise take from the environment by itself is said.

import packageJson from '../../../package.json' with { type: 'json' }
import { isIP } from 'node:net'
import { checkServerIdentity, type PeerCertificate } from 'node:tls'
import type { Endpoint } from '../../config/endpoint.ts'

export const connectionOptions = (
  endpoint: Endpoint,
  role: string,
  connectTimeoutSeconds: number,
) => {
  const { hosts, ports, user, database, password = '', options, settings } = endpoint
  const socketFolder = hosts[0]?.startsWith('/') === true ? hosts[0] : undefined
  // postgres.js takes several hosts as arrays; its types know only one.
  const addresses = { host: hosts, port: ports } as unknown as { host: string; port: number }
  return {
    ...(socketFolder === undefined
      ? { ...addresses, ssl: sslOption(endpoint), sslnegotiation: endpoint.sslNegotiation }
      : { path: `${socketFolder}/.s.PGSQL.${ports[0] ?? 5432}`, ssl: false }),
    user,
    database,
    pass: password,
    max: 1,
    idle_timeout: 0,
    max_lifetime: null,
    connect_timeout: connectTimeoutSeconds,
    // In seconds. Keeps the entry of a firewall or balancer alive while a statement takes long, and notices when it is gone.
    keep_alive: 5,
    fetch_types: false,
    prepare: false,
    connection: {
      ...settings,
      application_name: `schemagate/${packageJson.version} ${role}`,
      // The parser reads strings so; a server set otherwise would read a file in another way than we checked it.
      standard_conforming_strings: 'on',
      ...(options === undefined ? {} : { options }),
    },
  }
}

const sslOption = (endpoint: Endpoint): false | 'prefer' | 'require' | object => {
  const { sslMode, rootCertificate, hosts, clientCertificate } = endpoint
  const own =
    clientCertificate === undefined
      ? {}
      : {
          cert: clientCertificate.certificate,
          key: clientCertificate.key,
          passphrase: clientCertificate.passphrase,
        }
  const trust = { ...own, ...(rootCertificate === undefined ? {} : { ca: rootCertificate }) }
  switch (sslMode) {
    case 'disable':
      return false
    case 'allow':
    case 'prefer':
      // postgres.js has no "prefer" with a client certificate; who names one means TLS.
      return clientCertificate === undefined ? 'prefer' : { ...own, rejectUnauthorized: false }
    case 'require':
      // As libpq does: a root certificate that is named is also checked.
      if (rootCertificate !== undefined) return caOnly(trust)
      return clientCertificate === undefined ? 'require' : { ...own, rejectUnauthorized: false }
    case 'verify-ca':
      return caOnly(trust)
    case 'verify-full':
      return {
        ...trust,
        rejectUnauthorized: true,
        checkServerIdentity: (name: string, certificate: PeerCertificate) =>
          checkIdentity(name, hosts, certificate),
      }
  }
}

const caOnly = (trust: object): object => ({
  ...trust,
  rejectUnauthorized: true,
  checkServerIdentity: () => undefined,
})

/**
 * The server's certificate must name the host that was asked for. postgres.js gives Node no name for an IP address, and
 * Node then takes 'localhost' for it: a certificate for localhost would do for every address.
 */
export const checkIdentity = (
  name: string,
  hosts: readonly string[],
  certificate: PeerCertificate,
): Error | undefined => {
  const addresses = hosts.filter((host) => isIP(host) !== 0)
  if (hosts.includes(name) || addresses.length === 0) return checkServerIdentity(name, certificate)
  const errors = addresses.map((address) => checkServerIdentity(address, certificate))
  return errors.includes(undefined) ? undefined : errors[0]
}
