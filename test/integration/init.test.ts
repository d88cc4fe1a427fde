// `schemagate init`: what a project is, from its folder alone or with its database; nothing is written unless asked for.

import { describe, expect, test } from '@jest/globals'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { readCatalog } from '../support/catalog.ts'
import { createDatabase } from '../support/database.ts'
import { runGate, temporaryFolder, workFolder, type Files, type Finished } from '../support/gate.ts'
import { serverVersions } from '../support/servers.ts'
import { arrange, folderOf } from '../support/take-over.ts'

const written = 'compose.schemagate.yaml'

const initIn = (folder: string, ...args: readonly string[]): Promise<Finished> =>
  runGate({ args: ['init', ...args], folder })

const ours: Files = { 'migrations/0001_a.sql': 'CREATE TABLE a (id int)' }

describe('without a database', () => {
  test('a folder that is not there yet is no failure, and nothing is written for it', async () => {
    const folder = temporaryFolder()
    const { exitCode, stdout } = await initIn(folder, '--write')
    expect(exitCode).toBe(0)
    expect(stdout).toContain('migrations does not exist yet')
    expect(stdout).toContain('Nothing was written')
    expect(readdirSync(folder)).toEqual([])
  })

  test('an empty folder is one that begins', async () => {
    const { exitCode, stdout } = await initIn(workFolder({ 'migrations/.gitkeep': '' }))
    expect(exitCode).toBe(0)
    expect(stdout).toContain("migrations is empty; 'schemagate new <name>' makes its first file")
  })

  test('our own folder: its files, and what compose needs, word for word', async () => {
    const folder = workFolder(ours)
    const { exitCode, stdout, stderr } = await initIn(folder)
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
    expect(stdout).toMatchSnapshot()
    expect(readdirSync(folder)).toEqual(['migrations'])
  })

  test('what is defined once beside the migrations is counted, and what is wrong with it is shown', async () => {
    const objects = { 'migrations/objects/v.sql': 'CREATE VIEW v AS SELECT 1 AS a' }
    const { stdout } = await initIn(workFolder({ ...ours, ...objects }))
    expect(stdout).toContain('migrations/objects: 1 file, each of which defines its object')
    const json = await initIn(workFolder({ ...ours, ...objects }), '--json')
    expect(JSON.parse(json.stdout)).toMatchObject({ folder: { files: 1, objects: 1 } })
    const wrong = await initIn(workFolder({ ...ours, 'migrations/objects/v.txt': '' }))
    expect(wrong).toMatchObject({ exitCode: 4 })
    expect(wrong.stdout).toContain('migrations/objects/v.txt')
  })

  test("another tool's folder: whose it is and why, and its down parts", async () => {
    const folder = workFolder({
      'migrations/1_a.sql': '-- +goose Up\nSELECT 1;\n-- +goose Down\nSELECT 2;\n',
    })
    const { exitCode, stdout } = await initIn(folder)
    expect(exitCode).toBe(0)
    expect(stdout).toContain('1 file of goose, because each file has a marker of it')
    expect(stdout).toContain('its 1 down part will never run')
    expect(stdout).toContain('MIGRATIONS_DIALECT: goose')
  })

  test('what a run would refuse is shown, with its exit code, and nothing is written', async () => {
    const folder = workFolder({ ...ours, 'migrations/2_b.sql': '-- +goose Up\nSELECT 1;\n' })
    const { exitCode, stdout } = await initIn(folder, '--write')
    expect(exitCode).toBe(4)
    expect(stdout).toContain('error[foreign-dialect]: migrations/2_b.sql')
    expect(stdout).toContain('Nothing was written.')
    expect(existsSync(join(folder, written))).toBe(false)
  })
})

