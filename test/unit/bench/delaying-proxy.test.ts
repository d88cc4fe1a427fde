import { afterEach, expect, test } from '@jest/globals'
import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { startProxy } from '../../../bench/compare/delaying-proxy.ts'

const cleanUps: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp()
})

const behindProxy = async (roundTripMs: number, serve: (socket: Socket) => void) => {
  const server: Server = createServer({ allowHalfOpen: true }, serve).listen(0, '127.0.0.1')
  cleanUps.push(() => server.close())
  await once(server, 'listening')
  const proxy = await startProxy((server.address() as AddressInfo).port, roundTripMs)
  cleanUps.push(proxy.stop)
  const client = connect({ port: proxy.port, host: '127.0.0.1', allowHalfOpen: true })
  cleanUps.push(() => client.destroy())
  await once(client, 'connect')
  return client
}

const echo = (socket: Socket): void => {
  socket.pipe(socket)
}

test('brings every byte in its order, and the end after the last', async () => {
  const client = await behindProxy(2, echo)
  const sent = Array.from({ length: 300 }, (_, at) => `${at};`.repeat(at % 50)).join('')
  for (const part of sent.match(/[\s\S]{1,97}/g) ?? []) client.write(part)
  client.end()
  expect((await buffer(client)).toString()).toBe(sent)
})

test('an answer takes the round trip at least, and the first one also that of the connection', async () => {
  const roundTripMs = 20
  const startedMs = performance.now()
  const client = await behindProxy(roundTripMs, echo)
  const ask = async (): Promise<number> => {
    const askedMs = performance.now()
    client.write('?')
    await once(client, 'data')
    return performance.now() - askedMs
  }
  await ask()
  expect(performance.now() - startedMs).toBeGreaterThanOrEqual(2 * roundTripMs)
  expect(await ask()).toBeGreaterThanOrEqual(roundTripMs)
})

test('questions that do not wait for each other share one round trip', async () => {
  const roundTripMs = 400
  const client = await behindProxy(roundTripMs, echo)
  client.write('?')
  await once(client, 'data')
  const askedMs = performance.now()
  let answered = 0
  client.on('data', (chunk: Buffer) => (answered += chunk.length))
  for (let at = 0; at < 20; at++) {
    client.write('?')
    await new Promise((resolve) => setImmediate(resolve))
  }
  while (answered < 20) await once(client, 'data')
  // One after another they would take twenty.
  expect(performance.now() - askedMs).toBeLessThan(10 * roundTripMs)
})

test('a connection that the server resets is reset for the client', async () => {
  const client = await behindProxy(2, (socket) =>
    socket.once('data', () => socket.resetAndDestroy()),
  )
  const failed = once(client, 'error')
  client.write('?')
  expect(await failed).toMatchObject([{ code: 'ECONNRESET' }])
})
