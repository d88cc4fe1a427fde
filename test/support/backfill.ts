// A table of which every row counts how often it was updated, a folder with backfills, and the command between them.

import { expect } from '@jest/globals'
import { createDatabase, type TestDatabase } from './database.ts'
import {
  runGate,
  startGate,
  workFolder,
  writeFiles,
  type Finished,
  type RunningGate,
} from './gate.ts'
import type { ServerVersion } from './servers.ts'

export type BackfillScenario = {
  readonly database: TestDatabase
  readonly run: (...args: readonly string[]) => Promise<Finished>
  readonly start: (...args: readonly string[]) => RunningGate
  /** The text of a backfill, by its name. */
  readonly write: (backfills: Readonly<Record<string, string>>) => void
}

const files = (backfills: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(backfills).map(([name, text]) => [`migrations/backfills/${name}.sql`, text]),
  )

/** `url` names the way to the database, when it is not the direct one. */
export const arrangeBackfill = async (
  version: ServerVersion,
  setUp: string,
  backfills: Readonly<Record<string, string>>,
  url?: (database: TestDatabase) => string,
): Promise<BackfillScenario> => arrangeOn(await createDatabase(version), setUp, backfills, url)

/** The same in a database that is there already. */
export const arrangeOn = async (
  database: TestDatabase,
  setUp: string,
  backfills: Readonly<Record<string, string>>,
  url?: (database: TestDatabase) => string,
): Promise<BackfillScenario> => {
  await database.sql.unsafe(setUp).simple()
  const folder = workFolder(files(backfills))
  const environment = { DATABASE_URL: url?.(database) ?? database.url }
  const start = (...args: readonly string[]): RunningGate =>
    startGate({ args: ['backfill', ...args], folder, environment })
  return {
    database,
    start,
    run: (...args) => runGate({ args: ['backfill', ...args], folder, environment }),
    write: (more) => {
      writeFiles(folder, files(more))
    },
  }
}

/** A table t with the columns of `key`, `filled`, and `updates`, which its trigger counts; `rows` is what INSERT takes. */
export const countedTable = (key: string, rows: string): string => `
  CREATE TABLE t (${key}, filled int, updates int NOT NULL DEFAULT 0);
  CREATE FUNCTION count_update() RETURNS trigger LANGUAGE plpgsql AS
    'BEGIN NEW.updates := OLD.updates + 1; RETURN NEW; END';
  INSERT INTO t ${rows};
  CREATE TRIGGER counted BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION count_update();
  ANALYZE t;`

/** Rows 1 to `count` of a table t with a bigint key. */
export const numbered = (count: number): string =>
  countedTable('id bigint PRIMARY KEY', `SELECT n FROM generate_series(1, ${count}) AS n`)

/** Without a guard of its own: what is visited twice is updated twice. */
export const fill = (directives = '', key = 'id'): string =>
  `-- @table t\n-- @key ${key}\n${directives}UPDATE t SET filled = 1 WHERE :batch;`

export const expectOnceEach = async ({ sql }: TestDatabase, rows: number): Promise<void> => {
  const found =
    await sql`SELECT updates, count(*)::int AS rows FROM t GROUP BY updates ORDER BY updates`
  expect(found).toEqual([{ updates: 1, rows }])
}

export const stateOf = async (
  { sql }: TestDatabase,
  name = 'fill',
): Promise<Readonly<Record<string, unknown>> | undefined> => {
  const [row] = await sql`SELECT state, cursor::text AS cursor, batches::int AS batches, pass,
    rows_visited::int AS visited, rows_changed::int AS changed,
    (SELECT count(*)::int FROM schemagate.backfill_skipped AS s WHERE s.name = b.name) AS skipped
    FROM schemagate.backfills AS b WHERE name = ${name}`
  return row
}

/** 0 before it began. */
export const batchesOf = async ({ database }: BackfillScenario): Promise<number> => {
  const [there] = await database.sql`SELECT to_regclass('schemagate.backfills') IS NOT NULL AS yes`
  return there?.['yes'] === true ? Number((await stateOf(database))?.['batches'] ?? 0) : 0
}

/** How many stretches are done beyond the cursor. */
export const stretchesAhead = async ({ sql }: TestDatabase): Promise<number> => {
  const [row] = await sql`SELECT count(*)::int AS stretches FROM schemagate.backfill_ahead`
  return Number(row?.['stretches'])
}
