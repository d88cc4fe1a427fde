import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import postgres from 'postgres'
import { createServer, type Server } from 'node:net'
import { once } from 'node:events'
import { runGate, workFolder } from '../support/gate.ts'
import { freePort, password, startServer, type RunningServer } from '../support/servers.ts'

const files = { 'migrations/1_a.sql': 'CREATE TABLE a (id int)' }
const folderOf = (): string => workFolder(files)

// One version: what is asked of the server is the same on all, and each server takes its time to start.
const version = '18'

describe('several hosts', () => {
  let primary: RunningServer
  let standby: RunningServer
  let sql: postgres.Sql
  const urlOf = (ports: readonly number[], parameters = '', name = 'gate'): string =>
    `postgresql://postgres:${password}@${ports.map((port) => `127.0.0.1:${port}`).join(',')}/${name}${parameters}`

  beforeAll(async () => {
    const first = await startServer(version)
    sql = postgres(first.url, { max: 1, onnotice: () => undefined })
    await sql.unsafe('CREATE DATABASE gate')
    await sql.end()
    await runGate({ folder: folderOf(), environment: { DATABASE_URL: urlOf([first.port]) } })
    await first.halt()
    standby = await startServer(version, {}, { standbyOf: first.folder })
    primary = await startServer(version)
    sql = postgres(primary.url, { max: 1, onnotice: () => undefined })
    await sql.unsafe('CREATE DATABASE gate')
    await first.stop()
  }, 120_000)
  afterAll(async () => {
    await sql.end({ timeout: 1 })
    await primary.stop()
    await standby.stop()
  })

  const emptied = async (): Promise<void> => {
    await sql.unsafe('DROP DATABASE IF EXISTS gate WITH (FORCE)')
    await sql.unsafe('CREATE DATABASE gate')
  }

  test('a standby with something pending is exit 69, with nothing pending is fine', async () => {
    const environment = { DATABASE_URL: urlOf([standby.port]) }
    const pending = workFolder({ ...files, 'migrations/2_b.sql': 'CREATE TABLE b (id int)' })
    const refused = await runGate({ folder: pending, environment })
    expect(refused.stdout).toContain('error[standby-server]')
    expect(refused.exitCode).toBe(69)
    const fine = await runGate({ folder: folderOf(), environment })
    expect(fine.exitCode).toBe(0)
  })

  test.each([
    ['read-write', 'primary'],
    ['primary', 'primary'],
    ['read-only', 'standby'],
    ['standby', 'standby'],
    ['prefer-standby', 'standby'],
    ['any', 'first'],
  ] as const)(
    'target_session_attrs=%s chooses the %s, wherever it stands',
    async (target, chosen) => {
      const ports = { primary: primary.port, standby: standby.port }
      await emptied()
      for (const order of [
        [primary.port, standby.port],
        [standby.port, primary.port],
      ]) {
        const wanted = chosen === 'first' ? order[0] : ports[chosen]
        const environment = { DATABASE_URL: urlOf(order), PGTARGETSESSIONATTRS: target }
        const { stderr } = await runGate({ folder: folderOf(), environment })
        expect(stderr).toContain(`Using DIRECT: DATABASE_URL (127.0.0.1:${String(wanted)}/gate)`)
      }
    },
  )

  test('prefer-standby takes a primary when there is none; standby does not', async () => {
    await emptied()
    const preferred = await runGate({
      folder: folderOf(),
      environment: { DATABASE_URL: urlOf([primary.port], '?target_session_attrs=prefer-standby') },
    })
    expect(preferred.exitCode).toBe(0)
    const { exitCode, stdout } = await runGate({
      folder: folderOf(),
      environment: {
        DATABASE_URL: urlOf([primary.port], '?target_session_attrs=standby'),
        DATABASE_WAIT_SECONDS: '1',
      },
    })
    expect(stdout).toContain('not what target_session_attrs=standby asks for')
    expect(exitCode).toBe(69)
  })

  test('read-write passes over a database that is read-only by default; alone, with something pending, that is exit 4', async () => {
    await emptied()
    await sql.unsafe('ALTER DATABASE gate SET default_transaction_read_only = on')
    const url = urlOf([primary.port])
    const refused = await runGate({ folder: folderOf(), environment: { DATABASE_URL: url } })
    expect(refused.stdout).toContain('error[read-only-database]')
    expect(refused.exitCode).toBe(4)
    const { exitCode, stdout } = await runGate({
      folder: folderOf(),
      environment: {
        DATABASE_URL: `${url}?target_session_attrs=read-write`,
        DATABASE_WAIT_SECONDS: '0',
      },
    })
    expect(stdout).toContain('it is read-only, not what target_session_attrs=read-write asks for')
    expect(exitCode).toBe(69)
  })

  test('a host that refuses and one that never answers are passed over; the lock goes where the work is', async () => {
    await emptied()
    const silent = createServer(() => undefined)
    silent.listen(0, '127.0.0.1')
    await once(silent, 'listening')
    const environment = { DATABASE_URL: urlOf([await freePort(), portOf(silent), primary.port]) }
    const { exitCode, stderr } = await runGate({ folder: folderOf(), environment })
    silent.close()
    expect(stderr).toContain('Acquired migration lock')
    expect(exitCode).toBe(0)
  })

  test('a refused login ends the search, as for libpq', async () => {
    const { exitCode, stdout } = await runGate({
      folder: folderOf(),
      environment: {
        DATABASE_URL: urlOf([primary.port, standby.port]).replace(password, 'wrong-password'),
      },
    })
    expect(stdout).toContain('error[login-refused]')
    expect(exitCode).toBe(2)
  })
})

const portOf = (server: Server): number => {
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}
