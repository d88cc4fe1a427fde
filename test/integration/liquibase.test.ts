// Liquibase's folders and its ledger: what only it could run, its lock, what runs when it has changed, and the tool itself before
// and behind the gate.

import { expect, test } from '@jest/globals'
import { createDatabase, type TestDatabase } from '../support/database.ts'
import { runGate, workFolder, writeFiles, type Files, type Finished } from '../support/gate.ts'
import { runLiquibase, withLiquibase } from '../support/liquibase.ts'
import { serverVersions } from '../support/servers.ts'
import { arrange as takenOver, folderOf } from '../support/take-over.ts'

const [version] = serverVersions
const head = '--liquibase formatted sql\n'

type Scene = {
  readonly database: TestDatabase
  readonly path: string
  readonly gate: (...args: readonly string[]) => Promise<Finished>
  readonly write: (files: Files) => void
}

const arrange = async (files: Files): Promise<Scene> => {
  const database = await createDatabase(version)
  const path = workFolder(files)
  const environment = { DATABASE_URL: database.url, MIGRATIONS_DIR: 'db' }
  return {
    ...{ database, path },
    gate: (...args) => runGate({ args, folder: path, environment }),
    write: (changed) => {
      writeFiles(path, changed)
    },
  }
}

const table = (at: number): string =>
  `--changeset ann:${at}\nCREATE TABLE t${at} (id int);\n--rollback DROP TABLE t${at};\n`

const root = (...files: readonly string[]): Files => ({
  'db/changelog.yaml': `databaseChangeLog:\n${files.map((file) => `  - include: { file: db/${file} }\n`).join('')}`,
})

withLiquibase(
  'Liquibase, the gate, and both again: each goes on where the other ended',
  async () => {
    const view = (column: string): string =>
      `${head}--changeset bob:view runOnChange:true\nCREATE OR REPLACE VIEW v AS SELECT 1 AS a${column};\n`
    const { database, path, gate, write } = await arrange({
      ...root('a.sql', 'v.sql'),
      'db/a.sql': head + table(0) + table(1),
      'db/v.sql': view(''),
    })
    const { sql, url } = database
    const tool = (): string => runLiquibase(path, url, { root: 'db/changelog.yaml' })
    const applied = async (): Promise<readonly string[]> =>
      (
        await sql`SELECT filename || ' ' || id || ' ' || exectype AS row FROM databasechangelog ORDER BY orderexecuted`
      ).map(({ row }) => String(row))
    tool()
    write({
      ...root('a.sql', 'v.sql', 'b.sql'),
      'db/b.sql': head + table(2),
      'db/v.sql': view(', 2 AS b'),
    })
    const first = await gate('run')
    expect(first).toMatchObject({ exitCode: 0 })
    expect(first.stderr).toContain('claims 2 of the 4 files')
    expect(first.stderr).toMatch(/liquibase a\.sql::0::ann \(checksum equal, 2 objects compared\)/)
    expect(await applied()).toEqual([
      ...['db/a.sql 0 EXECUTED', 'db/a.sql 1 EXECUTED'],
      ...['db/v.sql view RERAN', 'db/b.sql 2 EXECUTED'],
    ])
    // It validates the checksums of all of them first.
    expect(runLiquibase(path, url, { root: 'db/changelog.yaml', args: ['status'] })).toContain(
      'is up to date',
    )
    write({ 'db/b.sql': head + table(2) + table(3) })
    tool()
    expect(await gate('run')).toMatchObject({ exitCode: 0 })
    write({
      'db/b.sql': head + table(2) + table(3) + table(4),
      'db/v.sql': view(', 2 AS b, 3 AS c'),
    })
    expect(await gate('run')).toMatchObject({ exitCode: 0 })
    expect(runLiquibase(path, url, { root: 'db/changelog.yaml', args: ['status'] })).toContain(
      'is up to date',
    )
    tool()
    expect(await applied()).toEqual([
      ...['db/a.sql 0 EXECUTED', 'db/a.sql 1 EXECUTED', 'db/b.sql 2 EXECUTED'],
      ...['db/b.sql 3 EXECUTED', 'db/v.sql view RERAN', 'db/b.sql 4 EXECUTED'],
    ])
    expect(await sql`SELECT c FROM v`).toHaveLength(1)
  },
  300_000,
)

