// The rule for data, as a table: what a file takes away × whose that is × what the database has. Each row is run on real servers.

import { describe, expect, test } from '@jest/globals'
import { clearBench, makeBench, runBench, type Bench } from '../support/bench.ts'
import { serverVersions, type ServerVersion } from '../support/servers.ts'
import '../unit/one-realm.ts'

const customer = 'CREATE TABLE customer (id int PRIMARY KEY, name text NOT NULL);'
const rows = "INSERT INTO customer SELECT n, 'name ' || n FROM generate_series(1, 10) n;"
const guarded = 'CREATE TABLE IF NOT EXISTS customer (id int PRIMARY KEY, name text NOT NULL);\n'

type Case = {
  readonly what: string
  /** What somebody else made. */
  readonly before?: string
  /** Recorded files. */
  readonly recorded?: readonly string[]
  /** Rows of the application, after the recorded files. */
  readonly then?: string
  readonly file: string
  /** Part of why it is refused, or that it runs. */
  readonly expected: string
}

const runs = 'runs'
const nobody = 'no recorded or recognised file created it'
const itself = 'the file creates it itself'
const again = 'the file creates it again'
const fills = 'the file adds rows to the table first, and the table already exists'
const twice = 'the file changes its type twice'

const byOthers = { before: `${customer} ${rows}` }
const byHistory = { recorded: [customer], then: rows }

