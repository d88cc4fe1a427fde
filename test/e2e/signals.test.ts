import { expect, test } from '@jest/globals'
import { until } from '../support/database.ts'
import { command, docker } from './support/command.ts'
import { database, folderWith, runGate, startGate } from './support/gate-container.ts'

const running = `SELECT FROM pg_stat_activity
  WHERE datname = current_database() AND wait_event = 'PgSleep'`

test('docker stop in mid-migration: 143, rolled back, and the plain re-run is the repair', async () => {
  const { containerUrl, sql } = await database()
  const environment = { DATABASE_URL: containerUrl }
  await sql`CREATE TABLE gate_is_open ()`
  // Sleeps for as long as the table is there.
  const slow = `CREATE TABLE half (id int);
DO $$ BEGIN IF to_regclass('gate_is_open') IS NOT NULL THEN PERFORM pg_sleep(600); END IF; END $$;`
  const migrations = folderWith({ '0001_slow.sql': slow })
  const gate = startGate({ migrations, environment })
  await until('the migration runs', async () => (await sql.unsafe(running)).length === 1, 30_000)
  const start = Date.now()
  await docker('stop', '--time', '30', gate.name)
  // Not killed after the grace period.
  expect(Date.now() - start).toBeLessThan(15_000)
  const { output } = await gate.finished
  expect(await gate.exitCode()).toBe(143)
  expect(output).toContain('STOPPING')
  expect(output).toMatch(/SIGTERM/)
  expect(await sql.unsafe(running)).toHaveLength(0)
  expect(await sql`SELECT to_regclass('half') AS half`).toEqual([{ half: null }])
  expect(await sql`SELECT FROM schemagate.schema_migrations`).toHaveLength(0)

  await sql`DROP TABLE gate_is_open`
  expect(await runGate({ migrations, environment })).toMatchObject({ exitCode: 0 })
  expect(await sql`SELECT state FROM schemagate.schema_migrations`).toEqual([{ state: 'applied' }])
})

test('docker stop while it waits for a database that is not there: 143 at once', async () => {
  const migrations = folderWith({ '0001_a.sql': 'CREATE TABLE a (id int);' })
  const environment = {
    DATABASE_URL: 'postgresql://app@no-such-host:5432/app',
    DATABASE_WAIT_SECONDS: '600',
  }
  const gate = startGate({ migrations, environment })
  await until('it waits', async () => /waiting|retry/i.test(await gate.logs()), 30_000)
  const stopped = await command('docker', ['stop', '--time', '30', gate.name])
  expect(stopped.durationMs).toBeLessThan(15_000)
  await gate.finished
  expect(await gate.exitCode()).toBe(143)
})

test('docker kill in mid-migration: the server ends the statement, and the plain re-run is the repair', async () => {
  const { containerUrl, sql } = await database()
  const environment = { DATABASE_URL: containerUrl }
  await sql`CREATE TABLE gate_is_open ()`
  const slow = `CREATE TABLE half (id int);
DO $$ BEGIN IF to_regclass('gate_is_open') IS NOT NULL THEN PERFORM pg_sleep(600); END IF; END $$;`
  const migrations = folderWith({ '0001_slow.sql': slow })
  const gate = startGate({ migrations, environment })
  await until('the migration runs', async () => (await sql.unsafe(running)).length === 1, 30_000)
  await docker('kill', gate.name)
  await gate.finished
  expect(await gate.exitCode()).toBe(137)
  await sql`DROP TABLE gate_is_open`
  expect(await runGate({ migrations, environment })).toMatchObject({ exitCode: 0 })
  expect(await sql`SELECT to_regclass('half')::text AS half`).toEqual([{ half: 'half' }])
})
