// What libpq and other drivers let people write about a connection: honoured, or refused by name with words that can be followed.

import { expect, test } from '@jest/globals'
import { pgVariables, strictParameters } from '../../src/config/variables/pg-variables.ts'
import { createDatabase, databaseUrl, type TestDatabase } from '../support/database.ts'
import { runGate, workFolder, type Finished } from '../support/gate.ts'
import { startPooler } from '../support/pooler.ts'
import { password, superuser } from '../support/servers.ts'

const files = {
  'migrations/1_t.sql':
    "CREATE TABLE t AS SELECT current_setting('TimeZone') AS zone, current_setting('geqo') AS geqo",
}

const run = (environment: Readonly<Record<string, string>>): Promise<Finished> =>
  runGate({ folder: workFolder(files), environment })

const schemaOf = async ({ sql }: TestDatabase): Promise<unknown> =>
  (
    await sql`SELECT n.nspname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relname = 't'`
  )[0]?.['nspname']

const byVariables = ({ name, port }: TestDatabase) => ({
  PGPORT: String(port),
  PGUSER: superuser,
  PGPASSWORD: password,
  PGDATABASE: name,
})

test.each([
  '-c search_path=app',
  '--search-path=app,public',
  String.raw`-csearch_path="app",\ public`,
])('PGOPTIONS=%s is what the session starts with', async (options) => {
  const database = await createDatabase('18')
  await database.sql`CREATE SCHEMA app`
  const { exitCode } = await run({ DATABASE_URL: database.url, PGOPTIONS: options })
  expect({ exitCode, schema: await schemaOf(database) }).toEqual({ exitCode: 0, schema: 'app' })
})

test.each([
  'options=-csearch_path%3Dapp',
  'schema=app',
  'currentSchema=app',
  'search_path=app,public',
  'channel_binding=prefer&pgbouncer=true&schema=app',
])('a URL with %s', async (search) => {
  const database = await createDatabase('15')
  await database.sql`CREATE SCHEMA app`
  const { exitCode } = await run({ DATABASE_URL: `"${database.url}?${search}"` })
  expect({ exitCode, schema: await schemaOf(database) }).toEqual({ exitCode: 0, schema: 'app' })
})

test('a pooler that passes options over has the path all the same; one that refuses them is told', async () => {
  const database = await createDatabase('15')
  await database.sql`CREATE SCHEMA app`
  const refusing = await startPooler(database.port, 2)
  const url = (port: number) => `${databaseUrl(port, database.name)}?schema=app`
  const refused = await run({ DATABASE_URL: url(refusing.port) })
  await refusing.stop()
  expect(refused.stdout).toContain('ignore_startup_parameters = options, geqo')
  expect(refused.exitCode).toBe(2)
  const passing = await startPooler(database.port, 2, { ignore_startup_parameters: 'options' })
  const { exitCode, stdout } = await run({ DATABASE_URL: url(passing.port) })
  await passing.stop()
  expect(exitCode === 0 ? '' : stdout).toBe('')
  expect(await schemaOf(database)).toBe('app')
})

test('PGHOSTADDR, PGTZ and PGGEQO count', async () => {
  const database = await createDatabase('18')
  const environment = {
    ...byVariables(database),
    ...{ PGHOSTADDR: '127.0.0.1', PGTZ: 'Asia/Tokyo', PGGEQO: 'off', PGDATESTYLE: 'SQL, DMY' },
  }
  expect(await run(environment)).toMatchObject({ exitCode: 0 })
  expect(await database.sql`SELECT zone, geqo FROM t`).toEqual([
    { zone: 'Asia/Tokyo', geqo: 'off' },
  ])
  // What we read ourselves is read whatever the DateStyle is.
  const status = await runGate({ args: ['status'], folder: workFolder(files), environment })
  expect(status).toMatchObject({ exitCode: 0 })
})

const refused = Object.entries(pgVariables).flatMap(([name, said]) =>
  'cure' in said ? [[name, said.cure] as const] : [],
)

test.each(refused)('%s is refused by name where it cannot be honoured', async (name, cure) => {
  const { exitCode, stdout } = await run({
    DATABASE_URL: databaseUrl(1, 'nobody'),
    [name]: 'require',
  })
  expect(stdout).toContain(`${name} is 'require', which is not valid`)
  expect(stdout).toContain(`fix: ${cure}`)
  expect(exitCode).toBe(2)
  const [parameter] = Object.entries(strictParameters).find(([, each]) => each === name) ?? []
  const inUrl = await run({
    DATABASE_URL: `${databaseUrl(1, 'nobody')}?${parameter ?? ''}=require`,
  })
  expect(inUrl.stdout).toContain(`fix: ${cure}`)
})

test.each([
  { PGCHANNELBINDING: 'prefer' },
  { PGGSSENCMODE: 'disable' },
  { PGCLIENTENCODING: 'utf8' },
  { PGSSLSNI: '1', PGSSLCERTMODE: 'allow', PGREQUIRESSL: '0', PGSSLMINPROTOCOLVERSION: 'TLSv1.2' },
  { PGAPPNAME: 'x', PGCONNECT_TIMEOUT: '3', PGLOADBALANCEHOSTS: 'random', PGSYSCONFDIR: '/x' },
])('%j is fine', async (environment) => {
  const { url } = await createDatabase('15')
  expect(await run({ DATABASE_URL: url, ...environment })).toMatchObject({ exitCode: 0 })
})
