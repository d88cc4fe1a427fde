// Every way a run refuses or fails, by the whole text that an operator gets: one golden each. The snapshots are to
// be read, not only compared: what happened, where, what became of the database, what to do.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import type postgres from 'postgres'
import type { Variable } from '../../src/config/variables/variable.ts'
import { variableNames, variables } from '../../src/config/variables/variables.ts'
import {
  administrator,
  createDatabase,
  databaseUrl,
  type TestDatabase,
} from '../support/database.ts'
import {
  normalised,
  runGate,
  temporaryFolder,
  workFolder,
  writeFiles,
  type Files,
  type Finished,
} from '../support/gate.ts'
import { freePort, serverVersions, type ServerVersion } from '../support/servers.ts'

const fine = { 'migrations/0001_fine.sql': 'CREATE TABLE fine (id int);\n' }

const secret = 'secret-pw-77'
// Nothing listens there: whoever connects ends with 69 after a wait.
const nowhere = `postgresql://nobody:${secret}@127.0.0.1:1/none`
const quick = { DATABASE_WAIT_SECONDS: '0', LOG_LEVEL: 'debug' }

const expectNoSecret = ({ stdout, stderr }: Finished): void => {
  expect(stdout + stderr).not.toContain(secret)
  expect(stdout + stderr).not.toMatch(/postgres(ql)?:\/\/\w/)
}

/** What every refusal and failure owes, whatever it is about; then the golden of the whole text. */
const expectGolden = (finished: Finished, exitCode: number): void => {
  const { stderr } = finished
  expect({ exitCode: finished.exitCode, stderr }).toEqual({ exitCode, stderr })
  expect(finished.stdout).not.toMatch(/\bundefined\b|\[object |^\s+at .*:\d+:\d+\)?$/m)
  // Our own SQL around the file is nobody's business.
  expect(finished.stdout).not.toMatch(/schemagate_marker|schemagate fence/)
  expect(normalised(finished.stdout)).toMatchSnapshot()
}

type Offline = {
  readonly args?: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
  readonly files?: Files
}

const runOffline = async ({ args, environment, files = fine }: Offline): Promise<Finished> => {
  const finished = await runGate({
    ...(args === undefined ? {} : { args }),
    folder: workFolder(files),
    environment: { DATABASE_URL: nowhere, ...quick, ...environment },
  })
  expectNoSecret(finished)
  return finished
}

const refusesOffline = async (exitCode: number, offline: Offline): Promise<void> => {
  expectGolden(await runOffline(offline), exitCode)
}

describe('a malformed value', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['DATABASE_URL', `mysql://nobody:${secret}@127.0.0.1:1/none`],
    ['DATABASE_URL_DIRECT', `127.0.0.1:1/none?password=${secret}`],
    ['DATABASE_URL_POOLER', `jdbc:postgresql://127.0.0.1:1/none?password=${secret}`],
    ['PGHOSTADDR', 'db.example'],
    ['PGPORT', 'five'],
    ['PGPORT', '99999'],
    ['PGSSLMODE', 'on'],
    ['PGSSLNEGOTIATION', 'requiredirect'],
    ['PGTARGETSESSIONATTRS', 'write'],
    ['PGSSLROOTCERT', './no-such.pem'],
    ['MIGRATIONS_DIALECT', 'alembic'],
    ['DRIFT', 'on'],
    ['SCRATCH_URL', `mysql://nobody:${secret}@127.0.0.1:1/none`],
    ['RUN_MIGRATIONS', 'yes'],
    ['RUN_MIGRATIONS_ON_START', 'true'],
    ['SERVICE_ROLE', 'migrator'],
    ['SERVICE_ROLE', 'Migrate'],
    ['MIGRATION_LOCK_WAIT_SECONDS', '30s'],
    ['MIGRATION_LOCK_WAIT_SECONDS', '-1'],
    ['MIGRATION_ON_LOCK_TIMEOUT', 'ignore'],
    ['MIGRATION_STATEMENT_TIMEOUT', '120'],
    ['MIGRATION_STATEMENT_TIMEOUT', '2 minutes'],
    ['MIGRATION_STATEMENT_TIMEOUT', '25d'],
    ['MIGRATION_LOCK_TIMEOUT', '5 sec'],
    ['MIGRATION_LOCK_RETRIES', 'many'],
    ['MIGRATION_INDEX_TIMEOUT', '2 hours'],
    ['DATABASE_WAIT_SECONDS', 'forever'],
    ['BATCH', 'all'],
    ['LEDGER_MIRROR', 'both'],
    ['STRICT_ORDER', 'true'],
    ['LEDGER_SCHEMA', 'My-Schema'],
    ['LOG_FORMAT', 'xml'],
    ['LOG_LEVEL', 'verbose'],
    ['REPORT_FILE', 'no-such-folder/report.json'],
    ['TERMINATION_LOG', 'no-such-folder/termination-log'],
  ]

  test.each(cases)('%s=%s is an error with the valid form', async (name, value) => {
    await refusesOffline(2, { environment: { [name]: value } })
  })

  test('there is a case for every variable that does not take any text', () => {
    const strict = variableNames.filter((name) => {
      const { pattern, enum: words, cure }: Variable = variables[name]
      // Those with a cure of their own: connection-words.test.ts.
      return cure === undefined && (pattern !== undefined || words !== undefined)
    })
    expect(strict.filter((name) => !cases.some(([each]) => each === name))).toEqual([])
  })

  test('is told by the name of the flag that it came by', async () => {
    await refusesOffline(2, {
      args: ['run', '--migration-lock-wait-seconds', 'abc', '--ledger-schema=Mine'],
      environment: { MIGRATION_LOCK_WAIT_SECONDS: '10' },
    })
  })

  test.each([
    ['at the end of the line', ['run', '--migration-lock-wait-seconds']],
    ['before another flag', ['run', '--migrations-dir', '--log-level', 'debug']],
    ['with an equals sign', ['run', '--log-level=']],
    ['of a secret', ['run', '--database-url']],
  ])('includes a flag without a value, %s', async (_, args) => {
    const finished = await runOffline({ args })
    expect(finished.stdout.match(/^error\[/gm)).toHaveLength(1)
    expectGolden(finished, 2)
  })

  test('is told together with everything else that is wrong', async () => {
    await refusesOffline(2, {
      args: ['run', '--lock-wait', '10', 'now'],
      environment: {
        DATABASE_URL: '',
        LOG_LEVEL: 'trace',
        MIGRATION_STATEMENT_TIMEOUT: '120',
        MIGRATION_LOCK_WAIT_SECOND: '10',
        RUN_MIGRATIONS: 'on',
      },
    })
  })
})

