// On an empty database several migrations are one transaction: fewer commits, and in everything else what a run of single
// migrations does.

import { describe, expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { outcomeJson } from '../../src/commands/run/outcome/outcome-json.ts'
import type { RunEvent } from '../../src/events.ts'
import { renderProblem } from '../../src/report/formats/problem-text.ts'
import { clearBench, makeBench, runBench, type Bench } from '../support/bench.ts'
import { readCatalog } from '../support/catalog.ts'
import { createDatabase, type TestDatabase } from '../support/database.ts'
import { runGate, workFolder, writeFiles, type Files } from '../support/gate.ts'
import { propertyRuns, propertySeed } from '../support/property.ts'
import { randomHistory, type RandomHistory } from '../support/random-history.ts'
import { serverVersions } from '../support/servers.ts'
import '../unit/one-realm.ts'

const fileOf = (number: number): string => `migrations/${String(number).padStart(4, '0')}_step.sql`

const filesOf = (texts: readonly string[]): Files =>
  Object.fromEntries(texts.map((text, at) => [fileOf(at + 1), text]))

/** How many files share a transaction with the first of them, and so on. */
const transactions = async ({ sql }: TestDatabase): Promise<readonly number[]> => {
  const rows = await sql.unsafe<{ files: number }[]>(
    `SELECT count(*)::int AS files FROM schemagate.schema_migrations
      GROUP BY xmin::text ORDER BY min(ordinal)`,
  )
  return rows.map(({ files }) => files)
}

const run = (folder: string, { url }: TestDatabase, environment = {}) =>
  runGate({ args: ['run', '--json'], folder, environment: { DATABASE_URL: url, ...environment } })

const table = (name: string): string => `CREATE TABLE ${name} (id int PRIMARY KEY);\n`

type RowSeen = { readonly ms: number }

describe.each(serverVersions)('batches on PostgreSQL %s', (version) => {
  test('the files of an empty database are one transaction, each with its own row and its own time', async () => {
    const database = await createDatabase(version)
    const slow = 'CREATE TABLE numbers AS SELECT n FROM generate_series(1, 200000) n;\n'
    const folder = workFolder(filesOf([table('a'), slow, table('c')]))
    const { exitCode, stdout } = await run(folder, database)
    expect({ exitCode, stdout }).toMatchObject({ exitCode: 0 })
    expect(await transactions(database)).toEqual([3])
    const rows = await database.sql.unsafe<RowSeen[]>(
      `SELECT ordinal::int AS ordinal, state, statements_done::int AS done, finished_at > started_at AS lasts,
        started_at = lag(finished_at) OVER (ORDER BY ordinal) AS behind,
        finished_at - started_at BETWEEN (duration_ms - 1) * interval '1 ms' AND (duration_ms + 1) * interval '1 ms' AS fits,
        duration_ms::int AS ms FROM schemagate.schema_migrations ORDER BY ordinal`,
    )
    const expected = { state: 'applied', done: 1, lasts: true, fits: true }
    expect(rows).toMatchObject([
      { ...expected, ordinal: 1, behind: null },
      { ...expected, ordinal: 2, behind: true },
      { ...expected, ordinal: 3, behind: true },
    ])
    const { applied } = JSON.parse(stdout) as { applied: { duration_ms: number }[] }
    expect(applied.map(({ duration_ms: ms }) => ms)).toEqual(rows.map(({ ms }) => ms))
  })

  test('BATCH=0 gives each file a transaction of its own', async () => {
    const database = await createDatabase(version)
    const folder = workFolder(filesOf([table('a'), table('b'), table('c')]))
    expect(await run(folder, database, { BATCH: '0' })).toMatchObject({ exitCode: 0 })
    expect(await transactions(database)).toEqual([1, 1, 1])
  })

  test('a database that has something, or a ledger with a row, gets each file by itself', async () => {
    const database = await createDatabase(version)
    await database.sql.unsafe('CREATE TABLE of_somebody (id int)')
    const folder = workFolder(filesOf([table('a'), table('b')]))
    expect(await run(folder, database)).toMatchObject({ exitCode: 0 })
    writeFiles(folder, filesOf([table('a'), table('b'), table('c'), table('d')]))
    expect(await run(folder, database)).toMatchObject({ exitCode: 0 })
    expect(await transactions(database)).toEqual([1, 1, 1, 1])
  })

  test('schemas without objects, and a ledger that a failed first run has left empty, are nothing of its own', async () => {
    const database = await createDatabase(version)
    await database.sql.unsafe('CREATE SCHEMA app; DROP SCHEMA public; CREATE SCHEMA public')
    const folder = workFolder(filesOf(['INSERT INTO nowhere VALUES (1);', table('b')]))
    expect(await run(folder, database)).toMatchObject({ exitCode: 1 })
    writeFiles(folder, filesOf([table('a'), table('b')]))
    expect(await run(folder, database)).toMatchObject({ exitCode: 0 })
    expect(await transactions(database)).toEqual([2])
  })

  test('what a file promises with a guard is compared with the others of its batch, and a later file may change it', async () => {
    const database = await createDatabase(version)
    const folder = workFolder(
      filesOf([
        'CREATE TABLE IF NOT EXISTS a (id int, name text);',
        'ALTER TABLE a ADD COLUMN IF NOT EXISTS note text;',
        'CREATE INDEX IF NOT EXISTS a_name ON a (name);',
        'ALTER TABLE a DROP COLUMN note;',
        'DROP TABLE a;',
        'CREATE TABLE IF NOT EXISTS a (id bigint);',
      ]),
    )
    const { exitCode, stdout } = await run(folder, database)
    expect({ exitCode, stdout }).toMatchObject({ exitCode: 0 })
    expect(await transactions(database)).toEqual([6])
  })

  test('a promise that only a later file of the batch would keep fails where it is made', async () => {
    const files = filesOf([
      table('z'),
      'CREATE TABLE a (id int, name int);',
      'ALTER TABLE a ADD COLUMN IF NOT EXISTS name text;',
      'ALTER TABLE a ALTER COLUMN name TYPE text;',
    ])
    const database = await createDatabase(version)
    const { exitCode, stdout } = await run(workFolder(files), database)
    expect({ exitCode, ...JSON.parse(stdout) }).toMatchObject({
      exitCode: 1,
      stopped_at: fileOf(3),
      problems: [{ code: 'not-verified' }],
    })
    expect(await transactions(database)).toEqual([1, 1])
  })

  test.each<[what: string, texts: readonly string[], expected: readonly number[]]>([
    [
      'a setting of the session',
      ['SET search_path TO pg_catalog;\nCREATE TABLE public.b (id int);'],
      [1, 1, 1],
    ],
    ['a DO block', ['DO $$ BEGIN CREATE TABLE b (id int); END $$;'], [1, 1, 1]],
    ['a query', ["SELECT set_config('work_mem', '8MB', true);"], [1, 1, 1]],
    [
      'an unknown function in a default of an added column',
      [
        'CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$SELECT 1$$;\nALTER TABLE a ADD COLUMN b int DEFAULT f();',
      ],
      [1, 1, 1],
    ],
    [
      'an enum value that is added',
      [
        "CREATE TYPE e AS ENUM ('x');",
        "ALTER TYPE e ADD VALUE 'y';",
        "CREATE TABLE b (v e DEFAULT 'y');",
      ],
      [2, 1, 2],
    ],
    ['@transaction off', ['-- @transaction off\nVACUUM;'], [1, 1, 1]],
    ['a timeout of its own', ['-- @lock-timeout 1s\nCREATE TABLE b (id int);'], [1, 1, 1]],
    ['a temporary table', ['CREATE TEMP TABLE b (id int);'], [1, 1, 1]],
    [
      'what is stored for the login',
      ["ALTER DATABASE CURRENT_CATALOG_NAME SET work_mem = '8MB';"],
      [1, 1, 1],
    ],
    [
      'rows behind a trigger',
      [
        `CREATE FUNCTION g() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RETURN NEW; END$$;
       CREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW EXECUTE FUNCTION g();`,
        'INSERT INTO a VALUES (1);',
      ],
      [2, 1, 1],
    ],
    [
      'rows behind a deferrable constraint',
      [
        'CREATE TABLE b (id int REFERENCES a DEFERRABLE INITIALLY DEFERRED);',
        'INSERT INTO b VALUES (1); INSERT INTO a VALUES (1);',
      ],
      [2, 1, 1],
    ],
    [
      'an event trigger, and all behind it',
      [
        `CREATE FUNCTION h() RETURNS event_trigger LANGUAGE plpgsql AS $$BEGIN END$$;
       CREATE EVENT TRIGGER of_all ON ddl_command_end EXECUTE FUNCTION h();`,
        'CREATE TABLE b (id int);',
      ],
      [1, 1, 1, 1],
    ],
    [
      'plain statements',
      [
        'CREATE TABLE b (id int GENERATED ALWAYS AS IDENTITY, at timestamptz DEFAULT now());\nINSERT INTO b DEFAULT VALUES;',
        'CREATE VIEW v AS SELECT id FROM b;\nCOMMENT ON VIEW v IS $$v$$;\nGRANT SELECT ON v TO PUBLIC;',
      ],
      [4],
    ],
  ])('%s: the transactions are as many as they must be', async (_what, texts, expected) => {
    const database = await createDatabase(version)
    const named = texts.map((text) => text.replace('CURRENT_CATALOG_NAME', database.name))
    const folder = workFolder(filesOf([table('a'), ...named, table('last')]))
    const { exitCode, stdout } = await run(folder, database)
    expect({ exitCode, stdout }).toMatchObject({ exitCode: 0 })
    expect(await transactions(database)).toEqual(expected)
  })

  test('an error in the middle leaves what single files leave, and the corrected run goes on', async () => {
    const texts = ['a', 'b', 'c', 'd', 'e'].map(table)
    const database = await createDatabase(version)
    const folder = workFolder({
      ...filesOf(texts),
      [fileOf(4)]: `${table('d')}DROP TABLE nowhere;`,
    })
    const { exitCode, stdout, stderr } = await run(folder, database)
    expect({ exitCode, ...JSON.parse(stdout) }).toMatchObject({
      exitCode: 1,
      applied: [{ file: fileOf(1) }, { file: fileOf(2) }, { file: fileOf(3) }],
      stopped_at: fileOf(4),
      in_doubt: [],
      not_attempted: [fileOf(5)],
      problems: [{ code: 'migration-failed', file: fileOf(4), line: 2 }],
    })
    expect(stderr.match(/applied migrations/g)).toHaveLength(3)
    writeFiles(folder, filesOf(texts))
    expect(await run(folder, database)).toMatchObject({ exitCode: 0 })
    expect(await transactions(database)).toEqual([1, 1, 1, 1, 1])
  })

  test(`whatever the history, and wherever an error is in it: all is as with single files (PROPERTY_SEED=${propertySeed})`, async () => {
    const bench = await makeBench(version)
    let together = 0
    await fc.assert(
      fc.asyncProperty(
        randomHistory(7),
        fc.nat({ max: 7 }),
        fc.constantFrom(2, 3, 1_000),
        async (history, place, batchFiles) => {
          const files = counting(history, place)
          const single = await allOf(bench, files, 1)
          const batched = await allOf(bench, files, batchFiles)
          together += (await transactions(bench.database)).filter((count) => count > 1).length
          expect(batched).toEqual(single)
        },
      ),
      { numRuns: propertyRuns, seed: propertySeed },
    )
    // Else nothing was compared.
    expect(together).toBeGreaterThan(propertyRuns / 4)
  }, 600_000)
})

const bad = ['DROP TABLE nowhere;\n', 'INSERT INTO counted VALUES (0, 0);\n']

/** Each file draws a number from a sequence; the one at this place fails behind that. Behind the last: none does. */
const counting = (history: RandomHistory, place: number): Readonly<Record<string, string>> =>
  Object.fromEntries(
    history.map((text, at) => [
      `${String(at + 1).padStart(4, '0')}_step.sql`,
      [
        text,
        at === 0 ? 'CREATE TABLE counted (id int GENERATED ALWAYS AS IDENTITY, file int);\n' : '',
        `INSERT INTO counted (file) VALUES (${at});\n`,
        at === place ? bad[at % bad.length] : '',
      ].join(''),
    ]),
  )

/** Everything that a run leaves and says, without its times. */
const allOf = async (
  bench: Bench,
  files: Readonly<Record<string, string>>,
  batchFiles: number,
): Promise<unknown> => {
  await clearBench(bench)
  const events: RunEvent[] = []
  const outcome = await runBench(bench, files, 'run', {
    config: { batchFiles },
    announce: (event) => events.push(event),
  })
  const { sql } = bench.database
  return {
    exitCode: outcome.exitCode,
    problems: outcome.problems.map(renderProblem),
    report: withoutTimes(outcomeJson(outcome)),
    events: events.map(withoutTimes),
    ledger: [
      ...(await sql.unsafe(`SELECT to_jsonb(m) - '{started_at,finished_at,duration_ms,statement_started_at}'::text[] AS row,
        finished_at >= started_at AS lasts FROM schemagate.schema_migrations m ORDER BY ordinal`)),
    ],
    catalog: await readCatalog(bench.database),
    numbers: [
      ...(await sql.unsafe(
        `SELECT sequencename, last_value::text FROM pg_sequences WHERE schemaname = 'public' ORDER BY 1`,
      )),
    ],
    counted: await rowsOf(bench, 'counted'),
  }
}

const rowsOf = async ({ database: { sql } }: Bench, name: string): Promise<unknown> => {
  const [found] = await sql.unsafe(`SELECT to_regclass('public.${name}') IS NOT NULL AS there`)
  return found?.['there'] === true
    ? [...(await sql.unsafe(`SELECT * FROM ${name} ORDER BY 1`))]
    : 'none'
}

const times = /^(duration_?ms|waited_?ms|since_?ms|pid)$/i

const withoutTimes = (value: unknown): unknown => {
  const text = JSON.stringify(value, (key: string, each: unknown) =>
    times.test(key) ? 'some' : typeof each === 'function' ? undefined : each,
  )
  return JSON.parse(text)
}
