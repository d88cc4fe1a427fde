// `doctor` through a real PgBouncer, and on servers that are set up in a way of their own: TLS, prepared transactions, a standby.

import { describe, expect, test } from '@jest/globals'
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import postgres from 'postgres'
import { createDatabase, databaseUrl } from '../support/database.ts'
import { bad, diagnosed } from '../support/diagnosis.ts'
import { runGate, temporaryFolder, workFolder } from '../support/gate.ts'
import { startPooler } from '../support/pooler.ts'
import {
  freePort,
  serverVersions,
  startServer,
  type RunningServer,
  type ServerOptions,
} from '../support/servers.ts'

const files = { 'migrations/1_t.sql': 'CREATE TABLE t (id int)' }

describe.each(serverVersions)('doctor through PgBouncer on PostgreSQL %s', (version) => {
  test('in transaction mode, behind a DIRECT that does not answer', async () => {
    const database = await createDatabase(version)
    const pooler = await startPooler(database.port, 2)
    try {
      const diagnosis = await diagnosed(workFolder(files), {
        DATABASE_URL_DIRECT: `postgresql://postgres@127.0.0.1:${await freePort()}/none`,
        DATABASE_URL_POOLER: databaseUrl(pooler.port, database.name),
      })
      const { of, exitCode } = diagnosis
      expect(exitCode).toBe(0)
      expect(bad(diagnosis)).toEqual(['endpoint'])
      expect(of('endpoint').sentence).toMatch(
        /^POOLER \(.*\) is used, because DIRECT is not available$/,
      )
      expect(of('endpoint').detail[0]).toMatch(
        /^DIRECT \(127\.0\.0\.1:\d+\/none\): connection refused/,
      )
      expect(of('pooler').sentence).toBe('there is one, in transaction mode')
      expect(of('second_connection').level).toBe('ok')
      expect(of('tls')).toMatchObject({ level: 'note' })
      expect(of('tls').sentence).toContain('the connection from the pooler to it')
    } finally {
      await pooler.stop()
    }
  })

  test('in session mode, given as if it were the server itself', async () => {
    const database = await createDatabase(version)
    const pooler = await startPooler(database.port, 3, { pool_mode: 'session' })
    try {
      const environment = { DATABASE_URL_DIRECT: databaseUrl(pooler.port, database.name) }
      const { of, exitCode } = await diagnosed(workFolder(files), environment)
      expect(exitCode).toBe(0)
      expect(of('pooler')).toMatchObject({
        level: 'warning',
        sentence: 'there is one, in session mode, though it was given as DATABASE_URL_DIRECT',
      })
    } finally {
      await pooler.stop()
    }
  })

  test.each(['transaction', 'session'])(
    'a pool of one connection in %s mode: exits 4 as a run does',
    async (mode) => {
      const database = await createDatabase(version)
      const pooler = await startPooler(database.port, 1, { pool_mode: mode })
      try {
        const folder = workFolder(files)
        const environment = {
          DATABASE_URL: databaseUrl(pooler.port, database.name),
          MIGRATION_LOCK_WAIT_SECONDS: '1',
        }
        const { of, exitCode } = await diagnosed(folder, environment)
        expect(of('second_connection').problems?.[0]?.code).toBe('pooler-too-small')
        expect(exitCode).toBe(75)
        if (mode === 'transaction')
          expect((await runGate({ folder, environment })).exitCode).toBe(75)
      } finally {
        await pooler.stop()
      }
    },
  )

  test('what another client has set in the pooled connection is as it was', async () => {
    const database = await createDatabase(version)
    const pooler = await startPooler(database.port, 1)
    const other = postgres(databaseUrl(pooler.port, database.name), {
      ...{ max: 1, prepare: false, fetch_types: false, onnotice: () => undefined },
    })
    const settings = async (): Promise<unknown> =>
      other.unsafe(`SELECT pg_backend_pid(), current_setting('statement_timeout') AS timeout, current_user::text,
        current_setting('search_path'), current_setting('default_transaction_read_only'),
        (SELECT count(*)::int FROM pg_locks WHERE pid = pg_backend_pid() AND locktype = 'advisory')`)
    try {
      await other.unsafe(
        `SET statement_timeout = '7s'; SET ROLE pg_monitor; RESET ROLE; SET search_path = nowhere`,
      )
      const before = await settings()
      await diagnosed(workFolder({ 'migrations/1_t.sql': 'SELECT 1' }), {
        DATABASE_URL: databaseUrl(pooler.port, database.name),
      })
      expect(await settings()).toEqual(before)
    } finally {
      await other.end({ timeout: 1 })
      await pooler.stop()
    }
  })
})

