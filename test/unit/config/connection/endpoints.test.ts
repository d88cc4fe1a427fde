import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { hostsOf } from '../../../../src/config/endpoint.ts'
import { readEndpoints, type Machine } from '../../../../src/config/connection/endpoints.ts'
import {
  readVariables,
  type ReadSecretFile,
} from '../../../../src/config/variables/read-variables.ts'
import '../../one-realm.ts'

const noFile: ReadSecretFile = () => ({ kind: 'text', text: '' })

const machine: Machine = { userName: () => 'somebody', passwordFile: () => undefined }

const read = (environment: Readonly<Record<string, string>>) =>
  readEndpoints(readVariables({}, environment, noFile), new Set(), machine)

const pem = (text: string): string => `-----BEGIN CERTIFICATE-----\n${text}`

const direct = 'postgresql://u:direct-pw@direct/app'
const pooler = 'postgresql://u:pooler-pw@pooler:6432/app'
const service = 'postgresql://s:service-pw@service/app'

describe('the endpoints', () => {
  test.each([
    ['DATABASE_URL alone', { DATABASE_URL: service }, 'DATABASE_URL', undefined],
    ['DIRECT alone', { DATABASE_URL_DIRECT: direct }, 'DIRECT', undefined],
    ['POOLER alone', { DATABASE_URL_POOLER: pooler }, 'POOLER', undefined],
    [
      'DIRECT, then POOLER',
      { DATABASE_URL_POOLER: pooler, DATABASE_URL_DIRECT: direct },
      'DIRECT',
      'POOLER',
    ],
    [
      'DIRECT beside DATABASE_URL',
      { DATABASE_URL: service, DATABASE_URL_DIRECT: direct },
      'DIRECT',
      undefined,
    ],
    [
      'POOLER beside DATABASE_URL',
      { DATABASE_URL: service, DATABASE_URL_POOLER: pooler },
      'POOLER',
      undefined,
    ],
    ['PG* without a URL', { PGHOST: 'h' }, 'PG*', undefined],
    ['a URL before PG*', { PGHOST: 'h', DATABASE_URL: service }, 'DATABASE_URL', undefined],
  ])('are %s', (_, environment, first, fallback) => {
    const { endpoints, problems } = read(environment)
    expect(problems).toEqual([])
    expect([endpoints?.first.name, endpoints?.fallback?.name]).toEqual([first, fallback])
  })

  test.each([{}, { PGUSER: 'u', PGDATABASE: 'd' }])(
    'are none when no database is named: %j',
    (environment) => {
      const { endpoints, problems } = read(environment)
      expect(endpoints).toBeUndefined()
      expect(problems.map(({ code }) => code)).toEqual(['no-database-named'])
    },
  )

  test('have what the URL leaves out from PG*', () => {
    const environment = {
      DATABASE_URL: 'postgresql:///',
      PGHOST: 'a,b',
      PGPORT: '1,2',
      PGUSER: 'me',
      PGDATABASE: 'app',
      PGPASSWORD: 'pw',
      PGSSLMODE: 'require',
    }
    const first = read(environment).endpoints?.first
    expect(first).toEqual({
      name: 'DATABASE_URL',
      hosts: ['a', 'b'],
      ports: [1, 2],
      user: 'me',
      database: 'app',
      sslMode: 'require',
      sslNegotiation: 'postgres',
      rootCertificate: undefined,
      options: undefined,
      targetSession: 'any',
    })
    expect(first?.password).toBe('pw')
  })

  test('have what the URL says, whatever PG* say', () => {
    const environment = {
      DATABASE_URL: 'postgresql://u:pw@h:1/app?sslmode=disable&options=-cx%3Dy',
      PGHOST: 'a',
      PGPORT: '2',
      PGUSER: 'me',
      PGDATABASE: 'other',
      PGPASSWORD: 'other',
      PGSSLMODE: 'require',
    }
    const first = read(environment).endpoints?.first
    expect(first).toMatchObject({
      hosts: ['h'],
      ports: [1],
      user: 'u',
      database: 'app',
      sslMode: 'disable',
      options: '-cx=y',
    })
    expect(first?.password).toBe('pw')
  })

  test('have libpq’s defaults: this user, a database of that name, port 5432, TLS preferred', () => {
    const first = read({ PGHOST: 'a,b' }).endpoints?.first
    expect(first).toMatchObject({
      hosts: ['a', 'b'],
      ports: [5432, 5432],
      user: 'somebody',
      database: 'somebody',
      sslMode: 'prefer',
    })
    expect(first?.password).toBeUndefined()
  })

  test('have one port for all hosts when one is given', () => {
    expect(read({ PGHOST: 'a,b', PGPORT: '6432' }).endpoints?.first.ports).toEqual([6432, 6432])
  })
})

