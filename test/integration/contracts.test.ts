// What services rely on, checked against real servers: every kind of object missing, different and present.

import { describe, expect, test } from '@jest/globals'
import { createDatabase, type TestDatabase } from '../support/database.ts'
import { runGate, workFolder, type Finished } from '../support/gate.ts'
import { serverVersions } from '../support/servers.ts'

const schema = `
CREATE EXTENSION pg_trgm;
CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy');
CREATE SCHEMA audit;
CREATE TABLE audit.events (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, at timestamptz NOT NULL DEFAULT now());
CREATE TABLE business (id bigserial PRIMARY KEY);
CREATE TABLE call_log (
  id bigserial,
  business_id bigint NOT NULL,
  call_sid varchar(64) NOT NULL,
  status varchar(16) NOT NULL DEFAULT 'queued',
  mood mood,
  cost numeric(10,3) DEFAULT 0,
  tags text[] NOT NULL DEFAULT '{}',
  seconds int,
  minutes int GENERATED ALWAYS AS (seconds / 60) STORED,
  CONSTRAINT call_log_pkey PRIMARY KEY (id),
  CONSTRAINT call_log_sid_key UNIQUE (call_sid),
  CONSTRAINT call_log_status_check CHECK (status IN ('queued', 'done')),
  CONSTRAINT call_log_business_fkey FOREIGN KEY (business_id) REFERENCES business (id) ON DELETE CASCADE
);
ALTER TABLE call_log ADD CONSTRAINT call_log_seconds_check CHECK (seconds >= 0) NOT VALID;
CREATE INDEX call_log_open_idx ON call_log (business_id, id DESC) WHERE status = 'queued';
CREATE UNIQUE INDEX call_log_lower_idx ON call_log (lower(call_sid));
CREATE VIEW open_calls AS SELECT id, call_sid FROM call_log WHERE status = 'queued';
CREATE MATERIALIZED VIEW totals AS SELECT count(*) AS calls FROM call_log;
CREATE FUNCTION touch(bigint, text) RETURNS void LANGUAGE sql AS '';
CREATE FUNCTION names(int) RETURNS SETOF text LANGUAGE sql AS 'SELECT ''a''::text';
CREATE PROCEDURE tidy() LANGUAGE sql AS '';
`

const validate = (
  { url }: TestDatabase,
  contract: object,
  ...args: readonly string[]
): Promise<Finished> =>
  runGate({
    args: ['validate', ...args],
    folder: workFolder({
      'migrations/contracts/api.json': JSON.stringify({ service: 'api', ...contract }),
    }),
    environment: { DATABASE_URL: url },
  })

type Shown = readonly [object: string, aspect: string, expected: string, found: string]

const violationsOf = async (
  database: TestDatabase,
  contract: object,
): Promise<readonly Shown[]> => {
  const { stdout, exitCode } = await validate(database, contract, '--json')
  const { violations } = JSON.parse(stdout) as {
    violations: { object: string; aspect: string; expected: string; found: string }[]
  }
  expect(exitCode).toBe(violations.length === 0 ? 0 : 3)
  return violations.map(({ object, aspect, expected, found }) => [object, aspect, expected, found])
}

const prepared = async (version: (typeof serverVersions)[number]): Promise<TestDatabase> => {
  const database = await createDatabase(version)
  await database.sql.unsafe(schema).simple()
  return database
}

const callLog = (table: object): object => ({ tables: { call_log: table } })
const columns = (of: object): object => callLog({ columns: of })

// In the words of the server, in other words for the same, and with what may be left out.
const held: readonly object[] = [
  { call_log: {}, business: {}, 'audit.events': { columns: { id: { default: true } } } },
  { 'public.call_log': { columns: { call_sid: {} } } },
  {
    call_log: {
      columns: {
        id: { type: 'int8', nullable: false, default: true },
        call_sid: { type: 'varchar(64)', nullable: false, default: false },
        status: { type: 'character varying(16)', default: "'queued'" },
        mood: { type: 'mood', nullable: true, default: false },
        cost: { type: 'decimal(10, 3)', default: '0' },
        tags: { type: 'TEXT []', default: "'{}'::text[]" },
        minutes: { type: 'integer', default: true },
      },
      indexes: {
        call_log_open_idx: { definition: "(business_id, id DESC) WHERE status = 'queued'" },
        call_log_lower_idx: { unique: true, definition: 'btree (lower(call_sid))' },
        call_log_pkey: { unique: true },
      },
      constraints: {
        call_log_pkey: { definition: 'PRIMARY KEY (id)' },
        call_log_sid_key: { definition: 'UNIQUE (call_sid)' },
        call_log_status_check: { definition: "CHECK (status IN ('queued', 'done'))" },
        call_log_seconds_check: { definition: 'CHECK (seconds >= 0)', validated: false },
        call_log_business_fkey: {
          definition: 'FOREIGN KEY (business_id) REFERENCES business (id) ON DELETE CASCADE',
        },
      },
    },
  },
].map((tables) => ({ tables }))

