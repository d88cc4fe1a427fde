// The command line as people meet it: help, status, new, the gate, and what goes to stdout and what to stderr.

import { describe, expect, test } from '@jest/globals'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import packageJson from '../../package.json' with { type: 'json' }
import { createDatabase, type TestDatabase } from '../support/database.ts'
import { readingOnly } from '../support/first-question.ts'
import {
  normalised,
  runGate,
  sampleHistory,
  temporaryFolder,
  workFolder,
  writeFiles,
  type Finished,
  sampleFiles,
} from '../support/gate.ts'

// Nothing listens there: whoever connects ends with 69.
const nowhere = {
  DATABASE_URL: 'postgresql://nobody:secret-pw-77@127.0.0.1:1/none',
  DATABASE_WAIT_SECONDS: '0',
}

const helpOf = async (
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<string> => {
  const finished = await runGate({ args, folder: temporaryFolder(), environment })
  expect(finished).toMatchObject({ exitCode: 0, stderr: '' })
  return finished.stdout
}

describe('help', () => {
  test.each([
    ['the commands and exit codes', ['--help']],
    ['every flag of run', ['run', '--help']],
    ['every flag of init', ['init', '--help']],
    ['every flag of plan', ['plan', '--help']],
    ['every flag of adopt', ['adopt', '--help']],
    ['every flag of status', ['status', '--help']],
    ['every flag of doctor', ['doctor', '--help']],
    ['every flag of lint', ['lint', '--help']],
    ['every flag of squash', ['squash', '--help']],
    ['the form of new', ['new', '--help']],
  ])('shows %s', async (_, args) => {
    expect(await helpOf(args)).toMatchSnapshot()
  })

  test('is the same with -h, and with a wrong environment', async () => {
    const help = await helpOf(['run', '--help'])
    expect(await helpOf(['run', '-h'])).toBe(help)
    expect(await helpOf(['run', '--help'], { LOG_LEVEL: 'loud', LANG: 'de_DE.UTF-8' })).toBe(help)
  })

  test('fits a terminal', async () => {
    const lines = (await helpOf(['run', '--help'])).split('\n')
    expect(lines.filter((line) => line.length > 110)).toEqual([])
  })

  test.each([[['--version']], [['run', '--version']]])('tells the version: %j', async (args) => {
    expect(await helpOf(args)).toBe(`${packageJson.version}\n`)
  })
})

/** Times as `status` shows them, and the JSON of a golden, without what differs from run to run. */
const settled = (text: string): string =>
  normalised(text).replace(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/g, 'YYYY-MM-DD HH:MM:SS')

const statusOf = (folder: string, { url }: TestDatabase, ...args: string[]): Promise<Finished> =>
  runGate({ args: ['status', ...args], folder, environment: { DATABASE_URL: url } })

describe('status', () => {
  test('exits with 75 for what is to be done and 4 for what run refuses, where that is asked for', async () => {
    const database = await createDatabase('18')
    const folder = workFolder({ 'migrations/1_a.sql': 'CREATE TABLE a (id int);' })
    const codeOf = async (...args: string[]): Promise<number | null> =>
      (await statusOf(folder, database, ...args)).exitCode
    expect([await codeOf('--exit-code'), await codeOf()]).toEqual([75, 0])
    await runGate({ folder, environment: { DATABASE_URL: database.url } })
    expect(await codeOf('--exit-code')).toBe(0)
    writeFiles(folder, { 'migrations/1_a.sql': 'CREATE TABLE b (id int);' })
    expect([await codeOf('--exit-code'), await codeOf()]).toEqual([4, 0])
  })

  /** Recorded 1, edited 3, unknown 4 and 12, pending 2 and 10, out of order as far as it is. */
  const mixed = async (database: TestDatabase): Promise<string> => {
    const recorded = workFolder({
      'migrations/0001_business.sql': 'CREATE TABLE business (id int);\n',
      'migrations/0003_leads.sql': 'CREATE TABLE leads (id int);\n',
      'migrations/0004_gone.sql': 'CREATE TABLE gone (id int);\n',
      'migrations/0012_newer.sql': 'CREATE TABLE newer (id int);\n',
    })
    const run = await runGate({ folder: recorded, environment: { DATABASE_URL: database.url } })
    expect(run).toMatchObject({ exitCode: 0 })
    return workFolder({
      'migrations/0001_business.sql': 'CREATE TABLE business (id int);\n',
      'migrations/0002_late.sql': 'CREATE TABLE late (id int);\n',
      'migrations/0003_leads.sql': 'CREATE TABLE leads (id bigint);\n',
      'migrations/0010_call_log_timing.sql': 'CREATE TABLE call_log (id int);\n',
    })
  }

  test('shows what is recorded, pending, edited and unknown', async () => {
    const database = await createDatabase('18')
    const finished = await statusOf(await mixed(database), database)
    expect(finished).toMatchObject({ exitCode: 0 })
    expect(settled(finished.stdout)).toMatchSnapshot()
  })

  test('shows the same as JSON', async () => {
    const database = await createDatabase('18')
    const finished = await statusOf(await mixed(database), database, '--json')
    expect(finished).toMatchObject({ exitCode: 0 })
    expect(JSON.parse(settled(finished.stdout))).toMatchSnapshot()
  })

  test('shows a migration that is recorded as running', async () => {
    const database = await createDatabase('18')
    const folder = await mixed(database)
    await database.sql`UPDATE schemagate.schema_migrations
      SET state = 'running', finished_at = NULL WHERE version::int = 1`
    const finished = await statusOf(folder, database)
    expect(finished).toMatchObject({ exitCode: 0 })
    expect(settled(finished.stdout)).toMatchSnapshot()
  })

  test('shows everything as pending where there is no ledger, and makes none', async () => {
    const database = await createDatabase('15')
    const folder = workFolder({
      'migrations/0001_business.sql': 'CREATE TABLE business (id int);\n',
      'migrations/0002_leads.sql': 'CREATE TABLE leads (id int);\n',
    })
    const finished = await statusOf(folder, database)
    expect(finished).toMatchObject({ exitCode: 0 })
    expect(finished.stdout).toMatchSnapshot()
    expect(await database.sql`SELECT to_regnamespace('schemagate') AS ledger`).toEqual([
      { ledger: null },
    ])
  })

  test('writes nothing and takes no lock', async () => {
    const database = await createDatabase('18')
    const folder = await mixed(database)
    const ledger = await database.sql`SELECT * FROM schemagate.schema_migrations ORDER BY ordinal`
    await database.sql.unsafe(`ALTER DATABASE ${database.name} SET log_statement = 'all'`)
    const finished = await statusOf(folder, database)
    expect(finished).toMatchObject({ exitCode: 0 })
    expect(finished.stderr).not.toContain('lock')
    const statements = database
      .serverLog()
      .filter((line) => /\|schemagate\/\S+ status\|.*statement: /.test(line))
    expect(statements.length).toBeGreaterThan(0)
    const asked = statements.map((line) => line.slice(line.indexOf('statement: ') + 11))
    expect(asked.filter((text) => !readingOnly.test(text))).toEqual([])
    expect(statements.join()).not.toContain('advisory')
    await database.sql.unsafe(`ALTER DATABASE ${database.name} RESET log_statement`)
    expect(await database.sql`SELECT * FROM schemagate.schema_migrations ORDER BY ordinal`).toEqual(
      ledger,
    )
  })

  test('looks whatever the gate says', async () => {
    const database = await createDatabase('18')
    const finished = await runGate({
      args: ['status'],
      folder: workFolder({ 'migrations/0001_a.sql': 'SELECT 1;\n' }),
      environment: { DATABASE_URL: database.url, RUN_MIGRATIONS: '0' },
    })
    expect(finished).toMatchObject({ exitCode: 0 })
    expect(finished.stdout).toContain('1 pending')
  })

  test('says that nothing answers', async () => {
    const { stdout, exitCode } = await runGate({
      args: ['status'],
      folder: workFolder({ 'migrations/0001_a.sql': 'SELECT 1;\n' }),
      environment: nowhere,
    })
    expect(exitCode).toBe(69)
    expect(normalised(stdout)).toMatchSnapshot()
  })
})

const create = (folder: string, ...args: string[]): Promise<Finished> =>
  runGate({ args: ['new', ...args], folder })

describe('new', () => {
  const created = async (folder: string, ...args: string[]): Promise<string> => {
    const finished = await create(folder, ...args)
    expect(finished).toMatchObject({ exitCode: 0, stderr: '' })
    return finished.stdout
  }

  test('takes the next number, as wide as the last', async () => {
    const names = sampleFiles()
    const folder = workFolder(Object.fromEntries(names.map((name) => [`migrations/${name}`, ''])))
    expect(await created(folder, 'call_log_cost')).toBe(
      'created migrations/0112_call_log_cost.sql\n',
    )
    expect(await created(folder, 'call_log_cost')).toBe(
      'created migrations/0113_call_log_cost.sql\n',
    )
    const text = readFileSync(join(folder, 'migrations/0112_call_log_cost.sql'), 'utf8')
    expect(text).toMatchSnapshot()
  })

  test.each([
    ['1', '2'],
    ['9', '10'],
    ['0099', '0100'],
    ['9999', '10000'],
    ['0', '1'],
    ['20240131', '20240132'],
  ])('counts on after %s with %s', async (last, next) => {
    const folder = workFolder({ [`migrations/${last}_last.sql`]: '' })
    expect(await created(folder, 'more')).toBe(`created migrations/${next}_more.sql\n`)
  })

  test('goes on by time in a folder that is numbered by time', async () => {
    const folder = workFolder({ 'migrations/20240131120000_last.sql': '' })
    const [, number] = /\/(\d+)_more\.sql\n$/.exec(await created(folder, 'more')) ?? []
    expect(number).toMatch(/^20\d{12}$/)
    expect(Number(number)).toBeGreaterThan(20240131120000)
  })

  test('is not misled by the next number of another kind of file', async () => {
    const folder = workFolder({
      'migrations/0007_last.sql': '',
      'migrations/0042_notes.txt': '',
      'migrations/contracts/0099_api.json': '{}',
    })
    expect(await created(folder, 'more')).toBe('created migrations/0008_more.sql\n')
  })

  test('begins in an empty folder, and in one that is missing', async () => {
    expect(await created(workFolder({ 'migrations/.gitkeep': '' }), 'first')).toBe(
      'created migrations/0001_first.sql\n',
    )
    const folder = temporaryFolder()
    expect(await created(folder, 'first', '--migrations-dir', 'db/sql')).toBe(
      'created db/sql/0001_first.sql\n',
    )
    expect(existsSync(join(folder, 'db/sql/0001_first.sql'))).toBe(true)
  })

  test.each([
    [['call', 'log', 'timing'], '0001_call_log_timing.sql'],
    [['Add call-log  Timing'], '0001_add_call_log_timing.sql'],
    [['--', 'add', 'CallLog'], '0001_add_calllog.sql'],
    [['timing.sql'], '0001_timing.sql'],
    [['2fa', '2'], '0001_2fa_2.sql'],
  ])('cleans the name %j to %s', async (words, entry) => {
    expect(await created(temporaryFolder(), ...words)).toBe(`created migrations/${entry}\n`)
  })

  test.each([
    ['a path', '../../etc/passwd'],
    ['letters that file systems spell in two ways', 'größe'],
    ['SQL', '"; DROP TABLE x; --'],
    ['only the ending', '.sql'],
    ['an underscore in front', '_private'],
    ['nothing but spaces', '  '],
    ['more than a file system takes', 'x'.repeat(300)],
  ])('refuses as a name: %s', async (_, name) => {
    const folder = temporaryFolder()
    const finished = await create(folder, name)
    expect(finished).toMatchObject({ exitCode: 2 })
    expect(finished.stdout).toMatchSnapshot()
    expect(
      existsSync(join(folder, 'migrations')) ? readdirSync(join(folder, 'migrations')) : [],
    ).toEqual([])
  })

  test('never overwrites', async () => {
    const text = 'CREATE TABLE mine (id int);\n'
    const folder = workFolder({ 'migrations/0001_mine.sql': text })
    const all = await Promise.all(Array.from({ length: 4 }, () => create(folder, 'mine')))
    const entries = readdirSync(join(folder, 'migrations'))
    expect(all.filter(({ exitCode }) => exitCode === 0)).toHaveLength(entries.length - 1)
    for (const { exitCode, stdout } of all)
      if (exitCode !== 0) expect(stdout).toContain('error[file-not-written]')
    expect(readFileSync(join(folder, 'migrations/0001_mine.sql'), 'utf8')).toBe(text)
  })

  test('says why it cannot write', async () => {
    const folder = workFolder({ migrations: 'a file' })
    const { exitCode, stdout } = await create(folder, 'x')
    expect(exitCode).toBe(2)
    expect(stdout).toMatchSnapshot()
  })

  test('needs no database, but a sound line', async () => {
    const folder = temporaryFolder()
    const report = JSON.parse(await created(folder, 'first', '--json')) as unknown
    expect(report).toEqual({ file: 'migrations/0001_first.sql' })
    const finished = await create(folder, 'second', '--jsn')
    expect(finished).toMatchObject({ exitCode: 2 })
    expect(finished.stdout).toContain("'schemagate new' has no flag --jsn; did you mean --json?")
  })

  test('makes a file that runs once it is filled in, and is refused before', async () => {
    const { url, sql } = await createDatabase('18')
    const folder = temporaryFolder()
    await created(folder, 'first')
    const gate = () => runGate({ folder, environment: { DATABASE_URL: url } })
    const refused = await gate()
    expect(refused).toMatchObject({ exitCode: 4 })
    expect(refused.stdout).toContain(
      "error[unfilled-template]: migrations/0001_first.sql is still what 'schemagate new' wrote",
    )
    expect(await sql`SELECT FROM pg_namespace WHERE nspname = 'schemagate'`).toHaveLength(0)
    const file = 'migrations/0001_first.sql'
    writeFiles(folder, {
      [file]: `${readFileSync(join(folder, file), 'utf8')}CREATE TABLE first (id int);\n`,
    })
    expect(await gate()).toMatchObject({ exitCode: 0 })
    expect(await sql`SELECT name FROM schemagate.schema_migrations ORDER BY ordinal`).toEqual([
      { name: '0001_first' },
    ])
  })
})

describe('the gate', () => {
  const folderOf = (): string =>
    workFolder({ 'migrations/0001_a.sql': 'CREATE TABLE a (id int);\n' })

  test.each([
    ['RUN_MIGRATIONS=0', { RUN_MIGRATIONS: '0' }],
    ['RUN_MIGRATIONS_ON_START=0', { RUN_MIGRATIONS_ON_START: '0' }],
    ['SERVICE_ROLE=api', { SERVICE_ROLE: 'api' }],
    ['RUN_MIGRATIONS=0', { RUN_MIGRATIONS: '0', SERVICE_ROLE: 'migrate' }],
    ['RUN_MIGRATIONS=0', { RUN_MIGRATIONS: '0', RUN_MIGRATIONS_ON_START: '1' }],
    ['RUN_MIGRATIONS_ON_START=0', { RUN_MIGRATIONS_ON_START: '0', SERVICE_ROLE: 'migrate' }],
    ['RUN_MIGRATIONS_ON_START=0', { RUN_MIGRATIONS: '', RUN_MIGRATIONS_ON_START: '0' }],
  ])('is closed by %s: %j', async (because, gate) => {
    const { stdout, stderr, exitCode } = await runGate({
      folder: folderOf(),
      environment: { ...nowhere, ...gate },
    })
    expect(stdout).toBe(`MIGRATIONS_DISABLED: ${because}\n`)
    expect(stderr).toContain(`MIGRATIONS_DISABLED: ${because}; nothing was done`)
    expect(exitCode).toBe(0)
  })

  test.each([
    [
      'RUN_MIGRATIONS=1',
      { RUN_MIGRATIONS: '1', RUN_MIGRATIONS_ON_START: '0', SERVICE_ROLE: 'api' },
    ],
    ['RUN_MIGRATIONS_ON_START=1', { RUN_MIGRATIONS_ON_START: '1', SERVICE_ROLE: 'api' }],
    ['SERVICE_ROLE=migrate', { SERVICE_ROLE: 'migrate' }],
    ['run was asked for by hand', {}],
  ])('is open because %s: %j', async (because, gate) => {
    const { url, sql } = await createDatabase('18')
    const { stderr, exitCode } = await runGate({
      folder: folderOf(),
      environment: { DATABASE_URL: url, ...gate },
    })
    expect(exitCode).toBe(0)
    expect(stderr).toContain(`(${because})`)
    expect(await sql`SELECT to_regclass('a')::text AS a`).toEqual([{ a: 'a' }])
  })

  test('is closed by a flag, which wins over the environment', async () => {
    const { stdout, exitCode } = await runGate({
      args: ['run', '--run-migrations', '0'],
      folder: folderOf(),
      environment: { ...nowhere, RUN_MIGRATIONS: '1' },
    })
    expect(stdout).toMatch(/^MIGRATIONS_DISABLED: /)
    expect(exitCode).toBe(0)
  })

  test('does not even look for files while it is closed', async () => {
    const environment = { ...nowhere, RUN_MIGRATIONS: '0' }
    const finished = await runGate({ folder: temporaryFolder(), environment })
    expect(finished).toMatchObject({ exitCode: 0 })
  })
})

describe('what is written where', () => {
  const files = {
    'migrations/0001_a.sql': 'CREATE TABLE a (id int);\n',
    'migrations/0002_b.sql': "DO $$ BEGIN RAISE WARNING 'mind the gap'; END $$;\n",
  }
  const failing = { ...files, 'migrations/0003_c.sql': 'SELECT nope;\n' }

  const jsonLines = (text: string): readonly Record<string, unknown>[] =>
    text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>)

  test.each([
    ['success', files, 'info'],
    ['failure', failing, 'error'],
  ])('logs are JSON lines of one run when asked, after a %s', async (_, written, lastLevel) => {
    const { url } = await createDatabase('18')
    const { stderr } = await runGate({
      folder: workFolder(written),
      environment: { DATABASE_URL: url, LOG_FORMAT: 'json', LOG_LEVEL: 'debug' },
    })
    const lines = jsonLines(stderr)
    for (const { time, level, message, run_id } of lines) {
      expect(time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
      expect(level).toMatch(/^(debug|info|warn|error)$/)
      expect(message).toMatch(/./)
      expect(run_id).toMatch(/^[0-9a-f-]{36}$/)
    }
    expect(new Set(lines.map(({ run_id }) => run_id)).size).toBe(1)
    expect(lines.at(-1)).toMatchObject({ level: lastLevel })
  })

  test('logs are JSON where there is no terminal, when not set', async () => {
    const { url } = await createDatabase('18')
    const { stderr } = await runGate({
      folder: workFolder(files),
      environment: { DATABASE_URL: url, LOG_FORMAT: '' },
    })
    expect(jsonLines(stderr).length).toBeGreaterThan(3)
  })

  test('a wrong configuration is logged as JSON, too', async () => {
    const { stderr, exitCode } = await runGate({
      folder: workFolder(files),
      environment: { ...nowhere, LOG_FORMAT: 'json', LOG_LEVEL: 'loud' },
    })
    expect(exitCode).toBe(2)
    expect(jsonLines(stderr)).toHaveLength(1)
  })

  test('the words that operators grep for are in text and in JSON alike', async () => {
    const words = async (format: string): Promise<readonly string[]> => {
      const { url } = await createDatabase('18')
      const { stderr } = await runGate({
        folder: workFolder(failing),
        environment: { DATABASE_URL: url, LOG_FORMAT: format },
      })
      const messages =
        format === 'json'
          ? jsonLines(stderr).map(({ message }) => String(message))
          : stderr
              .trimEnd()
              .split('\n')
              .map((line) => line.replace(/^\S+ \w+ +/, ''))
      return messages.map(normalised)
    }
    const text = await words('text')
    expect(await words('json')).toEqual(text)
    expect(text).toMatchSnapshot()
  })

  test('what the server says of a migration stands behind the words that begin with it', async () => {
    const { url } = await createDatabase('18')
    const numbers = Array.from({ length: 30 }, (_, at) => at + 1)
    const { stderr } = await runGate({
      folder: workFolder(
        Object.fromEntries(
          numbers.map((number) => [
            `migrations/${number}_a.sql`,
            `DO $$ BEGIN RAISE WARNING 'of ${number}.'; END $$`,
          ]),
        ),
      ),
      environment: { DATABASE_URL: url, LOG_FORMAT: 'json' },
    })
    const told = jsonLines(stderr)
      .map(({ message }) => String(message).replace(/ in \d+ ms$/, ''))
      .filter((message) => /_a\.sql|WARNING/.test(message))
    expect(told).toEqual(
      numbers.flatMap((number) => [
        `MIGRATION CHECKPOINT: ${number}/30 migrations/${number}_a.sql`,
        `server WARNING: of ${number}.`,
        `applied migrations/${number}_a.sql`,
      ]),
    )
  })

  test('stdout holds the report and nothing else', async () => {
    const { url } = await createDatabase('18')
    const folder = workFolder(files)
    const environment = { DATABASE_URL: url, LOG_LEVEL: 'debug' }
    const first = await runGate({ folder, environment })
    expect(normalised(first.stdout)).toMatchSnapshot()
    const second = await runGate({ args: ['run', '--json'], folder, environment })
    expect(JSON.parse(second.stdout)).toMatchObject({ outcome: 'up_to_date', recorded: 2 })
  })

  test('a report of many migrations stays short', async () => {
    const { url } = await createDatabase('18')
    const { stdout, exitCode } = await runGate({
      folder: temporaryFolder(),
      environment: { DATABASE_URL: url, MIGRATIONS_DIR: sampleHistory },
    })
    expect(exitCode).toBe(0)
    expect(normalised(stdout)).toMatchSnapshot()
  })

  test('LOG_LEVEL=error is silent on success', async () => {
    const { url } = await createDatabase('18')
    const { stdout, stderr, exitCode } = await runGate({
      folder: workFolder(files),
      environment: { DATABASE_URL: url, LOG_LEVEL: 'error' },
    })
    expect(exitCode).toBe(0)
    expect(stderr).toBe('')
    expect(stdout).toContain('Migration completed successfully')
  })

  test('LOG_LEVEL=error tells a failure', async () => {
    const { url } = await createDatabase('18')
    const { stderr } = await runGate({
      folder: workFolder(failing),
      environment: { DATABASE_URL: url, LOG_LEVEL: 'error' },
    })
    expect(stderr).toContain('MIGRATION FAILED')
    expect(stderr.trimEnd().split('\n')).toHaveLength(2)
  })
})
