// Files that run whenever their text has changed, behind those that run once: R__name.sql of Flyway.

import { describe, expect, test } from '@jest/globals'
import { crc32 } from 'node:zlib'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { createDatabase, type TestDatabase } from '../support/database.ts'
import { runGate, workFolder, writeFiles, type Files, type Finished } from '../support/gate.ts'
import { serverVersions, type ServerVersion } from '../support/servers.ts'
import { toolTables } from '../support/tool-ledgers.ts'

const files: Files = {
  'migrations/V1__customer.sql': 'CREATE TABLE customer (id int PRIMARY KEY, name text);',
  'migrations/V2__note.sql': 'ALTER TABLE customer ADD COLUMN note text;',
  'migrations/views/R__b_names.sql': 'CREATE OR REPLACE VIEW names AS SELECT name FROM ids;',
  'migrations/views/R__a_ids.sql': 'CREATE OR REPLACE VIEW ids AS SELECT id, name FROM customer;',
}

type Scene = {
  readonly database: TestDatabase
  readonly gate: (...args: readonly string[]) => Promise<Finished>
  readonly write: (files: Files) => void
  readonly remove: (file: string) => void
  /** Of our ledger, in the order in which they ran. */
  readonly recorded: () => Promise<readonly string[]>
  readonly environment: Record<string, string>
}

const arrange = async (version: ServerVersion, made: Files = files): Promise<Scene> => {
  const database = await createDatabase(version)
  const folder = workFolder(made)
  const environment: Record<string, string> = { DATABASE_URL: database.url }
  return {
    ...{ database, environment },
    gate: (...args) => runGate({ args, folder, environment }),
    write: (changed) => {
      writeFiles(folder, changed)
    },
    remove: (file) => {
      rmSync(join(folder, file))
    },
    recorded: async () => {
      const rows = await database.sql<{ version: string }[]>`
        SELECT version FROM schemagate.schema_migrations ORDER BY ordinal`
      return rows.map((row) => row.version)
    },
  }
}

const appliedIn = ({ stdout }: Finished): readonly string[] =>
  (JSON.parse(stdout) as { applied: readonly { file: string }[] }).applied.map(
    ({ file }) => file.split('/').at(-1) ?? '',
  )

const [version] = serverVersions

