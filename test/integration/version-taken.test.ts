// Two branches took one number, or a number was given to a file that is recorded under another.

import { expect, test } from '@jest/globals'
import { ledgerStates } from '../support/catalog.ts'
import { arrange, refuses, runs } from '../support/scenario.ts'
import { serverVersions } from '../support/servers.ts'

const [version] = serverVersions
const table = (name: string): string => `CREATE TABLE ${name} (id int);\n`

test('the file of the other branch is refused by every command, and runs under the number that it is told', async () => {
  const scenario = await arrange(version, { '0001_t.sql': table('t'), '0002_a.sql': table('a') })
  await runs(scenario)
  const { gate, write, remove, database } = scenario
  remove('0002_a.sql')
  write({ '0002_b.sql': table('b'), '0003_c.sql': table('c') })
  const said = await refuses(scenario)
  expect(said).toContain(
    'error[version-taken]: migrations/0002_b.sql has version 2, which the ledger has recorded for 0002_a',
  )
  expect(said).toContain('git mv migrations/0002_b.sql migrations/0004_b.sql')
  expect(said).not.toContain('UPDATE')
  for (const args of [['doctor'], ['wait'], ['adopt'], ['adopt', '--dry-run']]) {
    const { exitCode, stdout } = await gate(...args)
    expect({ args, exitCode, stdout }).toMatchObject({ exitCode: 4 })
    expect(stdout).toContain('version-taken')
  }
  const status = await gate('status')
  expect(status).toMatchObject({ exitCode: 0 })
  expect(status.stdout).toMatch(/^taken +2 +0002_b \(by 0002_a\)/m)
  remove('0002_b.sql')
  write({ '0004_b.sql': table('b') })
  expect(await runs(scenario)).toEqual([
    '0001_t: applied',
    '0002_a: applied',
    '0003_c: applied',
    '0004_b: applied',
  ])
  expect(await database.sql`SELECT FROM b`).toEqual([])
})

test('a recorded file that got another number does not run again', async () => {
  const scenario = await arrange(version, {
    '0001_t.sql': 'CREATE TABLE t AS SELECT 1 AS n;\n',
    '0002_twice.sql': 'UPDATE t SET n = n * 2;\n',
  })
  await runs(scenario)
  const { write, remove, database } = scenario
  remove('0002_twice.sql')
  write({ '0003_twice.sql': 'UPDATE t SET n = n * 2;\n' })
  expect(await refuses(scenario)).toContain(
    'git mv migrations/0003_twice.sql migrations/0002_twice.sql',
  )
  expect(await database.sql`SELECT n FROM t`).toEqual([{ n: 2 }])
  expect(await ledgerStates(database)).toEqual(['0001_t: applied', '0002_twice: applied'])
})

test('a row that somebody gave another version gets its own back by what the report says', async () => {
  const twice = 'UPDATE t SET n = n * 2;\n'
  const scenario = await arrange(version, {
    '0001_t.sql': 'CREATE TABLE t AS SELECT 1 AS n;\n',
    '0002_twice.sql': twice,
  })
  await runs(scenario)
  const { sql } = scenario.database
  await sql`UPDATE schemagate.schema_migrations SET version = 777 WHERE version::int = 2`
  const said = await refuses(scenario)
  expect(said).toContain('error[renumbered-row]')
  await sql.unsafe(/^UPDATE .*;$/m.exec(said.replace(/^ +/gm, ''))?.[0] ?? '')
  expect(await runs(scenario)).toEqual(['0001_t: applied', '0002_twice: applied'])
  expect(await sql`SELECT n FROM t`).toEqual([{ n: 2 }])
})