test('what only Liquibase can run is refused where it would run, and is like any other where it has run', async () => {
  const guarded = `${head}--changeset ann:1\n--preconditions onFail:MARK_RAN\nCREATE TABLE t1 (id int);\n`
  const files = { 'db/a.sql': guarded }
  const { database, gate, write } = await arrange(files)
  for (const command of ['run', 'plan']) {
    const refused = await gate(command)
    expect(refused).toMatchObject({ exitCode: 4 })
    expect(refused.stdout).toContain(
      "schemagate cannot run db/a.sql as Liquibase would: it has '--preconditions onFail:MARK_RAN'",
    )
    expect(refused.stdout).toContain('db/a.sql:2:1')
  }
  expect(await database.sql`SELECT FROM pg_class WHERE relname = 't1'`).toHaveLength(0)
  await database.sql`CREATE TABLE t1 (id int)`
  write({ 'db/b.sql': head + table(2) })
  const run = await gate('run')
  expect(run).toMatchObject({ exitCode: 0 })
  expect(await gate('run')).toMatchObject({ exitCode: 0 })
})

test('its lock is waited for, and holds it off', async () => {
  const { database, gate } = await takenOver(folderOf('liquibase'), 2, {
    environment: { MIGRATION_LOCK_WAIT_SECONDS: '1' },
  })
  await database.sql`UPDATE databasechangeloglock SET locked = true`
  const busy = await gate('run')
  expect(busy).toMatchObject({ exitCode: 75 })
  expect(busy.stdout).toContain('error[tool-at-work]')
  expect(await database.sql`SELECT FROM databasechangelog`).toHaveLength(2)
  await database.sql`UPDATE databasechangeloglock SET locked = false`
  expect(await gate('run')).toMatchObject({ exitCode: 0 })
})

test('an edited changeset, and one with the checksum of an older version', async () => {
  const folder = folderOf('liquibase')
  const edited = await takenOver(folder, 2)
  await edited.database
    .sql`UPDATE databasechangelog SET md5sum = '8:bc7313df79ff4ecb9810512c1314c5f3' WHERE orderexecuted = 1`
  await edited.database.sql`UPDATE databasechangelog SET md5sum = '7:0123' WHERE orderexecuted = 2`
  expect(await edited.gate('run')).toMatchObject({ exitCode: 0 })
  expect((await edited.rows()).slice(0, 2).map(({ recognised_by: by }) => by)).toEqual([
    'liquibase first.sql::1::ann (checksum equal, 4 objects compared)',
    'liquibase first.sql::touch::ann b (2 objects compared)',
  ])
  const other = await takenOver(folder, 2)
  await other.database.sql`UPDATE databasechangelog SET md5sum = '8:0' WHERE orderexecuted = 1`
  const refused = await other.gate('run')
  expect(refused).toMatchObject({ exitCode: 4 })
  expect(refused.stdout).toContain('error[claim-edited]')
})

test('what lint finds of a changeset is shown at it, and not at the others of its file', async () => {
  const index = (at: number): string =>
    `--changeset ann:i${at}\n\nCREATE INDEX i${at} ON t${at} (id);\n`
  const { gate, write } = await arrange({ 'db/a.sql': head + table(0) + table(1) })
  expect(await gate('run')).toMatchObject({ exitCode: 0 })
  write({ 'db/a.sql': head + table(0) + table(1) + index(0) + index(1) })
  const plan = JSON.parse((await gate('plan', '--json')).stdout) as {
    migrations: readonly { version: string; hazards: readonly { line: number }[] }[]
  }
  expect(
    plan.migrations.map(({ version: of, hazards }) => [of, hazards.map(({ line }) => line)]),
  ).toEqual([
    ['a.sql::i0::ann', [10]],
    ['a.sql::i1::ann', [13]],
  ])
  const found = await gate('lint', '--since', 'a.sql::i0::ann')
  expect(found.stdout).toContain('db/a.sql:13:1')
  expect(found.stdout).not.toContain('db/a.sql:10:1')
  expect(found.stdout).toContain('1 finding: 0 errors, 1 warning in 1 file')
})
