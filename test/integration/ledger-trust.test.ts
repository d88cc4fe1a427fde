// A ledger that somebody else has made, or has put something on, is refused by every command before any of their code runs.

import { describe, expect, test } from '@jest/globals'
import {
  administrator,
  createDatabase,
  databaseUrl,
  type TestDatabase,
} from '../support/database.ts'
import { runGate, workFolder } from '../support/gate.ts'
import { serverVersions, type ServerVersion } from '../support/servers.ts'

const files = {
  'migrations/1_a.sql': 'CREATE TABLE a (id int PRIMARY KEY, seen int)',
  'migrations/backfills/seen.sql': '-- @table a\n-- @key id\nUPDATE a SET seen = 1 WHERE :batch;',
}
const folderWith = (more: Readonly<Record<string, string>> = {}) =>
  workFolder({ ...files, ...more })

const table = 'schemagate.schema_migrations'

/** Theirs: whatever runs it leaves a trace that no rollback takes away. */
const evil = `CREATE SEQUENCE public.fired;
  CREATE FUNCTION public.evil() RETURNS boolean IMMUTABLE LANGUAGE plpgsql AS
    $$BEGIN PERFORM nextval('public.fired'); RETURN true; END$$;
  CREATE FUNCTION public.evil(text) RETURNS text IMMUTABLE LANGUAGE plpgsql AS
    $$BEGIN PERFORM nextval('public.fired'); RETURN $1; END$$;
  CREATE FUNCTION public.evil_trigger() RETURNS trigger LANGUAGE plpgsql AS
    $$BEGIN PERFORM nextval('public.fired'); RETURN NEW; END$$;
  GRANT ALL ON SEQUENCE public.fired TO PUBLIC`

const hasFired = async ({ sql }: TestDatabase): Promise<boolean> =>
  (await sql`SELECT is_called FROM public.fired`)[0]?.['is_called'] === true

const asView = `ALTER TABLE ${table} RENAME TO hidden;
  CREATE VIEW ${table} AS SELECT * FROM schemagate.hidden WHERE public.evil()`

/** Done to a ledger of ours with one row; and what the refusal says and cures it with. */
const flaws: readonly (readonly [name: string, sql: string, what: string, cure: string])[] = [
  [
    'a trigger',
    `CREATE TRIGGER t BEFORE INSERT ON ${table} FOR EACH ROW EXECUTE FUNCTION public.evil_trigger()`,
    'schema_migrations has the trigger t',
    `DROP TRIGGER t ON ${table};`,
  ],
  [
    'a foreign key that leads to it',
    `CREATE TABLE public.theirs (v text CONSTRAINT k REFERENCES ${table})`,
    'a foreign key leads from public.theirs to schema_migrations',
    'ALTER TABLE public.theirs DROP CONSTRAINT k;',
  ],
  [
    'a rule',
    `CREATE RULE r AS ON INSERT TO ${table} DO ALSO SELECT public.evil()`,
    'schema_migrations has the rule r',
    `DROP RULE r ON ${table};`,
  ],
  [
    'a constraint',
    `ALTER TABLE ${table} ADD CONSTRAINT c CHECK (public.evil()) NOT VALID`,
    'schema_migrations has the constraint c',
    `ALTER TABLE ${table} DROP CONSTRAINT c;`,
  ],
  [
    'a constraint of built-in functions, which may run SQL all the same',
    `ALTER TABLE ${table} ADD CONSTRAINT c CHECK (query_to_xml('SELECT public.evil()', true, true, '') IS NOT NULL) NOT VALID`,
    'schema_migrations has the constraint c',
    `ALTER TABLE ${table} DROP CONSTRAINT c;`,
  ],
  [
    'a default',
    `ALTER TABLE ${table} ALTER COLUMN reconciled SET DEFAULT public.evil()`,
    'schema_migrations has the default public.evil()',
    `ALTER TABLE ${table} ALTER COLUMN reconciled DROP DEFAULT;`,
  ],
  [
    'a policy',
    `CREATE POLICY p ON ${table} USING (public.evil()); ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY`,
    'schema_migrations has the policy p',
    `DROP POLICY p ON ${table};`,
  ],
  [
    'row level security that holds for its owner too',
    `ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY`,
    'schema_migrations has FORCE ROW LEVEL SECURITY (an event trigger may have put it on)',
    `ALTER TABLE ${table} NO FORCE ROW LEVEL SECURITY;`,
  ],
  [
    'a generated column',
    `ALTER TABLE ${table} ADD COLUMN g bigint GENERATED ALWAYS AS (version::bigint + 1) STORED`,
    'the column g of schema_migrations has a type or an expression that is not built in',
    `ALTER TABLE ${table} RENAME TO schema_migrations_not_ours;`,
  ],
  [
    'a column of a domain',
    `CREATE DOMAIN public.d AS text CHECK (public.evil()); ALTER TABLE ${table} ADD COLUMN g public.d`,
    'the column g of schema_migrations has a type or an expression that is not built in',
    `ALTER TABLE ${table} RENAME TO schema_migrations_not_ours;`,
  ],
  [
    'an index on an expression',
    `CREATE INDEX i ON ${table} (public.evil(version))`,
    'schema_migrations has the index i',
    'DROP INDEX schemagate.i;',
  ],
  [
    'an index with a predicate',
    `CREATE INDEX i ON ${table} (version) WHERE public.evil()`,
    'schema_migrations has the index i',
    'DROP INDEX schemagate.i;',
  ],
  [
    'statistics over an expression',
    `CREATE STATISTICS public.s ON (public.evil(version)) FROM ${table}`,
    'schema_migrations has the statistics s',
    'DROP STATISTICS public.s;',
  ],
  [
    'a child, whose rows would be read with its own',
    `CREATE TABLE schemagate.child () INHERITS (${table})`,
    `schemagate.child is a child of ${table}`,
    `ALTER TABLE schemagate.child NO INHERIT ${table};`,
  ],
  [
    'a view in its place',
    asView,
    'schema_migrations is not an ordinary table',
    `ALTER TABLE ${table} RENAME TO schema_migrations_not_ours;`,
  ],
]