describe('a name that is none of ours', () => {
  test.each([
    'MIGRATION_LOCK_WAIT_SECOND',
    'MIGRATION_DIRECTION',
    'DATABASE_URL_DIRCT',
    'RUN_MIGRATION',
    'MIGRATIONS_DIRECTORY',
    'database_url_file',
  ])('is refused as a variable: %s', async (name) => {
    await refusesOffline(2, { environment: { [name]: secret } })
  })

  test('is let through when it may be another program’s', async () => {
    const environment = {
      DATABASE_HOST: 'db',
      LOG_FILE: 'x',
      PGDATA: '/data',
      PGAPPNAME: 'a',
      SERVICE_NAME: 'api',
      RUN_MIGRATIONS: '0',
    }
    expect(await runOffline({ environment })).toMatchObject({ exitCode: 0 })
  })

  test.each([
    ['a flag with a slip', ['run', '--migration-dir', 'x']],
    ['a flag like no other', ['run', '--turbo']],
    ['a flag of another command', ['status', '--migration-lock-timeout', '1s']],
    ['a short flag', ['run', '-v']],
    ['a negated flag', ['run', '--no-json']],
    ['a command with a slip', ['rum']],
    ['a command like no other', ['migrate:latest']],
    ['no command', []],
    ['only a flag', ['--json']],
    ['an extra argument', ['run', 'everything']],
    ['an extra argument after --', ['status', '--', 'everything']],
    ['no name for a new migration', ['new']],
  ])('is refused on the command line: %s', async (_, args) => {
    await refusesOffline(2, { args })
  })
})

describe('a database that is named badly', () => {
  const at = (rest: string): string => `postgresql://nobody:${secret}@${rest}`

  test.each([
    ['another scheme', `postgressql://nobody:${secret}@127.0.0.1:1/none`],
    ['a percent sign that is no encoding', `postgresql://nobody:${secret}%zz@127.0.0.1:1/none`],
    ['a percent sign in the host', at('127.0.0.1%zz:1/none')],
    ['an unknown parameter', at('127.0.0.1:1/none?connect_timout=5')],
    ['an unknown sslmode', at('127.0.0.1:1/none?sslmode=on')],
    ['a port that is no number', at('127.0.0.1:port/none')],
    ['a port out of range', at('127.0.0.1:70000/none')],
    ['one slash after the scheme', 'postgresql:/nobody'],
  ])('by a URL with %s, which is never printed', async (_, url) => {
    const finished = await runOffline({ environment: { DATABASE_URL: url } })
    expect(finished.stdout + finished.stderr).not.toContain(url)
    expect(finished.stdout + finished.stderr).not.toContain('nobody')
    expectGolden(finished, 2)
  })

  test('and shows the valid form of a URL, which is no secret', async () => {
    const { stdout } = await runOffline({ environment: { DATABASE_URL: 'localhost:5432' } })
    expect(stdout).toMatch(/fix: Set DATABASE_URL to .*host.*database/)
  })

  test('by nothing at all', async () => {
    await refusesOffline(2, { environment: { DATABASE_URL: '' } })
  })

  test('by a URL whose root certificate cannot be read', async () => {
    const url = at('127.0.0.1:1/none?sslmode=verify-full&sslrootcert=./no-such.pem')
    const finished = await runOffline({ environment: { DATABASE_URL: url } })
    expect(finished.stdout).toContain('sslrootcert')
    expectGolden(finished, 2)
  })

  test('but not by a URL with an @ in a parameter', async () => {
    const url = at('127.0.0.1:1/none?application_name=jo@ci')
    const finished = await runOffline({ environment: { DATABASE_URL: url } })
    expect(finished.stdout).toContain('DATABASE_URL (127.0.0.1:1/none)')
    expect(finished.exitCode).toBe(69)
  })

  test('by libpq variables without a host', async () => {
    await refusesOffline(2, { environment: { DATABASE_URL: '', PGPASSWORD: secret } })
  })

  test('by a value and by a file', async () => {
    await refusesOffline(2, { environment: { DATABASE_URL_FILE: 'url' }, files: { url: nowhere } })
  })

  test('by a file that is not there', async () => {
    const environment = { DATABASE_URL: '', DATABASE_URL_FILE: '/run/secrets/url' }
    await refusesOffline(2, { environment })
  })

  test('by a file that is empty', async () => {
    await refusesOffline(2, {
      environment: { DATABASE_URL: '', DATABASE_URL_FILE: 'url' },
      files: { ...fine, url: '\n' },
    })
  })

  test('by a file that holds no URL', async () => {
    await refusesOffline(2, {
      environment: { DATABASE_URL: '', DATABASE_URL_FILE: 'url' },
      files: { ...fine, url: `DATABASE_URL=${secret}\n` },
    })
  })
})

