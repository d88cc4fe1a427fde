import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import postgres from 'postgres'
import { databaseUrl, until } from '../support/database.ts'
import { makeCertificates } from '../support/certificates.ts'
import { runGate, workFolder, type Finished } from '../support/gate.ts'
import { startNetwork } from '../support/network.ts'
import { password, startServer, type RunningServer } from '../support/servers.ts'

const passphrase = 'the-key-has-a-Passphrase9'
const plainPort = Number(process.env['SCHEMAGATE_TEST_PORT_18'])

let folder = ''
let server: RunningServer
let sql: postgres.Sql

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'schemagate-test-tls-'))
  const { read } = makeCertificates(folder, passphrase)
  const names = ['ca', 'server', 'elsewhere', 'expired'].flatMap((name) => [
    `${name}.crt`,
    `${name}.key`,
  ])
  server = await startServer(
    '18',
    {},
    {
      files: {
        ...Object.fromEntries(names.map((name) => [name, read(name)])),
        // Not on the command line, which ALTER SYSTEM could not change.
        'postgresql.auto.conf': `ssl = 'on'\nssl_cert_file = 'server.crt'\nssl_key_file = 'server.key'\nssl_ca_file = 'ca.crt'\n`,
        // The database by_certificate wants a certificate and no password; tls_only refuses plain connections.
        'pg_hba.conf': `hostssl by_certificate all all cert
host by_certificate all all reject
hostssl tls_only all all scram-sha-256
host tls_only all all reject
host all all all scram-sha-256\n`,
      },
    },
  )
  sql = postgres(server.url, { max: 1, ssl: false, onnotice: () => undefined })
  for (const name of ['by_certificate', 'tls_only', 'either'])
    await sql.unsafe(`CREATE DATABASE ${name}`)
}, 120_000)

afterAll(async () => {
  await sql.end({ timeout: 1 })
  await server.stop()
  rmSync(folder, { recursive: true })
})

const file = (name: string): string => join(folder, name)

// What the server itself says about the connection of the migration.
const files = {
  'migrations/1_tls.sql': `CREATE TABLE IF NOT EXISTS seen (tls text);
    INSERT INTO seen SELECT CASE WHEN ssl THEN 'TLS' ELSE 'plain' END FROM pg_stat_ssl WHERE pid = pg_backend_pid()`,
}

type Way = {
  readonly database?: string
  readonly host?: string
  readonly port?: number
  readonly secret?: string
  readonly parameters?: Readonly<Record<string, string>>
  readonly environment?: Readonly<Record<string, string>>
}

const run = async (way: Way): Promise<Finished> => {
  const { database = 'either', host = '127.0.0.1', port = server.port, secret = password } = way
  const search = new URLSearchParams(way.parameters).toString()
  return runGate({
    folder: workFolder(files),
    environment: {
      DATABASE_URL: `postgresql://postgres${secret === '' ? '' : `:${secret}`}@${host}:${port}/${database}?${search}`,
      DATABASE_WAIT_SECONDS: '0',
      LOG_LEVEL: 'debug',
      HOME: folder,
      ...way.environment,
    },
  })
}

type Seen = 'TLS' | 'plain'

const succeeds = async (way: Way, seen: Seen): Promise<void> => {
  const name = way.database ?? 'either'
  await sql.unsafe(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)
  await sql.unsafe(`CREATE DATABASE ${name}`)
  const { exitCode, stdout } = await run(way)
  expect(stdout).toContain('1 applied')
  expect(exitCode).toBe(0)
  const ssl = { rejectUnauthorized: false, cert: clientOf('crt'), key: clientOf('key') }
  const client = postgres(databaseUrl(server.port, name), { max: 1, ssl })
  const rows: readonly postgres.Row[] = await client.unsafe('SELECT tls FROM seen')
  await client.end({ timeout: 1 })
  expect(rows.map((row) => String(row['tls']))).toEqual([seen])
}

const clientOf = (ending: string): string => readFileSync(file(`client.${ending}`), 'utf8')

const ca = (): Record<string, string> => ({ sslrootcert: file('ca.crt') })
const noCa = (): Record<string, string> => ({})
const otherCa = (): Record<string, string> => ({ sslrootcert: file('other-ca.crt') })