describe('a malformed URL', () => {
  test('of another scheme is told, without itself', () => {
    const { problems } = read({ DATABASE_URL: 'mysql://u:s3cret@h/db' })
    expect(problems.map(({ title }) => title)).toEqual([
      'DATABASE_URL does not start with postgresql://',
    ])
    expect(JSON.stringify(problems)).not.toContain('s3cret')
  })

  test('is told by the name of its variable, without itself', () => {
    const { endpoints, problems } = read({ DATABASE_URL_DIRECT: 'postgresql://u:s3cret@h:x/db' })
    expect(endpoints).toBeUndefined()
    expect(problems.map(({ title }) => title)).toEqual([
      'DATABASE_URL_DIRECT has a port that is not a number from 1 to 65535',
    ])
    expect(JSON.stringify(problems)).not.toContain('s3cret')
  })

  test('is told for each variable', () => {
    const bad = 'postgresql://h:x'
    const { problems } = read({ DATABASE_URL_DIRECT: bad, DATABASE_URL_POOLER: bad })
    expect(problems.map(({ facts }) => facts['name'])).toEqual([
      'DATABASE_URL_DIRECT',
      'DATABASE_URL_POOLER',
    ])
  })

  test.each(['postgresql://h:x', 'postgresql://h?pool=3'])(
    'of the service is not ours to judge beside DIRECT: %s',
    (url) => {
      expect(read({ DATABASE_URL: url, DATABASE_URL_DIRECT: direct }).problems).toEqual([])
    },
  )
})

test('the secrets are every URL and password, as written and as meant, also of what is not used', () => {
  const { secrets } = read({
    DATABASE_URL: service,
    DATABASE_URL_DIRECT: 'postgresql://u:p%40ss@direct/app',
    DATABASE_URL_POOLER: 'postgresql://u:written@h:x/app',
    PGPASSWORD: 'pg-pw',
  })
  const expected = [
    service,
    'service-pw',
    'p%40ss',
    'p@ss',
    'written',
    'postgresql://u:written@h:x/app',
    'pg-pw',
  ]
  for (const secret of expected) expect(secrets).toContain(secret)
  expect(secrets).not.toContain('')
})

describe('the root certificate', () => {
  let folder = ''
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'schemagate-'))
    writeFileSync(join(folder, 'ca.pem'), pem('PEM'))
    writeFileSync(join(folder, 'other.pem'), pem('OTHER'))
  })
  afterAll(() => {
    rmSync(folder, { recursive: true })
  })

  test('is read from PGSSLROOTCERT, or from the URL before it', () => {
    const environment = { DATABASE_URL: service, PGSSLROOTCERT: join(folder, 'ca.pem') }
    expect(read(environment).endpoints?.first.rootCertificate).toBe(pem('PEM'))
    const url = `${service}?sslrootcert=${join(folder, 'other.pem')}`
    expect(read({ ...environment, DATABASE_URL: url }).endpoints?.first.rootCertificate).toBe(
      pem('OTHER'),
    )
  })

  test('is the machine’s own for "system"', () => {
    const { endpoints, problems } = read({ DATABASE_URL: service, PGSSLROOTCERT: 'system' })
    expect(problems).toEqual([])
    expect(endpoints?.first.rootCertificate).toBeUndefined()
  })

  test('is told once when it cannot be read, without its path', () => {
    const { endpoints, problems } = read({
      DATABASE_URL_DIRECT: direct,
      DATABASE_URL_POOLER: pooler,
      PGSSLROOTCERT: join(folder, 'gone.pem'),
    })
    expect(endpoints).toBeUndefined()
    expect(problems.map(({ title }) => title)).toEqual([
      'PGSSLROOTCERT names a file that cannot be read: it is not there',
    ])
    expect(JSON.stringify(problems)).not.toContain(folder)
  })
})

test('a port that the URL leaves out is PGPORT, as for libpq', () => {
  const environment = { DATABASE_URL: 'postgresql://a,b:7000/db', PGPORT: '6000' }
  const { endpoints } = readEndpoints(readVariables({}, environment, noFile), new Set(), machine)
  expect(endpoints?.first.ports).toEqual([6000, 7000])
})

