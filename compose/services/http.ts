// The HTTP side of api and calls: routes in, JSON out. It knows neither calls nor their tables.

import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'
import { codeOf, log } from './log.ts'
import type { Service } from './service.ts'

export type Reply = { readonly status: number; readonly body: unknown }

/** By method and path, such as 'GET /health'. */
export type Routes = Readonly<Record<string, (request: IncomingMessage) => Promise<Reply>>>

export type Body =
  | { readonly kind: 'fields'; readonly fields: Readonly<Record<string, unknown>> }
  | { readonly kind: 'malformed'; readonly reason: string }

const maxBodyBytes = 64 * 1024

/** Answers until the service is asked to stop, then lets open requests end, for at most 3 s. */
export const serve = async ({ name, port, stopping }: Service, routes: Routes): Promise<void> => {
  const server = createServer({ requestTimeout: 10_000 }, (request, response) => {
    void answer(name, routes, request, response)
  })
  server.listen(port)
  await once(server, 'listening')
  const address = server.address()
  log(`[${name}] ready`, {
    port: typeof address === 'object' && address !== null ? address.port : port,
  })
  if (!stopping.aborted) await once(stopping, 'abort')
  server.close()
  setTimeout(() => {
    server.closeAllConnections()
  }, 3_000)
  await once(server, 'close')
}

/** 200 when the database answers within 2 s, else 503. */
export const checkHealth = async (sql: Service['sql']): Promise<Reply> => {
  const answered = sql`SELECT 1`.then(
    () => true,
    () => false,
  )
  const inTime = await Promise.race([answered, wait(2_000, false)])
  if (inTime) return { status: 200, body: { status: 'ok' } }
  return { status: 503, body: { status: 'unavailable', error: 'the database does not answer' } }
}

export const readBody = async (request: IncomingMessage): Promise<Body> => {
  const chunks: Buffer[] = []
  let bytes = 0
  // What is too much is read and dropped: hanging up while the caller still sends would eat our answer.
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes <= maxBodyBytes) chunks.push(chunk)
  }
  if (bytes > maxBodyBytes) return { kind: 'malformed', reason: 'the body is larger than 64 KiB' }
  return parseBody(Buffer.concat(chunks).toString('utf8'))
}

/** A field that may go to SQL and into a log line: letters, digits, '-' and '_', 1 to 64 of them. */
export const nameIn = (
  fields: Readonly<Record<string, unknown>>,
  name: string,
): string | undefined => {
  const value = fields[name]
  return typeof value === 'string' && /^[\w-]{1,64}$/.test(value) ? value : undefined
}

export const badRequest = (reason: string): Reply => ({ status: 400, body: { error: reason } })

const parseBody = (text: string): Body => {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return { kind: 'fields', fields: { ...value } }
    return { kind: 'malformed', reason: 'the body is not a JSON object' }
  } catch {
    return { kind: 'malformed', reason: 'the body is not JSON' }
  }
}

const answer = async (
  name: string,
  routes: Routes,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> => {
  const [path = '/'] = (request.url ?? '/').split('?', 1)
  const key = `${request.method ?? 'GET'} ${path}`
  const reply = (await routes[key]?.(request).catch((error: unknown) => {
    log(`[${name}] request failed`, { route: key, error: codeOf(error) })
    return { status: 500, body: { error: 'the request failed; the log of the service tells why' } }
  })) ?? { status: 404, body: { error: 'nothing is served here' } }
  response.writeHead(reply.status, { 'content-type': 'application/json' })
  response.end(JSON.stringify(reply.body))
}
