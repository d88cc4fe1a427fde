// A network between a runner and a server that counts what the runner asks, over all its connections, and has something happen
// at one of its messages.

import { afterEach } from '@jest/globals'
import { connect, createServer, type Socket } from 'node:net'

/**
 * `question lost`: the connection ends before the server has the message. `answer lost`: the server has done what it asks, and
 * nobody hears of it.
 */
type Cut = 'question lost' | 'answer lost'

export type CountingNetwork = {
  readonly port: number
  /** How many simple queries came through so far. */
  readonly messages: () => number
}

export type AtMessage = { readonly number: number; readonly then: Cut | (() => void) }

const closings: (() => Promise<void>)[] = []

afterEach(async () => {
  for (const close of closings.splice(0)) await close()
})

/** Closed after the test. */
export const startCounting = async (
  serverPort: number,
  at: AtMessage,
): Promise<CountingNetwork> => {
  let count = 0
  const sockets = new Set<Socket>()
  const server = createServer((client) => {
    const upstream = connect(serverPort, '127.0.0.1')
    const end = (): void => {
      client.destroy()
      // Its end is sent behind what the server has still to read.
      upstream.end()
    }
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.setNoDelay()
      socket.on('error', () => undefined)
    }
    client.on('close', () => upstream.end())
    upstream.on('close', () => client.destroy())
    let answers: 'forwarded' | 'withheld' = 'forwarded'
    upstream.on('data', (chunk: Buffer) => {
      if (answers === 'forwarded') client.write(chunk)
      else if (readyForQuery.test(chunk.subarray(-6).toString('latin1'))) end()
    })
    const read = messagesIn((message, type) => {
      if (type === 'Q' && ++count === at.number) {
        if (typeof at.then === 'function') at.then()
        else if (at.then === 'question lost') {
          end()
          return
        } else answers = 'withheld'
      }
      if (!client.destroyed) upstream.write(message)
    })
    client.on('data', read)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closings.push(async () => {
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  })
  const address = server.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    messages: () => count,
  }
}

// 'Z', its length, and whether there is a transaction.
const readyForQuery = /Z\0\0\0\u0005[ITE]$/

const sslRequest = 80_877_103

/** Cuts the bytes of a client into its messages; those before it is let in have no type. https://www.postgresql.org/docs/current/protocol-message-formats.html */
const messagesIn = (
  onMessage: (message: Buffer, type: string) => void,
): ((chunk: Buffer) => void) => {
  let rest = Buffer.alloc(0)
  let started = false
  return (chunk) => {
    rest = Buffer.concat([rest, chunk])
    for (;;) {
      const head = started ? 1 : 0
      if (rest.length < head + 4) return
      const length = head + rest.readInt32BE(head)
      if (rest.length < length) return
      const message = rest.subarray(0, length)
      rest = rest.subarray(length)
      onMessage(message, started ? message.toString('latin1', 0, 1) : '')
      started ||= message.readInt32BE(4) !== sslRequest
    }
  }
}
