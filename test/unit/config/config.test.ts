import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { readConfiguration, type Config, type Configuration } from '../../../src/config/config.ts'
import type { Environment, Flags } from '../../../src/config/variables/read-variables.ts'
import { problem } from '../../../src/errors/problem.ts'
import '../one-realm.ts'

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'schemagate-'))
})
afterAll(() => {
  rmSync(folder, { recursive: true })
})

const database = { DATABASE_URL: 'postgresql://u:s3cr%20t@h/db' }

const read = (environment: Environment, flags: Flags = {}): Configuration =>
  readConfiguration(flags, environment, 'no terminal')

const configOf = (environment: Environment): Config => {
  const { config, problems } = read(environment)
  if (config === undefined) throw new Error(problems.map(({ title }) => title).join())
  expect(problems).toEqual([])
  return config
}

const titlesOf = (environment: Environment, flags: Flags = {}): readonly string[] =>
  read(environment, flags).problems.map(({ title }) => title)

test('a database alone is enough: the rest has defaults', () => {
  expect(configOf(database)).toMatchObject({
    endpoints: { first: { name: 'DATABASE_URL' }, fallback: undefined },
    gate: { kind: 'open', because: 'run was asked for by hand' },
    migrationsDir: './migrations',
    ledgerSchema: 'schemagate',
    lockWaitMs: 30_000,
    onLockTimeout: 'fail',
    databaseWaitMs: 30_000,
    statementTimeout: { ms: 120_000, text: '120s' },
    lockTimeout: { ms: 5_000, text: '5s' },
    lockRetries: 10,
    migrationRole: undefined,
  })
})

test('every value is read from its variable', () => {
  const environment = {
    ...database,
    RUN_MIGRATIONS: '0',
    MIGRATIONS_DIR: 'db',
    LEDGER_SCHEMA: 'ops',
    MIGRATION_LOCK_WAIT_SECONDS: '0',
    MIGRATION_ON_LOCK_TIMEOUT: 'skip',
    DATABASE_WAIT_SECONDS: '7',
    MIGRATION_STATEMENT_TIMEOUT: '2min',
    MIGRATION_LOCK_TIMEOUT: '0',
    MIGRATION_LOCK_RETRIES: '0',
    MIGRATION_ROLE: 'app_owner',
  }
  expect(configOf(environment)).toMatchObject({
    gate: { kind: 'closed', because: 'RUN_MIGRATIONS=0' },
    migrationsDir: 'db',
    ledgerSchema: 'ops',
    lockWaitMs: 0,
    onLockTimeout: 'skip',
    databaseWaitMs: 7_000,
    statementTimeout: { ms: 120_000, text: '2min' },
    lockTimeout: { ms: 0, text: '0' },
    lockRetries: 0,
    migrationRole: 'app_owner',
  })
})

test('DATABASE_URL may be anything beside DIRECT: it is the service’s', () => {
  const { config, problems } = read({
    DATABASE_URL: 'postgresql+asyncpg://u:pw@h/db',
    DATABASE_URL_DIRECT: 'postgresql://u:pw@h/db',
  })
  expect(problems).toEqual([])
  expect(config?.endpoints?.first.name).toBe('DIRECT')
})

describe('without a database', () => {
  test('there is no configuration, but the output and the folder are known', () => {
    const { config, output, migrationsDir, problems } = read({
      MIGRATIONS_DIR: 'db',
      LOG_LEVEL: 'debug',
    })
    expect(config).toBeUndefined()
    expect(problems.map(({ code }) => code)).toEqual(['no-database-named'])
    expect(migrationsDir).toBe('db')
    expect(output.logLevel).toBe('debug')
  })

  test.each([
    [
      'a URL that is malformed',
      { DATABASE_URL: 'mysql://h' },
      'DATABASE_URL does not start with postgresql://',
    ],
    [
      'a URL that ends too early',
      { DATABASE_URL: 'postgresql://h:x' },
      'DATABASE_URL has a port that is not a number from 1 to 65535',
    ],
    [
      'a file that is not there',
      { DATABASE_URL_FILE: '/gone/url' },
      'the file that DATABASE_URL_FILE names cannot be read: it is not there',
    ],
  ])('only %s is told', (_, environment, title) => {
    expect(titlesOf(environment)).toEqual([title])
  })
})

test('every problem is told at once, none of them twice', () => {
  const environment = {
    DATABASE_URL_DIRECT: 'mysql://h',
    DATABASE_URL_POOLER: 'postgresql://h:x',
    MIGRATION_STATEMENT_TIMEOUT: '120',
    MIGRATION_LOCK_TIMEOUT: '25d',
    SERVICE_ROLE: 'migrator',
    REPORT_FILE: join(folder, 'gone/report.json'),
    LOG_LEVELS: 'debug',
  }
  const { config, problems } = readConfiguration(
    { LOG_FORMAT: 'xml' },
    environment,
    'no terminal',
    { problems: [problem('unknown-flag', { flag: '--x', nearest: undefined, command: 'run' })] },
  )
  expect(config).toBeUndefined()
  const told = problems.map(({ code, facts: { name } }) =>
    typeof name === 'string' ? `${code} ${name}` : code,
  )
  expect(told.sort()).toEqual([
    'ambiguous-role',
    'malformed-value --log-format',
    'malformed-value DATABASE_URL_DIRECT',
    'malformed-value DATABASE_URL_POOLER',
    'malformed-value MIGRATION_LOCK_TIMEOUT',
    'malformed-value MIGRATION_STATEMENT_TIMEOUT',
    'malformed-value REPORT_FILE',
    'unknown-flag',
    'unknown-variable LOG_LEVELS',
  ])
})

