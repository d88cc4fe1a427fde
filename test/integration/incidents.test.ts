// Incidents, each provoked on a real server: the whole termination message, as somebody reads it at three in the morning.

import { expect, test } from '@jest/globals'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { createDatabase, databaseUrl, until, type TestDatabase } from '../support/database.ts'
import {
  normalised,
  runGate,
  startGate,
  workFolder,
  writeFiles,
  type Files,
  type Finished,
  type RunningGate,
} from '../support/gate.ts'
import { startPooler } from '../support/pooler.ts'
import { password } from '../support/servers.ts'

type Incident = {
  readonly database: TestDatabase
  readonly folder: string
  readonly start: (environment?: Readonly<Record<string, string>>) => RunningGate
  /** The exit code and the termination message. */
  readonly message: (environment?: Readonly<Record<string, string>>) => Promise<string>
  readonly ended: (gate: RunningGate) => Promise<string>
  readonly gate: (args: readonly string[]) => Promise<Finished>
}

/** `before` is what somebody did to the database, `applied` are files that a run has applied. */
const incident = async (
  files: Files,
  { before = '', applied = {} }: { readonly before?: string; readonly applied?: Files } = {},
): Promise<Incident> => {
  const database = await createDatabase('18')
  const folder = workFolder({ 'cause.txt': '', ...applied })
  const start: Incident['start'] = (environment = {}) =>
    startGate({
      folder,
      environment: {
        ...{ DATABASE_URL: database.url, TERMINATION_LOG: join(folder, 'cause.txt') },
        ...environment,
      },
    })
  const ended: Incident['ended'] = async (gate) => {
    const { exitCode } = await gate.finished
    const text = readFileSync(join(folder, 'cause.txt'), 'utf8')
    expect(text.split('\n').length).toBeLessThanOrEqual(10)
    return `exit code ${exitCode ?? -1}\n${normalised(text)
      .replace(/pg_terminate_backend\(\d+\)/g, 'pg_terminate_backend(PID)')
      .replace(/for \d+ s\b/g, 'for N s')
      .replace(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC/g, 'TIMESTAMP')}`
  }
  if (Object.keys(applied).length > 0) expect(await start().finished).toMatchObject({ exitCode: 0 })
  if (before !== '') await database.sql.unsafe(before).simple()
  writeFiles(folder, files)
  const gate: Incident['gate'] = (args) =>
    runGate({ args, folder, environment: { DATABASE_URL: database.url } })
  return {
    database,
    folder,
    start,
    ended,
    gate,
    message: (environment) => ended(start(environment)),
  }
}

const role = async (database: TestDatabase, name: string, more = ''): Promise<string> => {
  await database.sql
    .unsafe(
      `CREATE ROLE ${name} LOGIN PASSWORD '${password}';
    GRANT CREATE ON DATABASE ${database.name} TO ${name}; ${more}`,
    )
    .simple()
  return databaseUrl(database.port, database.name, name)
}

const users = {
  'migrations/0001_users.sql': 'CREATE TABLE users (id int PRIMARY KEY, email text);',
}
const next = 'migrations/0002_next.sql'

test.each(['53100', '53200', '53400', '58030'])('the server met SQLSTATE %s', async (sqlstate) => {
  const { message } = await incident({
    [next]: `CREATE TABLE t ();\nDO $$ BEGIN RAISE 'the words of the server' USING ERRCODE = '${sqlstate}'; END $$;`,
  })
  expect(await message()).toMatchSnapshot()
})

test('the server reached a limit in earnest', async () => {
  const { message } = await incident({
    [next]:
      "SET temp_file_limit = '64kB'; SET work_mem = '64kB';\nCREATE TABLE t AS SELECT i FROM generate_series(1, 100000) i ORDER BY md5(i::text);",
  })
  expect(await message()).toMatchSnapshot()
})

