// Contracts made from a database, compared with one, compared with each other; and the migration that would break one.

import { describe, expect, test } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createDatabase } from '../support/database.ts'
import { runGate, sampleHistory, workFolder, type Finished } from '../support/gate.ts'
import { serverVersions, type ServerVersion } from '../support/servers.ts'

const nowhere = 'postgresql://nobody@127.0.0.1:1/none'

const offline = (folder: string, ...args: readonly string[]): Promise<Finished> =>
  runGate({ args, folder, environment: {} })

const migrated = async (
  version: ServerVersion,
): Promise<{ readonly gate: (...args: readonly string[]) => Promise<Finished> }> => {
  const database = await createDatabase(version)
  const environment = { DATABASE_URL: database.url, MIGRATIONS_DIR: sampleHistory }
  const gate = (...args: readonly string[]): Promise<Finished> =>
    runGate({ args, folder: workFolder({}), environment })
  expect(await gate('run')).toMatchObject({ exitCode: 0 })
  return { gate }
}

describe.each(serverVersions)('a snapshot of PostgreSQL %s', (version) => {
  test('holds in its own database, and is the same when it is taken again', async () => {
    const database = await createDatabase(version)
    const environment = { DATABASE_URL: database.url }
    const run = (folder: string, ...args: readonly string[]): Promise<Finished> =>
      runGate({ args, folder, environment })
    await database.sql
      .unsafe(
        `CREATE SCHEMA audit; CREATE TYPE mood AS ENUM ('sad', 'happy'); CREATE EXTENSION pg_trgm;
        CREATE TABLE audit.events (id serial PRIMARY KEY, m mood[] NOT NULL DEFAULT '{sad}');
        CREATE TABLE calls (id bigint GENERATED ALWAYS AS IDENTITY, "Odd ""name""" text DEFAULT 'it''s', PRIMARY KEY (id),
          CONSTRAINT later CHECK (id > 0) NOT VALID);
        CREATE TABLE parts (id int) PARTITION BY RANGE (id); CREATE TABLE part1 PARTITION OF parts FOR VALUES FROM (0) TO (9);
        CREATE VIEW v AS SELECT id FROM calls; CREATE INDEX odd_idx ON calls (lower("Odd ""name"""));
        CREATE FUNCTION f(int, text) RETURNS SETOF bigint LANGUAGE sql AS 'SELECT 1::bigint';`,
      )
      .simple()
    const first = await run(workFolder({}), 'contract', 'snapshot', '--service', 'all')
    expect(first).toMatchObject({ exitCode: 0 })
    expect(first.stdout).toMatchSnapshot()
    const folder = workFolder({ 'migrations/contracts/all.json': first.stdout })
    expect(await run(folder, 'validate')).toMatchObject({ exitCode: 0 })
    expect((await run(folder, 'contract', 'diff', 'all')).stdout).toBe('no difference\n')
    expect((await run(folder, 'contract', 'snapshot', '--service=all')).stdout).toBe(first.stdout)
  })

  test('of the sample history holds, too', async () => {
    const { gate } = await migrated(version)
    const { stdout } = await gate('contract', 'snapshot')
    const folder = workFolder({ 'migrations/contracts/app.json': stdout })
    expect(await gate('validate', '--migrations-dir', join(folder, 'migrations'))).toMatchObject({
      exitCode: 0,
      stdout: 'the contract of app holds\n',
    })
  })
})

test('a snapshot of some tables has just these', async () => {
  const { gate } = await migrated('18')
  const { stdout } = await gate('contract', 'snapshot', '--tables=public.leads, business')
  const { tables, functions } = JSON.parse(stdout) as { tables: object; functions?: object }
  expect([Object.keys(tables), functions]).toEqual([['business', 'leads'], undefined])
  const wrong = await gate('contract', 'snapshot', '--tables', 'busines,nowhere')
  expect(wrong.exitCode).toBe(2)
  expect(wrong.stdout).toContain('the database has no table busines; did you mean business?')
  expect(wrong.stdout).toContain('the database has no table nowhere')
})

test('contract schema is the published one', async () => {
  const { stdout, exitCode } = await offline(workFolder({}), 'contract', 'schema')
  expect(exitCode).toBe(0)
  const published = join(import.meta.dirname, '../../schema/contract.schema.json')
  expect(JSON.parse(stdout)).toEqual(JSON.parse(readFileSync(published, 'utf8')))
})