describe('a folder of migrations', () => {
  test('that is missing is refused', async () => {
    await refusesOffline(2, { files: {} })
  })

  test('that is missing is refused without its absolute path', async () => {
    const folder = temporaryFolder()
    const finished = await runOffline({ environment: { MIGRATIONS_DIR: join(folder, 'sql') } })
    expect(finished.stdout + finished.stderr).not.toContain(folder)
    expectGolden(finished, 2)
  })

  test('that is a file is refused', async () => {
    await refusesOffline(2, { files: { migrations: 'CREATE TABLE a (id int)' } })
  })

  test('that is empty is refused', async () => {
    await refusesOffline(2, { files: { 'migrations/.gitkeep': '' } })
  })
})

describe('a file', () => {
  const rest = 'migrations/0002_rest.sql'
  const table = 'CREATE TABLE rest (id int);'

  test.each(['notes.txt', '0110 foo.sql', '0110_x.sql.bak', '0110_x.SQL', 'seed.sql', '0110_.sql'])(
    'that is no migration is refused by its name: %s',
    async (name) => {
      await refusesOffline(4, { files: { ...fine, [`migrations/${name}`]: table } })
    },
  )

  test('whose number does not fit the ledger is refused', async () => {
    await refusesOffline(4, { files: { 'migrations/1234567890123456789_x.sql': table } })
  })

  test('is not looked for in a folder of its own', async () => {
    await refusesOffline(4, { files: { ...fine, 'migrations/2024/0110_x.sql': table } })
  })

  test('that claims the version of another is refused', async () => {
    await refusesOffline(4, {
      files: {
        'migrations/9_calls.sql': table,
        'migrations/0009_leads.sql': table,
        'migrations/0010_fine.sql': table,
      },
    })
  })

  test('with a byte of Latin-1 is refused at its place', async () => {
    const text = `CREATE TABLE rest (\n  id int,\n  name text DEFAULT 'M\u00fcller'\n);\n`
    await refusesOffline(4, { files: { ...fine, [rest]: Buffer.from(text, 'latin1') } })
  })

  test('with two bytes that are no character is refused at the first of them', async () => {
    const text = `-- Stra\u00dfe\nSELECT 1;\n`
    const finished = await runOffline({ files: { ...fine, [rest]: Buffer.from(text, 'latin1') } })
    expect(finished.stdout).toContain('the byte 0xdf does not belong there')
    expect(finished.stdout).toContain(`${rest}:1:8`)
    expectGolden(finished, 4)
  })

  test('that cannot be opened is refused', async () => {
    const folder = workFolder(fine)
    symlinkSync('nowhere.sql', join(folder, rest))
    const finished = await runGate({ folder, environment: { DATABASE_URL: nowhere, ...quick } })
    expectGolden(finished, 4)
  })

  test('in UTF-16 is refused', async () => {
    await refusesOffline(4, {
      files: { ...fine, [rest]: Buffer.from(`\uFEFF${table}`, 'utf16le') },
    })
  })

  test('in UTF-16 without its mark is refused', async () => {
    await refusesOffline(4, { files: { ...fine, [rest]: Buffer.from(table, 'utf16le') } })
  })

  test('with a NUL is refused at its place', async () => {
    await refusesOffline(4, { files: { ...fine, [rest]: `${table}\n-- rest\0of it\n` } })
  })

  test.each([
    ['with a slip', `-- why\n-- @statment-timeout 10min\n${table}`],
    ['without a name', `-- @ lock-timeout 5s\n${table}`],
  ])('with an unknown directive is refused: %s', async (_, text) => {
    await refusesOffline(4, { files: { ...fine, [rest]: text } })
  })

  test.each([
    ['a duration without a unit', `-- why\n\n--  @lock-timeout 5\n${table}`],
    ['a duration out of range', `-- @statement-timeout 30d\n${table}`],
    ['a word it does not know', `-- @transaction on\n${table}`],
    ['no value', `-- @lock-timeout\n${table}`],
  ])('with a malformed directive is refused: %s', async (_, text) => {
    await refusesOffline(4, { files: { ...fine, [rest]: text } })
  })

  test('is refused together with every other', async () => {
    await refusesOffline(4, {
      files: {
        'migrations/0001_fine.sql': table,
        'migrations/0002_latin.sql': Buffer.from('-- Stra\u00dfe', 'latin1'),
        'migrations/0003_two.sql': `-- @lock-timout 1s\n-- @transaction false\n${table}`,
        'migrations/3_again.sql': `-- @statement-timeout soon\n${table}`,
        'migrations/notes.txt': 'later',
      },
    })
  })
})

