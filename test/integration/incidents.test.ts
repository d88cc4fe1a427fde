// Incidents, each provoked on a real server: the whole termination message, as somebody reads it at three in the morning.

import { expect, test } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createDatabase, type TestDatabase } from '../support/database.ts'
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
    return `exit code ${exitCode ?? -1}\n${normalised(text)}`
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
