// Databases of other encodings than UTF-8: files with text that they have, and with text that they lack.

import { describe, expect, test } from '@jest/globals'
import { createDatabase, type TestDatabase } from '../support/database.ts'
import { runGate, workFolder, type Finished } from '../support/gate.ts'
import { serverVersions, type ServerVersion } from '../support/servers.ts'

const encoded = (version: ServerVersion, encoding: string): Promise<TestDatabase> =>
  createDatabase(version, `template0 ENCODING '${encoding}' LC_COLLATE 'C' LC_CTYPE 'C'`)

const gateOn = ({ url }: TestDatabase, text: string): ((command: string) => Promise<Finished>) => {
  const folder = workFolder({ 'migrations/1_a.sql': text })
  return (command) => runGate({ args: [command], folder, environment: { DATABASE_URL: url } })
}

const text = `CREATE TABLE été (à int, n text DEFAULT 'é'); INSERT INTO été VALUES (1, 'ô'); -- ü
CREATE INDEX IF NOT EXISTS où ON été (à) WHERE n <> 'ï';`

describe.each(serverVersions)('a database on PostgreSQL %s', (version) => {
  test.each(['LATIN1', 'EUC_JP', 'SQL_ASCII'])(
    'of %s takes, verifies and recognises what it has',
    async (encoding) => {
      const database = await encoded(version, encoding)
      const gate = gateOn(database, text)
      expect(await gate('plan')).toMatchObject({ exitCode: 0 })
      expect(await gate('run')).toMatchObject({ exitCode: 0 })
      expect(await gate('doctor')).toMatchObject({ exitCode: 0 })
      await database.sql.unsafe('DROP SCHEMA schemagate CASCADE')
      const adopted = await gate('adopt')
      expect(adopted.stdout).toContain('reconciled  migrations/1_a.sql')
      expect(await database.sql.unsafe('SELECT n FROM été')).toEqual([{ n: 'ô' }])
    },
  )

  test.each([
    ['in one transaction', ''],
    ['statement by statement', '-- @transaction off\n'],
  ])('says where a file has a character that its encoding lacks, %s', async (_, directive) => {
    const database = await encoded(version, 'LATIN1')
    const gate = gateOn(database, `${directive}CREATE TABLE é (a /* 5 € */ int);\nSELECT 1;\n`)
    const { exitCode, stdout } = await gate('run')
    const line = directive === '' ? 1 : 2
    expect(exitCode).toBe(1)
    expect(stdout).toContain(`--> migrations/1_a.sql:${line}:24`)
    expect(stdout).toContain("The database's encoding has no such character.")
  })

  test('is read in its own encoding, whatever the role asks for', async () => {
    const database = await encoded(version, 'UTF8')
    await database.sql.unsafe(
      `DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET client_encoding = ''LATIN1''', current_database()); END $$`,
    )
    const gate = gateOn(database, "CREATE TABLE t AS SELECT '€é中'::text AS n")
    expect(await gate('run')).toMatchObject({ exitCode: 0 })
    expect(await database.sql.unsafe('SELECT n, length(n) FROM t')).toEqual([
      { n: '€é中', length: 3 },
    ])
  })
})