describe('sslmode', () => {
  test.each([
    ['disable', noCa, 'plain'],
    ['allow', noCa, 'TLS'],
    ['prefer', noCa, 'TLS'],
    ['require', noCa, 'TLS'],
    ['require', ca, 'TLS'],
    ['verify-ca', ca, 'TLS'],
    ['verify-full', ca, 'TLS'],
  ] as const)('%s connects as it says', async (sslmode, more, seen) => {
    await succeeds({ parameters: { sslmode, ...more() } }, seen)
  })

  test.each([
    ['require', otherCa, 'not trusted here'],
    ['verify-ca', otherCa, 'not trusted here'],
    ['verify-full', otherCa, 'not trusted here'],
    ['verify-ca', noCa, 'not trusted here'],
  ] as const)('%s refuses an authority that it does not trust', async (sslmode, more, reason) => {
    const { exitCode, stdout } = await run({ parameters: { sslmode, ...more() } })
    expect(stdout).toContain('error[tls-failed]')
    expect(stdout).toMatch(new RegExp(`${reason}|not known here`))
    expect(exitCode).toBe(2)
  })

  test.each(['require', 'verify-ca', 'verify-full'])(
    '%s refuses a server without TLS',
    async (sslmode) => {
      const { exitCode, stdout } = await run({
        port: plainPort,
        database: 'postgres',
        parameters: { sslmode },
      })
      expect(stdout).toContain('error[tls-failed]')
      expect(exitCode).toBe(2)
    },
  )

  test.each(['disable', 'prefer'])('%s reaches a server without TLS', async (sslmode) => {
    const args = { port: plainPort, database: 'postgres', parameters: { sslmode }, secret: 'wrong' }
    // As far as the login: the servers of all tests are no place for migrations.
    expect((await run(args)).stdout).toContain('SQLSTATE 28P01')
  })

  test('disable is refused where the server wants TLS', async () => {
    const { exitCode, stdout } = await run({
      database: 'tls_only',
      parameters: { sslmode: 'disable' },
    })
    expect(stdout).toContain('SQLSTATE 28000')
    expect(exitCode).toBe(2)
  })

  test.each([
    ['elsewhere', 'verify-full', 'its certificate is for another host name'],
    ['expired', 'verify-full', 'its certificate has expired'],
    ['expired', 'verify-ca', 'its certificate has expired'],
  ])('a server with the certificate %s is refused by %s', async (name, sslmode, reason) => {
    await useCertificate(name)
    try {
      const { exitCode, stdout } = await run({ parameters: { sslmode, ...ca() } })
      expect(stdout).toContain(reason)
      expect(exitCode).toBe(2)
      if (name === 'elsewhere')
        await succeeds({ parameters: { sslmode: 'verify-ca', ...ca() } }, 'TLS')
    } finally {
      await useCertificate('server')
    }
  })
})

const useCertificate = async (name: string): Promise<void> => {
  await sql.unsafe(`ALTER SYSTEM SET ssl_cert_file = '${name}.crt'`)
  await sql.unsafe(`ALTER SYSTEM SET ssl_key_file = '${name}.key'`)
  const loaded = async (): Promise<string> =>
    String((await sql.unsafe('SELECT pg_conf_load_time()::text AS at'))[0]?.['at'])
  const before = await loaded()
  await sql.unsafe('SELECT pg_reload_conf()')
  await until('the server has read it', async () => (await loaded()) !== before)
}

describe('sslnegotiation', () => {
  // A request for TLS begins with its length, TLS itself with the kind of its record, 22.
  test.each([
    ['direct', 22],
    ['postgres', 0],
  ])('%s begins each connection with the byte %i', async (sslnegotiation, byte) => {
    const { port, connections } = await startNetwork(server.port)
    const parameters = { sslmode: 'verify-full', ...ca(), sslnegotiation }
    await succeeds({ port, parameters }, 'TLS')
    const firstBytes = connections().map(({ sent }) => sent().charCodeAt(0))
    expect(firstBytes.length).toBeGreaterThan(1)
    expect(new Set(firstBytes)).toEqual(new Set([byte]))
  })

  test('direct logs in with a client certificate, from PGSSLNEGOTIATION', async () => {
    const environment = {
      PGSSLMODE: 'verify-full',
      PGSSLNEGOTIATION: 'direct',
      PGSSLROOTCERT: file('ca.crt'),
      PGSSLCERT: file('client.crt'),
      PGSSLKEY: file('client.key'),
    }
    await succeeds({ database: 'by_certificate', secret: '', environment }, 'TLS')
  })

  test.each(['15', '18'])(
    'direct is refused by PostgreSQL %s without it, at once and saying why',
    async (version) => {
      const port = Number(process.env[`SCHEMAGATE_TEST_PORT_${version}`])
      const { exitCode, stdout } = await run({
        ...{ port, database: 'postgres' },
        parameters: { sslmode: 'require', sslnegotiation: 'direct' },
        environment: { DATABASE_WAIT_SECONDS: '30' },
      })
      expect(stdout).toContain('error[tls-failed]')
      expect(stdout).toContain('sslnegotiation=direct is for PostgreSQL 17 and later, with TLS')
      expect(exitCode).toBe(2)
    },
  )

  test('direct needs an sslmode that wants TLS', async () => {
    const { exitCode, stdout } = await run({ parameters: { sslnegotiation: 'direct' } })
    expect(stdout).toContain('which needs sslmode=require, verify-ca or verify-full, not prefer')
    expect(exitCode).toBe(2)
  })
})