const others: readonly object[] = [
  { views: { open_calls: { columns: { call_sid: { type: 'varchar(64)' } } }, totals: {} } },
  { enums: { mood: ['sad', 'happy'] } },
  { enums: { 'public.mood': ['sad', 'ok', 'happy'] } },
  { extensions: ['pg_trgm', 'plpgsql'] },
  {
    functions: {
      'touch(int8, text)': { returns: 'void' },
      'names(integer)': { returns: 'setof text' },
      'tidy()': {},
    },
  },
]

const broken: readonly (readonly [contract: object, ...violations: readonly Shown[]])[] = [
  [
    { tables: { call_logs: {} } },
    ['table call_logs', 'existence', 'a table', 'no such table; there is call_log'],
  ],
  [{ tables: { open_calls: {} } }, ['table open_calls', 'kind', 'a table', 'a view']],
  [{ tables: { events: {} } }, ['table events', 'existence', 'a table', 'no such table']],
  [{ views: { call_log: {} } }, ['view call_log', 'kind', 'a view', 'a table']],
  [
    columns({ recording_mode: { type: 'varchar(32)', nullable: true }, callsid: {} }),
    [
      'column call_log.recording_mode',
      'existence',
      'character varying(32) nullable',
      'no such column',
    ],
    ['column call_log.callsid', 'existence', 'a column', 'no such column; there is call_sid'],
  ],
  [
    columns({ seconds: { type: 'bigint' }, mood: { type: 'text' }, tags: { type: 'int4[]' } }),
    ['column call_log.seconds', 'type', 'bigint', 'integer'],
    ['column call_log.mood', 'type', 'text', 'public.mood'],
    ['column call_log.tags', 'type', 'integer[]', 'text[]'],
  ],
  [
    columns({ seconds: { type: 'no_such_type' }, cost: { type: 'numeric(10,3); DROP TABLE x' } }),
    ['column call_log.seconds', 'type', 'no_such_type', 'integer'],
    ['column call_log.cost', 'type', expect.any(String) as unknown as string, 'numeric(10,3)'],
  ],
  [
    columns({ seconds: { nullable: false }, call_sid: { nullable: true } }),
    ['column call_log.seconds', 'nullability', 'NOT NULL', 'nullable'],
    ['column call_log.call_sid', 'nullability', 'nullable', 'NOT NULL'],
  ],
  [
    columns({
      status: { default: "'done'" },
      call_sid: { default: true },
      cost: { default: false },
      seconds: { default: '1' },
      minutes: { default: '2' },
    }),
    ['column call_log.status', 'default', "DEFAULT 'done'", "DEFAULT 'queued'::character varying"],
    ['column call_log.call_sid', 'default', 'some default', 'no default'],
    ['column call_log.cost', 'default', 'no default', 'DEFAULT 0'],
    ['column call_log.seconds', 'default', 'DEFAULT 1', 'no default'],
    ['column call_log.minutes', 'default', 'DEFAULT 2', 'GENERATED ALWAYS AS (…)'],
  ],
  [
    callLog({
      indexes: {
        gone_idx: { definition: 'btree (seconds)' },
        call_log_open_idx: { unique: true, definition: "(business_id) WHERE status = 'queued'" },
        call_log_lower_idx: { definition: 'hash (call_sid)' },
      },
    }),
    ['index gone_idx', 'existence', 'btree (seconds)', 'no such index'],
    ['index call_log_open_idx', 'uniqueness', 'UNIQUE', 'not unique'],
    [
      'index call_log_open_idx',
      'definition',
      "(business_id) WHERE status = 'queued'",
      "btree (business_id, id DESC) WHERE ((status)::text = 'queued'::text)",
    ],
    [
      'index call_log_lower_idx',
      'definition',
      'hash (call_sid)',
      'btree (lower((call_sid)::text))',
    ],
  ],
  [
    callLog({
      constraints: {
        gone_check: { definition: 'CHECK (seconds > 0)' },
        call_log_seconds_check: { definition: 'CHECK (seconds > 0)' },
        call_log_sid_key: { definition: 'UNIQUE (call_sid, status)' },
      },
    }),
    ['constraint call_log.gone_check', 'existence', 'CHECK (seconds > 0)', 'no such constraint'],
    [
      'constraint call_log.call_log_seconds_check',
      'validity',
      'a validated constraint',
      'NOT VALID: rows from before it may break it',
    ],
    [
      'constraint call_log.call_log_seconds_check',
      'definition',
      'CHECK (seconds > 0)',
      'CHECK ((seconds >= 0))',
    ],
    [
      'constraint call_log.call_log_sid_key',
      'definition',
      'UNIQUE (call_sid, status)',
      'UNIQUE (call_sid)',
    ],
  ],
  [
    { views: { open_calls: { columns: { seconds: {}, id: { type: 'text' } } }, closed: {} } },
    ['column open_calls.seconds', 'existence', 'a column', 'no such column'],
    ['column open_calls.id', 'type', 'text', 'bigint'],
    ['view closed', 'existence', 'a view', 'no such view'],
  ],
  [
    { enums: { mood: ['sad', 'calm'], 'audit.mood': ['sad'] } },
    ['enum mood', 'labels', 'sad, calm', 'sad, ok, happy'],
    ['enum audit.mood', 'existence', 'sad', 'no such enum'],
  ],
  [{ enums: { mood: ['happy', 'sad'] } }, ['enum mood', 'labels', 'happy, sad', 'sad, ok, happy']],
  [
    { extensions: ['hstore'] },
    ['extension hstore', 'existence', 'installed', 'not installed in this database'],
  ],
  [
    {
      functions: {
        'touch(bigint)': {},
        'gone()': {},
        'touch(bigint, text)': { returns: 'text' },
        'names(int)': { returns: 'text' },
        'tidy()': { returns: 'int' },
      },
    },
    ['function touch(bigint)', 'existence', 'touch(bigint)', 'only touch(bigint, text)'],
    ['function gone()', 'existence', 'gone()', 'no such function'],
    ['function touch(bigint, text)', 'result', 'returns text', 'returns void'],
    ['function names(int)', 'result', 'returns text', 'returns SETOF text'],
    ['function tidy()', 'result', 'returns int', 'a procedure'],
  ],
]

