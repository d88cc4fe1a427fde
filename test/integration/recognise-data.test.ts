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

  test('data in files that lead back to where they began is refused: they may have run, or not yet', async () => {
    const scenario = await arrange(
      version,
      {
        '1_a.sql': 'CREATE TABLE t (a int); CREATE VIEW v AS SELECT a FROM t',
        '2_b.sql': 'ALTER VIEW v RENAME TO w; INSERT INTO t VALUES (2)',
        '3_c.sql': 'ALTER VIEW w RENAME TO v',
        '4_d.sql': 'CREATE TABLE u (a int)',
      },
      'CREATE TABLE t (a int); CREATE VIEW v AS SELECT a FROM t',
    )
    expect(await refuses(scenario)).toContain('2_b.sql')
    expect(await queried(scenario, 'SELECT count(*)::int FROM t')).toEqual([0])
    const [view, data] = ['ALTER VIEW v RENAME TO w;', 'INSERT INTO t VALUES (2)']
    const tells = '-- @fingerprint sql SELECT EXISTS (SELECT FROM t WHERE a = 2)'
    scenario.write({ '2_b.sql': `${tells}\n${view}\n${data}` })
    expect(await runs(scenario)).toEqual([
      '1_a: reconciled',
      '2_b: applied',
      '3_c: applied',
      '4_d: applied',
    ])
    expect(await queried(scenario, 'SELECT a FROM t')).toEqual([2])
  })

  test.each([
    ['a function', 'CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql AS $$ SELECT 1 $$;'],
    ['a value', 'ALTER TABLE t ALTER COLUMN a SET DEFAULT 7;'],
    ['a comment', "COMMENT ON TABLE t IS 'x';"],
  ])('of a file with data only %s is there: it is refused, not run again', async (_, sets) => {
    const index = 'CREATE INDEX i ON t (a);'
    const data = 'INSERT INTO t VALUES (2);'
    const scenario = await arrange(
      version,
      { '1_a.sql': 'CREATE TABLE t (a int)', '2_b.sql': `${sets}\n${index}\n${data}` },
      `CREATE TABLE t (a int); ${sets} ${index} ${data} DROP INDEX i`,
    )
    expect(await refuses(scenario)).toContain('running it could repeat INSERT (line 3)')
    expect(await queried(scenario, 'SELECT a FROM t')).toEqual([2])
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

  const provided = {
    '1_extension.sql': `CREATE EXTENSION IF NOT EXISTS pgcrypto; CREATE SCHEMA IF NOT EXISTS app;
      CREATE TABLE app.t (id uuid PRIMARY KEY DEFAULT gen_random_uuid())`,
    '2_seed.sql': 'CREATE EXTENSION IF NOT EXISTS pgcrypto; INSERT INTO app.t DEFAULT VALUES',
    '3_u.sql': 'CREATE TABLE app.u (id int)',
    '4_seed.sql': 'CREATE SCHEMA IF NOT EXISTS app; INSERT INTO app.u VALUES (4)',
    '5_given.sql': 'CREATE SCHEMA IF NOT EXISTS app',
    '6_v.sql': 'CREATE TABLE v (id int)',
  }
  const provider = 'CREATE EXTENSION pgcrypto; CREATE SCHEMA app'
  const everything =
    'SELECT (SELECT count(*) FROM app.t)::int * 10 + (SELECT count(*) FROM app.u)::int'

  test('what a provider made beforehand keeps nothing from being made beside it', async () => {
    const scenario = await arrange(version, provided, provider)
    expect(await runs(scenario)).toEqual([
      '1_extension: applied',
      '2_seed: applied',
      '3_u: applied',
      '4_seed: applied',
      '5_given: applied',
      '6_v: applied',
    ])
    expect(await queried(scenario, everything)).toEqual([11])
  })

  test('nor does it in a managed database', async () => {
    const scenario = await arrange(version, { '0_a.sql': 'CREATE TABLE a (id int)' }, provider)
    await runs(scenario)
    scenario.write(provided)
    expect(await runs(scenario)).toEqual([
      '0_a: applied',
      '1_extension: applied',
      '2_seed: applied',
      '3_u: applied',
      '4_seed: applied',
      '5_given: applied',
      '6_v: applied',
    ])
    expect(await queried(scenario, everything)).toEqual([11])
  })

  test('a database that has run the files is recognised by the rest of them', async () => {
    const scenario = await arrange(
      version,
      provided,
      `${provider}; CREATE TABLE app.t (id uuid PRIMARY KEY DEFAULT gen_random_uuid()); INSERT INTO app.t DEFAULT VALUES; CREATE TABLE app.u (id int); INSERT INTO app.u VALUES (4); CREATE TABLE v (id int)`,
    )
    expect(await runs(scenario)).toEqual([
      '1_extension: reconciled',
      '2_seed: reconciled',
      '3_u: reconciled',
      '4_seed: reconciled',
      '5_given: reconciled',
      '6_v: reconciled',
    ])
    expect(await queried(scenario, everything)).toEqual([11])
  })

  test('an extension that is missing beside a table that is there is half of a file', async () => {
    const scenario = await arrange(
      version,
      provided,
      'CREATE SCHEMA app; CREATE TABLE app.t (id uuid PRIMARY KEY DEFAULT gen_random_uuid())',
    )
    expect(await refuses(scenario)).toContain('missing: extension pgcrypto')
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
      'nothing in the database shows whether migrations/3_seed.sql has run',
    )
  })

  describe('data changes right behind all that is there', () => {
    const files = { '1_a.sql': 'CREATE TABLE a (i int)', '2_seed.sql': 'INSERT INTO a VALUES (1)' }

    test('that have run do not run twice: a fingerprint says so', async () => {
      const scenario = await arrange(version, files, Object.values(files).join(';\n'))
      expect(await refuses(scenario)).toContain(
        'nothing in the database shows whether migrations/2_seed.sql has run',
      )
      const told = '-- @fingerprint sql SELECT EXISTS (SELECT FROM a WHERE i = 1)\n'
      scenario.write({ '2_seed.sql': `${told}${files['2_seed.sql']}` })
      expect(await runs(scenario)).toEqual(['1_a: reconciled', '2_seed: reconciled'])
      expect(await queried(scenario, 'SELECT i FROM a')).toEqual([1])
    })

    test('that have not run are left to the next run by adopt', async () => {
      const scenario = await arrange(version, files, files['1_a.sql'])
      expect(await refuses(scenario)).toContain(
        "If the file has not run: 'schemagate adopt' records what exists",
      )
      const { exitCode, stderr } = await scenario.gate('adopt')
      expect(exitCode).toBe(0)
      expect(stderr).toContain(
        'migrations/2_seed.sql may have run on this database before: adopt leaves it to the next run (if it has run, that would repeat INSERT',
      )
      expect(await runs(scenario)).toEqual(['1_a: reconciled', '2_seed: applied'])
      expect(await queried(scenario, 'SELECT i FROM a')).toEqual([1])
    })
  })

  test('data changes behind a file that is surely missing run, and nobody is warned of them', async () => {
    const scenario = await arrange(
      version,
      {
        '1_a.sql': 'CREATE TABLE a (i int)',
        '2_b.sql': 'CREATE TABLE b (i int)',
        '3_seed.sql': 'INSERT INTO a VALUES (1)',
      },
      'CREATE TABLE a (i int)',
    )
    const { exitCode, stderr } = await scenario.gate('run')
    expect(exitCode).toBe(0)
    expect(stderr).not.toContain('may have run on this database')
    expect(await queried(scenario, 'SELECT i FROM a')).toEqual([1])
  })

  test('a file whose object was taken away by hand does not change data a second time', async () => {
    const scenario = await arrange(
      version,
      {
        '1_a.sql': 'CREATE TABLE a (i int, cents int)',
        '2_b.sql': 'CREATE INDEX a_i ON a (i);\nUPDATE a SET cents = cents * 100;',
        '3_c.sql': 'ALTER TABLE a ADD COLUMN d int',
      },
      'CREATE TABLE a (i int, cents int, d int); INSERT INTO a VALUES (1, 500)',
    )
    const words = await refuses(scenario)
    expect(words).toContain('migrations/2_b.sql may have run, and running it again could do harm')
    expect(words).toContain('index a_i')
    const told = '-- @fingerprint sql SELECT EXISTS (SELECT FROM a WHERE cents >= 100)\n'
    scenario.write({
      '2_b.sql': `${told}CREATE INDEX a_i ON a (i);\nUPDATE a SET cents = cents * 100;`,
    })
    expect(await runs(scenario)).toEqual(['1_a: reconciled', '2_b: reconciled', '3_c: reconciled'])
    expect(await queried(scenario, 'SELECT cents FROM a')).toEqual([500])
  })

  test.each([
    ["ALTER DOMAIN code SET DEFAULT 'none'"],
    ["ALTER DOMAIN code ADD CONSTRAINT filled CHECK (VALUE <> '')"],
    ['ALTER FUNCTION f() SET search_path = public'],
    ['ALTER FUNCTION f() COST 7'],
    ['ALTER SEQUENCE q CACHE 7'],
  ])(
    'what the comparison cannot see of %s is no sign that its file has not run',
    async (alteration) => {
      const made = `CREATE DOMAIN code AS text; CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'; CREATE SEQUENCE q;
CREATE TABLE t (c code); CREATE TABLE log (n int)`
      const files = [made, `${alteration};\nINSERT INTO log VALUES (1)`, 'ALTER TABLE t ADD d int']
      const scenario = await arrange(
        version,
        { '1_a.sql': files[0] ?? '', '2_b.sql': files[1] ?? '', '3_c.sql': files[2] ?? '' },
        files.join(';\n'),
      )
      expect(await runs(scenario)).toEqual([
        '1_a: reconciled',
        '2_b: reconciled',
        '3_c: reconciled',
      ])
      expect(await queried(scenario, 'SELECT n FROM log')).toEqual([1])
    },
  )

  test.each([3, 4])(
    'a guarded half is not made whole where a file behind it may have taken the other half away (%s of 4 have run)',
    async (count) => {
      const files = [
        'CREATE TABLE t (id int)',
        'ALTER TABLE t ADD COLUMN IF NOT EXISTS a int;\nALTER TABLE t ADD COLUMN IF NOT EXISTS b int',
        'DO $$ BEGIN ALTER TABLE t RENAME COLUMN a TO c; END $$',
        'CREATE TABLE u (id int)',
      ]
      const scenario = await arrange(
        version,
        Object.fromEntries(files.map((text, at) => [`${at + 1}_x.sql`, text])),
        files.slice(0, count).join(';\n'),
      )
      expect(await refuses(scenario)).toContain(
        'nothing in the database shows whether migrations/3_x.sql has run',
      )
    },
  )

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
