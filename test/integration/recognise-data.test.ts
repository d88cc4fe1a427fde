// What must not happen to data while a database is recognised: nothing is dropped, emptied or doubled by a file that may have
// run before, and nothing is taken as done for a sign that says nothing.

import { describe, expect, test } from '@jest/globals'
import { arrange, queried, refuses, runs } from '../support/scenario.ts'
import { serverVersions } from '../support/servers.ts'

describe.each(serverVersions)('data, while recognising on PostgreSQL %s', (version) => {
  test('a half that would drop and make anew a table that is there is refused', async () => {
    const scenario = await arrange(
      version,
      {
        '1_a.sql': `DROP TABLE IF EXISTS users CASCADE; CREATE TABLE IF NOT EXISTS users (id int PRIMARY KEY, name text);
DROP TABLE IF EXISTS orders; CREATE TABLE IF NOT EXISTS orders (id int PRIMARY KEY);`,
      },
      `CREATE TABLE users (id int PRIMARY KEY, name text); INSERT INTO users VALUES (1, 'x')`,
    )
    expect(await refuses(scenario)).toContain('running it could drop table users (line 1)')
    expect(await queried(scenario, 'SELECT count(*)::int FROM users')).toEqual([1])
  })

  test('a table of somebody else, under a name that a file drops first, is refused', async () => {
    const scenario = await arrange(
      version,
      {
        '1_a.sql': 'DROP TABLE IF EXISTS users; CREATE TABLE users (id int PRIMARY KEY, name text)',
      },
      `CREATE TABLE users (id uuid, mail text); INSERT INTO users VALUES (NULL, 'x')`,
    )
    expect(await refuses(scenario)).toContain('[conflicting-objects]')
    expect(await queried(scenario, 'SELECT count(*)::int FROM users')).toEqual([1])
  })

  test('a drop and re-creation that nothing tells of is refused behind what is there, and a fingerprint settles it', async () => {
    const remade = 'DROP TABLE t; CREATE TABLE t AS SELECT 1 AS i'
    const scenario = await arrange(
      version,
      { '1_a.sql': 'CREATE TABLE t (i int)', '2_b.sql': remade },
      'CREATE TABLE t (i int); INSERT INTO t VALUES (7)',
    )
    expect(await refuses(scenario)).toContain('[undecided]')
    scenario.write({ '2_b.sql': `-- @fingerprint sql SELECT true\n${remade}` })
    expect(await runs(scenario)).toEqual(['1_a: reconciled', '2_b: reconciled'])
    expect(await queried(scenario, 'SELECT i FROM t')).toEqual([7])
  })

  test.each([
    ['UPDATE', 'UPDATE acc SET bal = bal * 100;'],
    ['TRUNCATE', 'TRUNCATE acc;'],
    ['DELETE', 'DELETE FROM acc WHERE bal = 1;'],
    ['INSERT', 'INSERT INTO acc (id) SELECT 2 WHERE true;'],
    ['SELECT', 'WITH made AS (INSERT INTO acc (id) VALUES (2) RETURNING id) SELECT id FROM made;'],
    ['a DO block', 'DO $$ BEGIN UPDATE acc SET bal = 0; END $$;'],
  ])('a guarded half with %s is refused, not completed', async (what, statement) => {
    const scenario = await arrange(
      version,
      {
        '1_a.sql': 'CREATE TABLE acc (id int PRIMARY KEY, bal int)',
        '2_b.sql': `ALTER TABLE acc ADD COLUMN IF NOT EXISTS x int;\n${statement}\nALTER TABLE acc ADD COLUMN IF NOT EXISTS y int;`,
      },
      'CREATE TABLE acc (id int PRIMARY KEY, bal int); ALTER TABLE acc ADD x int; INSERT INTO acc VALUES (1, 100)',
    )
    expect(await refuses(scenario)).toMatch(
      new RegExp(
        `running it could repeat ${what.replace('TRUNCATE', 'Truncate')}\\w* \\(line 2\\)`,
        'i',
      ),
    )
    expect(await queried(scenario, 'SELECT bal FROM acc')).toEqual([100])
  })

  test('an extension or schema that was made beforehand proves nothing of the files before it', async () => {
    const scenario = await arrange(
      version,
      {
        '1_users.sql': 'CREATE TABLE users (id int)',
        '2_seed.sql': 'INSERT INTO users VALUES (1)',
        '3_schema.sql': 'CREATE SCHEMA IF NOT EXISTS app',
        '4_plpgsql.sql': 'CREATE EXTENSION IF NOT EXISTS plpgsql',
      },
      'CREATE SCHEMA app',
    )
    expect(await runs(scenario)).toEqual([
      '1_users: applied',
      '2_seed: applied',
      '3_schema: reconciled',
      '4_plpgsql: applied',
    ])
    expect(await queried(scenario, 'SELECT id FROM users')).toEqual([1])
  })

  test('data changes between a file that is missing and one that is there are not guessed', async () => {
    const scenario = await arrange(
      version,
      {
        '1_a.sql': 'CREATE TABLE a (i int)',
        '2_b.sql': 'CREATE TABLE b (i int)',
        '3_seed.sql': 'INSERT INTO a VALUES (1)',
        '4_c.sql': 'CREATE TABLE c (i int)',
      },
      'CREATE TABLE a (i int); CREATE TABLE c (i int)',
    )
    expect(await refuses(scenario)).toContain(
      'nothing in the database tells whether migrations/3_seed.sql has run',
    )
  })

  test('data changes behind all that is there run, and the log says what that would do twice', async () => {
    const scenario = await arrange(
      version,
      { '1_a.sql': 'CREATE TABLE a (i int)', '2_seed.sql': 'INSERT INTO a VALUES (1)' },
      'CREATE TABLE a (i int)',
    )
    const { exitCode, stderr } = await scenario.gate('run')
    expect(exitCode).toBe(0)
    expect(stderr).toContain(
      'nothing tells whether migrations/2_seed.sql has run on this database before: it runs now (if it had run, this would repeat INSERT)',
    )
  })

  test('partitions and children that went with their parent do not come back', async () => {
    const scenario = await arrange(
      version,
      {
        '1_a.sql': `CREATE TABLE p (i int) PARTITION BY RANGE (i); CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (1) TO (2);
CREATE TABLE q (i int); CREATE TABLE r (j int) INHERITS (q);`,
        '2_b.sql': 'DROP TABLE p; DROP TABLE q CASCADE',
        '3_z.sql': 'CREATE TABLE z (i int)',
      },
      'CREATE TABLE z (i int)',
    )
    expect(await runs(scenario)).toEqual(['1_a: reconciled', '2_b: reconciled', '3_z: reconciled'])
    expect(
      await queried(scenario, `SELECT to_regclass('p1') IS NULL AND to_regclass('r') IS NULL`),
    ).toEqual([true])
  })
})