describe('the password file', () => {
  const withFile = (text: string, environment: Readonly<Record<string, string>>) =>
    readEndpoints(readVariables({}, environment, noFile), new Set(), {
      ...machine,
      passwordFile: () => ({ kind: 'text', text }),
    })
  const file = 'a:5432:app:u:file-pw-a\nb:*:app:u:file-pw-b\n'

  test('gives each host its own password, and keeps it out of what can be listed', () => {
    const { endpoints, secrets } = withFile(file, { DATABASE_URL: 'postgresql://u@a,b/app' })
    const hosts = endpoints === undefined ? [] : hostsOf(endpoints.first)
    expect(hosts.map(({ password }) => password)).toEqual(['file-pw-a', 'file-pw-b'])
    expect(secrets).toEqual(expect.arrayContaining(['file-pw-a', 'file-pw-b']))
    expect(JSON.stringify([endpoints, hosts])).not.toContain('file-pw')
  })

  test.each([
    ['the URL', { DATABASE_URL: 'postgresql://u:url-pw@a/app' }, 'url-pw'],
    ['PGPASSWORD', { DATABASE_URL: 'postgresql://u@a/app', PGPASSWORD: 'env-pw' }, 'env-pw'],
  ])('is passed over when %s gives the password', (_, environment, password) => {
    const { endpoints } = withFile(file, environment)
    const [host] = endpoints === undefined ? [] : hostsOf(endpoints.first)
    expect(host?.password).toBe(password)
  })

  test('that is ignored is told once, for DIRECT and POOLER', () => {
    const { notices, problems } = readEndpoints(
      readVariables(
        {},
        { DATABASE_URL_DIRECT: 'postgresql://u@a/x', DATABASE_URL_POOLER: 'postgresql://u@b/x' },
        noFile,
      ),
      new Set(),
      { ...machine, passwordFile: () => ({ kind: 'ignored', reason: 'cannot be read' }) },
    )
    expect(problems).toEqual([])
    expect(notices).toEqual([{ kind: 'password file ignored', reason: 'cannot be read' }])
  })
})

test.each([
  ['the URL', { DATABASE_URL: 'postgresql://a/x?target_session_attrs=primary' }, 'primary'],
  [
    'the URL before PGTARGETSESSIONATTRS',
    {
      DATABASE_URL: 'postgresql://a/x?target_session_attrs=read-only',
      PGTARGETSESSIONATTRS: 'primary',
    },
    'read-only',
  ],
  [
    'PGTARGETSESSIONATTRS',
    { DATABASE_URL: 'postgresql://a/x', PGTARGETSESSIONATTRS: 'read-write' },
    'read-write',
  ],
] as const)('target_session_attrs is what %s says', (_, environment, target) => {
  expect(read(environment).endpoints?.first.targetSession).toBe(target)
})

describe('sslnegotiation', () => {
  const url = (parameters: string): { readonly DATABASE_URL: string } => ({
    DATABASE_URL: `postgresql://u@a/x?${parameters}`,
  })

  test.each([
    ['asks first when nobody says otherwise', url('sslmode=require'), 'postgres'],
    ['is what the URL says', url('sslmode=require&sslnegotiation=direct'), 'direct'],
    [
      'is what PGSSLNEGOTIATION says',
      { ...url('sslmode=verify-full'), PGSSLNEGOTIATION: 'direct' },
      'direct',
    ],
    [
      'is what the URL says before PGSSLNEGOTIATION',
      { ...url('sslnegotiation=postgres'), PGSSLNEGOTIATION: 'direct' },
      'postgres',
    ],
    [
      'is direct with the sslmode of PGSSLMODE',
      { ...url('sslnegotiation=direct'), PGSSLMODE: 'verify-ca' },
      'direct',
    ],
  ])('%s', (_, environment, expected) => {
    const { endpoints, problems } = read(environment)
    expect(problems).toEqual([])
    expect(endpoints?.first.sslNegotiation).toBe(expected)
  })

  test.each(['disable', 'allow', 'prefer'])('is not direct with sslmode=%s', (mode) => {
    const { endpoints, problems } = read(url(`sslmode=${mode}&sslnegotiation=direct`))
    expect(endpoints).toBeUndefined()
    expect(problems).toMatchObject([{ code: 'malformed-value', facts: { name: 'DATABASE_URL' } }])
    expect(problems[0]?.facts['reason']).toBe(
      `asks for sslnegotiation=direct, which needs sslmode=require, verify-ca or verify-full, not ${mode}`,
    )
  })

  test('that is wrong in the environment is told once, for DIRECT and POOLER', () => {
    const { problems } = read({
      DATABASE_URL_DIRECT: direct,
      DATABASE_URL_POOLER: pooler,
      PGSSLNEGOTIATION: 'direct',
    })
    expect(problems).toMatchObject([{ facts: { name: 'PGSSLNEGOTIATION', value: 'direct' } }])
  })
})
