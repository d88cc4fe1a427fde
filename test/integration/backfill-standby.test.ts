// A real standby that stays behind: the backfill waits for it, and goes on when it has caught up.

import { afterAll, beforeAll, expect, test } from '@jest/globals'
import postgres from 'postgres'
import { fill, numbered } from '../support/backfill.ts'
import { until } from '../support/until.ts'
import { runGate, startGate, workFolder } from '../support/gate.ts'
import { password, startServer, superuser, type RunningServer } from '../support/servers.ts'
import { startStandby, type Standby } from '../support/standby.ts'

let primary: RunningServer
let standby: Standby
const clients: postgres.Sql[] = []

const connect = (port: number): postgres.Sql => {
  const client = postgres({
    ...{ host: '127.0.0.1', port, database: 'postgres', user: superuser, pass: password },
    ...{ max: 1, fetch_types: false, onnotice: () => undefined },
  })
  clients.push(client)
  return client
}

beforeAll(async () => {
  primary = await startServer('18', { wal_keep_size: '256MB' })
  standby = await startStandby(primary, connect(primary.port))
}, 60_000)

afterAll(async () => {
  for (const client of clients) await client.end({ timeout: 1 })
  await standby.stop()
  await primary.stop()
})

test('waits while a standby replays later than it may, and goes on when it has caught up', async () => {
  const sql = connect(primary.port)
  await sql.unsafe(numbered(2_000)).simple()
  const streaming = `SELECT 1 FROM pg_stat_replication WHERE state = 'streaming' AND replay_lsn IS NOT NULL`
  await until('it streams', async () => (await sql.unsafe(streaming)).length > 0)
  const there = connect(standby.port)
  await until('it has replayed the table', async () => {
    try {
      return (await there`SELECT FROM t LIMIT 1`).length > 0
    } catch {
      return false
    }
  })
  await there`SELECT pg_wal_replay_pause()`
  await sql`CREATE TABLE written (at timestamptz)`
  await until('it is behind', async () => {
    await sql`INSERT INTO written VALUES (now())`
    return (await sql`SELECT 1 FROM pg_stat_replication WHERE replay_lag > '1s'`).length > 0
  })

  const folder = workFolder({
    'migrations/backfills/fill.sql': fill('-- @batch-size 100\n-- @max-replication-lag 500ms\n'),
  })
  const environment = { DATABASE_URL: primary.url }
  const behind = await runGate({
    args: ['backfill', 'fill', '--strict', '--time-budget', '3s'],
    ...{ folder, environment },
  })
  expect(behind.exitCode).toBe(75)
  expect(behind.stderr).toContain(
    'BACKFILL fill waits: the standby is behind by more than @max-replication-lag',
  )
  expect(await sql`SELECT count(*)::int AS n FROM t WHERE filled = 1`).toEqual([{ n: 0 }])

  const gate = startGate({ args: ['backfill', 'fill', '--strict'], folder, environment })
  await until('it waits', () => gate.stderr().includes('BACKFILL fill waits'))
  await there`SELECT pg_wal_replay_resume()`
  expect(await gate.finished).toMatchObject({ exitCode: 0 })
  expect(await sql`SELECT updates, count(*)::int AS rows FROM t GROUP BY 1`).toEqual([
    { updates: 1, rows: 2_000 },
  ])
}, 90_000)

test('nothing can be filled on the standby itself, and it says so', async () => {
  const folder = workFolder({ 'migrations/backfills/other.sql': fill() })
  const environment = {
    DATABASE_URL: primary.url.replace(String(primary.port), String(standby.port)),
  }
  const { exitCode, stdout } = await runGate({
    args: ['backfill', '--all', '--strict'],
    folder,
    environment,
  })
  expect(exitCode).toBe(75)
  expect(stdout).toContain('does not accept writes: it is a standby (in recovery)')
})
