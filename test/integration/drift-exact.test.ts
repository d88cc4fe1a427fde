// `drift --exact`: the recorded files run in a scratch database, and the two catalogs are compared; what no text shows is seen, too.

import { expect, test } from '@jest/globals'
import { cpSync } from 'node:fs'
import { join } from 'node:path'
import {
  administrator,
  createDatabase,
  databaseUrl,
  type TestDatabase,
} from '../support/database.ts'
import {
  runGate,
  sampleHistory,
  temporaryFolder,
  workFolder,
  writeFiles,
  type Files,
} from '../support/gate.ts'
import { pgDump, psql } from '../support/pg-dump.ts'
import { serverVersions, type ServerVersion } from '../support/servers.ts'

const dynamic = 'migrations/0002_dynamic.sql'

const files: Files = {
  'migrations/0001_customer.sql': `CREATE SCHEMA app;
CREATE TABLE app.customer (id int PRIMARY KEY, note text);
CREATE TABLE ran (at timestamptz);
`,
  [dynamic]: `DO $$ BEGIN
  EXECUTE 'ALTER TABLE app.customer ADD COLUMN phone text';
  EXECUTE 'CREATE INDEX by_' || 'phone ON app.customer (phone)';
END $$;
INSERT INTO ran VALUES (now());
`,
  'migrations/objects/notes.sql': 'CREATE VIEW app.notes AS SELECT note FROM app.customer;\n',
}

type Report = {
  readonly exit_code: number
  readonly differences: readonly {
    readonly kind: string
    readonly object: string
    readonly expected?: string
    readonly found?: string
    readonly file?: string
  }[]
  readonly unsure: readonly unknown[]
  readonly unseen: readonly unknown[]
}

const scratchOn = async (version: ServerVersion): Promise<string> =>
  databaseUrl((await createDatabase(version)).port, 'postgres')

const migrated = async (
  version: ServerVersion,
): Promise<{ readonly database: TestDatabase; readonly folder: string }> => {
  const database = await createDatabase(version)
  const folder = workFolder(files)
  const environment = { DATABASE_URL: database.url }
  expect(await runGate({ folder, environment })).toMatchObject({ exitCode: 0 })
  return { database, folder }
}

const exactly = async (
  { url }: Pick<TestDatabase, 'url'>,
  folder: string,
  scratch: string | undefined,
  ...args: string[]
) => {
  const environment = {
    DATABASE_URL: url,
    ...(scratch === undefined ? {} : { SCRATCH_URL: scratch }),
  }
  return runGate({ folder, args: ['drift', '--exact', ...args], environment })
}

const reportOf = async (...asked: Parameters<typeof exactly>): Promise<Report> => {
  const { stdout, exitCode } = await exactly(...asked, '--json')
  const report = JSON.parse(stdout) as Report
  expect(report.exit_code).toBe(exitCode)
  return report
}

test.each(serverVersions)(
  'PostgreSQL %s: what the files alone have made has none',
  async (version) => {
    const { database, folder } = await migrated(version)
    const { exitCode, stdout, stderr } = await exactly(database, folder, await scratchOn(version))
    expect({ exitCode, stdout }).toMatchObject({ exitCode: 0 })
    expect(stdout).toMatch(/^no drift: \d+ objects as 3 recorded files make them\n/)
    const [, name = ''] = /(schemagate_scratch_\w+)/.exec(stderr) ?? []
    expect(name).not.toBe('')
    expect(
      await administrator(version)`SELECT FROM pg_database WHERE datname = ${name}`,
    ).toHaveLength(0)
    // In the database nothing ran a second time.
    expect(await database.sql`SELECT count(*)::int AS times FROM ran`).toEqual([{ times: 1 }])
  },
)

