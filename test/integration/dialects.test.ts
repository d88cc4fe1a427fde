// Other tools' folders as they are: the gate makes of each what the tool would, on a real server, and says whose folder it is.

import { describe, expect, test } from '@jest/globals'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readCatalog } from '../support/catalog.ts'
import { createDatabase, type TestDatabase } from '../support/database.ts'
import { dialectFolders, wanted, type DialectFolder } from '../support/dialect-folders.ts'
import { runGate, temporaryFolder, writeFiles } from '../support/gate.ts'
import { serverVersions } from '../support/servers.ts'

const [version] = serverVersions

const madeByHand = async (): Promise<readonly string[]> => {
  const { sql, ...database } = await createDatabase(version)
  for (const statements of wanted) await sql.unsafe(statements).simple()
  return readCatalog({ ...database, sql })
}

const folderOf = (name: string): DialectFolder => {
  const folder = dialectFolders.find(({ dialect }) => dialect === name)
  if (folder === undefined) throw new Error(`no folder of ${name}`)
  return folder
}

const arrange = async (
  folder: DialectFolder,
): Promise<{
  readonly database: TestDatabase
  readonly gate: (...args: readonly string[]) => ReturnType<typeof runGate>
  readonly path: string
}> => {
  const database = await createDatabase(version)
  const path = temporaryFolder()
  writeFiles(
    path,
    Object.fromEntries(
      Object.entries(folder.files).map(([name, text]) => [`migrations/${name}`, text]),
    ),
  )
  const environment = {
    ...folder.environment,
    ...(folder.because === undefined ? { MIGRATIONS_DIALECT: folder.dialect } : {}),
    DATABASE_URL: database.url,
  }
  return { database, path, gate: (...args) => runGate({ args, folder: path, environment }) }
}

test('an error behind a part that undoes has its place in the file on the disk', async () => {
  const { gate } = await arrange({
    ...{ dialect: 'node-pg-migrate', versions: [], downParts: 0, because: '' },
    files: {
      '1700000000001_a.sql':
        '-- Down Migration\nDROP TABLE customer;\n\n-- Up Migration\nCREATE TABLE customer (id int);\nALTER TABLE customer ADD COLUMN name txt;\n',
    },
  })
  const { exitCode, stdout } = await gate('run')
  expect(exitCode).toBe(1)
  expect(stdout).toContain('migrations/1700000000001_a.sql:6:38')
  expect(stdout).toContain('6 | ALTER TABLE customer ADD COLUMN name txt;')
})

describe('schemagate new', () => {
  test.each([
    ['goose', /^migrations\/11_more\.sql$/, '-- +goose Up\n'],
    ['dbmate', /^migrations\/\d{14}_more\.sql$/, '-- migrate:up\n'],
    ['golang-migrate', /^migrations\/11_more\.up\.sql$/, ''],
    ['prisma', /^migrations\/\d{14}_more\/migration\.sql$/, ''],
    ['diesel', /^migrations\/\d{4}-\d\d-\d\d-\d{6}_more\/up\.sql$/, ''],
    ['hasura', /^migrations\/\d{13}_more\/up\.sql$/, ''],
    ['node-pg-migrate', /^migrations\/\d{13}_more\.sql$/, '-- Up Migration\n'],
    ['tern', /^migrations\/005_more\.sql$/, ''],
    ['flyway', /^migrations\/V2__more\.sql$/, ''],
    ['sql-migrate', /^migrations\/10_more\.sql$/, '-- +migrate Up\n'],
  ])(
    'makes a file in the form of %s, which it takes when it is filled in',
    async (name, file, begins) => {
      const { gate, path } = await arrange(folderOf(name))
      const made = await gate('new', 'more', '--json')
      expect(made).toMatchObject({ exitCode: 0 })
      const created = (JSON.parse(made.stdout) as { file: string }).file
      expect(created).toMatch(file)
      const text = readFileSync(join(path, created), 'utf8')
      expect(text.startsWith(begins)).toBe(true)
      expect((await gate('lint')).stdout).toContain('unfilled-template')
      writeFileSync(join(path, created), text.replace('-- Guards', 'SELECT 1;\n-- Guards'))
      const { stdout } = await gate('plan', '--json')
      const { migrations } = JSON.parse(stdout) as { migrations: readonly { file: string }[] }
      expect(migrations.map((each) => each.file)).toContain(created)
    },
  )

  test('makes the first file in the form of the tool that MIGRATIONS_DIALECT names', async () => {
    const path = temporaryFolder()
    const environment = { MIGRATIONS_DIALECT: 'goose' }
    const made = await runGate({ args: ['new', 'first'], folder: path, environment })
    expect({ ...made, said: made.stdout }).toMatchObject({ exitCode: 0 })
    const file = /created (\S+)/.exec(made.stdout)?.[1] ?? ''
    expect(readFileSync(join(path, file), 'utf8')).toMatch(/^-- \+goose Up\n/)
  })

  test('leaves a folder of Drizzle to Drizzle', async () => {
    const { gate } = await arrange(folderOf('drizzle'))
    const { exitCode, stdout } = await gate('new', 'more')
    expect({ exitCode, stdout }).toMatchObject({ exitCode: 2 })
    expect(stdout).toContain('error[not-made-here]')
  })
})

describe.each(dialectFolders)('a folder of $dialect', (folder) => {
  const because = folder.because ?? `MIGRATIONS_DIALECT=${folder.dialect}`

  test(`makes what it is written for: ${because}`, async () => {
    const { database, gate } = await arrange(folder)
    const plan = await gate('plan', '--json')
    expect(plan).toMatchObject({ exitCode: 0 })
    const planned = JSON.parse(plan.stdout) as {
      dialect: unknown
      migrations: readonly { version: string }[]
    }
    expect(planned.dialect).toEqual({
      ...{ name: folder.dialect, because, down_parts: folder.downParts },
    })
    expect(planned.migrations.map((each) => each.version)).toEqual(folder.versions)
    const run = await gate('run')
    expect(run).toMatchObject({ exitCode: 0 })
    expect(run.stderr.split('\n')[0]).toContain(because)
    expect(await readCatalog(database)).toEqual(await madeByHand())
    const rows = await database.sql`
      SELECT version, dialect FROM schemagate.schema_migrations ORDER BY ordinal`
    expect(rows.map((row) => [String(row['version']), String(row['dialect'])])).toEqual(
      folder.versions.map((each) => [each, folder.dialect]),
    )
    expect(await gate('run')).toMatchObject({ exitCode: 0 })
    expect(await gate('status', '--exit-code')).toMatchObject({ exitCode: 0 })
    expect((await gate('lint', '--json')).exitCode).not.toBe(2)
  })

  test('is recognised on a database that has it already, without a ledger', async () => {
    const { database, gate } = await arrange(folder)
    for (const statements of wanted) await database.sql.unsafe(statements).simple()
    const adopted = await gate('adopt')
    expect(adopted).toMatchObject({ exitCode: 0 })
    const rows = await database.sql`SELECT state FROM schemagate.schema_migrations`
    expect(rows.map(({ state }) => String(state))).toEqual(folder.versions.map(() => 'reconciled'))
  })
})
