import { expect, test } from '@jest/globals'
import { createServer } from 'node:net'
import { until } from '../support/database.ts'
import { runGate, startGate, workFolder } from '../support/gate.ts'
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