const cases: readonly Case[] = [
  // A table that somebody else made.
  {
    what: 'up and down',
    ...byOthers,
    file: `${guarded}DROP TABLE IF EXISTS customer;`,
    expected: itself,
  },
  {
    what: 'unguarded up, down',
    ...byOthers,
    file: `${customer}\nDROP TABLE customer;`,
    expected: itself,
  },
  { what: 'a drop', ...byOthers, file: 'DROP TABLE customer;', expected: nobody },
  {
    what: 'a drop if there',
    ...byOthers,
    file: 'DROP TABLE IF EXISTS customer CASCADE;',
    expected: nobody,
  },
  {
    what: 'a drop by full name',
    ...byOthers,
    file: 'DROP TABLE public.customer;',
    expected: nobody,
  },
  {
    what: 'a drop among others',
    ...byOthers,
    file: 'DROP TABLE IF EXISTS a, customer, b;',
    expected: nobody,
  },
  {
    what: 'TRUNCATE',
    ...byOthers,
    file: 'TRUNCATE customer RESTART IDENTITY CASCADE;',
    expected: nobody,
  },
  { what: 'DELETE', ...byOthers, file: 'DELETE FROM customer;', expected: nobody },
  {
    what: 'DELETE WHERE true',
    ...byOthers,
    file: 'DELETE FROM customer WHERE true;',
    expected: nobody,
  },
  {
    what: 'DELETE of a range',
    ...byOthers,
    file: 'DELETE FROM customer WHERE id > 0;',
    expected: nobody,
  },
  {
    what: 'DELETE USING',
    ...byOthers,
    file: 'DELETE FROM customer USING generate_series(1, 9) n WHERE n = id;',
    expected: nobody,
  },
  {
    what: 'DELETE through a view of a view',
    before: `${customer} ${rows} CREATE VIEW v AS SELECT * FROM customer; CREATE VIEW w AS SELECT * FROM v;`,
    file: 'DELETE FROM w;',
    expected: nobody,
  },
  {
    what: 'DELETE through a rule of a view',
    before: `${customer} ${rows} CREATE VIEW v AS SELECT 1 AS a;
      CREATE RULE r AS ON DELETE TO v DO INSTEAD DELETE FROM customer;`,
    file: 'DELETE FROM v;',
    expected: nobody,
  },
  {
    what: 'DELETE within WITH',
    ...byOthers,
    file: 'WITH gone AS (DELETE FROM customer RETURNING id) SELECT count(*) FROM gone;',
    expected: nobody,
  },
  {
    what: 'DELETE by key',
    ...byOthers,
    file: 'DELETE FROM customer WHERE id = 3;',
    expected: runs,
  },
  {
    what: 'a column',
    ...byOthers,
    file: 'ALTER TABLE customer DROP COLUMN name;',
    expected: nobody,
  },
  {
    what: 'a column up and down',
    ...byOthers,
    file: 'ALTER TABLE customer ADD COLUMN IF NOT EXISTS name text;\nALTER TABLE customer DROP COLUMN name;',
    expected: itself,
  },
  {
    what: 'a narrower type',
    ...byOthers,
    file: 'ALTER TABLE customer ALTER COLUMN name TYPE varchar(3) USING left(name, 3);',
    expected: nobody,
  },
  {
    what: 'a wider type',
    ...byOthers,
    file: 'ALTER TABLE customer ALTER COLUMN id TYPE bigint;',
    expected: runs,
  },
  {
    what: 'under a new name',
    ...byOthers,
    file: 'ALTER TABLE customer RENAME TO old;\nDROP TABLE old;',
    expected: nobody,
  },
  {
    what: 'out of another schema',
    ...byOthers,
    file: 'CREATE SCHEMA trash;\nALTER TABLE customer SET SCHEMA trash;\nDROP SCHEMA trash CASCADE;',
    expected: nobody,
  },
  {
    what: 'a column under a new name',
    ...byOthers,
    file: 'ALTER TABLE customer RENAME name TO label;\nALTER TABLE customer DROP COLUMN label;',
    expected: nobody,
  },
  {
    what: 'drop, then create, of what is there as it is (it is marked, and does not run)',
    ...byOthers,
    file: `DROP TABLE IF EXISTS customer;\n${customer}`,
    expected: runs,
  },
  {
    what: 'within DO',
    ...byOthers,
    file: 'DO $$ BEGIN DROP TABLE IF EXISTS customer; END $$;',
    expected: nobody,
  },
  {
    what: 'within EXECUTE',
    ...byOthers,
    file: "DO $$ BEGIN EXECUTE 'TRUNCATE customer'; END $$;",
    expected: nobody,
  },
  {
    what: 'what belongs to a role',
    before: `CREATE ROLE data_loss_owner; ${customer} ALTER TABLE customer OWNER TO data_loss_owner;`,
    file: 'DROP OWNED BY data_loss_owner;',
    expected: nobody,
  },
  // What goes along.
  {
    what: 'a schema',
    before: 'CREATE SCHEMA app; CREATE TABLE app.t (a int);',
    file: 'DROP SCHEMA app CASCADE;',
    expected: nobody,
  },
  {
    what: 'a type',
    before: "CREATE TYPE mood AS ENUM ('a'); CREATE TABLE t (a int, m mood);",
    file: 'DROP TYPE mood CASCADE;',
    expected: nobody,
  },
  {
    what: 'a domain',
    before: 'CREATE DOMAIN d AS int; CREATE TABLE t (a int, m d[]);',
    file: 'DROP DOMAIN d CASCADE;',
    expected: nobody,
  },
  {
    what: 'a type without columns',
    before: "CREATE TYPE mood AS ENUM ('a');",
    file: 'DROP TYPE mood CASCADE;',
    expected: runs,
  },
  {
    what: 'an attribute',
    before: 'CREATE TYPE pair AS (a int, b int); CREATE TABLE t (p pair);',
    file: 'ALTER TYPE pair DROP ATTRIBUTE a CASCADE;',
    expected: nobody,
  },
  {
    what: 'an extension',
    before: 'CREATE EXTENSION citext; CREATE TABLE t (a int, b citext);',
    file: 'DROP EXTENSION citext CASCADE;',
    expected: nobody,
  },
  {
    what: 'a materialized view',
    before: 'CREATE MATERIALIZED VIEW m AS SELECT 1 AS a;',
    file: 'DROP MATERIALIZED VIEW m;',
    expected: nobody,
  },
  {
    what: 'a view with one on it',
    before: 'CREATE VIEW v AS SELECT 1 AS a; CREATE MATERIALIZED VIEW m AS SELECT * FROM v;',
    file: 'DROP VIEW v CASCADE;',
    expected: nobody,
  },
  { what: 'a sequence', before: 'CREATE SEQUENCE s;', file: 'DROP SEQUENCE s;', expected: nobody },
  {
    what: 'a partition',
    before:
      'CREATE TABLE p (a int) PARTITION BY LIST (a); CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1);',
    file: 'DROP TABLE p1;',
    expected: nobody,
  },
  {
    what: 'a detached partition',
    before:
      'CREATE TABLE p (a int) PARTITION BY LIST (a); CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1);',
    file: 'ALTER TABLE p DETACH PARTITION p1;',
    expected: nobody,
  },
  {
    what: 'a child',
    before: 'CREATE TABLE p (a int); CREATE TABLE c () INHERITS (p);',
    file: 'ALTER TABLE c NO INHERIT p;',
    expected: nobody,
  },
  {
    what: 'a foreign table',
    before:
      "CREATE EXTENSION file_fdw; CREATE SERVER f FOREIGN DATA WRAPPER file_fdw; CREATE FOREIGN TABLE ft (a text) SERVER f OPTIONS (filename '/dev/null');",
    file: 'DROP SERVER f CASCADE;',
    expected: nobody,
  },
  // What the history made.
  { what: 'a later drop', ...byHistory, file: 'DROP TABLE customer;', expected: runs },
  {
    what: 'a later drop of a column',
    ...byHistory,
    file: 'ALTER TABLE customer DROP COLUMN IF EXISTS name;',
    expected: runs,
  },
  { what: 'a later TRUNCATE', ...byHistory, file: 'TRUNCATE customer;', expected: runs },
  {
    what: 'a later DELETE',
    ...byHistory,
    file: 'DELETE FROM customer WHERE name IS NULL;',
    expected: runs,
  },
  {
    what: 'a later new type',
    ...byHistory,
    file: 'ALTER TABLE customer ALTER name TYPE varchar(20);',
    expected: runs,
  },
  {
    what: 'up and down of it',
    ...byHistory,
    file: `${guarded}DROP TABLE IF EXISTS customer;`,
    expected: itself,
  },
  {
    what: 'a column of it up and down',
    ...byHistory,
    file: 'ALTER TABLE customer ADD COLUMN IF NOT EXISTS name text;\nALTER TABLE customer DROP COLUMN IF EXISTS name;',
    expected: itself,
  },
  {
    what: 'its column dropped and added',
    ...byHistory,
    file: 'ALTER TABLE customer DROP COLUMN name;\nALTER TABLE customer ADD COLUMN name text;',
    expected: again,
  },
  {
    what: 'both in one statement',
    ...byHistory,
    file: 'ALTER TABLE customer DROP COLUMN name, ADD COLUMN name text;',
    expected: again,
  },
  {
    what: 'dropped and made',
    ...byHistory,
    file: `DROP TABLE customer;\n${customer}`,
    expected: again,
  },
  {
    what: 'made and emptied',
    ...byHistory,
    file: `${guarded}TRUNCATE customer;`,
    expected: itself,
  },
  {
    what: 'filled and emptied',
    ...byHistory,
    file: "INSERT INTO customer VALUES (11, 'x');\nDELETE FROM customer;",
    expected: fills,
  },
  {
    what: 'filled and emptied by key',
    ...byHistory,
    file: "INSERT INTO customer VALUES (3, 'x') ON CONFLICT DO NOTHING;\nDELETE FROM customer WHERE id = 3;",
    expected: fills,
  },
  {
    what: 'emptied and filled',
    ...byHistory,
    file: "TRUNCATE customer;\nINSERT INTO customer VALUES (1, 'x');",
    expected: runs,
  },
  {
    what: 'two types',
    ...byHistory,
    file: 'ALTER TABLE customer ALTER name TYPE varchar(3) USING left(name, 3);\nALTER TABLE customer ALTER name TYPE text;',
    expected: twice,
  },
  {
    what: 'a copy put in its place',
    ...byHistory,
    file: 'CREATE TABLE customer_new AS SELECT * FROM customer;\nDROP TABLE customer;\nALTER TABLE customer_new RENAME TO customer;',
    expected: runs,
  },
  {
    what: 'copied, emptied and filled again',
    ...byHistory,
    file: 'CREATE TABLE work AS SELECT * FROM customer;\nTRUNCATE customer;\nINSERT INTO customer SELECT * FROM work;\nDROP TABLE work;',
    expected: runs,
  },
  {
    what: 'copied, dropped and made again',
    ...byHistory,
    file: `CREATE TABLE work AS SELECT * FROM customer;\nDROP TABLE customer;\n${customer}\nINSERT INTO customer SELECT * FROM work;\nDROP TABLE work;`,
    expected: again,
  },
  {
    what: 'the same by leave of the file',
    ...byHistory,
    file: `-- @allow drop-table its rows come back from the copy\nCREATE TABLE work AS SELECT * FROM customer;\nDROP TABLE customer;\n${customer}\nINSERT INTO customer SELECT * FROM work;\nDROP TABLE work;`,
    expected: runs,
  },
  {
    what: 'its old self dropped',
    ...byHistory,
    file: `ALTER TABLE customer RENAME TO customer_old;\nCREATE TABLE customer (id int, name text);\nINSERT INTO customer SELECT * FROM customer_old;\nDROP TABLE customer_old;`,
    expected: runs,
  },
  {
    what: 'a materialized view made anew',
    recorded: ['CREATE MATERIALIZED VIEW m AS SELECT 1 AS a'],
    file: 'DROP MATERIALIZED VIEW m;\nCREATE MATERIALIZED VIEW m AS SELECT 2 AS a;',
    expected: runs,
  },
  {
    what: 'a sequence of a serial',
    recorded: ['CREATE TABLE t (id serial)'],
    file: 'ALTER TABLE t ALTER id DROP DEFAULT;\nDROP SEQUENCE t_id_seq;',
    expected: runs,
  },
  {
    what: 'a column of CREATE TABLE AS',
    recorded: ['CREATE TABLE t AS SELECT 1 AS a, 2 AS b'],
    file: 'ALTER TABLE t DROP COLUMN b;',
    expected: runs,
  },
  {
    what: 'a table made in DO',
    recorded: ['DO $$ BEGIN CREATE TABLE IF NOT EXISTS t (a int); END $$'],
    file: 'DROP TABLE t;',
    expected: runs,
  },
  {
    what: 'a renamed table',
    recorded: [customer, 'ALTER TABLE customer RENAME TO client'],
    file: 'DROP TABLE client;',
    expected: runs,
  },
  {
    what: 'a partitioned table',
    recorded: ['CREATE TABLE p (a int) PARTITION BY LIST (a)'],
    then: 'CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1)',
    file: 'DROP TABLE p;',
    expected: runs,
  },
  {
    what: 'a schema of the history',
    recorded: ['CREATE SCHEMA app; CREATE TABLE app.t (a int)'],
    file: 'DROP SCHEMA app CASCADE;',
    expected: runs,
  },
  {
    what: 'with what others put into it',
    recorded: ['CREATE SCHEMA app; CREATE TABLE app.t (a int)'],
    then: 'CREATE TABLE app.u (a int)',
    file: 'DROP SCHEMA app CASCADE;',
    expected: nobody,
  },
  {
    what: 'a schema that something left',
    recorded: ['CREATE SCHEMA app'],
    then: 'CREATE TABLE app.u (a int)',
    file: 'ALTER TABLE app.u SET SCHEMA public;\nDROP SCHEMA app CASCADE;',
    expected: runs,
  },
  {
    what: 'TRUNCATE of what others refer to',
    ...byHistory,
    then: 'CREATE TABLE "order" (customer int REFERENCES customer)',
    file: 'TRUNCATE customer CASCADE;',
    expected: nobody,
  },
  {
    what: 'DELETE of what others refer to',
    ...byHistory,
    then: 'CREATE TABLE "order" (customer int REFERENCES customer ON DELETE CASCADE)',
    file: 'DELETE FROM customer;',
    expected: nobody,
  },
  // What is not there.
  {
    what: 'a work table',
    file: 'CREATE TABLE work AS SELECT 1 AS a;\nDROP TABLE work;',
    expected: runs,
  },
  { what: 'a guarded work table', file: `${guarded}${rows}\nDROP TABLE customer;`, expected: runs },
  {
    what: 'a temporary table',
    ...byOthers,
    file: 'CREATE TEMP TABLE customer (id int);\nTRUNCATE customer;\nDROP TABLE customer;',
    expected: runs,
  },
  {
    what: 'a work column',
    ...byHistory,
    file: 'ALTER TABLE customer ADD COLUMN w int;\nUPDATE customer SET w = id;\nALTER TABLE customer DROP COLUMN w;',
    expected: runs,
  },
  { what: 'a seed', file: `${guarded}DELETE FROM customer;\n${rows}`, expected: runs },
  {
    what: 'the schema public, empty',
    file: 'DROP SCHEMA public CASCADE;\nCREATE SCHEMA public;',
    expected: runs,
  },
  // @allow
  {
    what: 'an allowed drop',
    ...byOthers,
    file: '-- @allow drop-table nothing reads it\nDROP TABLE customer;',
    expected: runs,
  },
  {
    what: 'an allowed column',
    ...byOthers,
    file: '-- @allow drop-column nothing reads it\nALTER TABLE customer DROP name;',
    expected: runs,
  },
  {
    what: 'an allowed TRUNCATE',
    ...byOthers,
    file: '-- @allow truncate a cache\nTRUNCATE customer;',
    expected: runs,
  },
  {
    what: 'an allowed DELETE',
    ...byOthers,
    file: '-- @allow delete-without-key a cache\nDELETE FROM customer;',
    expected: runs,
  },
  {
    what: 'another thing allowed',
    ...byOthers,
    file: '-- @allow drop-column nothing reads it\nDROP TABLE customer;',
    expected: nobody,
  },
]

