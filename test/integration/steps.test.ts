// Files that run in several transactions: what one leaves in its session for another, and how few transactions there are.

import { describe, expect, test } from '@jest/globals'
import { createDatabase, databaseUrl } from '../support/database.ts'
import { runGate, workFolder, writeFiles } from '../support/gate.ts'
import { startPooler } from '../support/pooler.ts'
import { arrange, queried, refuses, runs, type Scenario } from '../support/scenario.ts'
import { serverVersions } from '../support/servers.ts'

const grouped = `CREATE TYPE kind AS ENUM ('a');
  CREATE TABLE grp (id int GENERATED ALWAYS AS IDENTITY, n int);
  CREATE TABLE member (grp int, kind kind);`

const both = 'SELECT grp || kind::text FROM member ORDER BY 1'

const partitioned = `CREATE TABLE p (id int) PARTITION BY RANGE (id);
  CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (9); CREATE INDEX p_id ON p (id);
  CREATE TABLE log (n int);`

describe.each(serverVersions)('a file in several transactions on PostgreSQL %s', (version) => {
  test('is half applied only where it must be: what stands behind an enum value is one of them', async () => {
    const text = (kind: string): string =>
      `ALTER TYPE kind ADD VALUE 'b';\nINSERT INTO grp (n) VALUES (1);\nINSERT INTO member SELECT currval('grp_id_seq'), '${kind}' FROM grp WHERE kind_of(n) <> 'b';`
    const scenario = await arrange(version, {
      '1_grp.sql': `${grouped}\nCREATE FUNCTION kind_of(int) RETURNS text LANGUAGE sql AS $$ SELECT 'x' $$;`,
      '2_b.sql': text('c'),
    })
    const failed = await scenario.gate('run')
    expect(failed).toMatchObject({ exitCode: 1 })
    expect(failed.stdout).toContain('failed at statement 3 of 3')
    expect(await queried(scenario, 'SELECT count(*)::int FROM grp')).toEqual([0])
    scenario.write({ '2_b.sql': text('b') })
    await runs(scenario)
    expect(await queried(scenario, both)).toEqual([expect.stringMatching(/^\db$/)])
  })

  test.each([
    ['a block', "DO $$ BEGIN EXECUTE 'INSERT INTO member VALUES (1, ''b'')'; END $$"],
    ['a block that names it', "DO $$ BEGIN INSERT INTO member VALUES (1, 'b'); END $$"],
    ['a function that the file calls', 'SELECT fill()'],
    ['the rows of a COPY', 'COPY member FROM stdin;\n1\tb\n\\.\n'],
    ['a type over it', "INSERT INTO member SELECT 1, (v).k FROM (SELECT '(b)'::wrapper AS v) AS x"],
    ['a cast of another text', "INSERT INTO member VALUES (1, ('b'::text)::kind)"],
  ])('uses an enum value in %s', async (_, use) => {
    const scenario = await arrange(version, {
      '1_grp.sql': `${grouped}\nCREATE TYPE wrapper AS (k kind);
        CREATE FUNCTION fill() RETURNS void LANGUAGE plpgsql AS $$ BEGIN INSERT INTO member VALUES (1, 'b'); END $$;`,
      '2_b.sql': `INSERT INTO grp (n) VALUES (1);\nALTER TYPE kind ADD VALUE 'b';\n${use};`,
      '3_after.sql': 'CREATE TABLE after ();',
      '4_last.sql': 'CREATE TABLE last ();',
    })
    const finished = await scenario.gate('run')
    expect(finished).toMatchObject({ exitCode: 0 })
    expect(finished.stderr).toContain(
      '2_b.sql runs statement by statement, not in one transaction: it adds an enum value and uses it',
    )
    expect(await queried(scenario, both)).toEqual(['1b'])
    expect(await queried(scenario, 'SELECT n FROM grp')).toEqual([1])
    const recorded = 'SELECT state || statements_done FROM schemagate.schema_migrations ORDER BY 1'
    expect(await queried(scenario, recorded)).toHaveLength(4)
  })

  test.each([
    ['a function of SQL', "CREATE FUNCTION f() RETURNS kind BEGIN ATOMIC SELECT 'b'::kind; END"],
    ['a text of SQL', "CREATE FUNCTION f() RETURNS kind LANGUAGE sql AS $$ SELECT 'b'::kind $$"],
    [
      'a default of a function',
      "CREATE FUNCTION f(a kind = 'b') RETURNS kind LANGUAGE sql AS $$ SELECT a $$",
    ],
    ['a check', "ALTER TABLE member ADD CHECK (kind <> 'b')"],
    ['a default of a column', "ALTER TABLE member ALTER kind SET DEFAULT 'b'"],
    ['a domain', "CREATE DOMAIN d AS kind CHECK (VALUE <> 'b')"],
    [
      'a bound',
      "CREATE TABLE p (k kind) PARTITION BY LIST (k); CREATE TABLE p1 PARTITION OF p FOR VALUES IN ('b')",
    ],
    ['a rule', "CREATE RULE r AS ON DELETE TO member DO INSTEAD UPDATE member SET kind = 'b'"],
  ])('defines %s with an enum value that it adds', async (_, use) => {
    const scenario = await arrange(version, {
      '1_grp.sql': grouped,
      '2_b.sql': `ALTER TYPE kind ADD VALUE 'b';\n${use};`,
    })
    expect(await runs(scenario)).toEqual(['1_grp: applied', '2_b: applied'])
  })

  test('stays one transaction when the value is only a word in it', async () => {
    const scenario = await arrange(version, {
      '1_grp.sql': grouped,
      '2_b.sql': "ALTER TYPE kind ADD VALUE 'b';\nSELECT fail('b'::text);",
    })
    expect(await scenario.gate('run')).toMatchObject({ exitCode: 1 })
    expect(await queried(scenario, 'SELECT enum_range(NULL::kind)::text')).toEqual(['{a}'])
  })

  test('keeps what its sequences gave last', async () => {
    const scenario = await arrange(version, {
      '1_grp.sql': `${grouped}
        CREATE FUNCTION remember() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.grp := currval('grp_id_seq'); RETURN NEW; END $$;
        CREATE TRIGGER r BEFORE INSERT ON member FOR EACH ROW EXECUTE FUNCTION remember();`,
      '2_off.sql':
        "-- @transaction off\nINSERT INTO grp (n) VALUES (1);\nVACUUM grp;\nINSERT INTO member (kind) VALUES ('a');\nINSERT INTO member SELECT lastval(), 'a';",
      '3_next.sql': "SELECT currval('grp_id_seq')",
    })
    const finished = await scenario.gate('run')
    expect(finished).toMatchObject({ exitCode: 1 })
    expect(finished.stdout).toContain('migrations/3_next.sql failed')
    expect(await queried(scenario, both)).toEqual(['1a', '1a'])
  })

  test('says what to write when a run that goes on has lost the number', async () => {
    const scenario = await arrange(version, {
      '1_grp.sql': grouped,
      '2_off.sql':
        "-- @transaction off\nINSERT INTO grp (n) VALUES (7);\nINSERT INTO member SELECT currval('grp_id_seq'), 'x';",
    })
    expect(await scenario.gate('run')).toMatchObject({ exitCode: 1 })
    scenario.write({
      '2_off.sql':
        "-- @transaction off\nINSERT INTO grp (n) VALUES (7);\nINSERT INTO member SELECT currval('grp_id_seq'), 'a';",
    })
    const lost = await scenario.gate('run')
    expect(lost).toMatchObject({ exitCode: 1 })
    expect(lost.stdout).toContain(
      'The session that drew the number has ended: ask for it by what its row holds',
    )
    scenario.write({
      '2_off.sql':
        "-- @transaction off\nINSERT INTO grp (n) VALUES (7);\nINSERT INTO member SELECT (SELECT id FROM grp WHERE n = 7), 'a';",
    })
    await runs(scenario)
    expect(await queried(scenario, both)).toEqual(['1a'])
  })

  const off = (...lines: readonly string[]): string => ['-- @transaction off', ...lines].join('\n')

  const refusedAndCured = async (
    scenario: Scenario,
    cures: readonly (readonly [cure: string, text: string])[],
  ): Promise<void> => {
    for (const [cure, text] of cures) {
      expect(await refuses(scenario)).toContain(cure)
      const linted = await scenario.gate('lint')
      expect(linted).toMatchObject({ exitCode: 4 })
      expect(linted.stdout).toContain(cure)
      scenario.write({ '2_x.sql': text })
    }
    expect(await runs(scenario)).toEqual(['1_t: applied', '2_x: applied'])
  }

  test('refuses a temporary table of one of them in another, and BEGIN and COMMIT cure it', async () => {
    const scenario = await arrange(version, {
      '1_t.sql': 'CREATE TABLE t (a int);',
      '2_x.sql': off(
        'CREATE TEMP TABLE x AS SELECT 1 AS a;',
        'SELECT 2;',
        'INSERT INTO t TABLE x;',
        'VACUUM t;',
      ),
    })
    await refusedAndCured(scenario, [
      [
        'Put BEGIN; before line 2, and COMMIT; after the statement of line 4',
        off(
          'BEGIN;',
          'CREATE TEMP TABLE x AS SELECT 1 AS a;',
          'SELECT 2;',
          'INSERT INTO t TABLE x;',
          'COMMIT;',
          'VACUUM t;',
        ),
      ],
    ])
    expect(await queried(scenario, 'SELECT a FROM t')).toEqual([1])
  })

  test('refuses one across a statement that has no transaction, and an ordinary table cures it', async () => {
    const scenario = await arrange(version, {
      '1_t.sql': 'CREATE TABLE t (a int);',
      '2_x.sql': off(
        'CREATE TEMP TABLE x AS SELECT 1 AS a;',
        'VACUUM t;',
        'INSERT INTO t TABLE x;',
      ),
    })
    await refusedAndCured(scenario, [
      [
        'Make it a permanent one, and drop it at the end of the file.',
        off(
          'CREATE TABLE x AS SELECT 1 AS a;',
          'VACUUM t;',
          'INSERT INTO t TABLE x;',
          'DROP TABLE x;',
        ),
      ],
    ])
    expect(await queried(scenario, 'SELECT a FROM t')).toEqual([1])
  })

  test('refuses one in front of an enum value that is used behind it', async () => {
    const scenario = await arrange(version, {
      '1_t.sql': "CREATE TYPE kind AS ENUM ('a'); CREATE TABLE t (a kind);",
      '2_x.sql':
        "CREATE TEMP TABLE x AS SELECT 1 AS a;\nALTER TYPE kind ADD VALUE 'b';\nINSERT INTO t SELECT 'b' FROM x;",
    })
    await refusedAndCured(scenario, [
      [
        'Make it a permanent one, and drop it at the end of the file.',
        "CREATE TABLE x AS SELECT 1 AS a;\nALTER TYPE kind ADD VALUE 'b';\nINSERT INTO t SELECT 'b' FROM x;\nDROP TABLE x;",
      ],
    ])
  })

  test.each([
    ['REINDEX of a partitioned table', 'REINDEX TABLE p', /25001/],
    ['a block that calls what commits', 'DO $$ BEGIN CALL commits(); END $$', /2D000/],
    ...(version === '15'
      ? []
      : [['CLUSTER of a partitioned table', 'CLUSTER p USING p_id', /25001/] as const]),
  ])('%s runs as the advice says', async (_, statement, error) => {
    const scenario = await arrange(version, {
      '1_p.sql': `${partitioned} CREATE PROCEDURE commits() LANGUAGE plpgsql AS $$ BEGIN INSERT INTO log VALUES (1); COMMIT; END $$;`,
      '2_x.sql': `INSERT INTO log VALUES (2);\n${statement};`,
    })
    const failed = await scenario.gate('run')
    expect(failed).toMatchObject({ exitCode: 1 })
    expect(failed.stdout).toMatch(error)
    expect(failed.stdout).toContain("Write '-- @transaction off' at the top of the file")
    expect(await queried(scenario, 'SELECT count(*)::int FROM log')).toEqual([0])
    scenario.write({ '2_x.sql': off('INSERT INTO log VALUES (2);', `${statement};`) })
    expect(await runs(scenario)).toEqual(['1_p: applied', '2_x: applied'])
    expect(await queried(scenario, 'SELECT count(*)::int FROM log WHERE n = 2')).toEqual([1])
  })

  test.each([
    ['BEGIN and COMMIT', 'SELECT 1;\nBEGIN;\nREINDEX TABLE p;\nCOMMIT;'],
    [
      'what uses an enum value',
      "ALTER TYPE kind ADD VALUE 'b';\nSELECT 'b'::kind;\nREINDEX TABLE p;",
    ],
  ])('a statement that needs no transaction says so between %s', async (_, text) => {
    const scenario = await arrange(version, {
      '1_p.sql': `${partitioned} CREATE TYPE kind AS ENUM ('a');`,
      '2_x.sql': text,
    })
    const failed = await scenario.gate('run')
    expect(failed).toMatchObject({ exitCode: 1 })
    expect(failed.stdout).toContain(
      "move it out of BEGIN and COMMIT, and write '-- @transaction off' at the top of the file",
    )
    scenario.write({ '2_x.sql': off(text.replace('BEGIN;\n', '').replace('\nCOMMIT;', '')) })
    expect(await runs(scenario)).toEqual(['1_p: applied', '2_x: applied'])
  })

  test('refuses cursors, prepared statements, hidden settings and locks of the session', async () => {
    const scenario = await arrange(version, {
      '1_t.sql': 'CREATE TABLE t (a text);',
      '2_x.sql': off('PREPARE p AS INSERT INTO t VALUES ($1);', 'VACUUM t;', "EXECUTE p ('a');"),
    })
    await refusedAndCured(scenario, [
      [
        'Write the query itself instead of its name.',
        off('DECLARE c CURSOR WITH HOLD FOR TABLE t;', 'FETCH c;', 'CLOSE c;'),
      ],
      [
        'Put BEGIN; before line 2, and COMMIT; after the statement of line 4',
        off("DO $$ BEGIN PERFORM set_config('app.x', '1', false); END $$;", 'VACUUM t;'),
      ],
      [
        'Write it as a statement of its own, SET <name> = <value>;',
        off('SELECT pg_advisory_lock(1);', 'VACUUM t;'),
      ],
      [
        'Remove it: the migration lock keeps other runs away.',
        off("SET app.x = '1';", 'VACUUM t;', "INSERT INTO t SELECT current_setting('app.x');"),
      ],
    ])
    expect(await queried(scenario, 'SELECT a FROM t')).toEqual(['1'])
  })
})

