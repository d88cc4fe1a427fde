// What `schema dump` writes makes the same database again, object by object, and says when a file is not what the database has.

import { afterAll, describe, expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readCatalog } from '../support/catalog.ts'
import { administrator, createDatabase, type TestDatabase } from '../support/database.ts'
import { runGate, sampleFiles, sampleHistory, workFolder, type Finished } from '../support/gate.ts'
import { pgDump, psql } from '../support/pg-dump.ts'
import { propertySeed } from '../support/property.ts'
import { randomHistory } from '../support/random-history.ts'
import { serverVersions, type ServerVersion } from '../support/servers.ts'

const support = (name: string): string =>
  readFileSync(join(import.meta.dirname, '../support', name), 'utf8')

const manyKinds = support('many-kinds.sql')
const oddKinds = support('odd-kinds.sql')
const roles = ['dump_owner', 'dump_reader']

/** Only from 18 on. */
const newKinds = `CREATE EXTENSION btree_gist;
CREATE TABLE public.fresh (a int CONSTRAINT named NOT NULL, b int, c int GENERATED ALWAYS AS (a * 2) VIRTUAL, d int4range,
  CONSTRAINT later CHECK (a > 0) NOT ENFORCED, CONSTRAINT spans PRIMARY KEY (a, d WITHOUT OVERLAPS));
ALTER TABLE public.fresh ADD CONSTRAINT not_yet NOT NULL b NOT VALID;
CREATE TABLE public.parent (a int NOT NULL NO INHERIT, b int NOT NULL);
CREATE TABLE public.child () INHERITS (public.parent);
CREATE DOMAIN public.must AS int CONSTRAINT must_be NOT NULL;
CREATE COLLATION public.built (provider = builtin, locale = 'C.UTF-8');
CREATE PUBLICATION generated FOR TABLE public.fresh WITH (publish_generated_columns = stored);
CREATE TABLE public.numbered (id bigint GENERATED ALWAYS AS IDENTITY, at date) PARTITION BY RANGE (at);
CREATE TABLE public.numbered_1 PARTITION OF public.numbered DEFAULT;`

const withRoles = async (version: ServerVersion): Promise<void> => {
  for (const role of roles)
    await administrator(version).unsafe(
      `DO $$ BEGIN CREATE ROLE ${role}; EXCEPTION WHEN duplicate_object THEN NULL; END $$`,
    )
}

afterAll(async () => {
  for (const version of serverVersions)
    for (const role of roles) await administrator(version).unsafe(`DROP ROLE IF EXISTS ${role}`)
})

const command = (
  { url }: Pick<TestDatabase, 'url'>,
  args: readonly string[],
  folder = workFolder({}),
): Promise<Finished> =>
  runGate({ folder, args: ['schema', ...args], environment: { DATABASE_URL: url } })

const dump = async (database: TestDatabase, ...options: string[]): Promise<string> => {
  const { exitCode, stdout } = await command(database, ['dump', ...options])
  expect({ exitCode, stdout }).toMatchObject({ exitCode: 0 })
  return stdout
}

const withoutTokens = (text: string): string => text.replace(/^\\(un)?restrict .*$/gm, '')

// pg_dump 15 reads no later server.
const expectSame = async (
  version: ServerVersion,
  one: TestDatabase,
  other: TestDatabase,
): Promise<void> => {
  expect(await readCatalog(other)).toEqual(await readCatalog(one))
  if (version !== '15') return
  const [theirs, ours] = [one, other].map((each) => withoutTokens(pgDump(each, '--schema-only')))
  expect(ours).toBe(theirs)
}

const made = async (version: ServerVersion, objects: string): Promise<TestDatabase> => {
  await withRoles(version)
  const database = await createDatabase(version)
  psql(database, objects)
  return database
}

describe.each(serverVersions)('on PostgreSQL %s', (version) => {
  test.each([
    ['many kinds of objects', manyKinds],
    ['rare ones, and those that need each other', oddKinds],
    ['those of both', `${manyKinds}\n${oddKinds}`],
    ['an empty database', ''],
    ['kinds that only later versions have', newKinds],
  ])('the dump of %s makes the same database', async (_, objects) => {
    if (objects === newKinds && version !== '18') return
    const one = await made(version, objects)
    const text = await dump(one)
    const other = await createDatabase(version)
    psql(other, text)
    await expectSame(version, one, other)
    expect(await dump(other)).toBe(text)
  })

  test('a run makes the same of it', async () => {
    const one = await made(version, manyKinds)
    const text = await dump(one)
    const other = await createDatabase(version)
    const folder = workFolder({ 'migrations/0001_base.sql': text })
    const run = await runGate({ folder, environment: { DATABASE_URL: other.url } })
    expect(run).toMatchObject({ exitCode: 0 })
    // Without the ledger.
    expect(await dump(other)).toBe(text)
    await expectSame(version, one, other)
  })

  // Not compared with the first: what the server says of `status IN ('a', 'b')` over varchar, it reads as another expression that
  // means the same, and after that no more. So it is with pg_dump.
  test('the sample history comes out as from pg_dump', async () => {
    const one = await createDatabase(version)
    psql(
      one,
      sampleFiles()
        .map((name) => readFileSync(join(sampleHistory, name), 'utf8'))
        .join('\n'),
    )
    const [ours, theirs] = [await createDatabase(version), await createDatabase(version)]
    psql(ours, await dump(one))
    psql(theirs, version === '15' ? pgDump(one, '--schema-only') : await dump(ours))
    await expectSame(version, theirs, ours)
  })

  test('whatever a session is set to, the words are the same', async () => {
    const one = await made(version, manyKinds)
    const text = await dump(one)
    await one.sql
      .unsafe(`DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET quote_all_identifiers TO on', current_database());
      EXECUTE format('ALTER DATABASE %I SET search_path TO app, public', current_database());
      EXECUTE format('ALTER DATABASE %I SET DateStyle TO ''SQL, DMY''', current_database());
      EXECUTE format('ALTER DATABASE %I SET TimeZone TO ''Asia/Tokyo''', current_database());
      EXECUTE format('ALTER DATABASE %I SET extra_float_digits TO -5', current_database()); END $$`)
    expect(await dump(one)).toBe(text)
  })
})

