import { describe, expect, test } from '@jest/globals'
import {
  readVariables,
  malformedValue,
  spelling,
  type Environment,
  type Flags,
  type ReadSecretFile,
} from '../../../../src/config/variables/read-variables.ts'
import { variable, variableNames } from '../../../../src/config/variables/variables.ts'
import '../../one-realm.ts'

const files: Readonly<Record<string, string>> = {
  '/run/secrets/url': 'postgresql://file/db',
  '/run/secrets/password': 'file password',
}

const readSecretFile: ReadSecretFile = (path) => {
  const text = files[path]
  return text === undefined
    ? { kind: 'unreadable', reason: 'it is not there' }
    : { kind: 'text', text }
}

const noFile: ReadSecretFile = () => ({ kind: 'text', text: '' })

const gathered = (environment: Environment, flags: Flags = {}) =>
  readVariables(flags, environment, readSecretFile)

const titlesOf = (environment: Environment, flags: Flags = {}): readonly string[] =>
  gathered(environment, flags).problems.map(({ title }) => title)

describe('a value', () => {
  const flag = { DATABASE_URL: 'postgresql://flag/db' }
  const variableGiven = { DATABASE_URL: 'postgresql://variable/db' }
  const file = { DATABASE_URL_FILE: '/run/secrets/url' }

  test.each([
    ['the flag before all', flag, { ...variableGiven, ...file }, 'postgresql://flag/db'],
    ['the flag before the variable', flag, variableGiven, 'postgresql://flag/db'],
    ['the flag before the file', flag, file, 'postgresql://flag/db'],
    ['the variable before the file', {}, { ...variableGiven, ...file }, 'postgresql://variable/db'],
    ['the file', {}, file, 'postgresql://file/db'],
    [
      'the file when the variable is empty',
      {},
      { DATABASE_URL: '', ...file },
      'postgresql://file/db',
    ],
    ['nothing when nothing is set', {}, {}, undefined],
  ])('is taken from %s', (_, flags, environment, value) => {
    expect(gathered(environment, flags).values.DATABASE_URL).toBe(value)
  })

  test.each(variableNames.filter((name) => variable(name).default !== undefined))(
    '%s has its default when it is not set, and when it is empty',
    (name) => {
      const standard = variable(name).default
      expect(gathered({}).values[name]).toBe(standard)
      expect(gathered({ [name]: '' }).values[name]).toBe(standard)
    },
  )

  test('is what was set, before the default', () => {
    expect(gathered({ MIGRATIONS_DIR: 'db' }).values.MIGRATIONS_DIR).toBe('db')
    expect(
      gathered({ MIGRATIONS_DIR: 'db' }, { MIGRATIONS_DIR: 'sql' }).values.MIGRATIONS_DIR,
    ).toBe('sql')
  })

  test('is unset when its variable is empty, as compose leaves it', () => {
    const empty = Object.fromEntries(variableNames.map((name) => [name, '']))
    expect(gathered(empty)).toEqual(gathered({}))
    expect(gathered(empty).problems).toEqual([])
  })

  test('of a flag is known to be one, and told by the name of the flag', () => {
    const { fromFlag } = gathered({ LOG_LEVEL: 'debug' }, { LOG_FORMAT: 'json' })
    expect([...fromFlag]).toEqual(['LOG_FORMAT'])
    expect(spelling('LOG_FORMAT', fromFlag)).toBe('--log-format')
    expect(spelling('LOG_LEVEL', fromFlag)).toBe('LOG_LEVEL')
  })
})