describe.each(serverVersions)('behind PgBouncer to PostgreSQL %s', (version) => {
  test('the last number of a sequence is lost between transactions, and BEGIN and COMMIT keep it', async () => {
    const database = await createDatabase(version)
    const pooler = await startPooler(database.port, 4)
    try {
      const file = (...lines: readonly string[]): string =>
        workFolder({
          'migrations/1_t.sql': grouped,
          'migrations/2_x.sql': ['-- @transaction off', ...lines].join('\n'),
        })
      const environment = { DATABASE_URL: databaseUrl(pooler.port, database.name) }
      const insert = 'INSERT INTO grp (n) VALUES (1);'
      const use = "INSERT INTO member SELECT currval('grp_id_seq'), 'a';"
      for (const args of [['plan'], ['run']]) {
        const refused = await runGate({ args, folder: file(insert, use), environment })
        expect(refused).toMatchObject({ exitCode: 4 })
        expect(refused.stdout).toContain('put BEGIN; and COMMIT; around this statement')
      }
      const folder = file('BEGIN;', insert, use, 'COMMIT;')
      expect(await runGate({ folder, environment })).toMatchObject({ exitCode: 0 })
      expect(await database.sql.unsafe(both)).toHaveLength(1)
    } finally {
      await pooler.stop()
    }
  })

  test('a statement that refuses a transaction does not run without what its file has set', async () => {
    const database = await createDatabase(version)
    const pooler = await startPooler(database.port, 4)
    try {
      const environment = { DATABASE_URL: databaseUrl(pooler.port, database.name) }
      const folder = workFolder({
        'migrations/1_p.sql': partitioned,
        'migrations/2_x.sql': '-- @transaction off\nSET search_path = public;\nREINDEX TABLE p;',
      })
      const refused = await runGate({ folder, environment })
      expect(refused).toMatchObject({ exitCode: 1 })
      expect(refused.stdout).toContain('Behind a pooler, first RESET what the file has set.')
      writeFiles(folder, {
        'migrations/2_x.sql':
          '-- @transaction off\nSET search_path = public;\nRESET search_path;\nREINDEX TABLE public.p;',
      })
      expect(await runGate({ folder, environment })).toMatchObject({ exitCode: 0 })
    } finally {
      await pooler.stop()
    }
  })
})
