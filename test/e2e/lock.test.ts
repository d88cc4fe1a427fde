import { expect, test } from '@jest/globals'
import { readdirSync } from 'node:fs'
import { until } from '../support/database.ts'
import { sampleHistory } from '../support/gate.ts'
import { database, folderWith, runGate, startGate } from './support/gate-container.ts'

test('a busy lock: 75 by default, 0 with a warning under skip; the leader is not disturbed', async () => {
  const { containerUrl, sql, client } = await database()
  await sql`CREATE TABLE busy (id int)`
  const migrations = folderWith({ '0001_busy.sql': 'ALTER TABLE busy ADD COLUMN name text;' })
  const rival = client()
  await rival`BEGIN`
  await rival`LOCK TABLE busy`
  const environment = { DATABASE_URL: containerUrl, MIGRATION_LOCK_TIMEOUT: '5min' }
  const leader = startGate({ migrations, environment })
  const waiting = `SELECT FROM pg_locks WHERE relation = 'busy'::regclass AND NOT granted`
  await until('the leader is at work', async () => (await sql.unsafe(waiting)).length === 1, 30_000)

  const impatient = { ...environment, MIGRATION_LOCK_WAIT_SECONDS: '1' }
  const failed = await runGate({ migrations, environment: impatient })
  expect(failed.exitCode).toBe(75)
  expect(failed.output).toContain('another process holds the migration lock')
  expect(failed.output).toContain('Could not acquire lock in time')
  const skipping = { ...impatient, MIGRATION_ON_LOCK_TIMEOUT: 'skip' }
  const skipped = await runGate({ migrations, environment: skipping })
  expect(skipped.exitCode).toBe(0)
  expect(skipped.output).toContain('skipping migrations')

  await rival`ROLLBACK`
  expect((await leader.finished).exitCode).toBe(0)
  // Nothing pending: whoever holds the lock does not matter.
  expect((await runGate({ migrations, environment: impatient })).exitCode).toBe(0)
})

test('five replicas at once: each file is applied by one of them, and all of them let their service start', async () => {
  const { containerUrl, sql } = await database()
  const environment = { DATABASE_URL: containerUrl, MIGRATION_LOCK_WAIT_SECONDS: '60' }
  const gates = await Promise.all(
    Array.from({ length: 5 }, () => runGate({ migrations: sampleHistory, environment })),
  )
  expect(gates.map(({ exitCode }) => exitCode)).toEqual([0, 0, 0, 0, 0])
  const files = readdirSync(sampleHistory).filter((file) => file.endsWith('.sql'))
  const applied = gates.flatMap(({ output }) => output.match(/applied migrations\/\S+ in/g) ?? [])
  expect(applied).toHaveLength(files.length)
  const recorded = await sql`SELECT version FROM schemagate.schema_migrations`
  expect(recorded).toHaveLength(files.length)
})
