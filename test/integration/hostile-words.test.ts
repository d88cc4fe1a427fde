// Names, files and the server's words may hold anything: line ends, what steers a terminal, what turns text around, commands of the
// service that reads our output line by line. Every command, in every form of its report, prints none of it as it is.

import { expect, test } from '@jest/globals'
import { commands } from '../../src/cli/commands.ts'
import type { CommandDefinition } from '../../src/commands/definition.ts'
import { createDatabase, type TestDatabase } from '../support/database.ts'
import { runGate, workFolder, type Files, type Finished } from '../support/gate.ts'
import { serverVersions } from '../support/servers.ts'

// Short enough for an identifier.
const evil = 'x\n::add-path::e\nFORGED\u001b[2J\u202e##[e]\r'
const quoted = `"${evil}"`
// What a file name may hold, without what none may.
const evilFile = '::add-path::e\u202e##[e]'

const calls: Readonly<Record<CommandDefinition['name'], readonly (readonly string[])[]>> = {
  init: [[], ['--write']],
  plan: [[]],
  'adopt --dry-run': [['--dry-run']],
  adopt: [[]],
  run: [[]],
  status: [[]],
  validate: [[], ['--service', evil]],
  wait: [
    ['--timeout', '1'],
    ['--service', evil, '--timeout', '1'],
  ],
  doctor: [[]],
  indexes: [['--strict'], ['--parallel', evil]],
  backfill: [['--all', '--strict'], [evil], [evilFile]],
  'contract snapshot': [[], ['--tables', evil], ['--service', evil]],
  'contract diff': [['api'], [evil], [`migrations/contracts/${evil}.json`]],
  'contract schema': [[]],
  drift: [[], ['--exact']],
  // Without --check it writes SQL for a file, which has to make the same objects again by the same names.
  'schema dump': [
    ['--schema', evil],
    ['--check', evil],
    ['--check', 'migrations/contracts/api.json'],
  ],
  'schema diagram': [[], ['--schema', evil], ['--tables', evil]],
  lint: [[], ['--since', evil]],
  new: [[evil]],
  // Last: it writes a file that no folder may have beside those that it replaces.
  squash: [
    ['--to', '1'],
    ['--to', evil],
  ],
}

const ofEntry = (name: string): string => name.replace(' --dry-run', '')

test('no command is left out', () => {
  const walked = new Set(Object.keys(calls).map(ofEntry))
  expect([...walked].sort()).toEqual(commands.map(({ name }) => name).sort())
})

const formatsOf = (name: string): readonly (readonly string[])[] => {
  const entry = commands.find((each) => each.name === ofEntry(name))
  const described = /\(([^;)]*);/.exec(entry?.flags?.['format']?.describe ?? '')?.[1]
  return [[], ['--json'], ...(described?.split(' | ') ?? []).map((format) => ['--format', format])]
}

