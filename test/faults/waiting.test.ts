import { expect, test } from '@jest/globals'
import { createServer } from 'node:net'
import postgres from 'postgres'
import { createDatabase, until } from '../support/database.ts'
import { runGate, startGate, workFolder } from '../support/gate.ts'
import { startNetwork } from '../support/network.ts'
import { freePort, password, startServer } from '../support/servers.ts'

const files = { 'migrations/1_a.sql': 'CREATE TABLE a (id int)' }

test('waits for a server that comes up while it waits', async () => {
  const folder = workFolder(files)
  // Nothing answers there until the server below is up.
  const port = await freePort()
  const environment = {
    DATABASE_URL: `postgresql://postgres:${password}@127.0.0.1:${port}/postgres`,
    DATABASE_WAIT_SECONDS: '50',
  }
  const gate = startGate({ folder, environment })
  await until('it waits', () => gate.stderr().includes('waiting for DATABASE_URL'))
  expect(gate.stderr()).toContain('connection refused: nothing listens there')
  const server = await startServer('18', { port: String(port) })
  try {
    const { exitCode, stdout } = await gate.finished
    expect(stdout).toContain('1 applied')
    expect(exitCode).toBe(0)
  } finally {
    await server.stop()
  }
})

test('gives up after DATABASE_WAIT_SECONDS with exit 69, within a second of it', async () => {
  const folder = workFolder(files)
  const environment = {
    DATABASE_URL: `postgresql://u@127.0.0.1:${await freePort()}/x`,
    DATABASE_WAIT_SECONDS: '1',
  }
  const gate = startGate({ folder, environment })
  await until('it waits', () => gate.stderr().includes('waiting for DATABASE_URL'))
  const waitsSince = performance.now()
  const { exitCode, stdout } = await gate.finished
  expect(performance.now() - waitsSince).toBeLessThan(2_000)
  expect(exitCode).toBe(69)
  expect(stdout).toContain('within 1 s')
  expect(stdout).toContain('connection refused')
})

test('a host name that is not known is waited for, then told', async () => {
  const folder = workFolder(files)
  const environment = {
    DATABASE_URL: 'postgresql://u@no-such-host.invalid/x',
    DATABASE_WAIT_SECONDS: '1',
  }
  const { exitCode, stdout } = await runGate({ folder, environment })
  expect(exitCode).toBe(69)
  expect(stdout).toMatch(/the host name (is not known|cannot be looked up yet)/)
})

test('something that accepts and closes at once, as a proxy without its server, is no endless loop', async () => {
  const closing = createServer((socket) => socket.destroy())
  await new Promise<void>((resolve) => closing.listen(0, '127.0.0.1', resolve))
  const address = closing.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const folder = workFolder(files)
  const environment = {
    DATABASE_URL: `postgresql://u@127.0.0.1:${port}/x`,
    DATABASE_WAIT_SECONDS: '1',
  }
  const { exitCode } = await runGate({ folder, environment })
  expect(exitCode).toBe(69)
  await new Promise((resolve) => closing.close(resolve))
})

test('connections that others have used up are waited for', async () => {
  const { name, port, sql } = await createDatabase('18')
  const role = `few_of_${name}`
  // The gate needs three at most: work, lock, watch.
  await sql.unsafe(
    `CREATE ROLE ${role} LOGIN CONNECTION LIMIT 3 PASSWORD 'x'; ALTER DATABASE ${name} OWNER TO ${role}`,
  )
  const url = `postgresql://${role}:x@127.0.0.1:${port}/${name}`
  const holder = postgres(url, { max: 3, fetch_types: false })
  try {
    await Promise.all([1, 2, 3].map(() => holder`SELECT pg_sleep(0.2)`))
    const environment = { DATABASE_URL: url, DATABASE_WAIT_SECONDS: '50' }
    const gate = startGate({ folder: workFolder(files), environment })
    await until('it waits', () => gate.stderr().includes('waiting for DATABASE_URL'))
    expect(gate.stderr()).toContain('too many connections for role')
    await holder.end({ timeout: 1 })
    const { exitCode, stdout } = await gate.finished
    expect(stdout).toContain('1 applied')
    expect(exitCode).toBe(0)
  } finally {
    await holder.end({ timeout: 1 })
    await sql.unsafe(
      `ALTER DATABASE ${name} OWNER TO CURRENT_USER; DROP OWNED BY ${role}; DROP ROLE ${role}`,
    )
  }
})

test('what waiting does not change, an unknown database or a wrong password, is told at once', async () => {
  const { url, name } = await createDatabase('18')
  const wrong = [
    [url.replace(name, 'no_such_database'), '3D000'],
    [url.replace(`:${password}@`, ':wrong@'), '28P01'],
  ] as const
  for (const [DATABASE_URL, sqlstate] of wrong) {
    const environment = { DATABASE_URL, DATABASE_WAIT_SECONDS: '50' }
    const { exitCode, stdout, stderr } = await runGate({ folder: workFolder(files), environment })
    expect(exitCode).toBe(2)
    expect(stdout).toContain(`SQLSTATE ${sqlstate}`)
    expect(stderr).not.toContain('waiting for')
  }
})

test('a DIRECT that accepts and never answers is given up after 5 s, and the whole run uses POOLER', async () => {
  const { url, port } = await createDatabase('18')
  const silent = await startNetwork(port)
  silent.goSilent()
  const environment = {
    DATABASE_URL_DIRECT: url.replace(`:${port}/`, `:${silent.port}/`),
    DATABASE_URL_POOLER: url,
  }
  const startedAt = performance.now()
  const { exitCode, stderr } = await runGate({ folder: workFolder(files), environment })
  expect(exitCode).toBe(0)
  expect(stderr).toContain('Using POOLER (DIRECT unavailable - locked)')
  expect(stderr.match(/is not available/g)).toHaveLength(1)
  expect(silent.connections()).toHaveLength(1)
  expect(performance.now() - startedAt).toBeGreaterThan(4_900)
})
