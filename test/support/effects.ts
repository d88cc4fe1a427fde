// Histories whose every migration leaves a trace, so that a test can count how often each one really ran.

import { expect } from '@jest/globals'
import { until, type TestDatabase } from './database.ts'
import type { Files } from './gate.ts'

/** `count` migrations; each one creates a table and inserts its number, and takes at least `sleepSeconds`. */
export const effectsHistory = (count: number, sleepSeconds = 0): Files =>
  Object.fromEntries(
    Array.from({ length: count }, (_, index) => {
      const number = index + 1
      const sleep = sleepSeconds > 0 ? `SELECT pg_sleep(${sleepSeconds});\n` : ''
      const effect = `CREATE TABLE t${number} (id int);\n${sleep}INSERT INTO effects VALUES (${number});\n`
      const text = number === 1 ? `CREATE TABLE effects (n int NOT NULL);\n${effect}` : effect
      return [`migrations/${String(number).padStart(4, '0')}_step.sql`, text]
    }),
  )

/**
 * Statements of a migration that do something when it commits, and not before: each of the two SET CONSTRAINTS ALL IMMEDIATE that
 * stand behind a migration's text runs the deferred trigger `late`, which postpones itself again.
 */
export const atCommit = (action: string): string => `CREATE TABLE late (n int);
CREATE FUNCTION late() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN
  IF NEW.n < 3 THEN SET CONSTRAINTS ALL DEFERRED; INSERT INTO public.late VALUES (NEW.n + 1); ELSE ${action}; END IF;
  RETURN NULL; END$$;
CREATE CONSTRAINT TRIGGER late AFTER INSERT ON late DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION late();
INSERT INTO late VALUES (1)`

export type HeldTable = {
  /** The statement of a migration that stays in it until `release`. */
  readonly statement: string
  /** Long enough that only `release` ends the waiting. */
  readonly environment: { readonly DATABASE_URL: string; readonly MIGRATION_LOCK_TIMEOUT: string }
  /** Resolves when a runner has come to the statement. */
  readonly reached: () => Promise<void>
  readonly release: () => Promise<void>
}

/** A table that the test holds, so that a runner stays in a migration for exactly as long as the test needs. */
export const holdTable = async ({ sql, client, url }: TestDatabase): Promise<HeldTable> => {
  // Like nothing that the files make: it is not to be taken for something of theirs that was renamed.
  await sql.unsafe('CREATE TABLE held (by_test boolean)')
  const holder = client()
  await holder.unsafe('BEGIN ISOLATION LEVEL READ COMMITTED; LOCK TABLE held')
  const waiting = `SELECT FROM pg_locks WHERE relation = 'held'::regclass AND NOT granted`
  return {
    statement: 'ALTER TABLE held ADD COLUMN added int;\n',
    environment: { DATABASE_URL: url, MIGRATION_LOCK_TIMEOUT: '60s' },
    reached: () =>
      until(
        'a runner waits for the held table',
        async () => (await sql.unsafe(waiting)).length > 0,
        40_000,
      ),
    release: async () => {
      await holder.unsafe('COMMIT')
    },
  }
}

/** Every migration up to `count` ran exactly once, is recorded in order, and no lock is left. */
export const expectExactlyOnce = async ({ sql }: TestDatabase, count: number): Promise<void> => {
  const numbers = Array.from({ length: count }, (_, index) => index + 1)
  const effects = await sql.unsafe('SELECT n FROM effects ORDER BY n')
  expect(effects.map(({ n }) => n as number)).toEqual(numbers)
  const rows = await sql.unsafe(
    'SELECT version::int AS version, ordinal::int AS ordinal, state FROM schemagate.schema_migrations ORDER BY ordinal',
  )
  expect([...rows]).toEqual(numbers.map((n) => ({ version: n, ordinal: n, state: 'applied' })))
  await expectNoLock(sql)
}

/** What ran is recorded and what is recorded ran, each once, up to where it stopped. */
export const expectOnlyRecorded = async ({ sql }: TestDatabase): Promise<void> => {
  const [{ ledger } = { ledger: null }] = await sql.unsafe<{ ledger: string | null }[]>(
    `SELECT to_regclass('schemagate.schema_migrations')::text AS ledger`,
  )
  if (ledger === null) return
  const rows = await sql.unsafe<{ version: number; ordinal: number; ran: boolean }[]>(
    `SELECT version::int AS version, ordinal::int AS ordinal, state = 'applied' OR statements_done > 0 AS ran
    FROM schemagate.schema_migrations ORDER BY version::int`,
  )
  const numbers = rows.map((_, index) => index + 1)
  expect(rows.map(({ version, ordinal }) => [version, ordinal])).toEqual(numbers.map((n) => [n, n]))
  const effects = rows.length === 0 ? [] : await sql.unsafe('SELECT n FROM effects ORDER BY n')
  expect(effects.map(({ n }) => n as number)).toEqual(
    rows.flatMap(({ version, ran }) => (ran ? [version] : [])),
  )
}

export const expectNoLock = async (sql: TestDatabase['sql']): Promise<void> => {
  const locks = await sql.unsafe(`SELECT pid FROM pg_locks WHERE locktype = 'advisory'
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`)
  expect([...locks]).toEqual([])
}
