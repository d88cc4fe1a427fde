// However a run ends, and whatever is thrown inside it: its report denies nothing of what the database has, and claims nothing
// that it has not.

import '../unit/one-realm.ts'
import { describe, expect, test } from '@jest/globals'
import { randomUUID } from 'node:crypto'
import { readConfiguration, type Config } from '../../src/config/config.ts'
import type { IndexesResult } from '../../src/commands/indexes/build-all.ts'
import { buildDeclared } from '../../src/commands/indexes/build-declared.ts'
import { migrate } from '../../src/commands/run/migrate.ts'
import { outcomeJson } from '../../src/commands/run/outcome/outcome-json.ts'
import type { Outcome } from '../../src/commands/run/outcome/outcome.ts'
import type { Announce } from '../../src/events.ts'
import { startCounting, type AtMessage } from '../support/cut.ts'
import { createDatabase, databaseUrl, until, type TestDatabase } from '../support/database.ts'
import { workFolder } from '../support/gate.ts'
import { serverVersions } from '../support/servers.ts'

const files = {
  'migrations/0001_there.sql': 'CREATE TABLE there (id int);\n',
  'migrations/0002_there_too.sql': 'ALTER TABLE there ADD COLUMN name text;\n',
  'migrations/0003_effects.sql':
    'CREATE TABLE effects (n int NOT NULL);\nINSERT INTO effects VALUES (3);\n',
  'migrations/0004_plain.sql': 'CREATE TABLE t4 (id int);\nINSERT INTO effects VALUES (4);\n',
  'migrations/0005_statements.sql':
    '-- @transaction off\nCREATE TABLE t5 (id int);\nINSERT INTO effects VALUES (5);\nVACUUM t5;\n',
  'migrations/0006_index.sql': 'CREATE INDEX CONCURRENTLY i6 ON effects (n);\n',
  'migrations/0007_plain.sql': 'CREATE TABLE t7 (id int);\nINSERT INTO effects VALUES (7);\n',
  'migrations/0008_mixed.sql':
    'CREATE TABLE t8 (id int);\nCREATE INDEX CONCURRENTLY i8 ON t8 (id);\nINSERT INTO effects VALUES (8);\n',
  'migrations/0009_plain.sql': 'CREATE TABLE t9 (id int);\nINSERT INTO effects VALUES (9);\n',
}
const alreadyThere = 'CREATE TABLE there (id int, name text)'

type Run = {
  readonly url: string
  readonly folder: string
  readonly interruption?: AbortSignal
  readonly announce?: Announce
}

const configOf = (url: string, folder: string): Config => {
  const environment = { DATABASE_URL: url, MIGRATIONS_DIR: `${folder}/migrations` }
  const { config } = readConfiguration({}, environment, 'no terminal')
  if (config === undefined) throw new Error('no configuration')
  return config
}

const run = ({ url, folder, interruption, announce }: Run): Promise<Outcome> => {
  return migrate(configOf(url, folder), {
    announce: announce ?? (() => undefined),
    interruption: interruption ?? new AbortController().signal,
    runId: randomUUID(),
    onBug: () => undefined,
  })
}

type Recorded = { readonly file: string; readonly state: string }

const ended = ({ sql }: TestDatabase): Promise<void> =>
  until('the server has ended what it was at', async () => {
    const left = await sql`SELECT FROM pg_stat_activity
      WHERE datname = current_database() AND application_name LIKE 'schemagate/%'`
    return left.length === 0
  })

const recordedIn = async (database: TestDatabase): Promise<readonly Recorded[]> => {
  const { sql } = database
  await ended(database)
  const [made] = await sql`SELECT to_regclass('schemagate.schema_migrations') IS NOT NULL AS made`
  if (made?.['made'] !== true) return []
  const rows = await sql`SELECT name, state FROM schemagate.schema_migrations ORDER BY version::int`
  return rows.map((row) => ({
    file: `migrations/${String(row['name'])}.sql`,
    state: String(row['state']),
  }))
}

/** Of the JSON report. */
const listed = (outcome: Outcome, list: string): readonly string[] =>
  (outcomeJson(outcome)[list] as readonly (string | { readonly file: string })[]).map((each) =>
    typeof each === 'string' ? each : each.file,
  )

const expectNothingDenied = async (database: TestDatabase, outcome: Outcome): Promise<void> => {
  const rows = await recordedIn(database)
  const inState = (...states: string[]): readonly string[] =>
    rows.filter(({ state }) => states.includes(state)).map(({ file }) => file)
  const [applied, reconciled, inDoubt, partlyDone, notAttempted] = (
    ['applied', 'reconciled', 'in_doubt', 'partly_done', 'not_attempted'] as const
  ).map((list) => listed(outcome, list)) as [string[], string[], string[], string[], string[]]
  expect(inState('applied')).toEqual(expect.arrayContaining(applied))
  expect(inState('reconciled')).toEqual(expect.arrayContaining(reconciled))
  expect([...applied, ...reconciled, ...inDoubt]).toEqual(
    expect.arrayContaining([...inState('applied', 'reconciled')]),
  )
  expect([...partlyDone, ...inDoubt]).toEqual(expect.arrayContaining([...inState('running')]))
  expect(notAttempted.filter((file) => rows.some((row) => row.file === file))).toEqual([])
  if (rows.length > 0)
    expect(outcome.problems.map(({ title, database: said }) => `${title}: ${said}`)).not.toEqual([
      expect.stringMatching(/before anything was applied|: Nothing was changed/),
    ])
}

