// Dumps that pg_dump 17 and 18 write, of servers as old as themselves and older: each is applied where it comes from.

import { expect, test } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createDatabase, type TestDatabase } from '../support/database.ts'
import { runGate, workFolder } from '../support/gate.ts'
import { newerClients, type Clients } from '../support/pg-dump.ts'

const manyKinds = readFileSync(join(import.meta.dirname, '../support/many-kinds.sql'), 'utf8')
// Else --clean writes what psql does not take either: dumps-of-pg-dump.test.ts.
const untied = manyKinds.replace('GROUP BY c.id;', 'GROUP BY c.id, c.name;')

const newer = `CREATE TABLE app.of_18 (
  id integer, during daterange, b integer CONSTRAINT b_given NOT NULL, c integer,
  twice integer GENERATED ALWAYS AS (b * 2) VIRTUAL,
  CONSTRAINT of_18_key PRIMARY KEY (id, during WITHOUT OVERLAPS),
  CONSTRAINT unchecked CHECK (b > 0) NOT ENFORCED
);
ALTER TABLE app.of_18 ADD CONSTRAINT c_given NOT NULL c NOT VALID;
`

const objectsOf: Readonly<Record<'15' | '18', string>> = { '15': untied, '18': untied + newer }

const withoutTokens = (dump: string): string => dump.replace(/^\\(un)?restrict .*$/gm, '')

// What psql does with it on an older server is an error, behind which it goes on.
const withoutNewerSettings = (dump: string): string =>
  dump.replace(/^SET transaction_timeout = 0;$/m, '')

const made = async (version: '15' | '18', { psql }: Clients): Promise<TestDatabase> => {
  const database = await createDatabase(version)
  psql(database, objectsOf[version])
  return database
}

const clients = [
  ['17', '15'],
  ['18', '15'],
  ['18', '18'],
] as const

const options = [
  ['with its rows', []],
  ['of its schema alone', ['--schema-only', '--no-owner']],
  ['to be put over what is there', ['--clean', '--if-exists']],
  ['with its rows as INSERT', ['--inserts']],
] as const

test.each(
  clients.flatMap(([client, server]) => options.map((each) => [client, server, ...each] as const)),
)(
  'a dump of pg_dump %s on PostgreSQL %s, %s, makes what psql makes of it',
  async (client, server, _, asked) => {
    const { pgDump, psql } = newerClients(client)
    const dump = pgDump(await made(server, newerClients(client)), ...asked)
    expect(dump).toContain(`-- Dumped by pg_dump version ${client}.`)
    const [ours, theirs] = [await createDatabase(server), await createDatabase(server)]
    const folder = workFolder({ 'migrations/0001_dump.sql': dump })
    const run = await runGate({ folder, environment: { DATABASE_URL: ours.url } })
    expect(run).toMatchObject({ exitCode: 0 })
    psql(theirs, server === '18' ? dump : withoutNewerSettings(dump))
    expect(withoutTokens(pgDump(ours))).toBe(withoutTokens(pgDump(theirs)))
  },
)

test.each(clients)(
  'a dump of pg_dump %s is adopted where its objects are, on PostgreSQL %s',
  async (client, server) => {
    const { pgDump } = newerClients(client)
    const database = await made(server, newerClients(client))
    const dump = pgDump(database)
    const folder = workFolder({ 'migrations/0001_dump.sql': dump })
    const run = await runGate({ folder, environment: { DATABASE_URL: database.url } })
    expect(run).toMatchObject({ exitCode: 0 })
    expect(run.stdout).toContain('0 applied')
    expect(withoutTokens(pgDump(database))).toBe(withoutTokens(dump))
  },
)
