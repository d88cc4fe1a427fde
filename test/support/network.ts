// A network between a runner and a server that can go silent: it forwards nothing any more, in either direction, and closes
// nothing, as a cable that was pulled, or a firewall that forgot a connection.

import { afterEach } from '@jest/globals'
import { createServer, connect, type Socket } from 'node:net'
import { Transform } from 'node:stream'

export type Network = {
  readonly port: number
  /** Each connection that was made through it, in their order. */
  readonly connections: () => readonly Connection[]
  /** All connections, and all that come after. New ones are accepted, by whatever stands there. */
  readonly goSilent: () => void
  /** Those that come from now on, until they are forwarded again. */
  readonly newOnes: (are: 'silent' | 'forwarded') => void
  /** Resets all connections there are; new ones are forwarded. */
  readonly reset: () => void
}

type Connection = {
  /** What the client sent so far. */
  readonly sent: () => string
  readonly goSilent: () => void
}

const closings: (() => Promise<void>)[] = []

afterEach(async () => {
  for (const close of closings.splice(0)) await close()
})

/** Closed after the test, at the latest then with all its connections. */
export const startNetwork = async (
  serverPort: number,
  /** Of each connection, from the client to the server. */
  bytesPerSecond = Infinity,
): Promise<Network> => {
  const sockets = new Set<Socket>()
  const connections: Connection[] = []
  let silent = false
  const server = createServer((client) => {
    const upstream = connect(serverPort, '127.0.0.1')
    let sent = ''
    const goSilent = (): void => {
      for (const socket of [client, upstream]) {
        socket.unpipe()
        socket.removeAllListeners('data').removeAllListeners('end').removeAllListeners('close')
        // So that the other side's kernel goes on taking what is sent.
        socket.resume()
      }
    }
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(socket)
      socket.on('error', () => undefined)
      socket.on('close', () => other.destroy())
      if (socket === upstream || bytesPerSecond === Infinity) socket.pipe(other)
      else socket.pipe(slowed(bytesPerSecond)).pipe(other)
    }
    client.on('data', (chunk: Buffer) => (sent += chunk.toString('latin1')))
    connections.push({ sent: () => sent, goSilent })
    if (silent) goSilent()
  })
  // A half-closed connection must stay open on the far side, as it does when the FIN gets lost.
  server.on('connection', (client) => (client.allowHalfOpen = true))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closings.push(async () => {
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  })
  const address = server.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    connections: () => connections,
    reset: () => {
      for (const socket of sockets) socket.resetAndDestroy()
      sockets.clear()
    },
    newOnes: (are) => {
      silent = are === 'silent'
    },
    goSilent: () => {
      silent = true
      for (const connection of connections) connection.goSilent()
    },
  }
}

const slowed = (bytesPerSecond: number): Transform =>
  new Transform({
    transform: (chunk: Buffer, _, callback) => {
      setTimeout(callback, (chunk.length / bytesPerSecond) * 1_000, null, chunk)
    },
  })