type Cast = { readonly database: TestDatabase; readonly environment: { DATABASE_URL: string } }

/** A login role that has run the gate once, so that the ledger is its own. */
const withLedger = async (
  version: ServerVersion,
  use: (cast: Cast & { readonly login: string; readonly thief: string }) => Promise<void>,
): Promise<void> => {
  const database = await createDatabase(version)
  const { name, port, sql } = database
  const [login, thief] = [`deploy_${name}`, `thief_${name}`]
  const admin = administrator(version)
  await admin.unsafe(`CREATE ROLE ${login} LOGIN PASSWORD 'pw'; CREATE ROLE ${thief} LOGIN PASSWORD 'pw';
    GRANT CREATE ON DATABASE ${name} TO ${login}, ${thief}`)
  await sql.unsafe(`${evil}; GRANT CREATE ON SCHEMA public TO ${login}`)
  try {
    const environment = { DATABASE_URL: databaseUrl(port, name, login, 'pw') }
    await use({ database, environment, login, thief })
  } finally {
    await database.drop()
    await admin.unsafe(`DROP ROLE ${login}; DROP ROLE ${thief}`)
  }
}

const more = { 'migrations/2_b.sql': 'CREATE TABLE b (id int)' }
const commands = ['run', 'status', 'plan', 'doctor', 'adopt', 'wait']