describe('--write', () => {
  test('writes a service that compose reads, once, and never over a file', async () => {
    const folder = workFolder(ours)
    const first = await initIn(folder, '--write')
    expect(first.exitCode).toBe(0)
    expect(first.stdout).toContain(`include: [${written}]`)
    const text = readFileSync(join(folder, written), 'utf8')
    const { services } = parse(text) as { services: Readonly<Record<string, unknown>> }
    expect(services).toMatchObject({
      migrate: { image: 'schemagate', volumes: ['./migrations:/migrations:ro'], restart: 'no' },
    })
    const second = await initIn(folder, '--write')
    expect(second.exitCode).toBe(2)
    expect(second.stdout).toContain(
      `error[file-not-written]: ${written} cannot be written (EEXIST)`,
    )
    expect(readFileSync(join(folder, written), 'utf8')).toBe(text)
  })
})

describe.each(serverVersions)('with a database of PostgreSQL %s', (server) => {
  test("the tool's ledger, ours, and what a run would do are those of plan; nothing is changed", async () => {
    const { database, gate, environment, path } = await arrange(folderOf('flyway'), 2, { server })
    const before = await readCatalog(database)
    const { exitCode, stdout } = await gate('init')
    expect(exitCode).toBe(0)
    expect(stdout).toContain('schemagate.schema_migrations is not there')
    expect(stdout).toMatch(
      /public\.flyway_schema_history, the ledger of Flyway, has \d rows and claims 2 of the \d files/,
    )
    expect(stdout).toContain('is also written into public.flyway_schema_history')
    expect(stdout).toMatch(/would record 2 files that the database has already, and run \d files/)
    const [init, plan] = [await gate('init', '--json'), await gate('plan', '--json')]
    const seen = JSON.parse(init.stdout) as { plan: unknown; database: unknown }
    const planned = JSON.parse(plan.stdout) as Readonly<Record<string, unknown>>
    expect(seen.plan).toEqual({ ...planned, dialect: undefined })
    expect(seen.database).toMatchObject({ tool_ledger: { claimed: 2 }, mirror: true })
    expect(await readCatalog(database)).toEqual(before)
    // Left out, it is not written to.
    const off = await runGate({
      ...{ args: ['init'], folder: path },
      environment: { ...environment, LEDGER_MIRROR: '0' },
    })
    expect(off.stdout).toContain('is not written into public.flyway_schema_history')
    expect(await gate('run')).toMatchObject({ exitCode: 0 })
    const behind = await gate('init')
    expect(behind.stdout).toMatch(
      /schemagate\.schema_migrations, the ledger of schemagate, has \d rows/,
    )
    expect(behind.stdout).toMatch(/has nothing to do: \d files recorded/)
  })

  test('a claim that the database does not bear out ends with 4, as a run would', async () => {
    const { database, gate } = await arrange(folderOf('flyway'), 2, { server })
    await database.sql.unsafe('DROP TABLE customer CASCADE').simple()
    const { exitCode, stdout } = await gate('init')
    expect(exitCode).toBe(4)
    expect(stdout).toContain('would refuse, with 2 problems:')
    expect(stdout).toContain('error[claim-disagrees]')
  })

  test('a ledger of a tool that the files are not of is named', async () => {
    const { environment } = await arrange(folderOf('flyway'), 2, { server })
    const { DATABASE_URL = '' } = environment
    const other = await runGate({
      ...{ args: ['init'], folder: workFolder(ours), environment: { DATABASE_URL } },
    })
    expect(other.stdout).toMatch(
      /public\.flyway_schema_history looks like a ledger of Flyway, with \d rows; these files are not of that tool/,
    )
    const none = await runGate({
      ...{ args: ['init'], folder: temporaryFolder(), environment: { DATABASE_URL } },
    })
    expect(none.stdout).toContain('set MIGRATIONS_DIR to the folder of its files')
  })

  test("our own ledger is nobody else's, whatever schema it is in", async () => {
    const { url } = await createDatabase(server)
    const environment = { DATABASE_URL: url, LEDGER_SCHEMA: 'public' }
    const folder = workFolder(ours)
    expect(await runGate({ folder, environment })).toMatchObject({ exitCode: 0 })
    const { stdout } = await runGate({ args: ['init'], folder, environment })
    expect(stdout).toContain('public.schema_migrations, the ledger of schemagate, has 1 row')
    expect(stdout).not.toContain('looks like a ledger')
  })
})