describe('the output', () => {
  test('is text on a terminal and JSON elsewhere, unless LOG_FORMAT says', () => {
    expect(readConfiguration({}, {}, 'terminal').output.logFormat).toBe('text')
    expect(readConfiguration({}, {}, 'no terminal').output.logFormat).toBe('json')
    expect(readConfiguration({}, { LOG_FORMAT: 'json' }, 'terminal').output.logFormat).toBe('json')
    expect(readConfiguration({}, { LOG_FORMAT: 'text' }, 'no terminal').output.logFormat).toBe(
      'text',
    )
  })

  test('has its defaults where its values are wrong', () => {
    expect(read({ LOG_FORMAT: 'xml', LOG_LEVEL: 'trace' }).output).toMatchObject({
      logFormat: 'json',
      logLevel: 'info',
    })
  })

  test.each(['REPORT_FILE', 'TERMINATION_LOG'])(
    '%s may be a file that is not there yet',
    (name) => {
      const { problems } = read({ ...database, [name]: join(folder, 'new') })
      expect(problems).toEqual([])
    },
  )

  test.each(['REPORT_FILE', 'TERMINATION_LOG'])(
    '%s is refused in a folder that is not there, without its path',
    (name) => {
      const titles = titlesOf({ ...database, [name]: join(folder, 'gone/file') })
      expect(titles).toEqual([`${name} names a file that cannot be written`])
    },
  )

  test('REPORT_FILE is refused when it is a folder', () => {
    expect(titlesOf({ ...database, REPORT_FILE: folder })).toEqual([
      'REPORT_FILE names a file that cannot be written',
    ])
  })
})

test('no secret can be seen in what was read', () => {
  writeFileSync(join(folder, 'password'), 'other s3cret\n')
  const configuration = read({
    DATABASE_URL_DIRECT: database.DATABASE_URL,
    DATABASE_URL_POOLER: 'postgresql://u@h/db',
    PGPASSWORD_FILE: join(folder, 'password'),
  })
  const { config, output } = configuration
  expect(config?.endpoints?.first.password).toBe('s3cr t')
  expect(config?.endpoints?.fallback?.password).toBe('other s3cret')
  for (const secret of ['s3cr t', 's3cr%20t', 'other s3cret', database.DATABASE_URL])
    expect(output.secrets).toContain(secret)
  for (const shown of [JSON.stringify(configuration), inspect(configuration, { depth: 9 })])
    expect(shown).not.toMatch(/s3cr/)
})

test('the secrets are known even when the configuration is wrong', () => {
  const { output, problems } = read({
    DATABASE_URL: 'postgresql://u:s3cr%20t@h:x/db',
    LOG_LEVEL: 'x',
  })
  expect(output.secrets).toContain('s3cr%20t')
  expect(JSON.stringify(problems)).not.toMatch(/s3cr/)
})

describe('a container that may not migrate', () => {
  test('need not name a database', () => {
    const { config, problems } = readConfiguration({}, { RUN_MIGRATIONS: '0' }, 'no terminal')
    expect(problems).toEqual([])
    expect(config).toMatchObject({ gate: { kind: 'closed' } })
    expect(config?.endpoints).toBeUndefined()
  })
})

describe('SCRATCH_URL', () => {
  const scratch = 'postgresql://maker:scratch-secret-1@localhost:5499/postgres'

  test('is a server of its own beside the database, and its password a secret', () => {
    const environment = { DATABASE_URL: 'postgresql://a:b@db/app', SCRATCH_URL: scratch }
    const { config, output } = read(environment)
    expect(config?.scratch).toMatchObject({ name: 'SCRATCH_URL', user: 'maker', ports: [5499] })
    expect(config?.endpoints?.first.database).toBe('app')
    expect(output.secrets).toContain('scratch-secret-1')
    expect(JSON.stringify(config)).not.toContain('scratch-secret-1')
  })

  test('names a database of its own: PGDATABASE is that of the history', () => {
    const url = 'postgresql://maker:scratch-secret-1@localhost:5499'
    const { problems } = read({ PGHOST: 'db', PGDATABASE: 'app', SCRATCH_URL: url })
    expect(problems.map(({ code, facts }) => [code, facts['name'], facts['reason']])).toEqual([
      ['malformed-value', 'SCRATCH_URL', 'names no database'],
    ])
  })

  test('a command that does without a database gets a configuration without one', () => {
    const needed = readConfiguration({}, { SCRATCH_URL: scratch }, 'no terminal')
    expect(needed.problems.map(({ code }) => code)).toEqual(['no-database-named'])
    const optional = readConfiguration({}, { SCRATCH_URL: scratch }, 'no terminal', {
      database: 'optional',
    })
    expect(optional.problems).toEqual([])
    expect(optional.config).toMatchObject({ endpoints: undefined })
  })
})
