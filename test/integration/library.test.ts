// The library as its users have it: the published files, imported by a Node process of its own.

import { describe, expect, test } from '@jest/globals'
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { createDatabase, type TestDatabase } from '../support/database.ts'
import { runGate, temporaryFolder, writeFiles } from '../support/gate.ts'

const project = join(import.meta.dirname, '../..')

const contract = {
  service: 'api',
  tables: { t: { columns: { a: { type: 'text' }, b: { type: 'int4' } } } },
}

/** A package that depends on ours, as npm would lay it out; with these files. */
const aPackage = (files: Readonly<Record<string, string>>): string => {
  const folder = temporaryFolder()
  const installed = join(folder, 'node_modules/schemagate')
  mkdirSync(installed, { recursive: true })
  for (const name of ['package.json', 'schema'])
    cpSync(join(project, name), join(installed, name), { recursive: true })
  symlinkSync(join(project, 'dist'), join(installed, 'dist'))
  writeFiles(folder, { 'package.json': '{ "type": "module" }', ...files })
  return folder
}

const files = {
  'migrations/0001_t.sql': 'CREATE TABLE t (a text);\n',
  'migrations/0002_b.sql': 'ALTER TABLE t ADD COLUMN IF NOT EXISTS b int;\n',
  'migrations/contracts/api.json': JSON.stringify(contract),
}

type Ran = { readonly exitCode: number | null; readonly stdout: string; readonly stderr: string }

const run = (
  folder: string,
  script: string,
  environment: Readonly<Record<string, string>> = {},
): Ran => {
  writeFiles(folder, { 'index.js': script })
  const { status, stdout, stderr } = spawnSync(process.execPath, ['index.js'], {
    cwd: folder,
    env: { PATH: process.env['PATH'] ?? '', DATABASE_WAIT_SECONDS: '1', ...environment },
    encoding: 'utf8',
    timeout: 30_000,
  })
  return { exitCode: status, stdout, stderr }
}

const asserting = (options: string): string => `
import { assertSchema } from 'schemagate'
try {
  await assertSchema(${options})
  console.log('holds')
} catch ({ name, message, exitCode, violations, problems }) {
  console.log(JSON.stringify({ name, message, exitCode, violations, problems }))
}
`

type Thrown = {
  readonly name: string
  readonly message: string
  readonly exitCode: number
  readonly violations?: readonly unknown[]
  readonly problems?: readonly { readonly code: string }[]
}

const thrownBy = ({ stdout }: Ran): Thrown => JSON.parse(stdout) as Thrown

const migrated = async (folder: string): Promise<TestDatabase> => {
  const database = await createDatabase('18')
  const environment = { DATABASE_URL: database.url }
  expect(await runGate({ folder, environment })).toMatchObject({ exitCode: 0 })
  return database
}

describe('assertSchema', () => {
  test.each([
    ['the contract itself', `{ contract: ${JSON.stringify(contract)} }`],
    ['a path', `{ contract: 'migrations/contracts/api.json' }`],
    ['a file URL', `{ contract: new URL('./migrations/contracts/api.json', import.meta.url) }`],
    ['a service of the folder', `{ service: 'api' }`],
    ['every contract of the folder', ''],
  ])('resolves where the database holds %s', async (_, options) => {
    const folder = aPackage(files)
    const { url } = await migrated(folder)
    expect(run(folder, asserting(options), { DATABASE_URL: url })).toEqual({
      exitCode: 0,
      stdout: 'holds\n',
      stderr: '',
    })
  })

  test('takes its own URL before those of the environment', async () => {
    const folder = aPackage(files)
    const { url } = await migrated(folder)
    const ran = run(folder, asserting(`{ url: '${url}' }`), {
      DATABASE_URL_DIRECT: 'postgresql://nobody@127.0.0.1:1/none',
    })
    expect(ran.stdout).toBe('holds\n')
  })

  test('rejects with one error that has all violations', async () => {
    const folder = aPackage(files)
    const { url, sql } = await migrated(folder)
    await sql`ALTER TABLE t DROP COLUMN b`
    await sql`ALTER TABLE t ALTER a TYPE varchar(5)`
    const { name, message, exitCode, violations } = thrownBy(
      run(folder, asserting(''), { DATABASE_URL: url }),
    )
    expect([name, exitCode]).toEqual(['SchemagateError', 3])
    expect(violations).toMatchObject([
      { object: 'column t.a', aspect: 'type', expected: 'text', found: 'character varying(5)' },
      { object: 'column t.b', aspect: 'existence', migration: 'migrations/0002_b.sql' },
    ])
    expect(message).toMatch(/^CONTRACT VIOLATED: the contract of api is violated \(2 violations\)/)
    expect(message).toContain('column t.b is missing')
  })

  test.each([
    [
      'an unreachable database',
      '{ url: "postgresql://u:secret-pw-9@127.0.0.1:1/none" }',
      'database-unreachable',
      69,
    ],
    ['a bad contract', '{ contract: { service: "api", tabels: {} } }', 'malformed-contract', 4],
    ['a contract that is not there', '{ contract: "nowhere.json" }', 'unreadable-contract', 4],
    ['an unknown service', '{ service: "apo" }', 'unknown-service', 2],
    ['no database', '{}', 'no-database-named', 2],
    [
      'a malformed setting',
      '{ settings: { DATABASE_WAIT_SECONDS: "soon" } }',
      'malformed-value',
      2,
    ],
  ])('rejects for %s with a problem that has a code', (_, options, code, exitCode) => {
    const nowhere = { DATABASE_URL: 'postgresql://u@127.0.0.1:1/none' }
    const ran = run(aPackage(files), asserting(options), options === '{}' ? {} : nowhere)
    const thrown = thrownBy(ran)
    expect([thrown.name, thrown.problems?.[0]?.code, thrown.exitCode]).toEqual([
      'SchemagateError',
      code,
      exitCode,
    ])
    expect(thrown.message).toContain(`error[${code}]`)
    expect(thrown.message).toContain('fix: ')
    expect(ran.stdout + ran.stderr).not.toContain('secret-pw-9')
  })

  test('is ended by its signal', () => {
    const ran = run(
      aPackage(files),
      asserting(
        `{ url: 'postgresql://u@127.0.0.1:1/x', settings: { DATABASE_WAIT_SECONDS: '25' }, signal: AbortSignal.timeout(300) }`,
      ),
    )
    expect(thrownBy(ran).name).toBe('SchemagateError')
  })
})