describe.each(serverVersions)('on PostgreSQL %s', (server) => {
  test('they run behind the others in the order of their descriptions, and again when they have changed', async () => {
    const { gate, write, recorded, database } = await arrange(server)
    const first = await gate('run', '--json')
    expect(first).toMatchObject({ exitCode: 0 })
    expect(appliedIn(first)).toEqual([
      ...['V1__customer.sql', 'V2__note.sql', 'R__a_ids.sql', 'R__b_names.sql'],
    ])
    expect(await recorded()).toEqual(['1', '2', 'R__a_ids', 'R__b_names'])
    expect((await gate('run')).stderr).not.toContain('lock')
    const b = 'CREATE OR REPLACE VIEW ids AS SELECT id, name, note FROM customer;'
    write({ 'migrations/views/R__a_ids.sql': b })
    const plan = await gate('plan')
    expect(plan.stdout).toMatch(/run\s+migrations\/views\/R__a_ids\.sql\s+to do: it runs whenever/)
    expect(plan.stdout).toContain('Plan: 1 to run, 0 already there, 3 recorded')
    expect(appliedIn(await gate('run', '--json'))).toEqual(['R__a_ids.sql'])
    expect(await database.sql`SELECT note FROM ids`).toHaveLength(0)
    expect(await recorded()).toEqual(['1', '2', 'R__b_names', 'R__a_ids'])
    expect(appliedIn(await gate('run', '--json'))).toEqual([])
    // And when it is what it was once.
    write({
      'migrations/views/R__a_ids.sql':
        'DROP VIEW names; DROP VIEW ids; CREATE VIEW ids AS SELECT id, name FROM customer; CREATE VIEW names AS SELECT name FROM ids;',
    })
    expect(appliedIn(await gate('run', '--json'))).toEqual(['R__a_ids.sql'])
    write({ 'migrations/views/R__a_ids.sql': b })
    expect(appliedIn(await gate('run', '--json'))).toEqual(['R__a_ids.sql'])
    expect((await gate('status', '--exit-code')).exitCode).toBe(0)
  })

  test('what a changed one makes is not drift until it has run, and other changes are', async () => {
    const { gate, write, database } = await arrange(server)
    expect(await gate('run')).toMatchObject({ exitCode: 0 })
    write({
      'migrations/views/R__a_ids.sql':
        'CREATE OR REPLACE VIEW ids AS SELECT id, name, note FROM customer; CREATE VIEW more AS SELECT 1 AS a;',
    })
    const before = await gate('drift')
    expect(before).toMatchObject({ exitCode: 0 })
    expect(before.stdout).toContain('cannot tell view ids')
    expect(before.stdout).toContain(
      'perhaps by migrations/views/R__a_ids.sql:1, which has changed since it ran, and runs again',
    )
    await database.sql.unsafe(
      'ALTER TABLE customer ADD COLUMN by_hand int; CREATE VIEW extra AS SELECT 1 AS a',
    )
    const drift = await gate('drift')
    expect(drift).toMatchObject({ exitCode: 3 })
    expect(drift.stdout).toMatch(/extra +column customer\.by_hand/)
    expect(drift.stdout).toMatch(/extra +view extra/)
    expect(drift.stdout).not.toMatch(/(?:extra|missing|different) +view (?:ids|more)/)
    await database.sql.unsafe('ALTER TABLE customer DROP COLUMN by_hand; DROP VIEW extra')
    expect(await gate('run')).toMatchObject({ exitCode: 0 })
    expect((await gate('drift')).stdout).toContain('no drift')
  })

  test('one that fails fails the run, and what was recorded before stays', async () => {
    const { gate, write, recorded, database } = await arrange(server)
    expect(await gate('run')).toMatchObject({ exitCode: 0 })
    write({
      'migrations/views/R__a_ids.sql':
        'CREATE OR REPLACE VIEW ids AS SELECT nothing FROM customer;',
      'migrations/V3__more.sql': 'CREATE TABLE more (id int);',
    })
    const failed = await gate('run')
    expect(failed.exitCode).toBe(1)
    expect(failed.stdout).toContain('migrations/views/R__a_ids.sql:1:38')
    expect(await recorded()).toEqual(['1', '2', 'R__a_ids', 'R__b_names', '3'])
    expect(await database.sql`SELECT name FROM ids`).toHaveLength(0)
    write({ 'migrations/views/R__a_ids.sql': String(files['migrations/views/R__a_ids.sql']) })
    expect(appliedIn(await gate('run', '--json'))).toEqual([])
  })

  test("the tool's ledger: what ran with this text is recorded, what ran with another runs, and has a row of the tool", async () => {
    const { gate, database } = await arrange(server)
    const flyway = toolTables['flyway']
    if (flyway === undefined) throw new Error('no table of Flyway')
    const { sql } = database
    const before = 'CREATE VIEW names AS SELECT id FROM ids;'
    const row = async (rank: number, name: string, number: string | null, text: string) => {
      const checksum = crc32(text) | 0
      await sql`INSERT INTO flyway_schema_history (installed_rank, version, description, type, script, checksum, installed_by, execution_time, success)
        VALUES (${rank}, ${number}, ${name}, 'SQL', 'x', ${checksum}, 'somebody', 1, true)`
    }
    await sql.unsafe(flyway.create).simple()
    const texts = Object.values(files).map(String)
    await sql.unsafe([texts[0], texts[1], texts[3], before].join('\n')).simple()
    await row(1, 'customer', '1', texts[0] ?? '')
    await row(2, 'note', '2', texts[1] ?? '')
    await row(3, 'a ids', null, 'an earlier text')
    await row(4, 'a ids', null, texts[3] ?? '')
    await row(5, 'b names', null, before)
    const seen = await gate('init')
    expect(seen.stdout).toContain(
      'would record 3 files that the database has already, and run 1 file',
    )
    // The view has another column now.
    await sql.unsafe('DROP VIEW names')
    const run = await gate('run', '--json')
    expect(run).toMatchObject({ exitCode: 0 })
    expect(appliedIn(run)).toEqual(['R__b_names.sql'])
    const rows = await sql<
      Record<string, unknown>[]
    >`SELECT version, description, script, checksum, success
      FROM flyway_schema_history WHERE installed_rank > 5`
    expect(rows).toEqual([
      {
        ...{ version: null, description: 'b names', script: 'views/R__b_names.sql', success: true },
        checksum: crc32(texts[2] ?? '') | 0,
      },
    ])
    expect(
      await sql`SELECT recognised_by FROM schemagate.schema_migrations WHERE version = 'R__a_ids'`,
    ).toEqual([{ recognised_by: 'flyway R__a_ids (checksum equal, 1 object compared)' }])
    expect(appliedIn(await gate('run', '--json'))).toEqual([])
  })
})

test('one whose file is removed is not taken for the work of a newer release', async () => {
  const { gate, remove, write } = await arrange(version)
  expect(await gate('run')).toMatchObject({ exitCode: 0 })
  remove('migrations/views/R__b_names.sql')
  const run = await gate('run')
  expect(run).toMatchObject({ exitCode: 0 })
  expect(run.stderr).not.toContain('newer release')
  expect(run.stderr).toContain(
    'repeatable files that are not in the folder (R__b_names): what they made stays',
  )
  write({
    'migrations/views/R__a_ids.sql':
      'CREATE OR REPLACE VIEW ids AS SELECT id, name, note FROM customer;',
  })
  expect(appliedIn(await gate('run', '--json'))).toEqual(['R__a_ids.sql'])
})

test('a file that runs once and comes behind them is not late', async () => {
  const { gate, write, environment } = await arrange(version)
  environment['STRICT_ORDER'] = '1'
  expect(await gate('run')).toMatchObject({ exitCode: 0 })
  write({
    'migrations/V3__ids.sql':
      'COMMENT ON VIEW ids IS $$ids$$; ALTER TABLE customer ADD COLUMN age int',
  })
  const run = await gate('run', '--json')
  expect(run).toMatchObject({ exitCode: 0 })
  expect(appliedIn(run)).toEqual(['V3__ids.sql'])
})