test('what a DO block made and somebody changed is named, with the lines that differ', async () => {
  const { database, folder } = await migrated('15')
  await database.sql.unsafe(`DROP INDEX app.by_phone;
    ALTER TABLE app.customer ALTER COLUMN phone SET NOT NULL;
    CREATE OR REPLACE VIEW app.notes AS SELECT note FROM app.customer WHERE id > 1;
    CREATE FUNCTION app.hot_fix(a int) RETURNS int LANGUAGE sql AS 'SELECT a'`)
  const scratch = await scratchOn('15')
  const report = await reportOf(database, folder, scratch)
  expect(report).toMatchObject({ exit_code: 3, unsure: [], unseen: [] })
  expect(report.differences).toHaveLength(4)
  expect(report.differences).toEqual(
    expect.arrayContaining([
      expect.objectContaining({
        ...{ kind: 'different', object: 'table app.customer' },
        ...{ expected: 'phone text', found: 'phone text NOT NULL' },
        file: 'migrations/0001_customer.sql',
      }),
      expect.objectContaining({ kind: 'missing', object: 'index app.by_phone' }),
      expect.objectContaining({
        ...{ kind: 'different', object: 'view app.notes', file: 'migrations/objects/notes.sql' },
      }),
      expect.objectContaining({ kind: 'extra', object: 'function app.hot_fix(a integer)' }),
    ]),
  )
  const text = await exactly(database, folder, scratch)
  expect(text.stdout).toContain('files:    phone text\n')
  expect(text.stdout).toContain('database: phone text NOT NULL\n')
  writeFiles(folder, { 'migrations/drift.ignore': 'app.*\n' })
  expect(await reportOf(database, folder, scratch)).toMatchObject({ exit_code: 0, differences: [] })
})

test('files that are not recorded do not run in the scratch database', async () => {
  const { database, folder } = await migrated('15')
  writeFiles(folder, { 'migrations/0003_later.sql': 'CREATE TABLE later (a int);\n' })
  const { exitCode, stdout } = await exactly(database, folder, await scratchOn('15'))
  expect({ exitCode, stdout }).toMatchObject({ exitCode: 0 })
  expect(stdout).toContain('1 pending file not looked at')
})

test('what a changed file makes cannot be told until it has run', async () => {
  const { database, folder } = await migrated('15')
  writeFiles(folder, {
    'migrations/objects/notes.sql': 'CREATE VIEW app.notes AS SELECT note, id FROM app.customer;\n',
  })
  const scratch = await scratchOn('15')
  expect(await reportOf(database, folder, scratch)).toMatchObject({
    ...{ exit_code: 0, differences: [], unseen: [] },
    unsure: [{ kind: 'extra', object: 'view app.notes' }],
  })
  const text = await exactly(database, folder, scratch)
  expect(text.stdout).toContain(
    'perhaps by migrations/objects/notes.sql:1, which has changed since it ran, and runs again',
  )
  await database.sql.unsafe('ALTER TABLE app.customer ALTER COLUMN phone SET NOT NULL')
  expect((await reportOf(database, folder, scratch)).differences).toMatchObject([
    { kind: 'different', object: 'table app.customer' },
  ])
  await database.sql.unsafe('ALTER TABLE app.customer ALTER COLUMN phone DROP NOT NULL')
  const environment = { DATABASE_URL: database.url }
  expect(await runGate({ folder, environment })).toMatchObject({ exitCode: 0 })
  const after = await reportOf(database, folder, scratch)
  expect(after).toMatchObject({ exit_code: 0, differences: [], unsure: [] })
})

test('the sample history, restored from a dump, has none', async () => {
  const folder = temporaryFolder()
  cpSync(sampleHistory, join(folder, 'migrations'), { recursive: true })
  const made = await createDatabase('15')
  const run = await runGate({ folder, environment: { DATABASE_URL: made.url } })
  expect(run.exitCode).toBe(0)
  const restored = await createDatabase('15')
  psql(restored, pgDump(made))
  const environment = { DATABASE_URL: restored.url }
  expect(await runGate({ folder, args: ['adopt'], environment })).toMatchObject({ exitCode: 0 })
  const { exitCode, stdout } = await exactly(restored, folder, await scratchOn('15'))
  expect({ exitCode, stdout }).toMatchObject({ exitCode: 0 })
})

test('without a scratch server, and on one of another version, it refuses', async () => {
  const { database, folder } = await migrated('15')
  const none = await exactly(database, folder, undefined)
  expect(none.exitCode).toBe(2)
  expect(none.stdout).toContain('error[no-scratch-server]: schemagate drift --exact needs a server')
  const newer = await exactly(database, folder, await scratchOn('18'))
  expect(newer.exitCode).toBe(2)
  expect(newer.stdout).toContain('it is PostgreSQL 18, and the database is PostgreSQL 15')
})