describe('from one contract to the next', () => {
  const old = {
    service: 'api',
    tables: {
      calls: {
        columns: {
          id: { type: 'bigint', nullable: false, default: true },
          note: { type: 'varchar(20)', nullable: true },
          gone: {},
        },
        indexes: { calls_idx: {} },
        constraints: { calls_key: { definition: 'UNIQUE (note)' } },
      },
      dropped: {},
    },
    enums: { mood: ['sad', 'happy'] },
  }
  const next = {
    service: 'api',
    tables: {
      calls: {
        columns: {
          id: { type: 'int8', nullable: false, default: true },
          note: { type: 'text', nullable: false },
          must: { nullable: false },
          may: { nullable: true },
        },
        constraints: { calls_key: { definition: 'unique ( note )' } },
      },
    },
    enums: { mood: ['happy', 'calm'] },
  }

  test('tells what breaks the old version, and what does not', async () => {
    const folder = workFolder({ 'old.json': JSON.stringify(old), 'new.json': JSON.stringify(next) })
    const { stdout, exitCode } = await offline(folder, 'contract', 'diff', 'old.json', 'new.json')
    expect(stdout).toMatchSnapshot()
    expect(exitCode).toBe(3)
    const json = await offline(folder, 'contract', 'diff', 'old.json', 'new.json', '--json')
    expect(JSON.parse(json.stdout)).toMatchObject({ exit_code: 3, breaking: 6 })
  })

  test('the same is no difference', async () => {
    const folder = workFolder({ 'migrations/contracts/api.json': JSON.stringify(old) })
    const { stdout, exitCode } = await offline(folder, 'contract', 'diff', 'api', 'api')
    expect([stdout, exitCode]).toEqual(['no difference\n', 0])
  })

  test.each([
    [[], 'error[contracts-not-named]', 2],
    [['a', 'b', 'c'], 'error[contracts-not-named]', 2],
    [['nothing.json'], 'error[unreadable-contract]', 4],
    [['apo'], 'error[unknown-service]', 2],
    [['api'], 'error[no-database-named]', 2],
  ])('contract diff %j is told', async (words, code, exitCode) => {
    const folder = workFolder({ 'migrations/contracts/api.json': JSON.stringify(old) })
    const finished = await offline(folder, 'contract', 'diff', ...words)
    expect(finished.stdout).toContain(code)
    expect(finished.exitCode).toBe(exitCode)
  })

  test.each([
    [['contract'], 'contract snapshot, contract diff, contract schema'],
    [['contract', 'snapshoot'], 'contract snapshot'],
  ])('%j says what there is', async (args, words) => {
    const { stdout, exitCode } = await offline(workFolder({}), ...args)
    expect(exitCode).toBe(2)
    expect(stdout).toContain(words)
  })
})

test('a contract against a database tells what it breaks and what it adds', async () => {
  const { gate } = await migrated('18')
  const folder = workFolder({
    'c.json': JSON.stringify({
      service: 'api',
      tables: { users: { columns: { id: { type: 'text', default: true }, nickname: {} } } },
    }),
  })
  const { stdout, exitCode } = await gate('contract', 'diff', join(folder, 'c.json'))
  expect(exitCode).toBe(3)
  expect(stdout).toMatchSnapshot()
})

test('lint and plan name a migration that breaks a contract before it runs', async () => {
  const database = await createDatabase('18')
  const folder = workFolder({
    'migrations/0001_t.sql': 'CREATE TABLE IF NOT EXISTS t (a varchar(20), b int);\n',
    'migrations/0002_drop.sql': 'ALTER TABLE t DROP COLUMN a;\n',
    'migrations/contracts/api.json':
      '{ "service": "api", "tables": { "t": { "columns": { "a": { "type": "varchar(20)" } } } } }',
  })
  const words = 'the contract of api names column t.a, which is dropped here'
  const lint = await runGate({ args: ['lint'], folder, environment: { DATABASE_URL: nowhere } })
  expect(lint.exitCode).toBe(4)
  expect(lint.stdout).toContain(`error[contract-object-changed]: ${words}`)
  const environment = { DATABASE_URL: database.url }
  const plan = await runGate({ args: ['plan'], folder, environment })
  expect(plan.stdout).toContain(`error[contract-object-changed] line 1: ${words}`)
  const run = await runGate({ args: ['run'], folder, environment })
  expect(run.exitCode).toBe(3)
  expect(run.stdout).toContain('0002_drop.sql takes it away and is recorded as applied')
})
