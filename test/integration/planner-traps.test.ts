// A file is compared with the database, and nobody's function runs for it: neither one of a role without rights, nor one of
// our own with effects.

import { describe, expect, test } from '@jest/globals'
import { administrator, createDatabase, type TestDatabase } from '../support/database.ts'
import { runGate, workFolder, writeFiles, type Files, type Finished } from '../support/gate.ts'
import { again, plannerTraps } from '../support/planner-traps.ts'
import { arrange, runs } from '../support/scenario.ts'
import { serverVersions, superuser } from '../support/servers.ts'

const trapsIn = ({ serverLog }: TestDatabase): readonly string[] =>
  serverLog().filter((line) => line.includes('|schemagate/') && line.includes('TRAP'))

const inFolder = (files: Files): Files =>
  Object.fromEntries(Object.entries(files).map(([name, sql]) => [`migrations/${name}`, sql]))

const looks = ['plan', 'adopt --dry-run', 'doctor', 'status', 'validate']

type Owner = { readonly whose: string; readonly effect: string }

const owners: readonly Owner[] = [
  { whose: 'another role', effect: '' },
  { whose: 'ourselves', effect: "PERFORM pg_catalog.pg_notify('traps', 'ran');" },
]

describe.each(serverVersions)(
  'functions wherever an expression can stand, on PostgreSQL %s',
  (version) => {
    test.each(owners)(
      'do not run when $whose made them',
      async ({ whose, effect }) => {
        const database = await createDatabase(version)
        const owner = whose === 'ourselves' ? superuser : `mallory_${database.name}`
        if (owner !== superuser) await administrator(version).unsafe(`CREATE ROLE ${owner}`)
        try {
          const { files, arm } = plannerTraps(database, version, { owner, effect })
          await database.sql.unsafe(arm).simple()
          const folder = workFolder(inFolder(files))
          const gate = (command: string): Promise<Finished> =>
            runGate({
              args: command.split(' '),
              folder,
              environment: { DATABASE_URL: database.url },
            })
          const endings: string[] = []
          for (const command of [...looks, 'run']) {
            const done = await gate(command)
            endings.push(`${command}: ${done.exitCode}`)
          }
          const all = [...looks, 'run'].map((command) => `${command}: 0`)
          expect({ endings, traps: trapsIn(database) }).toEqual({ endings: all, traps: [] })
          writeFiles(folder, inFolder(again(files)))
          for (const command of [...looks, 'run']) {
            const done = await gate(command)
            endings.push(`${command}: ${done.exitCode}`)
          }
          expect({ endings, traps: trapsIn(database) }).toEqual({
            endings: [...all, ...all],
            traps: [],
          })
        } finally {
          await database.drop()
          if (owner !== superuser) await administrator(version).unsafe(`DROP ROLE ${owner}`)
        }
      },
      90_000,
    )
  },
)

describe.each(serverVersions)('definitions that call functions, on PostgreSQL %s', (version) => {
  const made = `CREATE FUNCTION rank(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT $1';
    CREATE TABLE t (a int, s varchar(9) DEFAULT 'x', CONSTRAINT c CHECK (rank(a) IN (1, 2)));`
  const files = {
    '1_made.sql': made,
    '2_other.sql':
      'ALTER TABLE t DROP CONSTRAINT c; ALTER TABLE t ADD CONSTRAINT c CHECK (rank(a) IN (1, 2, 3));',
    '3_index.sql': 'CREATE INDEX ON t (rank(a)) WHERE rank(a) BETWEEN 1 AND 3;',
  }

  test('tell how far a database is, by their texts', async () => {
    const scenario = await arrange(version, files, made)
    expect(await runs(scenario)).toEqual([
      '1_made: reconciled',
      '2_other: applied',
      '3_index: applied',
    ])
  })

  test('are recognised by somebody who was not there', async () => {
    const scenario = await arrange(version, files)
    const names = ['1_made', '2_other', '3_index']
    expect(await runs(scenario)).toEqual(names.map((name) => `${name}: applied`))
    await scenario.database.sql.unsafe('DROP SCHEMA schemagate CASCADE')
    expect(await runs(scenario)).toEqual(names.map((name) => `${name}: reconciled`))
  })

  test('count by their being there where their texts do not tell', async () => {
    const own = "CREATE FUNCTION f(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT $1';"
    const before = `${own} CREATE TABLE t (a int, CONSTRAINT c CHECK (f(a) + 1 > 2))`
    const file = `${own} CREATE TABLE t (a int, CONSTRAINT c CHECK ((f(a)) + 1::bigint > 2))`
    const scenario = await arrange(version, { '1_made.sql': file }, before)
    expect(await runs(scenario)).toEqual(['1_made: reconciled'])
  })
})