const put = (bench: Bench, files: readonly string[]) =>
  runBench(bench, Object.fromEntries(files.map((text, index) => [`${index + 1}_step.sql`, text])))

const judged = async (
  bench: Bench,
  { before = '', recorded = [], then = '', file }: Case,
): Promise<string> => {
  const { sql } = bench.database
  await sql.unsafe(before).simple()
  if (recorded.length > 0) expect((await put(bench, recorded)).exitCode).toBe(0)
  await sql.unsafe(then).simple()
  const { problems } = await put(bench, [...recorded, file])
  return problems.map(({ code, detail }) => [code, ...detail].join('\n')).join('\n') || runs
}

describe.each(serverVersions)('the rule for data on PostgreSQL %s', (version: ServerVersion) => {
  test('holds for every row of the table', async () => {
    const bench = await makeBench(version)
    const found: string[] = []
    for (const each of cases) {
      await clearBench(bench)
      const said = await judged(bench, each).catch((error: unknown) => String(error))
      if (
        each.expected === runs
          ? said !== runs
          : !said.startsWith('data-loss') || !said.includes(each.expected)
      )
        found.push(`${each.what}: ${said}`)
    }
    await bench.database.sql.unsafe(
      'DROP OWNED BY data_loss_owner CASCADE; DROP ROLE data_loss_owner',
    )
    expect(found).toEqual([])
  }, 300_000)
})
