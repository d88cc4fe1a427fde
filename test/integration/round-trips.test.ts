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

type Proxy = {
  readonly port: number
  /** The types of what was sent since a session was open. */
  readonly asked: () => string
  /** The most questions that one session has sent and not been answered. */
  readonly unanswered: () => number
  readonly stop: () => void
}

// ReadyForQuery: the session is open, and from then on a question is answered.
const readiesIn = (answers: string): number => answers.match(/Z\0{3}\x05[ITE]/g)?.length ?? 0

/** Passes everything on, and listens from the moment that a session is open. */
const startProxy = async (port: number): Promise<Proxy> => {
  const sessions: { asked: Buffer; answers: string }[] = []
  const sockets: Socket[] = []
  const proxy = createServer((client) => {
    const server = createConnection(port, '127.0.0.1')
    sockets.push(client, server)
    const session = { asked: Buffer.alloc(0), answers: '' }
    sessions.push(session)
    client.on('data', (bytes) => {
      if (readiesIn(session.answers) > 0) session.asked = Buffer.concat([session.asked, bytes])
      server.write(bytes)
    })
    server.on('data', (bytes) => {
      session.answers += bytes.toString('latin1')
      client.write(bytes)
    })
    for (const socket of [client, server]) socket.on('error', () => undefined)
  })
  await new Promise<void>((resolve) => {
    proxy.listen(0, '127.0.0.1', resolve)
  })
  const address = proxy.address()
  return {
    port: typeof address === 'object' ? (address?.port ?? 0) : 0,
    asked: () => sessions.map(({ asked }) => typesIn(asked)).join(''),
    unanswered: () =>
      Math.max(
        ...sessions.map(
          ({ asked, answers }) => typesIn(asked).split('Q').length - readiesIn(answers),
        ),
      ),
    stop: () => {
      for (const socket of sockets) socket.destroy()
      proxy.close()
    },
  }
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

test.each([
  ['has asked for its next batch while the server is at the one before', '', 2],
  // What it saw of the standbys would be old when the rest is over.
  ['that rests between batches asks behind the rest', '-- @pause 10ms\n', 1],
])('a backfill %s', async (_, directive, onTheirWay) => {
  const { url, port, sql, client } = await createDatabase('18')
  await sql`CREATE TABLE calls (id bigint PRIMARY KEY, seen int NOT NULL DEFAULT 0)`
  await sql`INSERT INTO calls SELECT n FROM generate_series(1, 40) AS n`
  const folder = workFolder({
    'migrations/backfills/seen.sql': `-- @table calls
-- @key id
-- @batch-size 10
-- @lock-timeout 1min
${directive}UPDATE calls SET seen = seen + 1 WHERE :batch;`,
  })
  const proxy = await startProxy(port)
  const rival = client()
  // A small message behind another may leave the client 40 ms later: https://www.rfc-editor.org/rfc/rfc896 (Nagle).
  const waiting = `SELECT FROM pg_stat_activity WHERE application_name LIKE '% backfill' AND wait_event_type = 'Lock'
    AND pg_catalog.clock_timestamp() > query_start + interval '300 ms'`
  try {
    await rival`BEGIN`
    await rival`SELECT FROM calls WHERE id = 15 FOR UPDATE`
    const throughProxy = url.replace(`:${port}/`, `:${proxy.port}/`)
    const running = runGate({
      folder,
      args: ['backfill', 'seen', '--strict'],
      environment: { DATABASE_URL: throughProxy },
    })
    await until(
      'a batch waits, with all that is sent behind it',
      async () => (await sql.unsafe(waiting)).length === 1 && proxy.unanswered() === onTheirWay,
    )
    await rival`COMMIT`
    expect((await running).exitCode).toBe(0)
    expect(await sql`SELECT seen, count(*)::int AS rows FROM calls GROUP BY seen`).toEqual([
      { seen: 1, rows: 40 },
    ])
  } finally {
    proxy.stop()
  }
})
