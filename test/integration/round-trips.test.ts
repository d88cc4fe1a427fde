// How often a start with nothing pending waits for the server, seen from between the two.

import { expect, test } from '@jest/globals'
import { createConnection, createServer, type Socket } from 'node:net'
import { createDatabase, until } from '../support/database.ts'
import { runGate, workFolder } from '../support/gate.ts'

const files = {
  'migrations/1_a.sql': 'CREATE TABLE a (id int)',
  'migrations/contracts/api.json': '{"service": "api", "tables": {"a": {"columns": {"id": {}}}}}',
}

const typeAndLength = 5

/** The types of the whole messages in these bytes: https://www.postgresql.org/docs/current/protocol-message-formats.html */
const typesIn = (bytes: Buffer): string => {
  let types = ''
  for (let at = 0; at + typeAndLength <= bytes.length; at += 1 + bytes.readInt32BE(at + 1))
    types += String.fromCharCode(bytes[at] ?? 0)
  return types
}

/** Passes everything on, and listens from the moment that the session is open. */
const startProxy = async (
  port: number,
): Promise<{ readonly port: number; readonly asked: () => string; readonly stop: () => void }> => {
  let asked = ''
  const sockets: Socket[] = []
  const proxy = createServer((client) => {
    const server = createConnection(port, '127.0.0.1')
    sockets.push(client, server)
    let isReady = false
    client.on('data', (bytes) => {
      if (isReady) asked += typesIn(bytes)
      server.write(bytes)
    })
    server.on('data', (bytes) => {
      client.write(bytes)
      // Authenticated: ReadyForQuery, whose one byte says that no transaction is open.
      isReady ||= bytes.subarray(-6).equals(Buffer.from('Z\0\0\0\x05I', 'latin1'))
    })
    for (const socket of [client, server]) socket.on('error', () => undefined)
  })
  await new Promise<void>((resolve) => {
    proxy.listen(0, '127.0.0.1', resolve)
  })
  const address = proxy.address()
  const stop = (): void => {
    for (const socket of sockets) socket.destroy()
    proxy.close()
  }
  return { port: typeof address === 'object' ? (address?.port ?? 0) : 0, asked: () => asked, stop }
}

test('one question after authentication, and a goodbye', async () => {
  const { url, port } = await createDatabase('18')
  const folder = workFolder(files)
  await runGate({ folder, environment: { DATABASE_URL: url } })
  const proxy = await startProxy(port)
  try {
    const throughProxy = url.replace(`:${port}/`, `:${proxy.port}/`)
    const started = await runGate({ folder, environment: { DATABASE_URL: throughProxy } })
    expect(started.stdout).toContain('up to date')
    expect(started.exitCode).toBe(0)
    // What the server is, the ledger, and what the contracts need, in one; and Terminate.
    await until('the goodbye has come by', () => proxy.asked().endsWith('X'))
    expect(proxy.asked()).toBe('QX')
  } finally {
    proxy.stop()
  }
})
