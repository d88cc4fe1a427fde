// A network between client and server: a TCP proxy that takes half of a round trip in each direction. Messages keep their order
// and do not wait for each other, so pipelining gains here what it gains on a network. No Nagle. Not modelled: bandwidth, loss.

import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { startAlarm } from './alarm.ts'
import { delayLine, type DelayLine } from './delay-line.ts'

export type Proxy = { readonly port: number; readonly stop: () => Promise<void> }

export const startProxy = async (serverPort: number, roundTripMs: number): Promise<Proxy> => {
  const alarm = startAlarm(() => {
    line.arrive()
  })
  const line = delayLine(roundTripMs / 2, alarm)
  const sockets = new Set<Socket>()
  const listener = createServer(
    { allowHalfOpen: true, noDelay: true, pauseOnConnect: true },
    (client) => {
      const server = connect({
        port: serverPort,
        host: '127.0.0.1',
        allowHalfOpen: true,
        noDelay: true,
      })
      for (const socket of [client, server]) {
        sockets.add(socket)
        socket.once('close', () => sockets.delete(socket))
      }
      carry(client, server, line)
      carry(server, client, line)
      // To open a connection costs a round trip, too: what the client sends leaves it when the server's answer has come back.
      line.enter(() => {
        line.enter(() => client.resume())
      })
    },
  )
  listener.listen(0, '127.0.0.1')
  await once(listener, 'listening')
  return {
    port: (listener.address() as AddressInfo).port,
    stop: async () => {
      listener.close()
      for (const socket of sockets) socket.destroy()
      await alarm.stop()
    },
  }
}

const carry = (from: Socket, to: Socket, line: DelayLine): void => {
  from.on('data', (chunk: Buffer) => {
    line.enter(() => to.writable && to.write(chunk))
  })
  from.on('end', () => {
    line.enter(() => to.end())
  })
  // A connection that was reset is reset for the other side, too.
  from.on('error', () => {
    line.enter(() => to.resetAndDestroy())
  })
}