describe('a secret in a file', () => {
  test('is the value of its variable', () => {
    expect(gathered({ PGPASSWORD_FILE: '/run/secrets/password' }).values.PGPASSWORD).toBe(
      'file password',
    )
  })

  test('is refused when it cannot be read, without its path', () => {
    expect(titlesOf({ PGPASSWORD_FILE: '/run/secrets/gone' })).toEqual([
      'the file that PGPASSWORD_FILE names cannot be read: it is not there',
    ])
  })

  test('is refused beside its variable', () => {
    expect(titlesOf({ PGPASSWORD: 'x', PGPASSWORD_FILE: '/run/secrets/gone' })).toEqual([
      'both PGPASSWORD and PGPASSWORD_FILE are set',
    ])
  })

  test('is unset when the variable that names it is empty', () => {
    const { values, problems } = gathered({ PGPASSWORD_FILE: '', DATABASE_URL_FILE: '' })
    expect([values.PGPASSWORD, values.DATABASE_URL, problems]).toEqual([undefined, undefined, []])
  })

  test('is taken for secrets only', () => {
    expect(gathered({ PGHOST_FILE: '/run/secrets/password' }).values.PGHOST).toBeUndefined()
  })
})

describe('an unknown variable', () => {
  test.each([
    ['LOG_LEVELS', 'LOG_LEVEL'],
    ['DATABASE_URI', 'DATABASE_URL'],
    ['database_url', 'DATABASE_URL'],
    ['DATABASE_URL_DIRET', 'DATABASE_URL_DIRECT'],
    ['DATABASE_URL_FILES', 'DATABASE_URL_FILE'],
    ['RUN_MIGRATION', 'RUN_MIGRATIONS'],
    ['MIGRATION_LOCK_WAIT_SECOND', 'MIGRATION_LOCK_WAIT_SECONDS'],
    ['MIGRATION_DIR', 'MIGRATIONS_DIR'],
    ['PGPASWORD', 'PGPASSWORD'],
    ['PGUSR', 'PGUSER'],
  ])('%s is refused, with %s as the nearest', (name, meant) => {
    expect(titlesOf({ [name]: 'x' })).toEqual([
      `schemagate does not read the environment variable ${name}; did you mean ${meant}?`,
    ])
  })

  test.each(['MIGRATION_COLOUR', 'MIGRATION_'])('%s is refused: the prefix is ours', (name) => {
    expect(titlesOf({ [name]: 'x' })).toEqual([
      `schemagate does not read the environment variable ${name}`,
    ])
  })

  test.each([{ DATABASE_URL: 'postgresql://h' }, { DATABASE_URL_FILE: '/run/secrets/url' }])(
    'is somebody else’s beside the one that it resembles: %j',
    (given) => {
      expect(titlesOf({ ...given, DATABASE_URI: 'x', DATABASE_URLS: 'x' })).toEqual([])
    },
  )

  test('is somebody else’s beside the flag, too', () => {
    expect(titlesOf({ DATABASE_URI: 'x' }, { DATABASE_URL: 'postgresql://h' })).toEqual([])
  })

  test('is nobody’s business when it is empty', () => {
    expect(titlesOf({ LOG_LEVELS: '', MIGRATION_COLOUR: '' })).toEqual([])
  })

  // https://www.postgresql.org/docs/current/libpq-envars.html, and what images of the server set.
  test.each([
    ...['PGDATA', 'PGHOME', 'PGPASSFILE', 'PGSERVICEFILE', 'PGOPTIONS', 'PGAPPNAME'],
    ...['PGSSLCOMPRESSION', 'PGSSLCERT', 'PGSSLKEY'],
    ...['PGKRBSRVNAME', 'PGGSSLIB', 'PGGSSDELEGATION', 'PGTZ', 'PGGEQO'],
    ...['PGCONNECT_TIMEOUT', 'PGLOADBALANCEHOSTS', 'PGDATESTYLE'],
    ...['PGSYSCONFDIR', 'PGLOCALEDIR', 'PGMAXPROTOCOLVERSION', 'PGSSLROOTCERTS_DIR'],
    ...[
      'POSTGRES_USER',
      'POSTGRES_PASSWORD',
      'PATH',
      'HOME',
      'LOG_FILE',
      'SERVICE_NAME',
      'SERVICE_PORT',
    ],
    ...[
      'DATABASE_HOST',
      'DATABASE_PORT',
      'DATABASE_NAME',
      'TERM',
      'HOSTNAME',
      'NODE_ENV',
      'MIGRATIONS',
    ],
  ])('%s is not refused', (name) => {
    expect(titlesOf({ [name]: 'x' })).toEqual([])
  })
})

