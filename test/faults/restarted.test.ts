// The server itself goes down in mid-run and comes back.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createDatabaseOn } from '../support/database.ts'
import { effectsHistory, expectExactlyOnce, holdTable } from '../support/effects.ts'
import { runGate, startGate, workFolder } from '../support/gate.ts'
import {
  postmasterOf,
  serverVersions,
  startServer,
  type RunningServer,
} from '../support/servers.ts'

describe.each(serverVersions)('PostgreSQL %s restarted in mid-run', (version) => {
  let server: RunningServer
  beforeAll(async () => {
    server = await startServer(version, { hot_standby: 'off' })
  })
  afterAll(async () => {
    await server.stop()
  })

  test.each(['fast', 'immediate'] as const)(
    'a restart (%s) in a statement: the leader exits 75 and does not reconnect, who waits for the lock exits 75, the re-run applies the rest',
    async (mode) => {
      const database = await createDatabaseOn(server)
      const { statement, environment, reached } = await holdTable(database)
      const history = effectsHistory(4)
      const third = 'migrations/0003_step.sql'
      const folder = workFolder({ ...history, [third]: `${String(history[third])}${statement}` })
      const leader = startGate({ folder, environment })
      await reached()
      const waiter = startGate({ folder, environment })
      await waiter.said('another process holds')
      await server.restart(mode)
      const ends = await Promise.all([leader.finished, waiter.finished])
      expect(ends.map(({ exitCode }) => exitCode)).toEqual([75, 75])
      expect(ends[0].stdout).toMatch(/error\[connection-lost\]: the (run|lock) connection/)
      expect(ends[0].stdout).toContain('in doubt       migrations/0004_step.sql')
      expect(ends[0].stderr.match(/Using DIRECT/g)).toHaveLength(1)
      const rows = await database.sql`SELECT version::int AS v FROM schemagate.schema_migrations`
      expect([...rows]).toEqual([{ v: 1 }, { v: 2 }])
      expect(await runGate({ folder, environment })).toMatchObject({ exitCode: 0 })
      await expectExactlyOnce(database, 4)
    },
  )

  test('a server that is starting up (57P03) is waited for', async () => {
    const { url } = await createDatabaseOn(server)
    const folder = workFolder({ 'migrations/1_a.sql': 'CREATE TABLE a (id int)' })
    // As a standby that nobody may read, it stays there until it is promoted.
    writeFileSync(join(server.folder, 'standby.signal'), '')
    const restarted = server.restart('fast')
    const gate = startGate({
      folder,
      environment: { DATABASE_URL: url, DATABASE_WAIT_SECONDS: '30' },
    })
    await gate.said('not accepting connections')
    writeFileSync(join(server.folder, 'promote'), '')
    process.kill(postmasterOf(server.folder), 'SIGUSR1')
    await restarted
    expect(await gate.finished).toMatchObject({ exitCode: 0 })
  })
})
