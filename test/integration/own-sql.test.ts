// Nobody else's operators, functions, types or tables stand in the way of our SQL, and what promises to change nothing cannot.

import { expect, test } from '@jest/globals'
import { cpSync, mkdirSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import postgres from 'postgres'
import { loadParser } from '../../src/sql/tree/parse.ts'
import {
  until,
  administrator,
  createDatabase,
  databaseUrl,
  type TestDatabase,
} from '../support/database.ts'
import { readingOnly } from '../support/first-question.ts'
import { normalised, runGate, startGate, workFolder, writeFiles } from '../support/gate.ts'
import { startNetwork } from '../support/network.ts'
import { unsafeIn } from '../support/own-names.ts'
import { startPooler } from '../support/pooler.ts'
import { queriesIn } from '../support/sent.ts'
import { firedIn, setTraps, temporaryTraps } from '../support/traps.ts'

const patience = 600_000
const version = '15'
const project = join(import.meta.dirname, '../..')
const parse = await loadParser()

const contract = {
  service: 'api',
  tables: {
    app_calls: {
      columns: { id: { type: 'bigint', nullable: false }, seen: { default: '0' } },
      indexes: { app_calls_seen: {} },
      constraints: { app_calls_pkey: {} },
    },
  },
}

// No file says anything that its own path could give another meaning: the types are PostgreSQL's words, not names.
const there = {
  'migrations/0001_calls.sql':
    'CREATE TABLE app_calls (id bigint PRIMARY KEY, seen int NOT NULL DEFAULT 0, done boolean);\n',
  'migrations/0002_seen.sql':
    'CREATE INDEX app_calls_seen ON app_calls (seen) WHERE done; CREATE TABLE app_marks (id int);\n',
}

const pending = {
  'migrations/0003_kinds.sql': `-- @verify sql SELECT true
CREATE TYPE app_kind AS ENUM ('in', 'out');
CREATE VIEW app_ids AS SELECT id FROM app_calls;
CREATE FUNCTION app_done(id bigint) RETURNS bigint LANGUAGE sql AS 'SELECT id';
COMMENT ON TABLE app_calls IS 'calls';
ALTER TABLE app_calls ADD COLUMN IF NOT EXISTS kind app_kind, ADD COLUMN note varchar(20);
ALTER TABLE app_calls ADD CONSTRAINT app_calls_seen_key UNIQUE (id, seen);
CREATE SEQUENCE app_numbers;
ALTER TABLE app_calls ENABLE ROW LEVEL SECURITY;
CREATE POLICY app_all ON app_calls USING (true);
`,
  'migrations/0004_note.sql':
    'CREATE INDEX CONCURRENTLY IF NOT EXISTS app_calls_note ON app_calls (note);\n',
  'migrations/0005_wait.sql': `-- @fingerprint sql SELECT EXISTS (SELECT FROM app_marks)
INSERT INTO app_marks VALUES (1);
LOCK TABLE app_calls IN ACCESS EXCLUSIVE MODE;
`,
  'migrations/contracts/api.json': JSON.stringify(contract),
  'migrations/indexes/app_calls_done.sql':
    'CREATE INDEX CONCURRENTLY IF NOT EXISTS app_calls_done ON app_calls (done);\n',
  'migrations/backfills/seen.sql': `-- @table app_calls
-- @key id, seen
-- @done sql SELECT true
-- @batch-size 3
-- @skip-locked on
UPDATE app_calls SET done = true WHERE :batch;
`,
}

// What the server refuses is looked up in the catalog afterwards, and the rows that break a rule are counted.
const refused = [
  'CREATE TABLE app_parents (id int PRIMARY KEY); ALTER TABLE app_marks ADD FOREIGN KEY (id) REFERENCES app_parents;',
  'ALTER TABLE app_marks ADD CHECK (id IS NULL);',
  'ALTER TABLE app_calls ALTER COLUMN note SET NOT NULL;',
  'CREATE UNIQUE INDEX app_calls_once ON app_calls (seen);',
  'CREATE INDEX app_calls_words ON app_calls USING gin (note gin_trgm_ops);',
  'SET LOCAL ROLE pg_monitor; ALTER TABLE app_marks ADD COLUMN note int;',
]

const library = `import { assertSchema, migrate } from 'schemagate'
await assertSchema()
console.log((await migrate()).outcome)
`

/** A folder as a service has it, with the library. */
const aService = (): string => {
  const folder = workFolder({
    'package.json': '{ "type": "module" }',
    'index.js': library,
    ...there,
  })
  const installed = join(folder, 'node_modules/schemagate')
  mkdirSync(installed, { recursive: true })
  for (const name of ['package.json', 'schema'])
    cpSync(join(project, name), join(installed, name), { recursive: true })
  symlinkSync(join(project, 'dist'), join(installed, 'dist'))
  return folder
}

const changesNothing = [
  'doctor',
  'plan',
  'adopt --dry-run',
  'status',
  'validate',
  'wait --timeout 1',
  'contract snapshot --service api --tables app_calls',
  'contract diff api',
  'drift',
  'schema dump',
  'schema diagram',
]

// What stands in their way is what they show.
const showsAll = ['drift', 'schema dump', 'schema diagram']

type Told = { readonly command: string; readonly exitCode: number | null; readonly stdout: string }

type Scene = {
  readonly database: TestDatabase
  /** By way of a network that shows what was sent. */
  readonly url: string
  readonly queries: () => readonly string[]
}

const untimed = (text: string): string =>
  normalised(text)
    .replace(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/g, 'TIMESTAMP')
    .replace(/\d+(\.\d+)? s\b/g, 'N s')

/** Every command, in the order of a life; what each of them said. */
const live = async (scene: Scene): Promise<readonly Told[]> => {
  const { database, url, queries } = scene
  const folder = aService()
  const environment = { DATABASE_URL: url, MIGRATION_LOCK_WAIT_SECONDS: '30' }
  const told: Told[] = []
  const tell = async (command: string): Promise<void> => {
    const before = queries().length
    const { exitCode, stdout } = await runGate({ folder, environment, args: command.split(' ') })
    told.push(
      showsAll.includes(command)
        ? { command, exitCode: exitCode === 3 ? 0 : exitCode, stdout: '' }
        : { command, exitCode, stdout: untimed(stdout) },
    )
    if (changesNothing.includes(command))
      expect(
        queries()
          .slice(before)
          .filter((text) => !readingOnly.test(text))
          .map((text) => text.slice(0, 200)),
      ).toEqual([])
  }
  for (const text of Object.values(there)) await database.sql.unsafe(text)
  await database.sql.unsafe('INSERT INTO public.app_calls VALUES (1), (2), (3), (4), (5), (6), (7)')
  for (const command of changesNothing) await tell(command)
  await tell('adopt')
  writeFiles(folder, pending)
  for (const command of ['doctor', 'plan', 'status', 'validate']) await tell(command)
  // Its last file waits for a lock, and the other runner for this one.
  const blocker = database.client()
  await blocker.unsafe('BEGIN; LOCK TABLE public.app_calls IN ROW EXCLUSIVE MODE')
  const first = startGate({ folder, environment })
  await first.said('Acquired migration lock')
  const second = startGate({ folder, environment })
  await second.said('another process holds the migration lock')
  await blocker.unsafe('COMMIT')
  for (const { finished } of [first, second]) {
    const { exitCode } = await finished
    told.push({ command: 'run', exitCode, stdout: '' })
  }
  for (const command of [
    ...changesNothing,
    'run',
    'indexes',
    'indexes',
    'backfill seen',
    'backfill seen',
  ])
    await tell(command)
  for (const text of refused) {
    writeFiles(folder, { 'migrations/0006_refused.sql': text })
    await tell('run')
    expect(told.at(-1)?.exitCode).toBe(1)
  }
  rmSync(join(folder, 'migrations/0006_refused.sql'))
  const service = await runGate({ folder, environment, bundle: join(folder, 'index.js'), args: [] })
  told.push({ command: 'library', exitCode: service.exitCode, stdout: service.stdout })
  return told
}

const connected = async (database: TestDatabase, port: number): Promise<Scene> => {
  const network = await startNetwork(port)
  return {
    database,
    url: databaseUrl(network.port, database.name),
    queries: () => network.connections().flatMap(({ sent }) => queriesIn(sent())),
  }
}

const ofFiles = [...Object.values({ ...there, ...pending }), ...refused]
const isOfFile = (statement: string): boolean => {
  const bare = statement.replace(/^(\s|--.*\n|\/\*.*?\*\/)+/g, '').trim()
  return bare !== '' && ofFiles.some((file) => file.includes(bare))
}

/** Words in front of a bracket: among them all functions that we call, also in PL/pgSQL. */
const calledIn = (queries: readonly string[]): readonly string[] => [
  ...new Set(
    queries.flatMap((text) =>
      [...text.matchAll(/\b([a-z_][a-z_0-9]*) ?\(/g)].map(([, name = '']) => name),
    ),
  ),
]

type Way = 'direct' | 'pooled'

/** Where nobody has put anything in the way. */
const undisturbed = new Map<Way, Promise<{ told: readonly Told[]; queries: readonly string[] }>>()

const liveUndisturbed = (way: Way): NonNullable<ReturnType<typeof undisturbed.get>> => {
  const living =
    undisturbed.get(way) ?? createDatabase(version).then((database) => liveOn(way, database))
  undisturbed.set(way, living)
  return living
}

const liveOn = async (
  way: Way,
  database: TestDatabase,
): Promise<{ told: readonly Told[]; queries: readonly string[] }> => {
  const { port } = database
  const pooler = way === 'pooled' ? await startPooler(port, 12) : undefined
  try {
    const scene = await connected(database, pooler?.port ?? port)
    const told = await live(scene)
    expect(firedIn(database.serverLog())).toEqual([])
    return { told, queries: [...new Set(scene.queries())] }
  } finally {
    await pooler?.stop()
  }
}

test.each(['direct', 'pooled'] as const)(
  '%s, every statement of ours stands behind our own path, or says each of its names in full',
  async (way) => {
    const { told, queries } = await liveUndisturbed(way)
    expect(
      told.filter(({ command, exitCode }) => command === 'run' && exitCode !== 0),
    ).toHaveLength(refused.length)
    expect(told.at(-1)).toEqual({ command: 'library', exitCode: 0, stdout: 'up_to_date\n' })
    expect(queries.length).toBeGreaterThan(40)
    const unsafe = queries.flatMap((text) => {
      const found = unsafeIn(text, parse, isOfFile)
      return found.length === 0 ? [] : [{ found: [...new Set(found)], text: text.slice(0, 300) }]
    })
    expect(unsafe).toEqual([])
  },
  patience,
)

const careless = [
  ['SELECT oid >= 16384 FROM pg_catalog.pg_class LIMIT 1', 'always'],
  ["SELECT '{a}'::pg_catalog.text[] || 'b'::pg_catalog.text", 'always'],
  ['SELECT pg_catalog.pg_backend_pid() = 1', 'before pg_catalog'],
  ['SELECT pg_backend_pid()', 'before pg_catalog'],
  ["SELECT 'a'::text", 'before pg_catalog'],
  ['SELECT pg_catalog.count(*) FROM pg_class', 'before pg_catalog'],
] as const

test.each([
  ['direct', 'default'],
  ['direct', 'public, pg_catalog'],
  ['pooled', 'default'],
  ['pooled', 'public, pg_catalog'],
] as const)(
  '%s, whatever stands on the path (%s), no command uses it, and each says the same as without',
  async (way, path) => {
    const expected = await liveUndisturbed(way)
    const names = calledIn(expected.queries)
    expect(names).toEqual(expect.arrayContaining(['pg_try_advisory_xact_lock', 'jsonb_agg']))
    const database = await createDatabase(version)
    const admin = administrator(version)
    try {
      await setTraps(database, names)
      if (path !== 'default')
        await admin.unsafe(`ALTER DATABASE ${database.name} SET search_path = ${path}`)
      expect((await liveOn(way, database)).told).toEqual(expected.told)
      // What the commands did not use is there to be used.
      for (const [statement, fired] of careless)
        if (path !== 'default' || fired === 'always') {
          const before = firedIn(database.serverLog()).length
          await database.client().unsafe(statement)
          await until(
            `'${statement}' has fired`,
            () => firedIn(database.serverLog()).length > before,
          )
        }
    } finally {
      await database.drop()
      await admin.unsafe(`DROP ROLE mallory_of_${database.name}`)
    }
  },
  patience,
)

test.each([
  ['an operator', "SELECT 'a' || 'b'", ['operator ||']],
  ['an operator without a name', 'SELECT 1 IN (2)', ['operator of AEXPR_IN']],
  ['a function', 'SELECT now()', ['function now']],
  ['a type', "SELECT 'a'::text", ['type text']],
  ['a relation', 'SELECT FROM pg_class', ['relation pg_class']],
  [
    'what stands behind the path of files',
    'SET LOCAL search_path TO pg_catalog, pg_temp; SET LOCAL search_path TO DEFAULT; SELECT now()',
    ['function now'],
  ],
  [
    'what stands behind the end of the transaction',
    'BEGIN; SET LOCAL search_path TO pg_catalog, pg_temp; COMMIT; SELECT now()',
    ['function now'],
  ],
  ['a path that stays', 'SET search_path TO pg_catalog, pg_temp; SELECT now()', ['function now']],
  ['a path without pg_temp', 'SET LOCAL search_path TO pg_catalog; SELECT now()', ['function now']],
  ['nothing of ours', 'SET LOCAL search_path TO pg_catalog, pg_temp; SELECT now()', []],
  [
    'nothing in full',
    "SELECT pg_catalog.now() OPERATOR(pg_catalog.=) 'a'::pg_catalog.timestamptz FROM pg_catalog.pg_class",
    [],
  ],
])('it sees %s', (_, text, found) => {
  expect(unsafeIn(text, parse, () => false)).toEqual(found)
})

test(
  'behind a pooler, the temporary tables of another client are in nobody’s way',
  async () => {
    const database = await createDatabase(version)
    const size = 8
    const pooler = await startPooler(database.port, size)
    const others = Array.from({ length: size }, () =>
      postgres(databaseUrl(pooler.port, database.name), {
        max: 1,
        fetch_types: false,
        onnotice: () => undefined,
      }),
    )
    const folder = workFolder(there)
    const environment = { DATABASE_URL: databaseUrl(pooler.port, database.name) }
    try {
      for (const command of ['run', 'run', ...changesNothing, 'run', 'indexes', 'backfill seen']) {
        // At the same time, so that each of them has a connection of the pooler's.
        await Promise.all(others.map((other) => other.unsafe('BEGIN')))
        await Promise.all(others.map((other) => other.unsafe(temporaryTraps)))
        await Promise.all(others.map((other) => other.unsafe('COMMIT')))
        const { exitCode, stdout, stderr } = await runGate({
          folder,
          environment,
          args: command.split(' '),
        })
        // A type of theirs with the name of one of the server's leaves the lengths of that one uncompared.
        if (command === 'drift') expect([0, 3]).toContain(exitCode)
        else
          expect({ command, exitCode, said: exitCode === 0 ? '' : stdout + stderr }).toEqual({
            command,
            exitCode: 0,
            said: '',
          })
        writeFiles(folder, pending)
      }
      expect(firedIn(database.serverLog())).toEqual([])
    } finally {
      await Promise.all(others.map((other) => other.end({ timeout: 1 })))
      await pooler.stop()
    }
  },
  patience,
)