// The rest needs a database.

type Told = { readonly database: TestDatabase; readonly folder: string }

/** The same story on the oldest and on the newest server, with one golden for both. */
const onEachServer = async (
  exitCode: number,
  story: (database: TestDatabase) => Promise<Finished>,
  versions: readonly ServerVersion[] = serverVersions,
): Promise<Finished> => {
  const [first, ...others] = await Promise.all(
    versions.map(async (version) => story(await createDatabase(version))),
  )
  if (first === undefined) throw new Error('no server version was given')
  expectGolden(first, exitCode)
  for (const other of others) expect(normalised(other.stdout)).toBe(normalised(first.stdout))
  for (const each of [first, ...others]) expectNoSecret(each)
  return first
}

const newest: readonly ServerVersion[] = ['18']

/** Everything that a run could leave behind: relations of any schema, and the ledger's schema. */
const leftovers = async (sql: postgres.Sql): Promise<unknown> =>
  sql`SELECT (SELECT count(*)::int FROM pg_class) AS relations,
    to_regnamespace('schemagate')::text AS schema`

const ledgerOf = async (sql: postgres.Sql): Promise<readonly string[]> => {
  const rows = await sql<{ name: string; state: string }[]>`
    SELECT name, state FROM schemagate.schema_migrations ORDER BY ordinal`
  return rows.map(({ name, state }) => `${name} ${state}`)
}