test('an older image leaves what a newer one has defined', async () => {
  const { gate, write, remove, database } = await arrange(version)
  const old = String(files['migrations/views/R__a_ids.sql'])
  write({
    'migrations/V3__age.sql': 'ALTER TABLE customer ADD COLUMN age int',
    'migrations/views/R__a_ids.sql':
      'CREATE OR REPLACE VIEW ids AS SELECT id, name, age FROM customer;',
  })
  expect(await gate('run')).toMatchObject({ exitCode: 0 })
  remove('migrations/V3__age.sql')
  write({ 'migrations/views/R__a_ids.sql': old })
  const run = await gate('run', '--json')
  expect(run).toMatchObject({ exitCode: 0 })
  expect(appliedIn(run)).toEqual([])
  expect(await database.sql`SELECT age FROM ids`).toHaveLength(0)
})

test('one that runs outside of a transaction runs again, too', async () => {
  const built = (column: string): Files => ({
    'migrations/R__i.sql': `DROP INDEX CONCURRENTLY IF EXISTS i;\nCREATE INDEX CONCURRENTLY i ON customer (${column});`,
    'migrations/R__i.sql.conf': 'executeInTransaction=false\n',
  })
  const { gate, write, database } = await arrange(version, { ...files, ...built('name') })
  expect(await gate('run')).toMatchObject({ exitCode: 0 })
  write(built('note'))
  const run = await gate('run', '--json')
  expect(appliedIn(run)).toEqual(['R__i.sql'])
  const [row] = await database.sql<{ d: string }[]>`SELECT pg_get_indexdef('i'::regclass) AS d`
  expect(row?.d).toContain('(note)')
  expect(appliedIn(await gate('run', '--json'))).toEqual([])
})

test('the value of a placeholder is part of its text', async () => {
  const { gate, environment, database } = await arrange(version, {
    'migrations/V1__a.sql': 'CREATE TABLE a (id int);',
    'migrations/R__who.sql':
      "CREATE OR REPLACE FUNCTION who() RETURNS text LANGUAGE sql AS $$SELECT '${who}'$$;",
  })
  environment['FLYWAY_PLACEHOLDERS_WHO'] = 'one'
  expect(await gate('run')).toMatchObject({ exitCode: 0 })
  expect(appliedIn(await gate('run', '--json'))).toEqual([])
  environment['FLYWAY_PLACEHOLDERS_WHO'] = 'two'
  expect(appliedIn(await gate('run', '--json'))).toEqual(['R__who.sql'])
  expect(await database.sql`SELECT who()`).toEqual([{ who: 'two' }])
})

test('two of one description are refused by name', async () => {
  const { gate } = await arrange(version, {
    ...files,
    'migrations/other/R__a_ids.sql': 'SELECT 1;',
  })
  const { exitCode, stdout } = await gate('run')
  expect(exitCode).toBe(4)
  expect(stdout).toContain('error[duplicate-version]')
})

test('one that fills a table of an earlier file again does so whenever it has changed', async () => {
  const filled = (rows: string): Files => ({
    'migrations/V1__kind.sql': 'CREATE TABLE kind (id int PRIMARY KEY, name text);',
    'migrations/R__kind.sql': `DELETE FROM kind;\nINSERT INTO kind VALUES ${rows};\n`,
  })
  const { gate, write, database } = await arrange(version, filled("(1, 'a')"))
  expect(await gate('run')).toMatchObject({ exitCode: 0 })
  write(filled("(1, 'a'), (2, 'b')"))
  expect(appliedIn(await gate('run', '--json'))).toEqual(['R__kind.sql'])
  expect(await database.sql`SELECT id FROM kind`).toHaveLength(2)
})

test('one that drops a table which no file has made is refused', async () => {
  const { gate, write, database } = await arrange(version)
  expect(await gate('run')).toMatchObject({ exitCode: 0 })
  await database.sql`CREATE TABLE by_hand (id int)`
  await database.sql`INSERT INTO by_hand VALUES (1)`
  const a = 'CREATE TABLE IF NOT EXISTS by_hand (id int);'
  for (const [file, other] of [
    ['DROP TABLE by_hand;', files['migrations/views/R__b_names.sql']],
    [
      'DROP TABLE by_hand; CREATE TABLE by_hand (id int);',
      files['migrations/views/R__b_names.sql'],
    ],
    // That the first is recorded says nothing of what its text is now.
    [a, 'DELETE FROM by_hand;'],
  ]) {
    write({
      'migrations/views/R__a_ids.sql': String(file),
      'migrations/views/R__b_names.sql': String(other),
    })
    const run = await gate('run')
    expect(run.exitCode).toBe(4)
    expect(run.stdout).toContain('error[data-loss]: migrations/views/R__')
  }
  expect(await database.sql`SELECT id FROM by_hand`).toEqual([{ id: 1 }])
})