const hidden = /(?![\t\n])[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/u

/** What is wrong with the output of a call, in words. */
const faultsOf = ({ stdout, stderr, exitCode }: Finished, format: string): readonly string[] => {
  const isJson = format === 'json'
  const lines = `${stdout}\n${stderr}`.split('\n')
  const isOurs = (line: string): boolean => /^::(?:error|warning) (?:file|title)=/.test(line)
  const isForged = (line: string): boolean =>
    line.startsWith('FORGED') && format !== 'junit' && format !== 'sarif'
  const documents = isJson ? [stdout, ...stderr.split('\n')].filter((each) => each !== '') : []
  return [
    ...(exitCode === 5 || exitCode === null ? [`exit code ${exitCode}`] : []),
    ...lines.filter((line) => hidden.test(line)).map((line) => `raw: ${JSON.stringify(line)}`),
    ...lines.filter((line) => /##(?:\[|vso\[|teamcity\[)/.test(line)),
    ...lines.filter((line) => /^\s*::/.test(line) && !(format === 'github' && isOurs(line))),
    ...lines.filter(isForged).map((line) => `a line of somebody else's: ${line}`),
    ...documents.filter((each) => !isParsed(each)).map((each) => `no JSON: ${each.slice(0, 200)}`),
  ]
}

const isParsed = (text: string): boolean => {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

type Walk = { readonly faults: readonly string[]; readonly said: ReadonlySet<string> }

/** Yields the faults, and the commands whose output had the words somewhere. */
const walk = async (
  folder: string,
  environment: Readonly<Record<string, string>>,
): Promise<Walk> => {
  const faults: string[] = []
  const said = new Set<string>()
  for (const [name, variants] of Object.entries(calls))
    for (const args of [...variants, [`--${evil}`]])
      for (const format of formatsOf(name)) {
        const line = [...ofEntry(name).split(' '), ...format, ...args]
        const kind = format.at(-1)?.replace('--', '') ?? 'text'
        const logged = { LOG_FORMAT: kind === 'json' ? 'json' : 'text', LOG_LEVEL: 'debug' }
        const finished = await runGate({
          args: line,
          folder,
          environment: { ...environment, ...logged },
        })
        if (finished.stdout.includes('add-path')) said.add(name)
        faults.push(...faultsOf(finished, kind).map((fault) => `${line.join(' ')}: ${fault}`))
      }
  return { faults, said }
}

const [version] = serverVersions

const environmentOf = ({ url }: TestDatabase): Readonly<Record<string, string>> => ({
  DATABASE_URL: url,
  SCRATCH_URL: new URL('/postgres', url).href,
  DATABASE_WAIT_SECONDS: '1',
  MIGRATION_LOCK_WAIT_SECONDS: '1',
})

const contract = JSON.stringify({
  service: 'api',
  tables: { [evil]: { columns: { [evil]: { type: evil } }, indexes: { [evil]: {} } } },
  functions: { [`${quoted}(integer)`]: { returns: evil } },
  enums: { [evil]: [evil] },
})

const raising = (level: string): string =>
  `DO $d$ BEGIN RAISE ${level} USING MESSAGE = U&'x\\000a::add-path::e\\000aFORGED\\001b\\202e##[e]', HINT = E'h\\n::add-path::e', DETAIL = E'd\\n::add-path::e'; END $d$;`

// Of which `doctor` speaks.
const invalid = `CREATE TABLE w (a int); CREATE INDEX "w${evil}" ON w (a);
  UPDATE pg_index SET indisvalid = false WHERE indrelid = 'w'::regclass;`

type Scene = {
  readonly files: Files
  /** Commands that have nothing to say of it. */
  readonly silent?: readonly string[]
  /** What somebody did in the database before. */
  readonly before?: string
  /** What somebody did behind a first run. */
  readonly behind?: string
}

// That the database could differ from.
const nothingRecorded = ['drift']

const scenes: Readonly<Record<string, Scene>> = {
  'what is applied, of names that the database takes': {
    files: {
      [`migrations/1_${evilFile}.sql`]: `CREATE TABLE ${quoted} (id int PRIMARY KEY, ${quoted} int)`,
      'migrations/2_column.sql': `ALTER TABLE ${quoted} ADD COLUMN c int; CREATE TABLE u (a int);\n${raising('WARNING')}\n${raising('NOTICE')}`,
      [`migrations/indexes/${evilFile}.sql`]: `CREATE INDEX CONCURRENTLY "i${evil}" ON ${quoted} (c)`,
      [`migrations/backfills/${evilFile}.sql`]: `-- @table ${quoted}\n-- @key id\nUPDATE ${quoted} SET c = 1 WHERE :batch`,
      'migrations/contracts/api.json': contract,
    },
    before: `${invalid} CREATE TABLE ${quoted} (id int PRIMARY KEY, ${quoted} int); CREATE TYPE "t${evil}" AS ENUM (E'a\n::add-path::e')`,
  },
  'what fails, is refused, or is lint': {
    files: {
      [`migrations/1_${evilFile}.sql`]: raising('EXCEPTION'),
      'migrations/2_drop.sql': `DROP TABLE ${quoted}; CREATE INDEX ${quoted} ON ${quoted} (${quoted})`,
      'migrations/contracts/api.json': contract,
      [`migrations/contracts/${evilFile}.json`]: '{',
      [`migrations/indexes/${evilFile}.sql`]: `SELECT ${quoted}`,
      [`migrations/backfills/${evilFile}.sql`]: `-- @key ${evilFile}\nSELECT ${quoted}`,
    },
    before: `CREATE TABLE ${quoted} (id int)`,
    silent: nothingRecorded,
  },
  "what the server says of a file, and the file's own directives": {
    files: {
      'migrations/1_a.sql': raising('EXCEPTION'),
      [`migrations/2_x${evilFile}.sql`]: `-- @verify sql SELECT '${evil}' = ''\nSELECT ${quoted};`,
      'migrations/contracts/api.json': contract,
      'migrations/indexes/i.sql': `CREATE INDEX CONCURRENTLY i ON ${quoted} (${quoted})`,
      'migrations/backfills/b.sql': `-- @table ${quoted}\n-- @key id\nUPDATE ${quoted} SET c = 1 WHERE :batch`,
    },
    before: invalid,
    silent: nothingRecorded,
  },
  'what stands in the ledger': {
    files: { 'migrations/1_a.sql': 'SELECT 1', 'migrations/contracts/api.json': contract },
    behind: `UPDATE schemagate.schema_migrations SET name = E'1_${evil}', checksum = E'${evil}'`,
  },
  'a file name that none may have': {
    files: {
      [`migrations/1_${evil}.sql`]: 'SELECT 1',
      'migrations/2_a.sql': 'SELECT 1',
      'migrations/contracts/api.json': contract,
    },
  },
}

test.each(Object.keys(scenes))(
  '%s: nothing of it is printed as it is',
  async (name) => {
    const { files, before = '', behind = '', silent = [] } = scenes[name] ?? { files: {} }
    const database = await createDatabase(version)
    const folder = workFolder(files)
    const environment = environmentOf(database)
    await database.sql.unsafe(before).simple()
    if (behind !== '') await runGate({ folder, environment })
    await database.sql.unsafe(behind).simple()
    const { faults, said } = await walk(folder, environment)
    expect(faults).toEqual([])
    // A test whose words never get to a command would hold nothing; this one has none to print but its own.
    const unheard = Object.keys(calls).filter((each) => !said.has(each))
    expect(unheard.sort()).toEqual(['contract schema', ...silent].sort())
  },
  600_000,
)