/** Runs, and holds that nothing was written. */
const runUntouched = async (
  { url, sql }: TestDatabase,
  folder: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<Finished> => {
  const before = await leftovers(sql)
  const finished = await runGate({ folder, environment: { DATABASE_URL: url, ...environment } })
  expect(await leftovers(sql)).toEqual(before)
  return finished
}

describe('a migration that cannot run here is refused before anything runs', () => {
  const head = 'CREATE TABLE rest (id int);\n\n'

  test.each([
    ['COPY FROM stdin without data', `${head}  COPY rest FROM STDIN WITH (FORMAT csv);\n`],
    ['COPY TO stdout', `${head}COPY rest TO STDOUT;\n`],
    ['psql \\i', `${head}\\i other.sql\n`],
    ['psql \\connect after a statement', `${head}SELECT 1; \\connect other\n`],
    [
      'CREATE INDEX CONCURRENTLY between BEGIN and COMMIT',
      `BEGIN;\n${head}-- fast\nCREATE INDEX CONCURRENTLY rest_id ON rest (id);\nCOMMIT;\n`,
    ],
    ['COMMIT in the middle', `${head}COMMIT;\n\nCREATE TABLE more (id int);\n`],
    ['ROLLBACK', `BEGIN;\n${head}ROLLBACK;\n`],
    ['BEGIN with options', `BEGIN ISOLATION LEVEL SERIALIZABLE;\n${head}COMMIT;\n`],
    [
      'SET TRANSACTION ISOLATION LEVEL',
      `BEGIN;\nSET TRANSACTION ISOLATION LEVEL SERIALIZABLE;\n${head}COMMIT;\n`,
    ],
    [
      'backslashes that are to escape',
      `${head}SET standard_conforming_strings = off;\nINSERT INTO rest VALUES (length('a\\nb'));\n`,
    ],
    ['a transaction that does not end', `${head}BEGIN;\nCREATE TABLE more (id int);\n`],
    ['@transaction off that the parser cannot read', `-- why\n-- @transaction off\nFROBNICATE t;`],
    // What is left open would swallow the ledger row behind the file.
    ['a string that does not end', `${head}INSERT INTO rest VALUES ('two);\n`],
    ['a comment that does not end', `${head}/* INSERT INTO rest\n`],
    ['a function body that does not end', `${head}DO $$ BEGIN NULL; END $;\n`],
  ])('%s', async (_, text) => {
    await onEachServer(
      4,
      (database) =>
        runUntouched(database, workFolder({ ...fine, 'migrations/0002_rest.sql': text })),
      newest,
    )
  })

  test('all of them at once', async () => {
    await onEachServer(4, (database) => {
      const folder = workFolder({
        ...fine,
        'migrations/0002_index.sql':
          'BEGIN;\nCREATE INDEX CONCURRENTLY fine_id ON fine (id);\nCOMMIT;\nBEGIN;\n',
        'migrations/0003_dump.sql': '\\set x 1\nSELECT 1;\n',
        'migrations/0004_later.sql': 'SELECT 1;\n',
      })
      return runUntouched(database, folder)
    })
  })
})

describe('a ledger that does not fit the files', () => {
  const printedUpdate = ({ stdout }: Finished): string =>
    /UPDATE [^;]*;/.exec(stdout)?.[0] ?? 'no statement was printed'

  const applied = async (database: TestDatabase): Promise<Told> => {
    const folder = workFolder({
      ...fine,
      'migrations/0002_rest.sql': 'CREATE TABLE rest (id int);\n',
    })
    const { exitCode } = await runGate({ folder, environment: { DATABASE_URL: database.url } })
    expect(exitCode).toBe(0)
    return { database, folder }
  }

  test('refuses a file that was edited, until the statement it prints is run', async () => {
    await onEachServer(4, async (database) => {
      const { folder } = await applied(database)
      writeFiles(folder, {
        'migrations/0002_rest.sql': '-- the rest\nCREATE TABLE rest (id int);\n',
        'migrations/0003_next.sql': 'CREATE TABLE next (id int);\n',
      })
      const refused = await runUntouched(database, folder)
      await database.sql.unsafe(printedUpdate(refused))
      const accepted = await runGate({ folder, environment: { DATABASE_URL: database.url } })
      expect(accepted).toMatchObject({ exitCode: 0 })
      expect(await ledgerOf(database.sql)).toEqual([
        '0001_fine applied',
        '0002_rest applied',
        '0003_next applied',
      ])
      return refused
    })
  })

  test('refuses every file that was edited, at once', async () => {
    await onEachServer(
      4,
      async (database) => {
        const { folder } = await applied(database)
        writeFiles(folder, {
          'migrations/0001_fine.sql': 'CREATE TABLE fine (id bigint);\n',
          'migrations/0002_rest.sql': 'CREATE TABLE rest (id bigint);\n',
        })
        return runUntouched(database, folder)
      },
      newest,
    )
  })

  test('refuses a row that says running where nothing tells of its statement, until one it prints is run', async () => {
    await onEachServer(4, async (database) => {
      const folder = workFolder({
        ...fine,
        'migrations/0002_rest.sql': '-- @transaction off\nDO $$ BEGIN COMMIT; END $$;\n',
      })
      await runGate({ folder, environment: { DATABASE_URL: database.url } })
      await database.sql`UPDATE schemagate.schema_migrations
        SET state = 'running', finished_at = NULL, statements_done = 0, statement_started = 1, statement_checksums = '{}'
        WHERE version::int = 2`
      const refused = await runGate({ folder, environment: { DATABASE_URL: database.url } })
      await database.sql.unsafe(printedUpdate(refused))
      const accepted = await runGate({ folder, environment: { DATABASE_URL: database.url } })
      expect(accepted).toMatchObject({ exitCode: 0 })
      return refused
    })
  })

  test.each([
    ['Rails', 'CREATE TABLE schemagate.schema_migrations (version varchar PRIMARY KEY)'],
    [
      'golang-migrate',
      'CREATE TABLE schemagate.schema_migrations (version bigint PRIMARY KEY, dirty boolean)',
    ],
  ])('refuses the table of another tool: %s', async (_, create) => {
    await onEachServer(4, async (database) => {
      await database.sql.unsafe(`CREATE SCHEMA schemagate; ${create}`)
      return runUntouched(database, workFolder(fine))
    })
  })
})

describe('a database that does not let us in, or does not let us write', () => {
  const role = 'refusals_role'
  const rolePassword = 'role-pw-123'
  const roleUrl = ({ port, name }: TestDatabase): string =>
    databaseUrl(port, name, role, rolePassword)

  beforeAll(async () => {
    for (const version of serverVersions)
      await administrator(version).unsafe(`CREATE ROLE ${role} LOGIN PASSWORD '${rolePassword}'`)
  })

  // When the databases are dropped: until then the role has rights in them.
  afterAll(async () => {
    for (const version of serverVersions) await administrator(version).unsafe(`DROP ROLE ${role}`)
  })

  test('refuses to migrate what is read-only', async () => {
    await onEachServer(4, async (database) => {
      await database.sql.unsafe(
        `ALTER DATABASE ${database.name} SET default_transaction_read_only = on`,
      )
      return runUntouched(database, workFolder(fine))
    })
  })

  test('is content with what is read-only when nothing is pending', async () => {
    await onEachServer(0, async (database) => {
      const folder = workFolder(fine)
      await runGate({ folder, environment: { DATABASE_URL: database.url } })
      await database.sql.unsafe(
        `ALTER DATABASE ${database.name} SET default_transaction_read_only = on`,
      )
      return runUntouched(database, folder)
    })
  })

  test('says that the password is wrong', async () => {
    await onEachServer(2, (database) =>
      runUntouched(database, workFolder(fine), {
        DATABASE_URL: databaseUrl(database.port, database.name, 'postgres', secret),
        LOG_LEVEL: 'debug',
      }),
    )
  })

  test('says that there is no password', async () => {
    await onEachServer(2, (database) =>
      runUntouched(database, workFolder(fine), {
        DATABASE_URL: `postgresql://postgres@127.0.0.1:${database.port}/${database.name}`,
      }),
    )
  })

  test('says that the database is unknown', async () => {
    await onEachServer(2, (database) =>
      runUntouched(database, workFolder(fine), {
        DATABASE_URL: databaseUrl(database.port, 'no_such_database'),
      }),
    )
  })

  test('says that the user is unknown', async () => {
    await onEachServer(2, (database) =>
      runUntouched(database, workFolder(fine), {
        DATABASE_URL: databaseUrl(database.port, database.name, 'no_such_user', secret),
        LOG_LEVEL: 'debug',
      }),
    )
  })

  test('says that the user may not connect', async () => {
    await onEachServer(2, async (database) => {
      await database.sql.unsafe(`REVOKE CONNECT ON DATABASE ${database.name} FROM PUBLIC`)
      return runUntouched(database, workFolder(fine), { DATABASE_URL: roleUrl(database) })
    })
  })

  test('says which right the role lacks to make the ledger', async () => {
    await onEachServer(2, (database) =>
      runUntouched(database, workFolder(fine), { DATABASE_URL: roleUrl(database) }),
    )
  })

  test('says which right the role lacks to read the ledger', async () => {
    await onEachServer(2, async (database) => {
      const folder = workFolder(fine)
      await runGate({ folder, environment: { DATABASE_URL: database.url } })
      return runUntouched(database, folder, { DATABASE_URL: roleUrl(database) })
    })
  })

  test('says which right the role lacks to write the ledger', async () => {
    await onEachServer(2, async (database) => {
      const folder = workFolder(fine)
      await runGate({ folder, environment: { DATABASE_URL: database.url } })
      await database.sql.unsafe(`GRANT USAGE ON SCHEMA schemagate TO ${role};
        GRANT SELECT ON schemagate.schema_migrations TO ${role}`)
      writeFiles(folder, { 'migrations/0002_next.sql': 'SELECT 1;\n' })
      return runUntouched(database, folder, { DATABASE_URL: roleUrl(database) })
    })
  })

  test('says which right the role lacks for a migration', async () => {
    await onEachServer(1, async (database) => {
      const folder = workFolder({
        ...fine,
        'migrations/0002_alter.sql': 'CREATE SCHEMA app;\n\nALTER TABLE legacy ADD note text;\n',
      })
      await database.sql.unsafe(`CREATE TABLE legacy (id int);
        GRANT CREATE ON DATABASE ${database.name} TO ${role};
        GRANT CREATE ON SCHEMA public TO ${role}`)
      return runGate({ folder, environment: { DATABASE_URL: roleUrl(database) } })
    })
  })

  test('says that nothing answers', async () => {
    const finished = await runGate({
      folder: workFolder(fine),
      environment: {
        DATABASE_URL: databaseUrl(await freePort(), 'app', 'app', secret),
        DATABASE_WAIT_SECONDS: '1',
        LOG_LEVEL: 'debug',
      },
    })
    expectNoSecret(finished)
    expectGolden(finished, 69)
  })

  test('says that the host is unknown', async () => {
    const finished = await runGate({
      folder: workFolder(fine),
      environment: { DATABASE_URL: 'postgres://a@db.invalid/app', DATABASE_WAIT_SECONDS: '0' },
    })
    expectGolden(finished, 69)
  })

  test('says that there is no TLS', async () => {
    await onEachServer(
      2,
      (database) =>
        runUntouched(database, workFolder(fine), {
          DATABASE_URL: `${database.url}?sslmode=verify-full`,
          DATABASE_WAIT_SECONDS: '1',
        }),
      newest,
    )
  })
})

describe('a migration that fails is rolled back and told', () => {
  type Failing = {
    readonly text: string
    readonly mended?: string
    readonly says?: string
    readonly environment?: Readonly<Record<string, string>>
    readonly versions?: readonly ServerVersion[]
  }

  const file = 'migrations/0003_broken.sql'
  const around = {
    'migrations/0001_base.sql':
      "CREATE TABLE base (id int PRIMARY KEY, name text);\nINSERT INTO base VALUES (1, 'one');\n",
    'migrations/0002_mood.sql': "CREATE TYPE mood AS ENUM ('good');\n",
    'migrations/0004_later.sql': 'CREATE TABLE later (id int);\n',
    'migrations/0005_last.sql': 'CREATE TABLE last (id int);\n',
  }
  const before = ['0001_base applied', '0002_mood applied']
  const after = ['0003_broken applied', '0004_later applied', '0005_last applied']

  const fails = async ({
    text,
    mended = 'SELECT 1;\n',
    says = `error[migration-failed]: ${file}`,
    environment = {},
    versions = serverVersions,
  }: Failing): Promise<Finished> =>
    onEachServer(
      1,
      async ({ url, sql }) => {
        const folder = workFolder({ ...around, [file]: text })
        const run = (): Promise<Finished> =>
          runGate({ folder, environment: { DATABASE_URL: url, ...environment } })
        const failed = await run()
        expect(failed.stdout).toContain(says)
        expect(await ledgerOf(sql)).toEqual(before)
        expect(
          await sql`SELECT to_regclass('later') AS later, to_regclass('half') AS half`,
        ).toEqual([{ later: null, half: null }])
        expect(failed.stderr).toContain(`STOPPING at ${file}; not attempted: 2 migrations`)
        writeFiles(folder, { [file]: mended })
        expect(await run()).toMatchObject({ exitCode: 0 })
        expect(await ledgerOf(sql)).toEqual([...before, ...after])
        return failed
      },
      versions,
    )

  test('for a syntax error in the second statement', async () => {
    await fails({
      text: 'CREATE TABLE half (id int);\n\nCREATE TABLE other (\n  id int,\n  name txt NOT NUL\n);\n',
      mended: 'CREATE TABLE half (id int);\nCREATE TABLE other (id int);\n',
    })
  })

  test('for a statement that does not end, where it ends', async () => {
    // What the server says is about our own words behind the file; the parser knows the place.
    await fails({
      text: 'CREATE TABLE half (id int);\nCREATE TABLE other (id int',
      says: `--> ${file}:2:`,
    })
  })

  test('for a name that is unknown, in the second statement', async () => {
    await fails({ text: 'CREATE TABLE half (id int);\n\n\tALTER TABLE bse ADD COLUMN x int;\n' })
  })

  test('for a column that is unknown', async () => {
    await fails({ text: 'CREATE TABLE half (id int);\nUPDATE base\n  SET nmae = upper(name);\n' })
  })

  test('for a table that is there already', async () => {
    await fails({ text: 'CREATE TABLE base (id int);\n' })
  })

  test('for a unique violation in the third of four statements', async () => {
    await fails({
      text: `CREATE TABLE half (id int);
INSERT INTO base VALUES (2, 'two');

-- once more
INSERT INTO base
  VALUES (2, 'two');
SELECT 4;
`,
      mended: "INSERT INTO base VALUES (2, 'two');\n",
    })
  })

  test('for a division by zero in the third of four statements on one line', async () => {
    await fails({ text: 'SELECT 1; CREATE TABLE half (id int); SELECT 1 / 0 FROM base; SELECT 4;' })
  })

  test('for an error inside a DO block', async () => {
    await fails({
      text: `CREATE TABLE half (id int);
DO $$
BEGIN
  IF EXISTS (SELECT FROM base) THEN
    RAISE EXCEPTION 'there are % rows too many', 1
      USING DETAIL = 'base is to be empty', HINT = 'Empty it.', ERRCODE = 'check_violation';
  END IF;
END
$$;
`,
    })
  })

  test('for a statement inside a DO block that names nothing', async () => {
    await fails({ text: 'DO $$ BEGIN\n  UPDATE bse SET id = 2;\nEND $$;\n' })
  })

  test('for a constraint that is checked at the end', async () => {
    await fails({
      text: `CREATE TABLE half (base_id int REFERENCES base DEFERRABLE INITIALLY DEFERRED);
INSERT INTO half VALUES (99);
SELECT 3;
`,
    })
  })

  test('for a statement that takes too long', async () => {
    await fails({
      text: 'CREATE TABLE half (id int);\nSELECT pg_sleep(30);\n',
      environment: { MIGRATION_STATEMENT_TIMEOUT: '2s' },
    })
  })

  test('for a statement that takes longer than its file says', async () => {
    await fails({ text: '-- @statement-timeout 0.1s\nSELECT pg_sleep(30);\n' })
  })

  test('for an enum value that is used in the transaction that adds it', async () => {
    await fails({
      text: "BEGIN;\nALTER TYPE mood ADD VALUE 'bad';\nCREATE TABLE half (m mood DEFAULT 'bad');\nCOMMIT;\n",
      mended: "ALTER TYPE mood ADD VALUE 'bad';\n",
    })
  })

  test('after a line of many bytes, with the column in characters', async () => {
    await fails({
      text: "-- Größe €\nINSERT INTO base VALUES (2, 'zwölf Boxkämpfer €'), (nope, 'Ü');\n",
    })
  })

  test('in a line of a thousand characters, of which it shows the place', async () => {
    const values = Array.from({ length: 120 }, (_, at) => `(${at + 2}, 'n')`).join(', ')
    await fails({ text: `INSERT INTO base VALUES ${values}, (nope, 'n'), ${values};\n` })
  })

  test('for a file that ends our session’s way to the ledger', async () => {
    await fails({ text: 'CREATE TABLE half (id int);\nDROP SCHEMA schemagate CASCADE;\n' })
  })

  test('for a keyword with a slip', async () => {
    await fails({ text: 'CREATE TABLE half (id int);\nSELEC 1;\n' })
  })
})

describe('beside the text', () => {
  const jsonOf = (text: string): unknown =>
    JSON.parse(normalised(text), (key, value: unknown) =>
      key === 'duration_ms' ? 'N' : key === 'tool_version' ? 'VERSION' : value,
    )
  const edited = async ({ url, sql }: TestDatabase): Promise<string> => {
    const folder = workFolder(fine)
    await runGate({ folder, environment: { DATABASE_URL: url } })
    await sql`UPDATE schemagate.schema_migrations SET checksum = 'other'`
    return folder
  }

  test('--json tells a refusal', async () => {
    const database = await createDatabase('18')
    const folder = await edited(database)
    const { stdout, exitCode } = await runGate({
      args: ['run', '--json'],
      folder,
      environment: { DATABASE_URL: database.url },
    })
    expect(exitCode).toBe(4)
    expect(jsonOf(stdout)).toMatchSnapshot()
  })

  const broken = {
    ...fine,
    'migrations/0002_broken.sql': 'SELECT 1;\nINSERT INTO fine VALUES (one);\n',
    'migrations/0003_later.sql': 'SELECT 1;\n',
  }

  test('--json tells a failure, and REPORT_FILE the same', async () => {
    const { url } = await createDatabase('18')
    const folder = workFolder(broken)
    const { stdout, exitCode } = await runGate({
      args: ['run', '--json'],
      folder,
      environment: { DATABASE_URL: url, REPORT_FILE: 'report.json' },
    })
    expect(exitCode).toBe(1)
    expect(jsonOf(stdout)).toMatchSnapshot()
    expect(readFileSync(join(folder, 'report.json'), 'utf8')).toBe(stdout)
  })

  test('--json tells what is wrong with the line itself', async () => {
    const { stdout, exitCode } = await runOffline({ args: ['run', '--json', '--turbo'] })
    expect(exitCode).toBe(2)
    expect(jsonOf(stdout)).toMatchSnapshot()
  })

  test('--json of status tells a refusal', async () => {
    const files = { ...fine, 'migrations/notes.txt': '' }
    const { stdout, exitCode } = await runOffline({ args: ['status', '--json'], files })
    expect(exitCode).toBe(4)
    expect(jsonOf(stdout)).toMatchSnapshot()
  })

  test('TERMINATION_LOG and REPORT_FILE tell a failure while stdout is text', async () => {
    const { url } = await createDatabase('18')
    const folder = workFolder(broken)
    const { stdout, exitCode } = await runGate({
      folder,
      environment: { DATABASE_URL: url, REPORT_FILE: 'report.json', TERMINATION_LOG: 'cause' },
    })
    expect(exitCode).toBe(1)
    const cause = readFileSync(join(folder, 'cause'), 'utf8')
    expect(normalised(cause)).toMatchSnapshot()
    // It ends with how far the run got, which the text tells migration by migration.
    const [told, cut] = cause.split('this run: 1 applied, 1 not attempted\n')
    // The report has an empty line more before the excerpt.
    expect(stdout.replace(/^ +\|\n/m, '')).toContain(told)
    expect(stdout).toContain(cut)
    const report = jsonOf(readFileSync(join(folder, 'report.json'), 'utf8'))
    expect(report).toMatchObject({
      outcome: 'failed',
      exit_code: 1,
      applied: [{ file: 'migrations/0001_fine.sql' }],
      stopped_at: 'migrations/0002_broken.sql',
      not_attempted: ['migrations/0003_later.sql'],
      problems: [{ code: 'migration-failed', line: 2, column: 26 }],
    })
  })

  test('TERMINATION_LOG tells a wrong configuration', async () => {
    const folder = workFolder(fine)
    await runGate({ folder, environment: { TERMINATION_LOG: 'cause', LOG_LEVEL: 'loud' } })
    expect(readFileSync(join(folder, 'cause'), 'utf8')).toMatchSnapshot()
  })

  test('TERMINATION_LOG holds no more than Kubernetes keeps, and ends with the result', async () => {
    const names = Array.from({ length: 40 }, (_, at) => `migrations/${at} größer.sql`)
    const folder = workFolder(Object.fromEntries(names.map((name) => [name, ''])))
    const { exitCode } = await runGate({
      folder,
      environment: { DATABASE_URL: nowhere, TERMINATION_LOG: 'cause' },
    })
    expect(exitCode).toBe(4)
    const bytes = readFileSync(join(folder, 'cause'))
    expect(bytes.length).toBeLessThanOrEqual(4_096)
    expect(bytes.length).toBeGreaterThan(4_000)
    const cause = bytes.toString('utf8')
    expect(cause).not.toContain('\uFFFD')
    expect(cause).toMatch(
      /^error\[not-a-migration\]: migrations\/0 größer.sql is not a migration file/,
    )
    expect(cause).toMatch(/\nMIGRATION FAILED: .* and 39 more \(database \w+, exit code 4\)$/)
  })
})