// As the server reads what it says of IN over varchar: see above.
const read = (text: string): string =>
  text.replace(/\(ARRAY\[([^\]]*)\]\)::text\[\]/g, (_, items: string) => {
    const all = items.split(', ').map((item) => `(${item})::text`)
    return `ARRAY[${all.join(', ')}]`
  })

test('random histories come out the same', async () => {
  for (const files of fc.sample(randomHistory(8), { numRuns: 4, seed: propertySeed })) {
    const one = await createDatabase('15')
    const other = await createDatabase('15')
    psql(one, files.join(';\nRESET ALL;\n'))
    const text = await dump(one)
    psql(other, text)
    expect(read(await dump(other))).toBe(read(text))
    await Promise.all([one.drop(), other.drop()])
  }
}, 240_000)

test('the order in which objects were made does not matter', async () => {
  const tables = ['b', 'a', 'c'].map((name) => `CREATE TABLE ${name} (id int PRIMARY KEY);`)
  const rest =
    'CREATE VIEW v AS SELECT id FROM a; CREATE INDEX i2 ON a (id); CREATE INDEX i1 ON a (id);'
  const first = await made('15', [...tables, rest].join('\n'))
  const second = await made('15', [...[...tables].reverse(), rest].join('\n'))
  expect(await dump(second)).toBe(await dump(first))
})

const three = `CREATE SCHEMA app; CREATE SCHEMA audit; CREATE SCHEMA "Odd ""Name";
CREATE TABLE app.customer (id int PRIMARY KEY, mail text); CREATE TABLE audit.entry (at timestamptz);
CREATE TABLE "Odd ""Name".t (a int); GRANT SELECT ON app.customer TO dump_reader; ALTER TABLE app.customer OWNER TO dump_owner;`

describe('what is asked for', () => {
  test('some schemas, without owners and grants', async () => {
    const database = await made('15', `CREATE EXTENSION btree_gist;${three}`)
    const text = await dump(database, '--schema', 'app,Odd "Name', '--no-owner', '--no-privileges')
    expect(text.slice(text.indexOf('CREATE SCHEMA'))).toMatchInlineSnapshot(`
      "CREATE SCHEMA "Odd ""Name";

      CREATE SCHEMA app;

      CREATE TABLE "Odd ""Name".t (
          a integer
      );

      CREATE TABLE app.customer (
          id integer NOT NULL,
          mail text,
          CONSTRAINT customer_pkey PRIMARY KEY (id)
      );
      "
    `)
    const all = await dump(database)
    expect(all).toContain('ALTER TABLE app.customer OWNER TO dump_owner;')
    expect(all).toContain('GRANT SELECT ON TABLE app.customer TO dump_reader;')
    expect(all).toContain('CREATE EXTENSION IF NOT EXISTS btree_gist WITH SCHEMA public;')
  })

  test('a schema that is not there is named, with the nearest', async () => {
    const database = await made('15', three)
    const { exitCode, stdout } = await command(database, ['dump', '--schema', 'audt'])
    expect(exitCode).toBe(2)
    expect(stdout).toContain('the database has no schema audt; did you mean audit?')
  })

  test('as JSON, each object by itself', async () => {
    const database = await made('15', three)
    const { stdout } = await command(database, ['dump', '--json', '--schema=audit'])
    expect(JSON.parse(stdout)).toMatchObject({
      exit_code: 0,
      objects: [
        { kind: 'schema', name: 'audit' },
        { kind: 'table', name: 'audit.entry' },
      ],
    })
  })

  test('of several histories, no ledger is in it', async () => {
    const database = await createDatabase('15')
    const folder = workFolder({ 'migrations/0001_a.sql': 'CREATE TABLE app_a (id int);' })
    for (const schema of ['one', 'public'])
      await runGate({ folder, environment: { DATABASE_URL: database.url, LEDGER_SCHEMA: schema } })
    const text = await dump(database)
    expect(text).toContain('CREATE TABLE public.app_a')
    expect(text).not.toContain('schema_migrations')
    expect(text).not.toContain('CREATE SCHEMA one')
  })
})