test('a statement without a transaction, a declared index and a backfill meet the same', async () => {
  const fails = (sqlstate: string): string =>
    `CREATE FUNCTION f(i int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS $$ BEGIN RAISE 'full' USING ERRCODE = '${sqlstate}'; END $$;`
  const { message } = await incident(
    { [next]: 'CREATE INDEX CONCURRENTLY users_id ON users (f(id));' },
    { before: `CREATE TABLE users AS SELECT 1 AS id; ${fails('53100')}` },
  )
  expect(await message()).toMatchSnapshot()
  const others = await incident({
    'migrations/0001_users.sql': `CREATE TABLE users AS SELECT 1 AS id, 0 AS done; ALTER TABLE users ADD PRIMARY KEY (id); ${fails('53200')}`,
    'migrations/indexes/users_id.sql': 'CREATE INDEX CONCURRENTLY users_id ON users (f(id));',
    'migrations/backfills/users_done.sql':
      '-- @table users\n-- @key id\nUPDATE users SET done = f(id) WHERE :batch;\n',
  })
  expect(await others.start().finished).toMatchObject({ exitCode: 0 })
  for (const args of [
    ['indexes', '--strict'],
    ['backfill', '--all', '--strict'],
  ])
    expect(await others.gate(args)).toMatchObject({
      exitCode: 75,
      stdout: expect.stringContaining('server-out-of-memory'),
    })
})

test('1. an idle transaction holds the table', async () => {
  const { database, message } = await incident(
    { [next]: 'ALTER TABLE users ADD COLUMN x int;' },
    { applied: users },
  )
  const idle = database.client()
  await idle.unsafe("SET application_name = 'reporting'; BEGIN; SELECT * FROM users").simple()
  expect(
    await message({ MIGRATION_LOCK_RETRIES: '0', MIGRATION_LOCK_TIMEOUT: '1s' }),
  ).toMatchSnapshot()
})

test('1. a chain of sessions', async () => {
  const { database, message } = await incident(
    { [next]: 'ALTER TABLE users ADD COLUMN x int;' },
    { applied: users },
  )
  const [idle, second] = [database.client(), database.client()]
  await idle.unsafe("SET application_name = 'reporting'; BEGIN; SELECT * FROM users").simple()
  void second
    .unsafe("SET application_name = 'vacuuming'; LOCK TABLE users")
    .simple()
    .catch(() => undefined)
  await until(
    'the second waits',
    async () => (await database.sql.unsafe('SELECT FROM pg_locks WHERE NOT granted')).length > 0,
  )
  expect(
    await message({ MIGRATION_LOCK_RETRIES: '0', MIGRATION_LOCK_TIMEOUT: '1s' }),
  ).toMatchSnapshot()
})

test('2. a login is refused', async () => {
  const { database, message } = await incident(users)
  const { port, name } = database
  expect(
    await message({ DATABASE_URL: databaseUrl(port, name, 'postgres', 'wrong') }),
  ).toMatchSnapshot()
  expect(await message({ DATABASE_URL: databaseUrl(port, 'nowhere') })).toMatchSnapshot()
  expect(await message({ DATABASE_URL: databaseUrl(port, name, 'nobody_here') })).toMatchSnapshot()
})

test('3. an applied file was edited', async () => {
  const { message } = await incident(
    { 'migrations/0001_users.sql': 'CREATE TABLE users (id bigint);' },
    { applied: users },
  )
  expect(await message()).toMatchSnapshot()
})

test('4. half of a file is there', async () => {
  const { message } = await incident(
    {
      [next]:
        'CREATE TABLE invoices (id int);\nALTER TABLE invoices ADD COLUMN total numeric;\nCREATE TABLE invoice_lines (id int);',
    },
    { applied: users, before: 'CREATE TABLE invoices (id int)' },
  )
  expect(await message()).toMatchSnapshot()
})

test('5. duplicates under a unique index', async () => {
  const twice = "INSERT INTO users VALUES (1, 'a'), (2, 'a'), (3, 'b'), (4, 'b')"
  const { message } = await incident(
    { [next]: 'CREATE UNIQUE INDEX CONCURRENTLY users_email_key ON users (email);' },
    { applied: users, before: twice },
  )
  expect(await message()).toMatchSnapshot()
})

test('6. our session is ended', async () => {
  const { database, start, ended } = await incident({
    [next]: 'CREATE TABLE t ();\nSELECT pg_sleep(60);',
  })
  const gate = start()
  await until(
    'it sleeps',
    async () =>
      (
        await database.sql.unsafe(
          "SELECT FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database()",
        )
      ).length > 0,
  )
  await database.sql.unsafe(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database()",
  )
  expect(await ended(gate)).toMatchSnapshot()
})

test('7. default_transaction_read_only', async () => {
  const { database, message } = await incident(users)
  await database.sql.unsafe(
    `ALTER DATABASE ${database.name} SET default_transaction_read_only = on`,
  )
  expect(await message()).toMatchSnapshot()
})