describe('a client certificate', () => {
  const own = (): Record<string, string> => ({
    sslmode: 'verify-full',
    ...ca(),
    sslcert: file('client.crt'),
    sslkey: file('client.key'),
  })

  test('logs in without a password, from the URL and from PGSSLCERT and PGSSLKEY', async () => {
    await succeeds({ database: 'by_certificate', secret: '', parameters: own() }, 'TLS')
    const environment = {
      PGSSLMODE: 'require',
      PGSSLROOTCERT: file('ca.crt'),
      PGSSLCERT: file('client.crt'),
      PGSSLKEY: file('client.key'),
    }
    await succeeds({ database: 'by_certificate', secret: '', environment }, 'TLS')
  })

  test('may have a key with a passphrase, which is printed nowhere', async () => {
    const locked = { ...own(), sslkey: file('client-locked.key') }
    const parameters = { ...locked, sslpassword: passphrase }
    await succeeds({ database: 'by_certificate', secret: '', parameters }, 'TLS')
    const wrong = await run({ parameters: { ...locked, sslpassword: `${passphrase}-wrong` } })
    expect(wrong.stdout).toContain('needs another passphrase')
    expect(wrong.exitCode).toBe(2)
    expect(wrong.stdout + wrong.stderr).not.toContain(passphrase)
  })

  test.each([
    ['none', () => ({ sslmode: 'require' })],
    [
      'one of another authority',
      () => ({ ...own(), sslcert: file('stranger.crt'), sslkey: file('stranger.key') }),
    ],
  ] as const)('of the wrong kind is refused for good: %s', async (_, parameters) => {
    const { exitCode } = await run({
      database: 'by_certificate',
      secret: '',
      parameters: parameters(),
      // In TLS 1.3 the server refuses it after our handshake is over: what we send meanwhile can meet a reset that takes the
      // server's reason with it. Then it looks like a lost connection, and the next try tells.
      environment: { DATABASE_WAIT_SECONDS: '30' },
    })
    expect(exitCode).toBe(2)
  })

  test('that does not go with its key is told before the run', async () => {
    const { exitCode, stdout } = await run({
      parameters: { ...own(), sslkey: file('stranger.key') },
    })
    expect(stdout).toContain('a key that does not go with the certificate')
    expect(exitCode).toBe(2)
  })
})

describe('the password', () => {
  const passwordFile = (line: string, mode = 0o600): string => {
    writeFileSync(file('.pgpass'), `${line}\n`)
    chmodSync(file('.pgpass'), mode)
    return file('.pgpass')
  }

  test('comes from ~/.pgpass, and from PGPASSFILE', async () => {
    const path = passwordFile(`127.0.0.1:${server.port}:*:postgres:${password}`)
    await succeeds({ secret: '' }, 'TLS')
    await succeeds({ secret: '', environment: { HOME: '/', PGPASSFILE: path } }, 'TLS')
  })

  test('is not taken from a file that others may read, with a warning', async () => {
    passwordFile(`*:*:*:*:${password}`, 0o644)
    const { exitCode, stdout, stderr } = await run({ secret: '' })
    expect(stderr).toContain(
      'the password file (PGPASSFILE, or ~/.pgpass) is ignored: it may be read',
    )
    expect(stderr).not.toContain(folder)
    expect(stdout).toContain('no password was given')
    expect(exitCode).toBe(2)
    rmSync(file('.pgpass'))
  })

  test.each([
    ['wrong', 'SQLSTATE 28P01'],
    ['', 'no password was given'],
  ])("'%s' is refused by SCRAM at once", async (secret, told) => {
    const { exitCode, stdout } = await run({ secret })
    expect(stdout).toContain(told)
    expect(exitCode).toBe(2)
  })
})