describe('a malformed value', () => {
  test.each([
    ['PGPORT', 'http'],
    ['PGPORT', '5432,'],
    ['PGPORT', '70000'],
    ['PGPORT', '0'],
    ['PGSSLMODE', 'on'],
    ['RUN_MIGRATIONS', 'true'],
    ['RUN_MIGRATIONS_ON_START', 'yes'],
    ['MIGRATION_LOCK_WAIT_SECONDS', '30s'],
    ['MIGRATION_LOCK_WAIT_SECONDS', '-1'],
    ['MIGRATION_LOCK_WAIT_SECONDS', '1.5'],
    ['MIGRATION_ON_LOCK_TIMEOUT', 'ignore'],
    ['MIGRATION_STATEMENT_TIMEOUT', '120'],
    ['MIGRATION_LOCK_TIMEOUT', '5 seconds'],
    ['DATABASE_WAIT_SECONDS', 'forever'],
    ['LEDGER_SCHEMA', 'Ledger'],
    ['LEDGER_SCHEMA', 'a-b'],
    ['LEDGER_SCHEMA', 'x'.repeat(64)],
    ['LOG_FORMAT', 'JSON'],
    ['LOG_LEVEL', 'trace'],
  ] as const)('of %s is refused: %s', (name, value) => {
    const { problems } = gathered({ [name]: value })
    expect(problems).toMatchObject([
      { code: 'malformed-value', category: 'usage', facts: { name } },
    ])
    expect(problems[0]?.fix).toBe(`Set ${name} to ${variable(name).form}.`)
  })

  test.each([
    ['PGPORT', '5432,5433'],
    ['MIGRATION_LOCK_WAIT_SECONDS', '0'],
    ['MIGRATION_STATEMENT_TIMEOUT', '0'],
    ['MIGRATION_STATEMENT_TIMEOUT', '0.5h'],
    ['LEDGER_SCHEMA', '_x'.padEnd(63, '1')],
    ['SERVICE_ROLE', 'anything'],
  ] as const)('is none: %s=%s', (name, value) => {
    expect(gathered({ [name]: value }).problems).toEqual([])
  })

  test('is repeated, with the name it was given by', () => {
    expect(titlesOf({ LOG_LEVEL: 'trace' }, { LOG_FORMAT: 'xml' })).toEqual([
      "--log-format is 'xml', which is not valid",
      "LOG_LEVEL is 'trace', which is not valid",
    ])
  })

  test('of a secret is not repeated', () => {
    const problem = malformedValue('PGPASSWORD', 's3cret', new Set(), 'is not valid')
    expect(JSON.stringify(problem)).not.toContain('s3cret')
  })
})

test('everything that is wrong is told at once', () => {
  const environment = {
    LOG_LEVELS: 'debug',
    LOG_FORMAT: 'xml',
    RUN_MIGRATIONS: 'yes',
    PGPASSWORD: 'x',
    PGPASSWORD_FILE: '/x',
    DATABASE_URL_FILE: '/gone',
  }
  expect(
    gathered(environment)
      .problems.map(({ code }) => code)
      .sort(),
  ).toEqual([
    'given-twice',
    'malformed-value',
    'malformed-value',
    'secret-file-unreadable',
    'unknown-variable',
  ])
})

test.each([
  'MIGRATION_API_SERVICE_HOST',
  'MIGRATION_API_SERVICE_PORT',
  'MIGRATIONS_PORT_5432_TCP_ADDR',
  'MIGRATION_API_PORT',
])('%s, which Kubernetes sets for a service of that name, is none of ours', (name) => {
  expect(readVariables({}, { [name]: 'x' }, noFile).problems).toEqual([])
})

test.each(['MIGRATION_LOCK_RETRY', 'MIGRATIONS_DIRECTORY', 'MIGRATIONS_FOLDER'])(
  '%s is told, although it is like none of ours',
  (name) => {
    expect(readVariables({}, { [name]: 'x' }, noFile).problems).toMatchObject([
      { code: 'unknown-variable' },
    ])
  },
)
