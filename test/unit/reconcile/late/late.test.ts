import { describe, expect, test } from '@jest/globals'
import { lateConflicts } from '../../../../src/reconcile/late/late.ts'
import type { EvidenceItem } from '../../../../src/reconcile/assessment.ts'
import { aRowOf } from '../../a-migration.ts'
import { aHistory } from '../a-database.ts'

/** A first file that both build on, one that is late, and those that are recorded. */
const conflictsOf = (first: string, late: readonly string[], recorded: readonly string[]) => {
  const history = aHistory([first, ...late, ...recorded])
  const migrations = history.migrations.map(({ migration }) => migration)
  const isLate = (at: number): boolean => at > 0 && at <= late.length
  return lateConflicts(
    history,
    migrations
      .filter((_, at) => isLate(at))
      .map((migration) => ({ migration, action: 'run', items: [] })),
    migrations.filter((_, at) => !isLate(at)).map((migration) => aRowOf(migration)),
  )
}

const objects = (late: string, recorded: string, first = base): readonly string[] =>
  conflictsOf(first, [late], [recorded]).flatMap(({ conflictingObjects }) =>
    conflictingObjects.map(({ object }) => object),
  )

const base = `
  CREATE TYPE mood AS ENUM ('sad');
  CREATE SCHEMA app;
  CREATE TABLE p (id int PRIMARY KEY, k text, a int, b int);
  CREATE TABLE q (id int PRIMARY KEY, a int);
  CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';
  CREATE VIEW seen AS SELECT id FROM p;
`

const table = 'CREATE TABLE t (a int)'
const block = (body: string): string => `DO $$ BEGIN ${body}; END $$`