test('8. a pool of one', async () => {
  const { database, message } = await incident(users)
  const pooler = await startPooler(database.port, 1)
  try {
    expect(
      await message({ DATABASE_URL: databaseUrl(pooler.port, database.name) }),
    ).toMatchSnapshot()
  } finally {
    await pooler.stop()
  }
})

test('9. a column is missing at the end', async () => {
  const { message } = await incident(
    {
      'migrations/contracts/api.json': JSON.stringify({
        service: 'api',
        tables: { users: { columns: { email: { type: 'text' } } } },
      }),
    },
    { applied: users, before: 'ALTER TABLE users DROP COLUMN email' },
  )
  expect(await message()).toMatchSnapshot()
})

test('10. another runner has the lock', async () => {
  const { database, start, message } = await incident({ [next]: 'SELECT pg_sleep(60);' })
  start({ TERMINATION_LOG: '' })
  await until(
    'it sleeps',
    async () =>
      (
        await database.sql.unsafe(
          "SELECT FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database()",
        )
      ).length > 0,
  )
  expect(await message({ MIGRATION_LOCK_WAIT_SECONDS: '1' })).toMatchSnapshot()
})

test('12. a statement takes too long', async () => {
  const { message } = await incident({ [next]: 'SELECT pg_sleep(60);' })
  expect(await message({ MIGRATION_STATEMENT_TIMEOUT: '200ms' })).toMatchSnapshot()
})

const orders = {
  'migrations/0001_a.sql':
    'CREATE TABLE users (id int PRIMARY KEY, email text, age int);\nCREATE TABLE orders (id int, user_id int);',
}
const orphans =
  "INSERT INTO users VALUES (1, 'a', -1), (2, 'a', NULL); INSERT INTO orders SELECT i, i FROM generate_series(1, 502) i"

test.each([
  'ALTER TABLE orders ADD CONSTRAINT orders_user_fk FOREIGN KEY (user_id) REFERENCES users (id);',
  'ALTER TABLE orders ADD FOREIGN KEY (user_id) REFERENCES users NOT VALID;\nALTER TABLE orders VALIDATE CONSTRAINT orders_user_id_fkey;',
  'CREATE UNIQUE INDEX ON users (lower(email)) WHERE id > 0;',
  'ALTER TABLE users ADD UNIQUE (email);',
  'ALTER TABLE users ALTER COLUMN age SET NOT NULL;',
  'ALTER TABLE users ADD COLUMN born date NOT NULL;',
  'ALTER TABLE users ADD CONSTRAINT grown CHECK (age > 0);',
  "INSERT INTO users VALUES (1, 'x');",
])('13. the data breaks a rule: %s', async (text) => {
  const { message } = await incident({ [next]: text }, { applied: orders, before: orphans })
  expect(await message()).toMatchSnapshot()
})

// Who owns the other table could have a function of his own run by whoever counts its rows.
test('13. rows are not counted by way of the policies of a table of others', async () => {
  const { database, message } = await incident(
    { [next]: 'ALTER TABLE app.orders ADD FOREIGN KEY (user_id) REFERENCES users (id);' },
    { applied: orders, before: 'CREATE SCHEMA app' },
  )
  const name = `dev_${database.name}`
  const url = await role(
    database,
    name,
    `CREATE FUNCTION seen() RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RETURN false; END $$;
    ALTER TABLE users ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON users USING (seen()); INSERT INTO users VALUES (1);
    ALTER SCHEMA app OWNER TO ${name}; CREATE TABLE app.orders (id int, user_id int); INSERT INTO app.orders VALUES (1, 1), (2, 2);
    ALTER TABLE app.orders OWNER TO ${name}; GRANT REFERENCES, SELECT ON users TO ${name}`,
  )
  try {
    const text = await message({ DATABASE_URL: url, LEDGER_SCHEMA: 'ledger' })
    expect(text).toContain('rows of app.orders without a row in public.users: not counted')
  } finally {
    await database.sql.unsafe(`DROP OWNED BY ${name}; DROP ROLE ${name}`).simple()
  }
})

