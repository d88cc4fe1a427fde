// DRIFT: the tables that pending files touch are compared with what the recorded files make of them, before the first statement and
// in the question that is asked anyway.

import { expect, test } from '@jest/globals'
import { createDatabase, databaseUrl, type TestDatabase } from '../support/database.ts'
import { runGate, workFolder, writeFiles, type Finished } from '../support/gate.ts'
import { startNetwork } from '../support/network.ts'
import { queriesIn } from '../support/sent.ts'
import { serverVersions } from '../support/servers.ts'

const recorded = {
  'migrations/0001_customer.sql': `CREATE SCHEMA app;
CREATE TABLE customer (id int PRIMARY KEY, name text NOT NULL, note text DEFAULT 'none');
CREATE TABLE app.orders (id int PRIMARY KEY, customer int REFERENCES customer);
CREATE TABLE other (id int, gone int);
`,
  'migrations/0002_more.sql': `CREATE INDEX by_note ON customer (note);
CREATE VIEW names AS SELECT name FROM customer;
ALTER TABLE other DROP COLUMN gone;
`,
}

const pending = { 'migrations/0003_phone.sql': 'ALTER TABLE customer ADD COLUMN phone text;\n' }

type Drift = {
  readonly kind: string
  readonly object: string
  readonly property?: string
  readonly expected?: string
  readonly found?: string
  readonly file?: string
  readonly line?: number
}

type Report = { readonly drift?: readonly Drift[]; readonly problems: readonly { code: string }[] }

type Scene = {
  readonly database: TestDatabase
  readonly folder: string
  readonly gate: (
    drift: string | undefined,
    ...args: string[]
  ) => Promise<Finished & { readonly report: Report }>
}

const scene = async (
  changes: string,
  files: Readonly<Record<string, string>> = pending,
  version: (typeof serverVersions)[number] = '15',
): Promise<Scene> => {
  const database = await createDatabase(version)
  const folder = workFolder(recorded)
  const gate: Scene['gate'] = async (drift, ...args) => {
    const environment = {
      DATABASE_URL: database.url,
      ...(drift === undefined ? {} : { DRIFT: drift }),
    }
    const finished = await runGate({ folder, args: [...args, '--json'], environment })
    return { ...finished, report: JSON.parse(finished.stdout) as Report }
  }
  expect(await gate(undefined, 'run')).toMatchObject({ exitCode: 0 })
  await database.sql.unsafe(changes)
  writeFiles(folder, files)
  return { database, folder, gate }
}

const base = 'migrations/0001_customer.sql'
const more = 'migrations/0002_more.sql'
const note = {
  ...{ kind: 'different', object: 'column customer.note', property: 'type' },
  ...{ expected: 'text', found: 'character varying(50)', file: base, line: 2 },
}
const changeNote = 'ALTER TABLE customer ALTER COLUMN note TYPE varchar(50)'

test.each(serverVersions)(
  'PostgreSQL %s: fail refuses before anything is written',
  async (version) => {
    const { database, gate } = await scene(changeNote, pending, version)
    const { exitCode, stderr, report } = await gate('fail', 'run')
    expect(exitCode).toBe(4)
    expect(report.problems).toMatchObject([{ code: 'drifted' }])
    expect(report.drift).toMatchObject([note])
    expect(stderr).toContain(
      'drift: column customer.note, type: character varying(50) in the database',
    )
    expect(
      await database.sql`SELECT count(*)::int AS rows FROM schemagate.schema_migrations`,
    ).toEqual([{ rows: 2 }])
    expect(
      await database.sql`SELECT FROM pg_attribute WHERE attrelid = 'customer'::regclass AND attname = 'phone'`,
    ).toHaveLength(0)
  },
)

test('warn logs what differs with the file that should have made it, and runs', async () => {
  const { gate } = await scene(`${changeNote}; DROP INDEX by_note;
    CREATE INDEX hot_fix ON customer (name); ALTER TABLE customer ADD COLUMN by_hand int`)
  const { exitCode, stderr, report } = await gate('warn', 'run')
  expect(exitCode).toBe(0)
  expect(report.drift).toMatchObject([
    note,
    { kind: 'missing', object: 'index by_note', file: more, line: 1 },
    { kind: 'extra', object: 'column customer.by_hand' },
    { kind: 'extra', object: 'index hot_fix' },
  ])
  for (const words of [
    `drift: column customer.note, type: character varying(50) in the database, text by ${base}:2`,
    `drift: index by_note is missing; ${more}:1 makes it`,
    'drift: column customer.by_hand exists, and no recorded file makes it',
  ])
    expect(stderr).toContain(words)
})

test('off, the default, compares nothing', async () => {
  const { gate } = await scene(changeNote)
  const { exitCode, report, stderr } = await gate(undefined, 'run')
  expect({ exitCode, drift: report.drift }).toEqual({ exitCode: 0, drift: undefined })
  expect(stderr).not.toContain('drift')
})