describe('a late file cannot change places with', () => {
  test.each([
    ['one that made its table', 'ALTER TABLE t ADD b int', table, 'table t'],
    ['one that made the table it fills', 'INSERT INTO t VALUES (1)', table, 'table t'],
    [
      'one that made the table it refers to',
      'CREATE TABLE u (t int REFERENCES t)',
      table,
      'table t',
    ],
    ['one that made the table of its rights', 'GRANT SELECT ON t TO r', table, 'table t'],
    ['one that made its table, within a block', block("EXECUTE 'DROP TABLE t'"), table, 'table t'],
    ['one that made it within a block', 'INSERT INTO t VALUES (1)', block(table), 'table t'],
    ['one that makes the same table', table, 'CREATE TABLE t (a bigint)', 'table t'],
    [
      'one that makes less of it, both guarded',
      'CREATE TABLE IF NOT EXISTS t (a int, b int)',
      'CREATE TABLE IF NOT EXISTS t (a int)',
      'table t',
    ],
    ['one that dropped its table', 'ALTER TABLE q ADD b int', 'DROP TABLE q', 'table q'],
    [
      'one that renamed its table',
      'ALTER TABLE q ADD b int',
      'ALTER TABLE q RENAME TO u',
      'table q',
    ],
    [
      'one that uses the table it drops',
      'DROP TABLE q',
      'CREATE VIEW v AS SELECT a FROM q',
      'table q',
    ],
    ['one that made its column', 'UPDATE p SET c = 1', 'ALTER TABLE p ADD c int', 'column p.c'],
    [
      'one that added the column',
      'ALTER TABLE p ADD c int',
      'ALTER TABLE p ADD c text',
      'column p.c',
    ],
    [
      'one that reads the column it renames',
      'ALTER TABLE p RENAME a TO z',
      'CREATE VIEW v AS SELECT a FROM p',
      'column p.a',
    ],
    [
      'one that added to all columns of it',
      'CREATE VIEW v AS SELECT * FROM p',
      'ALTER TABLE p ADD c int',
      'column p.c',
    ],
    [
      'one that added to what it copies',
      'CREATE TABLE u (LIKE p)',
      'ALTER TABLE p ADD c int',
      'column p.c',
    ],
    [
      'one that altered its column',
      'CREATE VIEW v AS SELECT a FROM p',
      'ALTER TABLE p ALTER a TYPE bigint',
      'column p.a',
    ],
    [
      'one that altered the column of its function',
      "CREATE FUNCTION g() RETURNS int LANGUAGE sql AS 'SELECT a FROM p'",
      'ALTER TABLE p ALTER a TYPE bigint',
      'column p.a',
    ],
    [
      'one that alters the same column',
      'ALTER TABLE p ALTER a TYPE text',
      'ALTER TABLE p ALTER a TYPE bigint',
      'column p.a',
    ],
    [
      'one that says of it something else',
      "COMMENT ON TABLE p IS 'a'",
      "COMMENT ON TABLE p IS 'b'",
      'table p',
    ],
    [
      'one that added a label',
      "ALTER TYPE mood ADD VALUE 'b'",
      "ALTER TYPE mood ADD VALUE 'c'",
      'type mood',
    ],
    [
      'one that made its type',
      'CREATE TABLE u (a kind)',
      "CREATE TYPE kind AS ENUM ('x')",
      'type kind',
    ],
    ['one that made its schema', 'CREATE TABLE s.u (a int)', 'CREATE SCHEMA s', 'schema s'],
    [
      'one that replaced the same function',
      "CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 2'",
      "CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 3'",
      'function f()',
    ],
    [
      'one that replaced the function it calls',
      'UPDATE p SET a = f()',
      "CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 3'",
      'function f()',
    ],
    [
      'one that made the function of its trigger',
      'CREATE TRIGGER x BEFORE UPDATE ON p EXECUTE FUNCTION g()',
      "CREATE FUNCTION g() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
      'function g()',
    ],
    [
      'one that put a constraint on its rows',
      'INSERT INTO p (id) VALUES (1)',
      'ALTER TABLE p ADD CONSTRAINT c CHECK (a > 0)',
      'constraint p.c',
    ],
    [
      'one that fills what it constrains',
      'ALTER TABLE p ADD CONSTRAINT c CHECK (a > 0)',
      'UPDATE p SET a = 0',
      'constraint p.c',
    ],
    [
      'one that made its rows unique',
      'INSERT INTO p (k) VALUES (1)',
      'CREATE UNIQUE INDEX i ON p (k)',
      'index i',
    ],
    [
      'one whose trigger now fires',
      'DELETE FROM p',
      'CREATE TRIGGER x BEFORE DELETE ON p EXECUTE FUNCTION f()',
      'trigger p.x',
    ],
    [
      'one that changed its default',
      'INSERT INTO p (id) VALUES (1)',
      'ALTER TABLE p ALTER a SET DEFAULT 7',
      'column p.a',
    ],
    [
      'one that set NOT NULL',
      'INSERT INTO p (id) VALUES (1)',
      'ALTER TABLE p ALTER a SET NOT NULL',
      'column p.a',
    ],
    [
      'one whose rule now counts',
      'INSERT INTO p (id) VALUES (1)',
      'CREATE RULE x AS ON INSERT TO p DO INSTEAD NOTHING',
      'rule x on p',
    ],
    [
      'one that updates what it inserts',
      'INSERT INTO p (id) VALUES (1)',
      'UPDATE p SET a = 1',
      'rows of table p',
    ],
    [
      'one that inserted what it deletes',
      'DELETE FROM p WHERE a IS NULL',
      'INSERT INTO p (id) VALUES (1)',
      'rows of table p',
    ],
    ['one that sets what it reads', 'UPDATE p SET b = a', 'UPDATE p SET a = 1', 'rows of table p'],
    [
      'one that filled what it copies',
      'INSERT INTO q SELECT id, a FROM p',
      'INSERT INTO p (id) VALUES (1)',
      'rows of table p',
    ],
    [
      'one that filled it within a block',
      'UPDATE p SET a = 1',
      block('INSERT INTO p (id) VALUES (1)'),
      'rows of table p',
    ],
    [
      'one that has inserted the same key',
      "INSERT INTO p (k, a) VALUES ('x', 1) ON CONFLICT (k) DO NOTHING",
      "INSERT INTO p (k, a) VALUES ('x', 2) ON CONFLICT (k) DO NOTHING",
      'rows of table p',
    ],
    [
      'one that gave rights on all tables',
      table,
      'GRANT SELECT ON ALL TABLES IN SCHEMA public TO r',
      'privileges on table t',
    ],
    [
      'one whose table gets its rights',
      'GRANT SELECT ON ALL TABLES IN SCHEMA public TO r',
      table,
      'privileges on table t',
    ],
    [
      'one that set default privileges',
      table,
      'ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO r',
      'privileges on table t',
    ],
    [
      'one that takes the right away',
      'GRANT SELECT ON p TO r',
      'REVOKE SELECT ON p FROM r',
      'privileges of r',
    ],
    ['one that made what an unreadable file names', 'ALTER TABEL t', table, 'table t'],
  ])('%s', (_what, late, recorded, object) => {
    expect(objects(late, recorded)).toEqual([object])
  })
})

