// What pg_dump really writes of one of each kind of object: applied by the gate, it makes the database that psql makes of it.

import { expect, test } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readCatalog } from '../support/catalog.ts'
import { createDatabase, type TestDatabase } from '../support/database.ts'
import { runGate, workFolder } from '../support/gate.ts'
import { pgDump, psql } from '../support/pg-dump.ts'

const manyKinds = readFileSync(join(import.meta.dirname, '../support/many-kinds.sql'), 'utf8')

// A view that the catalog ties to a primary key is written twice; --clean then begins with one whose schema is not there, which
// psql does not take either.
const untied = manyKinds.replace('GROUP BY c.id;', 'GROUP BY c.id, c.name;')

const withoutTokens = (dump: string): string => dump.replace(/^\\(un)?restrict .*$/gm, '')

const made = async (objects = manyKinds): Promise<TestDatabase> => {
  const database = await createDatabase('15')
  psql(database, objects)
  return database
}

const appliedBy = {
  psql,
  gate: async ({ url }: TestDatabase, dump: string) => {
    const folder = workFolder({ 'migrations/0001_dump.sql': dump })
    const { exitCode, stdout } = await runGate({ folder, environment: { DATABASE_URL: url } })
    expect({ exitCode, stdout }).toMatchObject({ exitCode: 0 })
    const again = await runGate({ folder, environment: { DATABASE_URL: url } })
    expect(again).toMatchObject({ exitCode: 0 })
    expect(again.stdout).toContain('up to date, 1 recorded')
  },
}

test.each([
  ['all of it', []],
  ['of its schema alone', ['--schema-only']],
  ['to be put over what is there', ['--clean', '--if-exists']],
  ['for any owner', ['--no-owner', '--no-privileges']],
  ['with its rows as INSERT', ['--inserts']],
  ['with its rows as INSERT of columns', ['--column-inserts', '--rows-per-insert=50']],
  ['with rows that go through the partitioned table', ['--load-via-partition-root']],
  ['with every name quoted', ['--quote-all-identifiers', '--disable-triggers', '--no-comments']],
  ['for another encoding', ['--encoding=UTF8', '--use-set-session-authorization']],
])(
  'a dump %s makes what psql makes of it, on the same and on a later version',
  async (_, options) => {
    const dump = pgDump(await made(options.includes('--clean') ? untied : manyKinds), ...options)
    const ours = await createDatabase('15')
    const theirs = await createDatabase('15')
    await appliedBy.gate(ours, dump)
    appliedBy.psql(theirs, dump)
    expect(withoutTokens(pgDump(ours))).toBe(withoutTokens(pgDump(theirs)))
    const later = await createDatabase('18')
    const laterTheirs = await createDatabase('18')
    await appliedBy.gate(later, dump)
    appliedBy.psql(laterTheirs, dump)
    expect(await readCatalog(later)).toEqual(await readCatalog(laterTheirs))
  },
)

test('a dump whose objects are all there is adopted, and nothing of it runs', async () => {
  const database = await made()
  const dump = pgDump(database)
  const folder = workFolder({ 'migrations/0001_dump.sql': dump })
  const run = await runGate({ folder, environment: { DATABASE_URL: database.url } })
  expect(run).toMatchObject({ exitCode: 0 })
  expect(run.stdout).toContain('0 applied')
  expect(withoutTokens(pgDump(database))).toBe(withoutTokens(dump))
})

test('lint has nothing to say of a dump', async () => {
  const folder = workFolder({ 'migrations/0001_dump.sql': pgDump(await made()) })
  const { exitCode, stdout } = await runGate({ folder, args: ['lint'] })
  expect({ exitCode, stdout }).toMatchObject({ exitCode: 0 })
  expect(stdout).toContain('0 findings')
})

test('one that makes its database is refused with the line that only psql can follow', async () => {
  const { url, sql } = await createDatabase('15')
  const folder = workFolder({ 'migrations/0001_dump.sql': pgDump(await made(), '--create') })
  const { exitCode, stdout } = await runGate({ folder, environment: { DATABASE_URL: url } })
  expect(exitCode).toBe(4)
  expect(stdout).toContain("holds the psql command '\\connect'")
  expect(await sql`SELECT to_regnamespace('app') AS app`).toEqual([{ app: null }])
})
