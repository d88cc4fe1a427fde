// Databases of other encodings than UTF-8: files with text that they have, and with text that they lack.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import {
  administrator,
  createDatabase,
  databaseUrl,
  type TestDatabase,
} from '../support/database.ts'
import { runGate, workFolder, type Finished } from '../support/gate.ts'
import { startPooler } from '../support/pooler.ts'
import { withRoles } from '../support/roles.ts'
import { serverVersions, type ServerVersion } from '../support/servers.ts'

const encoded = (version: ServerVersion, encoding: string): Promise<TestDatabase> =>
  createDatabase(version, `template0 ENCODING '${encoding}' LC_COLLATE 'C' LC_CTYPE 'C'`)

const gateOn = ({ url }: TestDatabase, text: string): ((command: string) => Promise<Finished>) => {
  const folder = workFolder({ 'migrations/1_a.sql': text })
  return (command) => runGate({ args: [command], folder, environment: { DATABASE_URL: url } })
}

const text = `CREATE TABLE été (à int, n text DEFAULT 'é'); INSERT INTO été VALUES (1, 'ô'); -- ü
CREATE INDEX IF NOT EXISTS où ON été (à) WHERE n <> 'ï';`

// Of 63 bytes and less in these encodings, and of more in UTF-8; what they differ in is behind the 63rd byte of UTF-8. 外 has two
// bytes in EUC_JP, 丂 three as in UTF-8.
const longNames = [
  ['LATIN1', 'é'.repeat(50)],
  ['LATIN9', `${'ü'.repeat(30)}_€`],
  ['EUC_JP', '外'.repeat(29)],
  ['EUC_JP', `${'外'.repeat(20)}丂丂`],
  ['EUC_KR', '가'.repeat(29)],
] as const

const historyWith = (name: string): Readonly<Record<string, string>> => ({
  'migrations/1_a.sql': `CREATE TABLE ${name} (id int PRIMARY KEY, ${name}1 int UNIQUE CHECK (${name}1 > 0), "${name}2" int);
CREATE TABLE ${name}2 (id int REFERENCES ${name}, ${name}1 int, UNIQUE (id, ${name}1));
COMMENT ON COLUMN ${name}2.${name}1 IS '${name}';`,
  'migrations/2_b.sql': `ALTER TABLE ${name} RENAME ${name}1 TO ${name}3;
ALTER TABLE ${name} ALTER ${name}3 SET NOT NULL, ALTER "${name}2" SET DEFAULT 1, ADD CONSTRAINT ${name}4 CHECK (${name}3 < 9);
CREATE INDEX IF NOT EXISTS ${name}i ON ${name} (${name}3);
CREATE VIEW ${name}v AS SELECT ${name}3 FROM ${name};`,
  'migrations/3_c.sql': `-- @transaction off
CREATE INDEX CONCURRENTLY ${name}j ON ${name} ("${name}2");`,
  'migrations/indexes/k.sql': `CREATE INDEX CONCURRENTLY IF NOT EXISTS ${name}k ON ${name} (${name}3);`,
  'migrations/backfills/b.sql': `-- @table ${name}
-- @key id
UPDATE ${name} SET "${name}2" = 7 WHERE :batch;`,
})

// Each file leaves the session to the next.
const encodedHistory = {
  'migrations/1_a.sql': `CREATE TABLE "été中" (id text PRIMARY KEY, n text DEFAULT 'ä中', ç text); INSERT INTO "été中" VALUES ('à', '€é中');`,
  'migrations/2_b.sql': `INSERT INTO "été中" VALUES ('à中', 'ô中'); CREATE INDEX IF NOT EXISTS où ON "été中" (n) WHERE n <> 'ï中';`,
  'migrations/3_c.sql': `-- @transaction off\nINSERT INTO "été中" VALUES ('ä', 'ü中');\nCREATE INDEX CONCURRENTLY "où中" ON "été中" (ç);`,
  'migrations/4_d.sql': `INSERT INTO "été中" VALUES ('é', 'ö中');`,
  'migrations/backfills/b.sql': `-- @table "été中"\n-- @key id\n-- @batch-size 1\nUPDATE "été中" SET ç = n WHERE :batch;`,
}

