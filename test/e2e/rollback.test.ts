import { expect, test } from '@jest/globals'
import { database, folderWith, runGate } from './support/gate-container.ts'

test('an older image on a newer schema: says so, applies nothing, exits 0', async () => {
  const { containerUrl, sql } = await database()
  const environment = { DATABASE_URL: containerUrl }
  const older = { '0001_a.sql': 'CREATE TABLE a (id int);' }
  const newer = { ...older, '0002_b.sql': 'ALTER TABLE a ADD COLUMN name text;' }
  const migrated = await runGate({ migrations: folderWith(newer), environment })
  expect(migrated.exitCode).toBe(0)
  const before = await sql`SELECT * FROM schemagate.schema_migrations`
  const rolledBack = await runGate({ migrations: folderWith(older), environment })
  expect(rolledBack.exitCode).toBe(0)
  expect(rolledBack.output).toContain('a newer release has run here; that is allowed')
  expect(rolledBack.output).not.toContain('Acquired migration lock')
  expect(await sql`SELECT * FROM schemagate.schema_migrations`).toEqual(before)
})
