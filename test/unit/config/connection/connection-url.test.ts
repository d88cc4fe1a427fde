import { describe, expect, test } from '@jest/globals'
import {
  parseConnectionUrl,
  type UrlParts,
} from '../../../../src/config/connection/connection-url.ts'

const partsOf = (url: string): UrlParts => {
  const parsed = parseConnectionUrl(url)
  if (parsed.kind === 'malformed') throw new Error(parsed.reason)
  return parsed.parts
}

const nothing: UrlParts = {
  hosts: [],
  ports: [],
  user: undefined,
  password: undefined,
  database: undefined,
  sslMode: undefined,
  sslNegotiation: undefined,
  sslRootCert: undefined,
  sslCert: undefined,
  sslKey: undefined,
  sslPassword: undefined,
  passFile: undefined,
  targetSession: undefined,
  options: undefined,
}

describe('a connection URL', () => {
  const whole = { hosts: ['h.example'], ports: [6432], user: 'u', password: 'p', database: 'db' }

  test.each<[string, Partial<UrlParts>]>([
    ['postgresql://', {}],
    ['postgres://', {}],
    ['postgresql:///db', { database: 'db' }],
    ['postgresql://h', { hosts: ['h'], ports: [undefined] }],
    ['postgresql://h/', { hosts: ['h'], ports: [undefined] }],
    ['postgresql://h:/db', { hosts: ['h'], ports: [undefined], database: 'db' }],
    ['postgresql://u@h', { hosts: ['h'], ports: [undefined], user: 'u' }],
    ['postgresql://u:@h', { hosts: ['h'], ports: [undefined], user: 'u' }],
    ['postgresql://:p@h', { hosts: ['h'], ports: [undefined], password: 'p' }],
    ['postgresql://u:p@/db', { user: 'u', password: 'p', database: 'db' }],
    ['postgresql://u:p@h.example:6432/db', whole],
    ['postgres://u:p@h.example:6432/db', whole],
    [' postgres://u:p@h.example:6432/db\n', whole],
    ['postgresql://u:p@h.example:6432/db?', whole],
  ])('%s has its parts', (url, parts) => {
    expect(partsOf(url)).toEqual({ ...nothing, ...parts })
  })

  test.each([
    ['a.example:6000,b.example,c:7000', ['a.example', 'b.example', 'c'], [6000, undefined, 7000]],
    ['127.0.0.1:1', ['127.0.0.1'], [1]],
    ['[::1]', ['::1'], [undefined]],
    ['[::1]:6432', ['::1'], [6432]],
    ['[2001:db8::1]:1,[::2]', ['2001:db8::1', '::2'], [1, undefined]],
    ['%2Fvar%2Frun%2Fpostgresql', ['/var/run/postgresql'], [undefined]],
    ['%2Fvar%2Frun:6432', ['/var/run'], [6432]],
    ['h:65535', ['h'], [65_535]],
  ])('names its hosts and ports: %s', (authority, hosts, ports) => {
    expect(partsOf(`postgresql://u:p@${authority}/db`)).toMatchObject({ hosts, ports })
  })

  test('names the folder of a socket by ?host=', () => {
    for (const folder of ['/var/run/postgresql', '%2Fvar%2Frun%2Fpostgresql'])
      expect(partsOf(`postgresql:///db?host=${folder}`)).toMatchObject({
        hosts: ['/var/run/postgresql'],
        database: 'db',
      })
  })

  test('keeps its port when ?host= names the host', () => {
    expect(partsOf('postgresql://localhost:6432/db?host=/run')).toMatchObject({
      hosts: ['/run'],
      ports: [6432],
    })
  })

  test('decodes user, password and database', () => {
    expect(partsOf('postgresql://us%40er:p%2F%3a%25%C3%A9@h/d%20b')).toMatchObject({
      user: 'us@er',
      password: 'p/:%é',
      database: 'd b',
    })
  })

  test.each(['p@ss', 'p:ss', 'p#ss', 'p@ss@', '@', 'a+b', 'é😀', 'p&s=s', "'p' \\"])(
    'takes the password %s as it is written',
    (password) => {
      expect(partsOf(`postgresql://u:${password}@h/db`)).toMatchObject({
        user: 'u',
        password,
        hosts: ['h'],
      })
    },
  )

  test('knows its parameters', () => {
    const search =
      'sslmode=verify-full&sslrootcert=/etc/ca.pem&options=-c%20a%3Db&application_name=x'
    expect(partsOf(`postgresql://h/db?${search}`)).toMatchObject({
      sslMode: 'verify-full',
      sslRootCert: '/etc/ca.pem',
      options: '-c a=b',
    })
  })

  test('may say everything behind the ?, which counts before what stands in front of it', () => {
    expect(
      partsOf(
        'postgresql://a:b@c:1/d?host=h,i&port=2,3&user=u&password=p%2F&dbname=db&passfile=/f',
      ),
    ).toMatchObject({
      hosts: ['h', 'i'],
      ports: [2, 3],
      ...{ user: 'u', password: 'p/', database: 'db', passFile: '/f' },
    })
    expect(partsOf('postgresql:///db?hostaddr=10.0.0.1')).toMatchObject({ hosts: ['10.0.0.1'] })
    expect(partsOf('postgresql://h/db?ssl=true')).toMatchObject({ sslMode: 'require' })
  })

  test.each([
    ['search_path=app,public', '-c search_path=app,public'],
    ['currentSchema=app', '-c search_path=app'],
    ['schema=My%20"App', String.raw`-c search_path="My\ ""App"`],
    ['options=-c%20a%3D1&schema=app', '-c a=1 -c search_path="app"'],
  ])('names the schema as other drivers do: %s', (search, options) => {
    expect(partsOf(`postgresql://h/db?${search}`).options).toBe(options)
  })

  test('passes over what is about the pool of another driver', () => {
    const search = 'pgbouncer=true&connection_limit=1&pool_max_conns=5&prepareThreshold=0'
    expect(partsOf(`postgresql://h/db?${search}`)).toMatchObject({ hosts: ['h'] })
  })

  test.each(['"', "'"])('is read without the quotes that --env-file keeps: %s', (quote) => {
    expect(partsOf(`${quote}postgresql://u:p@h/db${quote}`)).toMatchObject({
      hosts: ['h'],
      database: 'db',
    })
  })

  test('reads a + in a parameter as a plus, as libpq does', () => {
    expect(partsOf('postgresql://h/db?sslrootcert=/etc/c++/ca.pem').sslRootCert).toBe(
      '/etc/c++/ca.pem',
    )
  })

  // libpq reads h; whoever forgot to encode a password means the last '@'. To refuse is right, to guess is not.
  test.each([
    'postgresql://u:p@h/db?application_name=me@elsewhere',
    'postgresql://u:p@h?application_name=me@elsewhere',
    'postgresql://u:p@h/db@elsewhere',
  ])('is never sent to a host that stands behind its database or parameters: %s', (url) => {
    const parsed = parseConnectionUrl(url)
    expect(parsed.kind === 'parts' ? parsed.parts.hosts : ['h']).toEqual(['h'])
  })

  test.each(['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'])(
    'may say sslmode=%s',
    (mode) => {
      expect(partsOf(`postgresql://h?sslmode=${mode}`).sslMode).toBe(mode)
    },
  )
})