const certificateFiles = (): ServerOptions => {
  const folder = temporaryFolder()
  const [key, certificate] = [join(folder, 'server.key'), join(folder, 'server.crt')]
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1']
  const form = ['-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2']
  execFileSync('openssl', ['req', ...form, ...subject, '-keyout', key, '-out', certificate], {
    stdio: 'ignore',
  })
  const read = (path: string): string => readFileSync(path, 'utf8')
  return { files: { 'server.key': read(key), 'server.crt': read(certificate) } }
}

const onServer = async (
  starting: Promise<RunningServer>,
  use: (server: RunningServer) => Promise<void>,
): Promise<void> => {
  const server = await starting
  try {
    await use(server)
  } finally {
    await server.stop()
  }
}

test('TLS with protocol and cipher, and prepared transactions that hold a table for ever', async () => {
  const settings = { ssl: 'on', max_prepared_transactions: '3' }
  await onServer(startServer('18', settings, certificateFiles()), async ({ url }) => {
    const folder = workFolder({
      ...files,
      'migrations/2_a.sql': 'ALTER TABLE t ADD COLUMN a int',
    })
    const sql = postgres(url, { max: 1, onnotice: () => undefined })
    try {
      await sql.unsafe(`CREATE TABLE t (id int)`)
      await sql
        .unsafe(`BEGIN; INSERT INTO t VALUES (1); PREPARE TRANSACTION 'it''s stuck'`)
        .simple()
      const environment = { DATABASE_URL: `${url}?sslmode=require`, MIGRATION_LOCK_TIMEOUT: '10ms' }
      const { of, exitCode } = await diagnosed(folder, environment)
      expect(of('tls').level).toBe('ok')
      expect(of('tls').sentence).toMatch(/^on: TLSv1\.[23], [A-Z0-9_-]+ \(sslmode=require\)$/)
      const { level, detail, advice } = of('prepared_transactions')
      expect(level).toBe('warning')
      expect(detail[0]).toMatch(/^it's stuck, of postgres, for \d+ s$/)
      expect(detail[1]).toBe('  holds RowExclusiveLock on t, a snapshot; blocks pending files: t')
      expect(exitCode).toBe(0)
      await sql.unsafe(/ROLLBACK PREPARED [^;]+/.exec(advice ?? '')?.[0] ?? '')
      const { all } = await diagnosed(folder, environment)
      expect(all.map(({ topic }) => topic)).not.toContain('prepared_transactions')
    } finally {
      await sql.end({ timeout: 1 })
    }
  })
})

test('a standby: exits 69 with something pending, as a run does', async () => {
  await onServer(startServer('18', {}, { files: { 'standby.signal': '' } }), async ({ url }) => {
    const folder = workFolder(files)
    const environment = { DATABASE_URL: url, DATABASE_WAIT_SECONDS: '5' }
    const { of, exitCode } = await diagnosed(folder, environment)
    expect(of('writes').problems?.[0]?.code).toBe('standby-server')
    expect(exitCode).toBe(69)
    expect((await runGate({ folder, environment })).exitCode).toBe(69)
  })
})
