import { expect, test } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { database, folderWith, runGate, writableFile } from './support/gate-container.ts'

test('the termination message holds the cause, in at most 4,096 bytes', async () => {
  const { containerUrl } = await database()
  const environment = { DATABASE_URL: containerUrl }
  const message = writableFile('termination-log')
  const options = ['--volume', `${message}:/dev/termination-log`]
  // Ten thousand bytes of message from the server.
  const broken = `CREATE TABLE a (id int);
DO $$ BEGIN RAISE EXCEPTION 'ö%', repeat('ö', 5000) USING ERRCODE = '22012'; END $$;`
  const failing = folderWith({ '0001_broken.sql': broken })
  const failed = await runGate({ migrations: failing, environment, options })
  expect(failed.exitCode).toBe(1)
  const written = readFileSync(message)
  expect(written.length).toBeGreaterThan(50)
  expect(written.length).toBeLessThanOrEqual(4096)
  expect(written.toString()).toContain('migrations/0001_broken.sql')
  expect(written.toString()).toContain('22012')
  // Cut between two characters, not inside one.
  expect(written.toString()).not.toContain('\uFFFD')

  const repaired = folderWith({ '0001_broken.sql': 'CREATE TABLE a (id int);' })
  expect(await runGate({ migrations: repaired, environment, options })).toMatchObject({
    exitCode: 0,
  })
  expect(readFileSync(message, 'utf8')).not.toContain('22012')
})
