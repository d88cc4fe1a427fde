import { expect, test } from '@jest/globals'
import { inspect } from 'node:util'
import { describeEndpoint, makeEndpoint, type Endpoint } from '../../../src/config/endpoint.ts'

const endpointAt = (hosts: readonly string[], ports: readonly number[]): Endpoint =>
  makeEndpoint(
    {
      name: 'DIRECT',
      hosts,
      ports,
      user: 'me',
      database: 'app',
      sslMode: 'prefer',
      rootCertificate: undefined,
      options: undefined,
    },
    's3cret',
  )

test.each([
  [['db.example'], [6432], 'DIRECT (db.example:6432/app)'],
  [['a', 'b'], [1, 2], 'DIRECT (a:1,b:2/app)'],
  [['/var/run/postgresql'], [5432], 'DIRECT (a local socket:5432/app)'],
])('an endpoint at %j is described with name, host, port and database', (hosts, ports, shown) => {
  expect(describeEndpoint(endpointAt(hosts, ports))).toBe(shown)
})

test('the password is there for who asks for it, and for nobody else', () => {
  const endpoint = endpointAt(['h'], [1])
  expect(endpoint.password).toBe('s3cret')
  for (const shown of [
    JSON.stringify(endpoint),
    inspect(endpoint),
    JSON.stringify({ ...endpoint }),
  ])
    expect(shown).not.toContain('s3cret')
})
