import { describe, expect, test } from '@jest/globals'
import { lostNumbers } from '../../../../src/migrations/prepare/session-state.ts'
import { prepareMigrations } from '../../../../src/migrations/prepare/prepare.ts'
import { loadParser } from '../../../../src/sql/tree/parse.ts'
import { aMigration } from '../../a-migration.ts'

const parse = await loadParser()

const migrationOf = (text: string) => aMigration('1_a.sql', text, { transaction: 'off' })

const lostIn = (text: string): readonly unknown[] =>
  prepareMigrations([migrationOf(text)], parse).problems.map(({ code, facts, place }) => [
    code,
    facts['what'],
    place?.line,
  ])

const code = 'session-state-between-steps'

describe('what one transaction of a file leaves in its session, and another needs, is refused', () => {
  test.each([
    ['a temporary table', 'CREATE TEMP TABLE x (a int)', 'INSERT INTO x VALUES (1)', 'object x'],
    [
      'a query into one',
      'CREATE TEMPORARY TABLE x AS SELECT 1',
      'DELETE FROM t USING x',
      'object x',
    ],
    ['a SELECT INTO one', 'SELECT 1 AS a INTO TEMP x', 'TABLE x', 'object x'],
    ['a table of pg_temp', 'CREATE TABLE pg_temp.x ()', 'TABLE pg_temp.x', 'object x'],
    ['a temporary view', 'CREATE TEMP VIEW x AS SELECT 1', 'SELECT (SELECT 1 FROM x)', 'object x'],
    [
      'a function of pg_temp',
      "CREATE FUNCTION pg_temp.f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
      'SELECT pg_temp.f()',
      'object f',
    ],
    [
      'a type of pg_temp',
      "CREATE TYPE pg_temp.e AS ENUM ('a')",
      "SELECT 'a'::pg_temp.e",
      'object e',
    ],
    [
      'a block that makes one',
      'DO $$ BEGIN CREATE TEMP TABLE IF NOT EXISTS x (); END $$',
      'TABLE x',
      'object x',
    ],
    [
      'a block that uses one',
      'CREATE TEMP TABLE x ()',
      'DO $$ BEGIN DELETE FROM X; END $$',
      'object x',
    ],
    ['the drop of one', 'CREATE TEMP TABLE x ()', 'DROP TABLE x', 'object x'],
    ['a cursor', 'DECLARE c CURSOR WITH HOLD FOR SELECT 1', 'FETCH c', 'cursor c'],
    ['the close of a cursor', 'DECLARE c CURSOR WITH HOLD FOR SELECT 1', 'CLOSE c', 'cursor c'],
    ['a prepared statement', 'PREPARE p AS SELECT 1', 'EXECUTE p', 'statement p'],
    [
      'one within another statement',
      'PREPARE p AS SELECT 1',
      'CREATE TABLE y AS EXECUTE p',
      'statement p',
    ],
    ['a setting that a block makes', 'DO $$ BEGIN SET app.x = 1; END $$', 'SELECT 1', 'setting'],
    [
      'a setting that a call makes',
      "SELECT length(set_config('app.x', '1', false))",
      'SELECT 1',
      'setting',
    ],
    [
      'a call within a block',
      "DO $$ BEGIN PERFORM set_config('app.x', '1', false); END $$",
      'SELECT 1',
      'setting',
    ],
    ['a lock of the session', 'SELECT pg_advisory_lock(1)', 'SELECT 1', 'lock'],
    [
      'a lock that a block takes',
      'DO $$ BEGIN PERFORM pg_try_advisory_lock(1); END $$',
      'SELECT 1',
      'lock',
    ],
  ])('%s', (_, leaves, uses, what) => {
    expect(lostIn(`${leaves};\n${uses};`)).toEqual([[code, expect.stringContaining(what), 2]])
    // What stands between BEGIN and COMMIT is one step.
    expect(lostIn(`BEGIN;\n${leaves};\n${uses};\nCOMMIT;`)).toEqual([])
  })

  test.each([
    ['another table of that name', 'CREATE TEMP TABLE x ()', 'TABLE public.x'],
    ['a drop of what may not be there', 'CREATE TEMP TABLE x ()', 'DROP TABLE IF EXISTS x'],
    ['one that is made again', 'CREATE TEMP TABLE x ()', 'CREATE TEMP TABLE x ()'],
    ['a name in a comment', 'CREATE TEMP TABLE x ()', 'DO $$ BEGIN /* x */ END $$'],
    ['an ordinary table', 'CREATE TABLE x ()', 'TABLE x'],
    ['all prepared statements', 'PREPARE p AS SELECT 1', 'DEALLOCATE ALL'],
    ['a setting of the transaction', "SELECT length(set_config('app.x', '1', true))", 'SELECT 1'],
    ['a setting of its own', "SELECT set_config('app.x', '1', false)", 'SELECT 1'],
    [
      'a block with SET LOCAL and an UPDATE',
      'DO $$ BEGIN SET LOCAL a.b = 1; UPDATE t SET a = 1; END $$',
      'SELECT 1',
    ],
    [
      'a function that would set',
      "CREATE FUNCTION f() RETURNS text BEGIN ATOMIC SELECT set_config('a.b', '1', false); END",
      'SELECT 1',
    ],
    ['a lock of the transaction', 'SELECT pg_advisory_xact_lock(1)', 'SELECT 1'],
  ])('but not %s', (_, leaves, uses) => {
    expect(lostIn(`${leaves};\n${uses};`)).toEqual([])
  })

  test('once for each thing', () => {
    const text = 'CREATE TEMP TABLE x ();\nTABLE x;\nTABLE x;\nCREATE TEMP TABLE x ();\nTABLE x;'
    expect(lostIn(text).map((found) => (found as readonly unknown[])[2])).toEqual([2, 5])
  })
})

describe('the last number of a sequence, behind a pooler', () => {
  const numbersLost = (text: string): number =>
    prepareMigrations([migrationOf(text)], parse).prepared.flatMap(({ migration, statementMode }) =>
      lostNumbers(migration, statementMode?.units ?? []),
    ).length

  test.each([
    ["INSERT INTO a DEFAULT VALUES; INSERT INTO b SELECT currval('a_id_seq')", 1],
    ['INSERT INTO a DEFAULT VALUES; UPDATE b SET a = lastval()', 1],
    ["BEGIN; INSERT INTO a DEFAULT VALUES; INSERT INTO b SELECT currval('a_id_seq'); COMMIT", 0],
    ["SELECT 1; SELECT nextval('s'), currval('s')", 0],
    ['SELECT 1; WITH x AS (INSERT INTO a DEFAULT VALUES RETURNING 1) SELECT lastval() FROM x', 0],
    ["SELECT 1; CREATE TABLE c (a int DEFAULT currval('s'))", 0],
  ])('is lost in %s: %i', (text, count) => {
    expect(numbersLost(text)).toBe(count)
  })
})