describe('a late file can change places with', () => {
  test.each([
    ['one that adds another column', 'ALTER TABLE p ADD c int', 'ALTER TABLE p ADD d int'],
    ['one that makes another table', 'CREATE TABLE u (a int)', table],
    ['one that makes it in another schema', 'CREATE TABLE app.t (a int)', table],
    [
      'one that makes a table of that name elsewhere',
      'UPDATE p SET a = 1',
      'CREATE TABLE app.p (a int)',
    ],
    [
      'one that makes the same, guarded',
      'CREATE TABLE IF NOT EXISTS t (a int)',
      'CREATE TABLE IF NOT EXISTS t (a int)',
    ],
    [
      'one that makes the same, guarded, on which it builds',
      'CREATE TABLE IF NOT EXISTS t (a int); ALTER TABLE t ADD b int',
      'CREATE TABLE IF NOT EXISTS t (a int)',
    ],
    [
      'one whose guard meets what is there',
      'ALTER TABLE p ADD c int',
      'CREATE TABLE IF NOT EXISTS p (id int)',
    ],
    [
      'one that only fills the table',
      'ALTER TABLE p ADD c int DEFAULT 1',
      'INSERT INTO p (id) VALUES (1)',
    ],
    ['one that drops the same, guarded', 'DROP TABLE IF EXISTS q', 'DROP TABLE IF EXISTS q'],
    [
      'one that has a work table of that name',
      `${table}; INSERT INTO t VALUES (1); DROP TABLE t`,
      `${table}; DROP TABLE t`,
    ],
    [
      'one that reads another column',
      'ALTER TABLE p ADD c int',
      'CREATE VIEW v AS SELECT a FROM p',
    ],
    [
      'one whose index is on the column',
      'CREATE INDEX i ON p (a)',
      'ALTER TABLE p ALTER a TYPE bigint',
    ],
    ['one that has its name as a value only', "INSERT INTO q (a) SELECT 1 WHERE 'c' <> 't'", table],
    ['one that has it in a comment only', '-- t\nALTER TABLE p ADD c int', table],
    ['one that has it in a comment of a block only', block('/* t */ PERFORM 1'), table],
    [
      'one with a column of that name elsewhere',
      'UPDATE q SET a = 1',
      'ALTER TABLE p ALTER a TYPE bigint',
    ],
    ['one that inserts as well', 'INSERT INTO p (id) VALUES (1)', 'INSERT INTO p (id) VALUES (2)'],
    [
      'one that has inserted another key',
      "INSERT INTO p (k, a) VALUES ('x', 1) ON CONFLICT (k) DO NOTHING",
      "INSERT INTO p (k, a) VALUES ('y', 1) ON CONFLICT DO NOTHING",
    ],
    [
      'one that updates another row',
      'INSERT INTO p (id) VALUES (1)',
      'UPDATE p SET a = 1 WHERE id IN (2, 3)',
    ],
    ['one that sets another column', 'UPDATE p SET b = 1 WHERE k IS NULL', 'UPDATE p SET a = 1'],
    [
      'one that adds a constraint with its column',
      'INSERT INTO p (id) VALUES (1)',
      'ALTER TABLE p ADD c int CHECK (c > 0)',
    ],
    [
      'one whose default it does not need',
      'INSERT INTO p (id, a) VALUES (1, 1)',
      'ALTER TABLE p ALTER a SET DEFAULT 7',
    ],
    [
      'one whose trigger calls the function',
      "CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 2'",
      'CREATE TRIGGER x BEFORE UPDATE ON p EXECUTE FUNCTION f()',
    ],
    [
      'one that replaces a view it does not read',
      'CREATE OR REPLACE VIEW seen AS SELECT id FROM p',
      'GRANT SELECT ON p TO r',
    ],
    ['one that gives rights to others', 'GRANT SELECT ON p TO r', 'REVOKE SELECT ON p FROM s'],
    [
      'one that guards another constraint in a block',
      block('ALTER TABLE p ADD CONSTRAINT c CHECK (a > 0)'),
      block('ALTER TABLE p ADD CONSTRAINT d CHECK (b > 0)'),
    ],
  ])('%s', (_what, late, recorded) => {
    expect(objects(late, recorded)).toEqual([])
  })
})

test('names each recorded file once, with the statement, and the next free numbers', () => {
  const [first, second, ...more] = conflictsOf(
    base,
    ['ALTER TABLE p ADD c int', 'SELECT 1; UPDATE p SET d = c', 'ALTER TABLE q ADD z int'],
    ['ALTER TABLE p ADD c int, ADD d int', 'ALTER TABLE p ADD e int', 'ALTER TABLE p DROP c'],
  )
  expect(first?.conflictingObjects.map(({ after, object }) => `${after.name}: ${object}`)).toEqual([
    '5_a: column p.c',
    '7_a: column p.c',
  ])
  expect(first?.moves).toEqual([
    { from: 'migrations/2_a.sql', to: 'migrations/8_a.sql' },
    { from: 'migrations/3_a.sql', to: 'migrations/9_a.sql' },
  ])
  expect(second?.conflictingObjects.map(({ statement }) => statement)).toEqual([1, 1])
  expect(second?.moves).toEqual([{ from: 'migrations/3_a.sql', to: 'migrations/9_a.sql' }])
  expect(more).toEqual([])
})

test('looks at a file that this run marks as at one that is recorded, and not at what is done of a late one', () => {
  const history = aHistory([table, 'ALTER TABLE t ADD b int'])
  const [late, marked] = history.migrations.map(({ migration }) => migration)
  if (late === undefined || marked === undefined) throw new Error('two files')
  const [timeline] = history.timelines
  const [change] = timeline?.changes ?? []
  if (timeline === undefined || change === undefined) throw new Error('an object')
  const done: EvidenceItem = {
    ...{
      object: timeline.object,
      property: timeline.property,
      verdict: 'done',
      recurs: false,
      rerun: 'safe',
    },
    ...{ expected: undefined, found: undefined },
    change: { ...change, at: 0, statement: 0 },
  }
  const found = (items: readonly EvidenceItem[]) =>
    lateConflicts(
      history,
      [
        { migration: late, action: 'run', items },
        { migration: marked, action: 'mark', items: [] },
      ],
      [],
    )
  expect(found([]).map(({ migration }) => migration)).toEqual([late])
  expect(found([done])).toEqual([])
})