test.each([
  'CREATE INDEX users_email_trgm ON users USING gin (email gin_trgm_ops);',
  'ALTER TABLE users ADD COLUMN name citext;',
  'SELECT uuid_generate_v4();',
  'CREATE EXTENSION nowhere_to_be_found;',
  'CREATE INDEX ON users USING gist (id);',
])('14. an extension is missing: %s', async (text) => {
  const { message } = await incident({ [next]: text }, { applied: users })
  expect(await message()).toMatchSnapshot()
})

test('15. the owner is another role', async () => {
  const { database, message } = await incident(
    { [next]: 'ALTER TABLE users ADD COLUMN x int;' },
    { before: 'CREATE TABLE users ()' },
  )
  const [name, owner] = [`dev_${database.name}`, `owner_${database.name}`]
  const url = await role(
    database,
    name,
    `CREATE ROLE ${owner}; ALTER TABLE users OWNER TO ${owner}`,
  )
  try {
    expect(await message({ DATABASE_URL: url })).toMatchSnapshot()
    await database.sql.unsafe(`GRANT ${owner} TO ${name}`)
    expect((await message({ DATABASE_URL: url })).slice(0, 11)).toBe('exit code 0')
  } finally {
    await database.sql
      .unsafe(`DROP OWNED BY ${name}, ${owner}; DROP ROLE ${name}, ${owner}`)
      .simple()
  }
})

test('14. the extension is in a schema that is not in the search_path', async () => {
  const { message } = await incident(
    { [next]: 'ALTER TABLE users ADD COLUMN name citext;' },
    {
      applied: users,
      before: 'CREATE SCHEMA extensions; CREATE EXTENSION citext SCHEMA extensions',
    },
  )
  expect(await message()).toMatchSnapshot()
})

test.each([
  'ALTER TABLE users ADD COLUMN x int;',
  'CREATE TABLE t ();',
  'INSERT INTO users VALUES (1);',
  'CREATE INDEX CONCURRENTLY ON users (email);',
  'CREATE SCHEMA s;',
  'CREATE EXTENSION pg_buffercache;',
  'CREATE TABLE hidden.t ();',
  'SET ROLE pg_monitor; CREATE TABLE t ();',
  'CREATE TABLE u (id int REFERENCES users);',
  'COPY users FROM stdin;\n1\ta\n\\.\n',
])('15, 16. a right is missing: %s', async (text) => {
  const { database, message } = await incident(
    { [next]: text },
    { before: 'CREATE TABLE users (id int PRIMARY KEY, email text); CREATE SCHEMA hidden;' },
  )
  const name = `dev_${database.name}`
  const url = await role(
    database,
    name,
    `CREATE SCHEMA ledger AUTHORIZATION ${name}; REVOKE CREATE ON DATABASE ${database.name} FROM ${name}`,
  )
  try {
    expect(await message({ DATABASE_URL: url, LEDGER_SCHEMA: 'ledger' })).toMatchSnapshot()
  } finally {
    await database.sql.unsafe(`DROP OWNED BY ${name}; DROP ROLE ${name}`).simple()
  }
})

test('17. one version for two files', async () => {
  const one = { 'migrations/0003_a.sql': 'CREATE TABLE a ();' }
  const { folder, message } = await incident(
    { 'migrations/0003_b.sql': 'CREATE TABLE b ();' },
    { applied: one },
  )
  expect(await message()).toMatchSnapshot()
  rmSync(join(folder, 'migrations/0003_a.sql'))
  expect(await message()).toMatchSnapshot()
})

test('18. a file comes late', async () => {
  const { message } = await incident(
    { 'migrations/0004_late.sql': 'ALTER TABLE users DROP COLUMN b;' },
    { applied: { ...users, 'migrations/0005_hot.sql': 'ALTER TABLE users ADD COLUMN b int;' } },
  )
  expect(await message({ STRICT_ORDER: '1' })).toMatchSnapshot()
  expect(await message({ STRICT_ORDER: 'auto' })).toMatchSnapshot()
})

test('the last line of a JSON log has what an alert needs', async () => {
  const { database, start } = await incident({ [next]: 'SELECT 1;\nSELECT nowhere;' })
  const { stderr } = await start({ LOG_FORMAT: 'json' }).finished
  expect(JSON.parse(stderr.trimEnd().split('\n').at(-1) ?? '')).toMatchObject({
    ...{ outcome: 'failed', exit_code: 1, code: 'migration-failed', file: next, line: 2 },
    ...{ sqlstate: '42703', database: database.name },
    next_step: expect.stringContaining('run again'),
  })
})
