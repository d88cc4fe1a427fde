// sqitch's projects and its registry: the tool itself before and behind the gate, what only psql could follow, and what is edited.

import { expect, test } from '@jest/globals'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { createDatabase, type TestDatabase } from '../support/database.ts'
import { runGate, workFolder, writeFiles, type Files, type Finished } from '../support/gate.ts'
import { serverVersions } from '../support/servers.ts'
import { runSqitch, sqitchTarget, withSqitch } from '../support/sqitch.ts'
import { arrange as takenOver, folderOf } from '../support/take-over.ts'

const [version] = serverVersions

type Scene = {
  readonly database: TestDatabase
  readonly sqitch: (...args: readonly string[]) => string
  readonly on: (database: TestDatabase, command: string) => string
  readonly gate: (...args: readonly string[]) => Promise<Finished>
  readonly write: (files: Files) => void
}

const arrange = async (): Promise<Scene> => {
  const database = await createDatabase(version)
  const path = workFolder({})
  const project = join(path, 'shop')
  mkdirSync(project)
  const environment = { DATABASE_URL: database.url, MIGRATIONS_DIR: 'shop' }
  return {
    database,
    sqitch: (...args) => runSqitch(project, ...args),
    on: ({ url }, command) => runSqitch(project, command, sqitchTarget(url)),
    gate: (...args) => runGate({ args, folder: path, environment }),
    write: (files) => {
      writeFiles(project, files)
    },
  }
}

/** Without times and who did it. */
const registryOf = async ({ sql }: TestDatabase): Promise<unknown> => ({
  changes:
    await sql`SELECT change_id, script_hash, change, project, note, planned_at, planner_name, planner_email FROM sqitch.changes ORDER BY committed_at`,
  tags: await sql`SELECT tag_id, tag, project, change_id, note, planned_at, planner_name, planner_email FROM sqitch.tags ORDER BY 1`,
  dependencies: await sql`SELECT * FROM sqitch.dependencies ORDER BY 1, 3`,
  events:
    await sql`SELECT event, change_id, change, note, requires, conflicts, tags FROM sqitch.events ORDER BY committed_at`,
})

const script = (name: string): string =>
  `BEGIN;\n\\set ON_ERROR_STOP on\nCREATE TABLE ${name} (id int);\nCOMMIT;\n`

withSqitch(
  'sqitch, the gate, and both again: each goes on where the other ended',
  async () => {
    const { database, sqitch, on, gate, write } = await arrange()
    const add = (name: string, ...args: readonly string[]): void => {
      sqitch('add', name, '-n', `adds "${name}"\nand no more`, ...args)
      write({
        [`deploy/${name}.sql`]: script(name),
        [`revert/${name}.sql`]: `DROP TABLE ${name};\n`,
        [`verify/${name}.sql`]: `SELECT id FROM ${name};\n`,
      })
    }
    sqitch('init', 'shop', '--engine', 'pg', '--uri', 'https://example.com/shop')
    add('one')
    on(database, 'deploy')
    add('two', '-r', 'one')
    sqitch('tag', 'v1', '-n', 'first')
    add('sub/three', '-r', 'two', '-r', '@v1')
    write({
      'deploy/sub/three.sql': script('three'),
      'verify/sub/three.sql': 'SELECT id FROM three;\n',
    })
    const run = await gate('run')
    expect(run).toMatchObject({ exitCode: 0 })
    expect(run.stderr).toContain('sqitch.changes of sqitch claims 1 of the 3 files')
    expect(run.stderr).toContain('sqitch one (checksum equal, 2 objects compared)')
    expect(on(database, 'status')).toContain('Nothing to deploy (up-to-date)')
    expect(on(database, 'verify')).toContain('Verify successful')
    add('four', '-r', 'sub/three')
    on(database, 'deploy')
    add('five')
    // Again with other text, under the tag of what it was.
    sqitch('tag', 'v2', '-n', 'second')
    sqitch('rework', 'five', '-n', 'again')
    write({ 'deploy/five.sql': 'ALTER TABLE five ADD COLUMN note text;\n' })
    expect(await gate('run')).toMatchObject({ exitCode: 0 })
    expect(on(database, 'status')).toContain('Nothing to deploy (up-to-date)')
    const rows =
      await database.sql`SELECT version FROM schemagate.schema_migrations ORDER BY ordinal`
    expect(rows.map((row) => row['version'] as string)).toEqual([
      'one',
      'two',
      'sub/three',
      'four',
      'five@v2',
      'five',
    ])
    // As sqitch alone leaves it.
    const alone = await createDatabase(version)
    on(alone, 'deploy')
    expect(await registryOf(database)).toEqual(await registryOf(alone))
  },
  300_000,
)

test('what only psql could follow is refused by name where it would run', async () => {
  const folder = folderOf('sqitch')
  const guarded = {
    ...folder,
    files: { ...folder.files, 'deploy/note.sql': '\\if :{?x}\nSELECT 1;\n\\endif\n' },
  }
  const { gate } = await takenOver(guarded, 2)
  const run = await gate('run')
  expect(run).toMatchObject({ exitCode: 4 })
  expect(run.stdout).toContain(
    "schemagate cannot run migrations/deploy/note.sql as sqitch would: it has '\\if :{?x}', which only psql can follow",
  )
  expect(run.stdout).toContain('migrations/deploy/note.sql:1:1')
}, 300_000)

test('an edited script, and an edited plan, are refused', async () => {
  const folder = folderOf('sqitch')
  for (const [file, from, to] of [
    ['deploy/customer.sql', 'COMMIT', 'SELECT 1; COMMIT'],
    ['sqitch.plan', 'of them', 'of those'],
  ] as const) {
    const edited = {
      ...folder,
      files: { ...folder.files, [file]: String(folder.files[file]).replace(from, to) },
    }
    const { gate, database } = await takenOver(folder, 2)
    const other = workFolder(
      Object.fromEntries(
        Object.entries(edited.files).map(([name, text]) => [`migrations/${name}`, text]),
      ),
    )
    const run = await runGate({
      args: ['run'],
      folder: other,
      environment: { DATABASE_URL: database.url },
    })
    expect(run).toMatchObject({ exitCode: 4 })
    expect(run.stdout).toContain('error[claim-edited]')
    expect(await gate('run')).toMatchObject({ exitCode: 0 })
  }
}, 300_000)