describe.each(serverVersions)('a ledger on PostgreSQL %s', (version) => {
  // Four runs for each of the flaws, one after the other.
  test(
    'with anything on it that is not of schemagate is refused, named and cured, and nothing of it has run',
    () =>
      withLedger(version, async ({ database, environment }) => {
        const { sql } = database
        const folder = folderWith()
        expect(await runGate({ folder, environment })).toMatchObject({ exitCode: 0 })
        const pending = folderWith(more)
        for (const [name, statements, what, cure] of flaws) {
          await sql.unsafe(statements)
          await sql`SELECT setval('public.fired', 1, false)`
          for (const [args, where] of [
            [['run'], folder],
            [['run'], pending],
            [['plan'], pending],
          ] as const) {
            const { exitCode, stdout, stderr } = await runGate({ args, folder: where, environment })
            const said = stdout + stderr
            expect({ name, args, exitCode, said }).toEqual({
              ...{ name, args, exitCode: 4 },
              said: expect.stringContaining('error[ledger-not-ours]: schemagate.schema_migrations'),
            })
            expect(said).toContain(what)
            expect(said).toContain(cure)
          }
          expect({ name, fired: await hasFired(database) }).toEqual({ name, fired: false })
          if (statements === asView)
            await sql.unsafe(
              `DROP VIEW ${table}; ALTER TABLE schemagate.hidden RENAME TO schema_migrations`,
            )
          else if (name.includes('column')) await sql.unsafe(`ALTER TABLE ${table} DROP COLUMN g`)
          else await sql.unsafe(cure)
          if (name.startsWith('a policy'))
            await sql.unsafe(`ALTER TABLE ${table} DISABLE ROW LEVEL SECURITY`)
          if (name.startsWith('a default'))
            await sql.unsafe(`ALTER TABLE ${table} ALTER COLUMN reconciled SET DEFAULT false`)
          // The cure is one.
          expect({ name, ...(await runGate({ folder, environment })) }).toMatchObject({
            name,
            exitCode: 0,
          })
        }
      }),
    180_000,
  )

  test('that somebody with CREATE on the database made beforehand is refused by every command', () =>
    withLedger(version, async ({ database, environment, login, thief }) => {
      const theirs = database.client()
      await theirs.unsafe(`SET ROLE ${thief}; CREATE SCHEMA schemagate; GRANT ALL ON SCHEMA schemagate TO PUBLIC;
        CREATE VIEW schemagate.schema_migrations AS SELECT 1::bigint AS version, 'a' AS name, 'x' AS checksum,
          'applied' AS state, 1::bigint AS ordinal, now() AS finished_at, 'x' AS applied_by WHERE public.evil();
        CREATE VIEW schemagate.backfills AS SELECT 'seen' AS name WHERE public.evil();
        GRANT ALL ON schemagate.schema_migrations, schemagate.backfills TO PUBLIC`)
      const folder = folderWith()
      // Whoever it is: the superuser has the most to lose.
      for (const url of [environment.DATABASE_URL, database.url]) {
        for (const command of [...commands, 'backfill']) {
          const args = [...(command === 'backfill' ? [command, '--all', '--strict'] : [command])]
          const { exitCode, stdout, stderr } = await runGate({
            ...{ args, folder },
            environment: { DATABASE_URL: url },
          })
          const said = stdout + stderr
          expect({ command, exitCode, said }).toEqual({
            ...{ command, exitCode: 4 },
            said: expect.stringContaining('error[ledger-not-ours]'),
          })
          expect(said).toContain(`the schema schemagate belongs to ${thief}`)
        }
      }
      expect(await hasFired(database)).toBe(false)
      expect(await database.sql`SELECT to_regclass('a')::text AS a`).toEqual([{ a: null }])
      expect(login).not.toBe(thief)
    }))

  test('whose schema belongs to somebody else is not made there, before or while it is looked at', () =>
    withLedger(version, async ({ database: { sql, client }, environment, login, thief }) => {
      const theirs = client()
      await theirs.unsafe(
        `SET ROLE ${thief}; CREATE SCHEMA schemagate; GRANT ALL ON SCHEMA schemagate TO PUBLIC`,
      )
      const folder = folderWith()
      const refused = await runGate({ folder, environment })
      expect(refused.exitCode).toBe(4)
      expect(refused.stdout).toContain(`ALTER SCHEMA schemagate OWNER TO ${login};`)
      expect(await sql`SELECT to_regclass('a')::text AS a`).toEqual([{ a: null }])
      await sql.unsafe(`ALTER SCHEMA schemagate OWNER TO ${login}`)
      expect(await runGate({ folder, environment })).toMatchObject({ exitCode: 0 })
    }))

  test('may belong to a superuser, to MIGRATION_ROLE, or stand in public of a database that is ours', () =>
    withLedger(version, async ({ database: { sql, name, url }, environment, login, thief }) => {
      const folder = folderWith()
      // A superuser's, which the login may only read.
      expect(await runGate({ folder, environment: { DATABASE_URL: url } })).toMatchObject({
        exitCode: 0,
      })
      await sql.unsafe(
        `GRANT USAGE ON SCHEMA schemagate TO ${login}; GRANT SELECT ON ${table} TO ${login}`,
      )
      expect(await runGate({ folder, environment })).toMatchObject({ exitCode: 0 })
      // Another role's, which the operator has named.
      await sql.unsafe(
        `ALTER SCHEMA schemagate OWNER TO ${thief}; ALTER TABLE ${table} OWNER TO ${thief}`,
      )
      expect(await runGate({ folder, environment })).toMatchObject({ exitCode: 4 })
      const named = { ...environment, MIGRATION_ROLE: thief }
      expect(await runGate({ folder, environment: named })).toMatchObject({ exitCode: 0 })
      // In a schema of whoever owns the database.
      const inPublic = { ...environment, LEDGER_SCHEMA: 'public' }
      await sql.unsafe(`DROP TABLE a; ALTER DATABASE ${name} OWNER TO ${thief}`)
      expect(await runGate({ folder, environment: inPublic })).toMatchObject({ exitCode: 4 })
      await sql.unsafe(`ALTER DATABASE ${name} OWNER TO ${login}`)
      expect(await runGate({ folder, environment: inPublic })).toMatchObject({ exitCode: 0 })
      await sql.unsafe(`ALTER DATABASE ${name} OWNER TO postgres`)
    }))

  test('that an event trigger puts row level security on is named as that, and cured', () =>
    withLedger(version, async ({ database: { sql }, environment }) => {
      await sql.unsafe(`CREATE FUNCTION public.secure() RETURNS event_trigger LANGUAGE plpgsql AS $$
        DECLARE made record; BEGIN
          FOR made IN SELECT * FROM pg_event_trigger_ddl_commands() WHERE command_tag = 'CREATE TABLE' LOOP
            EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', made.object_identity);
          END LOOP; END$$;
        CREATE EVENT TRIGGER secure ON ddl_command_end EXECUTE FUNCTION public.secure()`)
      const folder = folderWith()
      const { exitCode, stdout } = await runGate({ folder, environment })
      expect(exitCode).toBe(4)
      expect(stdout).toContain('FORCE ROW LEVEL SECURITY (an event trigger may have put it on)')
      await sql.unsafe(`ALTER TABLE ${table} NO FORCE ROW LEVEL SECURITY`)
      expect(await runGate({ folder, environment })).toMatchObject({ exitCode: 0 })
    }))

  test('of a later or an earlier version of schemagate is one of ours', () =>
    withLedger(version, async ({ database: { sql }, environment }) => {
      const folder = folderWith()
      expect(await runGate({ folder, environment })).toMatchObject({ exitCode: 0 })
      await sql.unsafe(`ALTER TABLE ${table} DROP COLUMN recognised_by, DROP COLUMN allowed, ADD COLUMN later text[] NOT NULL DEFAULT '{}',
        ADD COLUMN much_later jsonb, ADD COLUMN latest bigint NOT NULL DEFAULT 0`)
      expect(await runGate({ folder: folderWith(more), environment })).toMatchObject({
        exitCode: 0,
      })
    }))

  test('of an earlier version keeps what a file was allowed to take away from then on', () =>
    withLedger(version, async ({ database: { sql }, environment, login }) => {
      expect(await runGate({ folder: folderWith(), environment })).toMatchObject({ exitCode: 0 })
      await sql.unsafe(`ALTER TABLE ${table} DROP COLUMN allowed;
        CREATE TABLE theirs (a int); ALTER TABLE theirs OWNER TO ${login}`)
      const drop = {
        'migrations/7_drop.sql': '-- @allow drop-table nothing reads it\nDROP TABLE theirs',
      }
      expect(await runGate({ folder: folderWith(drop), environment })).toMatchObject({
        exitCode: 0,
      })
      expect(await sql.unsafe(`SELECT allowed FROM ${table} WHERE version::int = 7`)).toEqual([
        { allowed: 'drop-table nothing reads it' },
      ])
    }))

  test('validate goes on without one that it cannot trust, and reads nothing of it', () =>
    withLedger(version, async ({ database, environment, thief }) => {
      const theirs = database.client()
      await theirs.unsafe(`SET ROLE ${thief}; CREATE SCHEMA schemagate; GRANT ALL ON SCHEMA schemagate TO PUBLIC;
        CREATE VIEW schemagate.schema_migrations AS SELECT 1 AS version WHERE public.evil();
        GRANT ALL ON schemagate.schema_migrations TO PUBLIC`)
      const folder = folderWith({
        'migrations/contracts/api.json':
          '{"service": "api", "tables": {"a": {"columns": {"id": {}}}}}',
      })
      const { exitCode } = await runGate({ args: ['validate'], folder, environment })
      expect({ exitCode, fired: await hasFired(database) }).toEqual({ exitCode: 3, fired: false })
    }))
})