describe('migrate', () => {
  const migrating = `
import { migrate } from 'schemagate'
const lines = []
try {
  const { report, ...result } = await migrate({ log: ({ message }) => lines.push(message) })
  console.log(JSON.stringify({ ...result, report: report.split('\\n').at(-2), log: lines.at(-1) }))
} catch ({ name, message, exitCode, problems, violations }) {
  console.log(JSON.stringify({ name, message, exitCode, problems, violations }))
}
`
  test('applies, proves, and tells what it did', async () => {
    const { url } = await createDatabase('18')
    const { stdout } = run(aPackage(files), migrating, { DATABASE_URL: url })
    expect(JSON.parse(stdout)).toMatchObject({
      outcome: 'applied',
      applied: ['migrations/0001_t.sql', 'migrations/0002_b.sql'],
      reconciled: [],
      contracts: ['api'],
      report: expect.stringContaining('Migration completed successfully: 2 applied'),
      log: 'MIGRATION CHECKPOINT: the contract of api holds',
    })
  })

  test('does nothing where RUN_MIGRATIONS says so', () => {
    const { stdout } = run(aPackage(files), migrating, { RUN_MIGRATIONS: '0' })
    expect(JSON.parse(stdout)).toMatchObject({ outcome: 'disabled', applied: [] })
  })

  test('rejects with the report of what failed', async () => {
    const { url } = await createDatabase('18')
    const folder = aPackage({ ...files, 'migrations/0002_b.sql': 'ALTER TABLE u ADD b int;\n' })
    const thrown = thrownBy(run(folder, migrating, { DATABASE_URL: url }))
    expect(thrown).toMatchObject({
      name: 'SchemagateError',
      exitCode: 1,
      problems: [{ code: 'migration-failed' }],
    })
    expect(thrown.message).toContain('MIGRATION FAILED')
  })

  // Two runs: one error is of the server's words, the other of a contract's.
  test.each([
    ['a migration', `DO $$ BEGIN RAISE 'x\n::add-path::e\u001b[2J\u202e'; END $$;`],
    ['a contract', 'SELECT 1;'],
  ])('what it rejects with may be printed as it is: the words of %s', async (_, sql) => {
    const { url } = await createDatabase('18')
    const table = 't\n::add-path::e\u001b[2J\u202e'
    const violated = { service: 'api', tables: { [table]: { columns: { a: { type: 'int' } } } } }
    const folder = aPackage({
      'migrations/1_a.sql': sql,
      'migrations/contracts/api.json': JSON.stringify(violated),
    })
    const thrown = thrownBy(run(folder, migrating, { DATABASE_URL: url }))
    expect(thrown.name).toBe('SchemagateError')
    expect(thrown.message).toContain('add-path')
    expect(thrown.message).not.toMatch(/[\u001b\u202e]|^\s*::/m)
  })

  test('rejects where a contract is violated', async () => {
    const { url } = await createDatabase('18')
    const folder = aPackage({ ...files, 'migrations/0002_b.sql': 'SELECT 1;\n' })
    expect(thrownBy(run(folder, migrating, { DATABASE_URL: url }))).toMatchObject({
      name: 'SchemagateError',
      exitCode: 3,
      problems: [],
      violations: [{ object: 'column t.b' }],
    })
  })
})

test('the published types are enough for a strict TypeScript program', () => {
  const folder = aPackage({
    'index.ts': `import { assertSchema, migrate, SchemagateError, type MigrateOutcome, type SchemaViolation } from 'schemagate'
try {
  await assertSchema({ contract: { service: 'api' }, url: 'postgresql://x', signal: new AbortController().signal })
  const { applied, outcome } = await migrate({ settings: { STRICT_ORDER: '1' } })
  const known: MigrateOutcome = outcome
  console.log(applied.length, known === 'up_to_date')
} catch (error) {
  if (error instanceof SchemagateError) {
    const first: SchemaViolation | undefined = error.violations[0]
    console.log(first?.expected, error.problems[0]?.code)
    process.exitCode = error.exitCode
  }
  // @ts-expect-error There is no such setting.
  await migrate({ settings: { STRICT_ODER: '1' } })
  // @ts-expect-error There is no such option.
  await assertSchema({ contrat: {} })
}
`,
  })
  const tsc = join(project, 'node_modules/typescript/lib/tsc.js')
  const flags =
    '--noEmit --strict --target es2023 --module nodenext --skipLibCheck false --types node'
  const { stdout, status } = spawnSync(
    process.execPath,
    [tsc, ...flags.split(' '), '--typeRoots', join(project, 'node_modules/@types'), 'index.ts'],
    { cwd: folder, encoding: 'utf8' },
  )
  expect(stdout).toBe('')
  expect(status).toBe(0)
})