const expectAllDone = async (database: TestDatabase): Promise<void> => {
  const rows = await recordedIn(database)
  expect(rows.map(({ file }) => file)).toEqual(Object.keys(files))
  expect(rows.map(({ state }) => state)).not.toContain('running')
  const effects = await database.sql`SELECT n FROM effects ORDER BY n`
  expect(effects.map(({ n }) => n as number)).toEqual([3, 4, 5, 7, 8, 9])
  const indexes = await database.sql`SELECT relname FROM pg_index JOIN pg_class ON oid = indexrelid
    WHERE relname IN ('i6', 'i8') AND indisvalid ORDER BY relname`
  expect(indexes.map(({ relname }) => relname as string)).toEqual(['i6', 'i8'])
}

const goOn = async (database: TestDatabase, folder: string): Promise<void> => {
  const again = await run({ url: database.url, folder })
  expect(again.problems).toEqual([])
  expect(again.exitCode).toBe(0)
}

const version = serverVersions[0]

const indexFiles = {
  'migrations/1_t.sql': '',
  ...Object.fromEntries(
    ['a', 'b', 'c'].map((name) => [
      `migrations/indexes/${name}.sql`,
      `CREATE INDEX CONCURRENTLY t_${name} ON t (${name});\n`,
    ]),
  ),
}

test.each(['question lost', 'answer lost'] as const)(
  'declared indexes, when the %s of any message: no index that is there is denied, and the next run builds the rest',
  async (then) => {
    for (let number = 1, messages = number; messages >= number; number++) {
      const database = await createDatabase(version)
      await database.sql.unsafe('CREATE TABLE t (a int, b int, c int)')
      const folder = workFolder(indexFiles)
      const network = await startCounting(database.port, { number, then })
      const build = (url: string): Promise<IndexesResult> =>
        buildDeclared(configOf(url, folder), {
          announce: () => undefined,
          ...{ interruption: new AbortController().signal, parallel: 1 },
        })
      const { indexes } = await build(databaseUrl(network.port, database.name)).catch(
        (): IndexesResult => ({ indexes: [], problems: [] }),
      )
      messages = network.messages()
      await ended(database)
      const rows = await database.sql`SELECT relname FROM pg_index JOIN pg_class ON oid = indexrelid
        WHERE indisvalid AND relname LIKE 't\\_%' ORDER BY relname`
      const valid = rows.map(({ relname }) => String(relname))
      const named = (...states: string[]): readonly string[] =>
        indexes.filter(({ state }) => states.includes(state)).map(({ index }) => index)
      expect(valid).toEqual(expect.arrayContaining([...named('built')]))
      expect(named('built', 'in doubt')).toEqual(expect.arrayContaining(valid))
      const { indexes: again } = await build(database.url)
      expect(again.map(({ problem }) => problem)).toEqual([undefined, undefined, undefined])
      await database.drop()
    }
  },
  300_000,
)

describe('a run of transactions, statements, concurrent indexes and what is there already', () => {
  const atMessage = async (number: number, then: AtMessage['then']): Promise<boolean> => {
    const database = await createDatabase(version)
    await database.sql.unsafe(alreadyThere)
    const folder = workFolder(files)
    const stop = new AbortController()
    const network = await startCounting(database.port, {
      number,
      then:
        typeof then === 'function'
          ? () => {
              stop.abort('SIGTERM')
            }
          : then,
    })
    const outcome = await run({
      url: databaseUrl(network.port, database.name),
      folder,
      interruption: stop.signal,
    })
    await expectNothingDenied(database, outcome)
    if (outcome.exitCode !== 0) await goOn(database, folder)
    await expectAllDone(database)
    await database.drop()
    return network.messages() >= number
  }

  test.each<[string, AtMessage['then']]>([
    ['its question is lost', 'question lost'],
    ['its answer is lost', 'answer lost'],
    ['SIGTERM comes', () => undefined],
  ])(
    'at each of its messages, when %s: the report agrees with the ledger, and the next run completes it once',
    async (_, then) => {
      let number = 1
      while (await atMessage(number, then)) number++
      expect(number).toBeGreaterThan(30)
    },
    300_000,
  )

  test('when what is under the lock throws, at each of its words: the same', async () => {
    for (let number = 1, said = number; said >= number; number++) {
      const database = await createDatabase(version)
      await database.sql.unsafe(alreadyThere)
      const folder = workFolder(files)
      said = 0
      const announce: Announce = ({ kind }) => {
        if (said === 0 && kind !== 'lock acquired') return
        if (++said === number) throw new TypeError('a bug')
      }
      const outcome = await run({ url: database.url, folder, announce })
      await expectNothingDenied(database, outcome)
      if (outcome.exitCode !== 0) await goOn(database, folder)
      await expectAllDone(database)
      await database.drop()
    }
  }, 300_000)
})