describe.each(serverVersions)('PostgreSQL %s', (version) => {
  test('holds what is there, in whatever words', async () => {
    const database = await prepared(version)
    for (const contract of [...held, ...others])
      expect([contract, await violationsOf(database, contract)]).toEqual([contract, []])
  })

  test('tells what is missing or different, all of it at once', async () => {
    const database = await prepared(version)
    for (const [contract, ...violations] of broken)
      expect([contract, await violationsOf(database, contract)]).toEqual([contract, violations])
  })

  test('an INVALID index is told', async () => {
    const database = await prepared(version)
    await database.sql`INSERT INTO business DEFAULT VALUES`
    await database.sql`INSERT INTO call_log (business_id, call_sid) VALUES (1, 'a'), (1, 'b')`
    await expect(
      database.sql.unsafe('CREATE UNIQUE INDEX CONCURRENTLY one_idx ON call_log (business_id)'),
    ).rejects.toThrow('could not create unique index')
    const found = await violationsOf(database, callLog({ indexes: { one_idx: {} } }))
    expect(found).toEqual([
      [
        'index one_idx',
        'validity',
        'a valid index',
        'INVALID: a concurrent build of it failed, so queries do not use it',
      ],
    ])
  })

  test('names are looked up along the search path of the login role', async () => {
    const database = await prepared(version)
    await database.sql.unsafe(`ALTER DATABASE ${database.name} SET search_path = audit, public`)
    expect(await violationsOf(database, { tables: { events: {}, call_log: {} } })).toEqual([])
    await database.sql`CREATE TABLE audit.call_log (other int)`
    expect(await violationsOf(database, columns({ call_sid: {} }))).toHaveLength(1)
    expect(
      await violationsOf(database, {
        tables: { 'public.call_log': { columns: { call_sid: {} } } },
      }),
    ).toEqual([])
  })
})