// Each holds the password, as it is written and as it is meant.
const secret = 's3cr%20t'
const malformed: readonly (readonly [string, string, RegExp])[] = [
  ['another scheme', `mysql://u:${secret}@h/db`, /postgresql:\/\//],
  ['no scheme', `u:${secret}@h/db`, /postgresql:\/\//],
  ['another case', `POSTGRESQL://u:${secret}@h/db`, /postgresql:\/\//],
  ['a driver in its scheme', `postgresql+asyncpg://u:${secret}@h/db`, /postgresql:\/\//],
  ['a port that is no number', `postgresql://u:${secret}@h:http/db`, /port/],
  ['a port out of range', `postgresql://u:${secret}@h:65536/db`, /port/],
  ['the port 0', `postgresql://u:${secret}@h:0/db`, /port/],
  ['one bad port of two', `postgresql://u:${secret}@a:1,b:x/db`, /port/],
  ['an IPv6 address without brackets', `postgresql://u:${secret}@::1:5432/db`, /port/],
  ['a % in the user', `postgresql://50%:${secret}@h/db`, /%25/],
  ['a % in the password', `postgresql://u:${secret}100%@h/db`, /%25/],
  ['a % in the database', `postgresql://u:${secret}@h/50%db`, /%25/],
  ['a % in the host', `postgresql://u:${secret}@h%zz/db`, /%25/],
  ['a % in a parameter', `postgresql://u:${secret}@h/db?options=50%`, /%25/],
  [
    'an unknown parameter',
    `postgresql://u:${secret}@h/db?conect_timeout=3`,
    /'conect_timeout'; known are host, /,
  ],
  [
    'an unknown sslnegotiation',
    `postgresql://u:${secret}@h/db?sslnegotiation=requiredirect`,
    /sslnegotiation; known are postgres, direct$/,
  ],
  [
    'an unknown sslmode',
    `postgresql://u:${secret}@h/db?sslmode=on`,
    /sslmode.*; known are disable, /,
  ],
  ['two hosts', `postgresql://u:${secret}@h/db?host=a&hostaddr=10.0.0.1`, /both host and hostaddr/],
  ['a port that is none', `postgresql://u:${secret}@h/db?port=x`, /port/],
  ['another ssl', `postgresql://u:${secret}@h/db?ssl=no-verify`, /ssl other than true/],
  [
    'channel binding',
    `postgresql://u:${secret}@h/db?channel_binding=require`,
    /channel_binding, which/,
  ],
  ['a service', `postgresql://u:${secret}@h/db?service=x`, /service, which/],
  ['another encoding', `postgresql://u:${secret}@h/db?client_encoding=LATIN1`, /client_encoding/],
  ['an unknown parameter beside a password', `postgresql://u@h/db?pass=${secret}`, /'pass'/],
]

describe('a malformed URL', () => {
  test.each(malformed)('is told as such for %s', (_, url, reason) => {
    const parsed = parseConnectionUrl(url)
    expect(parsed).toMatchObject({ kind: 'malformed', reason: expect.stringMatching(reason) })
  })

  test.each([
    ...malformed.map(([, url]) => url),
    // Passwords that nobody encoded; what follows the '@', '/' or '?' in them looks like another part.
    'postgresql://u:s3cr/t@h:http/db',
    'postgresql://u:x/s3cr%20t?y@h:http/db',
    'postgresql://u:x?s3cr%20t@h/db?sslmode=on',
    'postgresql://u:x@s3cr%20t/y@h:http/db',
    'postgresql://u:s3cr%20t',
    'postgresql://u@h/db?sslmode=require;password=s3cr%20t',
    'postgresql://u@h/db?password:s3cr%20t',
  ])('never has its password or the URL in the reason: %s', (url) => {
    const parsed = parseConnectionUrl(url)
    expect(parsed.kind).toBe('malformed')
    const reason = parsed.kind === 'malformed' ? parsed.reason : ''
    expect(reason).not.toMatch(/s3cr/)
    expect(reason).not.toContain(url)
  })
})