test('only tables that pending files touch are compared', async () => {
  const { gate } = await scene(
    `${changeNote}; ALTER TABLE other ADD COLUMN by_hand int; DROP VIEW names`,
    { 'migrations/0003_orders.sql': 'CREATE INDEX ON app.orders (customer);\n' },
  )
  expect(await gate('fail', 'run')).toMatchObject({ exitCode: 0 })
})

test.each([
  ['rows are written', 'INSERT INTO customer (id, name) VALUES (1, $$a$$);'],
  ['a foreign key refers to it', 'CREATE TABLE late (customer int REFERENCES customer);'],
  ['its index is dropped', 'DROP INDEX by_note;'],
  ['a DO block alters it', 'DO $$ BEGIN ALTER TABLE customer ADD COLUMN z int; END $$;'],
  ['it is commented on', "COMMENT ON TABLE public.customer IS 'who buys';"],
  ['a view reads it', 'CREATE VIEW ids AS SELECT id FROM customer;'],
])('a table counts as touched where %s', async (_, text) => {
  const { gate } = await scene(changeNote, { 'migrations/0003_touch.sql': `${text}\n` })
  const { exitCode, report } = await gate('fail', 'run')
  expect({ exitCode, drift: report.drift }).toMatchObject({ exitCode: 4, drift: [note] })
})

test.each([
  ['what the pending file makes itself', 'ALTER TABLE customer ADD COLUMN phone text', pending],
  [
    'what the pending file changes itself',
    'ALTER TABLE customer ALTER COLUMN note DROP DEFAULT',
    {
      'migrations/0003_default.sql':
        'ALTER TABLE customer ALTER COLUMN note DROP DEFAULT, ADD COLUMN IF NOT EXISTS x int;\n',
    },
  ],
  [
    'what drift.ignore names',
    changeNote,
    { ...pending, 'migrations/drift.ignore': 'customer.note\n' },
  ],
  [
    'what migrations/objects defines',
    `CREATE FUNCTION touched() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
     CREATE TRIGGER touch BEFORE UPDATE ON customer FOR EACH ROW EXECUTE FUNCTION touched()`,
    {
      ...pending,
      'migrations/objects/touch.sql':
        'CREATE TRIGGER touch BEFORE UPDATE ON customer FOR EACH ROW EXECUTE FUNCTION touched();\n',
    },
  ],
] as const)('%s is not drift', async (_, changes, files) => {
  const { gate } = await scene(changes, files)
  const { exitCode, report } = await gate('fail', 'run')
  expect({ exitCode, drift: report.drift }).toEqual({ exitCode: 0, drift: undefined })
})

test('plan shows the same, and that a run would refuse', async () => {
  const { gate, folder, database } = await scene(changeNote)
  const warned = await gate('warn', 'plan')
  expect(warned.exitCode).toBe(0)
  expect(warned.report.drift).toMatchObject([note])
  const failed = await gate('fail', 'plan')
  expect(failed.exitCode).toBe(4)
  expect(failed.report.problems).toMatchObject([{ code: 'drifted' }])
  const environment = { DATABASE_URL: database.url, DRIFT: 'warn' }
  const text = await runGate({ folder, args: ['plan'], environment })
  expect(text.stdout).toContain(
    `drift   column customer.note, type: character varying(50) in the database, text by ${base}:2`,
  )
  expect(await gate('fail', 'doctor')).toMatchObject({ exitCode: 4 })
})

test('a drift.ignore that cannot be read ends the run before the database is asked', async () => {
  const { folder } = await scene(changeNote, { ...pending, 'migrations/drift.ignore/x': '' })
  const environment = { DATABASE_URL: 'postgresql://u@127.0.0.1:1/none', DRIFT: 'warn' }
  const { exitCode, stdout } = await runGate({ folder, args: ['run'], environment })
  expect(exitCode).toBe(2)
  expect(stdout).toContain('error[unreadable-drift-ignore]')
})

test.each([
  ['that define something', pending],
  ['that only write rows', { 'migrations/0003_row.sql': 'INSERT INTO other VALUES (1);\n' }],
])('of files %s it costs no message more', async (_, files) => {
  const messages = async (drift: string): Promise<number> => {
    const { database, folder } = await scene('SELECT 1', files)
    const network = await startNetwork(database.port)
    const url = databaseUrl(network.port, database.name)
    const run = await runGate({ folder, environment: { DATABASE_URL: url, DRIFT: drift } })
    expect(run.exitCode).toBe(0)
    return network.connections().flatMap(({ sent }) => queriesIn(sent())).length
  }
  const without = await messages('off')
  expect(without).toBeGreaterThan(5)
  expect(await messages('fail')).toBe(without)
})