describe('--check', () => {
  test('is content with the file that was written, whatever its line ends are', async () => {
    const database = await made('15', three)
    const text = await dump(database)
    const folder = workFolder({
      'schema.sql': text,
      'other.sql': `\uFEFF${text.replaceAll('\n', '\r\n')}`,
    })
    for (const file of ['schema.sql', 'other.sql']) {
      const { exitCode, stdout } = await command(database, ['dump', '--check', file], folder)
      expect({ exitCode, stdout }).toEqual({
        exitCode: 0,
        stdout: `${file} is what the database has: 6 objects\n`,
      })
    }
  })

  test('shows what is not the same, and how to write the file again', async () => {
    const database = await made('15', three)
    const folder = workFolder({ 'schema.sql': await dump(database, '--no-owner') })
    await database.sql.unsafe(
      'ALTER TABLE app.customer ADD COLUMN phone text; CREATE INDEX by_mail ON app.customer (mail); DROP TABLE audit.entry',
    )
    const { exitCode, stdout } = await command(
      database,
      ['dump', '--no-owner', '--check', 'schema.sql'],
      folder,
    )
    expect(exitCode).toBe(3)
    expect(stdout).toMatchInlineSnapshot(`
      "--- schema.sql
      +++ database
      @@ -27,10 +27,9 @@
       CREATE TABLE app.customer (
           id integer NOT NULL,
           mail text,
      +    phone text,
           CONSTRAINT customer_pkey PRIMARY KEY (id)
       );
       GRANT SELECT ON TABLE app.customer TO dump_reader;
       
      -CREATE TABLE audit.entry (
      -    at timestamp with time zone
      -);
      +CREATE INDEX by_mail ON app.customer USING btree (mail);

      error[schema-file-differs]: schema.sql is not what the database has: 3 objects differ
        database: Nothing was changed.
        fix: When the database is right, write the file again and commit it with the migration:
          schemagate schema dump --no-owner > schema.sql
          When the file is right, a migration is missing, or somebody has changed the database by hand: schemagate drift tells which.
      "
    `)
    const json = await command(
      database,
      ['dump', '--no-owner', '--check', 'schema.sql', '--json'],
      folder,
    )
    expect(JSON.parse(json.stdout)).toMatchObject({ exit_code: 3, file: 'schema.sql', changed: 3 })
  })

  test('says so when there is no such file, before the database is asked', async () => {
    const { exitCode, stdout } = await command({ url: 'postgresql://127.0.0.1:1/none' }, [
      'dump',
      '--check',
      'nowhere.sql',
    ])
    expect(exitCode).toBe(2)
    expect(stdout).toContain('nowhere.sql cannot be compared with the database: it is not there')
    expect(stdout).toContain('schemagate schema dump > nowhere.sql')
  })
})

describe('the diagram', () => {
  test('has tables, keys and references', async () => {
    const database = await made(
      '15',
      `CREATE SCHEMA app; CREATE TABLE app.customer (id bigint PRIMARY KEY, mail varchar(20) UNIQUE, "odd, name" numeric(3,2)[]);
      CREATE TABLE orders (id int, customer bigint NOT NULL REFERENCES app.customer, at timestamptz, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
      CREATE TABLE orders_1 PARTITION OF orders DEFAULT;
      CREATE TABLE app.detail (customer bigint PRIMARY KEY REFERENCES app.customer, boss bigint REFERENCES app.detail)`,
    )
    const { stdout } = await command(database, ['diagram'])
    expect(stdout).toMatchInlineSnapshot(`
      "erDiagram
          "app.customer" {
              bigint id PK
              varchar(20) mail UK
              numeric(3-2)[] odd-_name "odd, name"
          }
          "app.detail" {
              bigint customer PK, FK
              bigint boss FK
          }
          "orders" {
              integer id PK
              bigint customer FK
              timestamptz at PK
          }
          "app.detail" }o--o| "app.detail" : "boss"
          "app.detail" |o--|| "app.customer" : "customer"
          "orders" }o--|| "app.customer" : "customer"
      "
    `)
    const drawn = await command(database, ['diagram', '--format', 'svg'])
    expect(drawn.stdout).toMatch(/^<svg [^]*<\/svg>\n$/)
    expect(drawn.stdout).toContain('<title id="title">3 tables and 3 foreign keys</title>')
    expect((await command(database, ['diagram', '--format', 'svg'])).stdout).toBe(drawn.stdout)
    const json = await command(database, ['diagram', '--format', 'svg', '--json'])
    expect(JSON.parse(json.stdout)).toEqual({ exit_code: 0, svg: drawn.stdout })
    const unknown = await command(database, ['diagram', '--format', 'png'])
    expect(unknown).toMatchObject({ exitCode: 2, stdout: expect.stringContaining('mermaid') })
    const some = await command(database, ['diagram', '--tables', 'orders'])
    expect(some.stdout).not.toContain('detail')
    const wrong = await command(database, ['diagram', '--tables', 'order'])
    expect(wrong.exitCode).toBe(2)
    expect(wrong.stdout).toContain('the database has no table order')
  })
})