const chosenNames = `SELECT string_agg(conname, ',' ORDER BY conname) AS names FROM pg_constraint WHERE connamespace = 'public'::regnamespace`

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

  test.each(longNames)('of %s cuts a name where it has 63 bytes of its own: %s', async (...of) => {
    const [encoding, name] = of
    const database = await encoded(version, encoding)
    const { sql, url } = database
    const folder = workFolder(historyWith(name))
    const gate = (...args: readonly string[]): Promise<Finished> =>
      runGate({ args, folder, environment: { DATABASE_URL: url } })
    expect(await gate('run')).toMatchObject({ exitCode: 0 })
    await sql.unsafe(`INSERT INTO ${name} VALUES (1, 1, 1)`)
    expect(await gate('indexes')).toMatchObject({ exitCode: 0 })
    expect((await gate('indexes')).stdout).toContain('1 declared index, all there and valid')
    expect(await gate('backfill', 'b')).toMatchObject({ exitCode: 0 })
    expect(await sql.unsafe(`SELECT "${name}2" AS n FROM ${name}`)).toEqual([{ n: 7 }])
    await sql.unsafe('DROP SCHEMA schemagate CASCADE')
    const adopted = await gate('run')
    expect(adopted).toMatchObject({ exitCode: 0 })
    expect(adopted.stdout.match(/reconciled {2}migrations/g)).toHaveLength(3)
    // The names that the server has chosen are those that the files may use.
    const [row] = await sql.unsafe(chosenNames)
    const drops = String(row?.['names'])
      .split(',')
      .filter((each) => each.endsWith('_check') || each.endsWith('3_key'))
      .map((each) => `ALTER TABLE ${name} DROP CONSTRAINT "${each}";`)
    writeFileSync(join(folder, 'migrations/4_d.sql'), drops.join('\n'))
    expect(await gate('run')).toMatchObject({ exitCode: 0 })
    await sql.unsafe('DROP SCHEMA schemagate CASCADE')
    const again = await gate('run')
    expect(again.stdout.match(/reconciled {2}migrations/g)).toHaveLength(4)
  })

  test.each([
    ['the database', 'straight to the server', {}],
    ['the database', 'through a pooler', {}],
    ['the role', 'straight to the server', {}],
    ['the role', 'through a pooler', {}],
    ['the role', 'straight to the server', { PGCLIENTENCODING: 'auto' }],
    ['PGOPTIONS', 'straight to the server', { PGOPTIONS: '-c client_encoding=LATIN1' }],
  ])('is read as UTF-8, whatever client_encoding %s asks for, %s', async (who, how, more) => {
    await withRoles(version, async ({ database: { name, port, sql }, login, owner }) => {
      const admin = administrator(version)
      if (who === 'the database')
        await admin.unsafe(`ALTER DATABASE ${name} SET client_encoding = 'LATIN1'`)
      if (who === 'the role')
        await admin.unsafe(
          `ALTER ROLE ${login} SET client_encoding = 'LATIN1'; ALTER ROLE "${owner}" SET client_encoding = 'LATIN1'`,
        )
      await sql.unsafe(`GRANT CREATE, USAGE ON SCHEMA public TO "${owner}", ${login}`)
      const pooler = await startPooler(port, 2, {}, { [login]: 'pw' })
      try {
        const through = how === 'through a pooler' ? pooler.port : port
        const gate = (command: string, ...args: readonly string[]): Promise<Finished> =>
          runGate({
            args: [command, ...args],
            folder,
            environment: { DATABASE_URL: databaseUrl(through, name, login, 'pw'), ...more },
          })
        const folder = workFolder(encodedHistory)
        expect(await gate('run')).toMatchObject({ exitCode: 0 })
        expect(await gate('backfill', 'b')).toMatchObject({ exitCode: 0 })
        const rows = await sql.unsafe(`SELECT n, length(n) AS l, ç FROM "été中" ORDER BY id`)
        expect(rows.map((row): unknown[] => [row['n'], row['l'], row['ç']])).toEqual([
          ['€é中', 3, '€é中'],
          ['ô中', 2, 'ô中'],
          ['ü中', 2, 'ü中'],
          ['ö中', 2, 'ö中'],
        ])
        await sql.unsafe('DROP SCHEMA schemagate CASCADE')
        expect((await gate('adopt')).stdout).toContain('reconciled  migrations/1_a.sql')
      } finally {
        await pooler.stop()
      }
    })
  })

  test.each([
    ['PGCLIENTENCODING', { PGCLIENTENCODING: 'LATIN1' }],
    ['the URL', { DATABASE_URL: 'postgresql://u@127.0.0.1:1/d?client_encoding=LATIN1' }],
  ])('is not asked where %s says that files are of another encoding', async (_, environment) => {
    const { exitCode, stdout } = await runGate({
      args: ['run'],
      folder: workFolder(encodedHistory),
      environment: { DATABASE_URL: 'postgresql://u@127.0.0.1:1/d', ...environment },
    })
    expect(exitCode).toBe(2)
    expect(stdout).toMatch(/CLIENTENCODING|client_encoding/)
    expect(stdout).toContain('migration files are UTF-8')
  })
})
