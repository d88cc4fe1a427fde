import { describe, expect, test } from '@jest/globals'
import type { Problem } from '../../../../src/errors/problem.ts'
import { readDirectives } from '../../../../src/migrations/directives/directives.ts'
import {
  prepareMigrations,
  type PreparedMigration,
} from '../../../../src/migrations/prepare/prepare.ts'
import { loadParser } from '../../../../src/sql/tree/parse.ts'
import { aMigration } from '../../a-migration.ts'

const parse = await loadParser()

const migrationOf = (text: string, entry = '0001_a.sql') =>
  aMigration(entry, text, readDirectives(entry, text).directives)

const prepared = (text: string): PreparedMigration => {
  const { prepared: all, problems } = prepareMigrations([migrationOf(text)], parse)
  const [only] = all
  if (only === undefined) throw new Error(problems.map(({ title }) => title).join())
  expect(problems).toEqual([])
  return only
}

const refused = (...texts: readonly string[]): readonly Problem[] => {
  const migrations = texts.map((text, at) => migrationOf(text, `000${at + 1}_a.sql`))
  const result = prepareMigrations(migrations, parse)
  expect(result.prepared).toEqual([])
  return result.problems
}

const placesOf = (problems: readonly Problem[]): readonly string[] =>
  problems.map(({ code, place }) => `${code} ${place?.line ?? 0}:${place?.column ?? 0}`)

const statementsOf = ({ body, statements }: PreparedMigration): readonly string[] | undefined =>
  statements?.map(({ start, end }) => body.slice(start, end))

describe('a file that can be one transaction', () => {
  test('is prepared with its text and the place of each statement', () => {
    const text = '-- é\nCREATE TABLE t ();\nSAVEPOINT a; ROLLBACK TO a'
    const result = prepared(text)
    expect(result.body).toBe(text)
    expect(statementsOf(result)).toEqual(['CREATE TABLE t ()', 'SAVEPOINT a', 'ROLLBACK TO a'])
    expect(result).not.toHaveProperty('parserMessage')
  })

  test.each(['', '-- nothing yet\n', ';'])('may have no statement (%j)', (text) => {
    expect(prepared(text)).toMatchObject({ body: text, statements: [] })
  })
})

describe('a BEGIN at the start and a COMMIT at the end', () => {
  test('are taken off, and every place stays what it was', () => {
    const text = "-- é😀\nBEGIN;\nSELECT 'é';\nSELECT 2;\nCOMMIT;\n-- done\n"
    const result = prepared(text)
    expect(result.body).toBe("-- é😀\n     ;\nSELECT 'é';\nSELECT 2;\n      ;\n-- done\n")
    expect(result.body).toHaveLength(text.length)
    expect(statementsOf(result)).toEqual(["SELECT 'é'", 'SELECT 2'])
  })

  test.each([
    ['START TRANSACTION', 'END'],
    ['begin work', 'commit and no chain'],
    ['BEGIN\n  TRANSACTION', 'COMMIT\nTRANSACTION'],
  ])('are taken off as %j and %j too', (begin, commit) => {
    const text = `${begin};\nSELECT 1;\n${commit};`
    const { body, statements } = prepared(text)
    expect(body).toHaveLength(text.length)
    expect(body.replace(/[\s;]+/g, ' ').trim()).toBe('SELECT 1')
    expect(body.split('\n')).toHaveLength(text.split('\n').length)
    expect(statements).toHaveLength(1)
  })

  test('are taken off without a semicolon at the end', () => {
    expect(prepared('BEGIN; SELECT 1; COMMIT').body).toBe('     ; SELECT 1;       ')
  })

  test('are taken off when nothing stands between them', () => {
    expect(prepared('BEGIN; COMMIT;')).toMatchObject({ body: '     ;       ;', statements: [] })
  })

  test('do not excuse what cannot run in a transaction', () => {
    const problems = refused('BEGIN;\nCREATE INDEX CONCURRENTLY i ON t (a);\nCOMMIT;')
    expect(placesOf(problems)).toEqual(['needs-no-transaction 2:1'])
  })
})

describe('transaction control', () => {
  test.each([
    ['a BEGIN alone', 'BEGIN;\nSELECT 1;', ['transaction-control 1:1']],
    ['a COMMIT alone', 'SELECT 1;\nCOMMIT;', ['transaction-control 2:1']],
    ['only a COMMIT', 'COMMIT', ['transaction-control 1:1']],
    ['a COMMIT too many', 'BEGIN;\nCOMMIT;\nSELECT 2;\nCOMMIT;', ['transaction-control 4:1']],
    [
      'a BEGIN within a transaction',
      'BEGIN;\nBEGIN;\nSELECT 2;\nCOMMIT;\nCOMMIT;',
      ['transaction-control 2:1', 'transaction-control 5:1'],
    ],
    [
      'a ROLLBACK at the end',
      'BEGIN;\nROLLBACK;',
      ['transaction-control 2:1', 'transaction-control 1:1'],
    ],
    [
      'an isolation level of its own',
      'BEGIN ISOLATION LEVEL SERIALIZABLE;\nCOMMIT;',
      ['transaction-control 1:1', 'transaction-control 2:1'],
    ],
    ['a PREPARE TRANSACTION', "SELECT 1; PREPARE TRANSACTION 'x';", ['transaction-control 1:11']],
  ])('is refused: %s', (_, text, places) => {
    expect(placesOf(refused(text))).toEqual(places)
  })

  test('is named', () => {
    const [begin, rollback] = refused('BEGIN READ ONLY; ROLLBACK;')
    expect(begin?.title).toContain('BEGIN with options of its own')
    expect(rollback?.title).toContain(': ROLLBACK conflicts with')
  })
})

const unitsOf = (text: string): readonly string[] =>
  (prepared(text).statementMode?.units ?? []).map(
    ({ kind, statements }) =>
      `${kind}: ${statements.map(({ start, end }) => text.slice(start, end).trim()).join(' + ')}`,
  )

describe('a file that cannot be one transaction runs statement by statement', () => {
  test.each([
    ['VACUUM', 'SELECT 1;\n-- é\nVACUUM;', 'VACUUM cannot run in a transaction (line 3)'],
    ['@transaction off', '-- @transaction off\nSELECT 1;', 'it says @transaction off'],
    [
      'a transaction of its own',
      'SELECT 1;\nBEGIN; SELECT 2; COMMIT;',
      'it has a transaction of its own (line 2)',
    ],
    [
      'an enum value that it adds and uses',
      "ALTER TYPE s.mood ADD VALUE 'sad';\nINSERT INTO t VALUES ('sad');",
      'it adds an enum value and uses it (line 1)',
    ],
    [
      'a block that commits',
      'DO $$ BEGIN DELETE FROM t; COMMIT ; END $$',
      'a DO block that commits cannot run in a transaction (line 1)',
    ],
  ])('for %s', (_, text, because) => {
    expect(prepared(text).statementMode?.because).toBe(because)
  })

  test.each([
    ['an enum value that nothing uses', "ALTER TYPE mood ADD VALUE 'sad'; SELECT 'glad';"],
    [
      'a value of a type of its own',
      "CREATE TYPE m AS ENUM ('a'); ALTER TYPE m ADD VALUE 'b'; SELECT 'b'::m;",
    ],
    ['a value cast to another type', "ALTER TYPE mood ADD VALUE 'sad'; SELECT 'sad'::text;"],
    ['a block that speaks of it', "DO $$ BEGIN RAISE NOTICE 'x; commit; y'; -- commit;\nEND $$"],
    ['a procedure', 'CALL p()'],
    ['a transaction around all of it', "BEGIN; ALTER TYPE m ADD VALUE 'b'; SELECT 'b'::m; COMMIT"],
  ])('not for %s', (_, text) => {
    expect(prepared(text)).not.toHaveProperty('statementMode')
  })

  test('what has a transaction of its own stays together, and only what must runs without one', () => {
    expect(
      unitsOf(
        'INSERT INTO t VALUES (1); VACUUM; CALL p(); BEGIN; SELECT 1; SELECT 2; END; BEGIN; END;',
      ),
    ).toEqual([
      'transaction: INSERT INTO t VALUES (1)',
      'non-transactional: VACUUM',
      'non-transactional: CALL p()',
      'block: SELECT 1 + SELECT 2',
    ])
  })

  test('an enum value costs no more transactions than it must', () => {
    expect(
      unitsOf(
        "CREATE TABLE a (); ALTER TYPE m ADD VALUE 'b'; ALTER TYPE m ADD VALUE 'c'; INSERT INTO t VALUES ('b'); SELECT 1; CALL p(); SELECT 2",
      ),
    ).toEqual([
      "transaction: CREATE TABLE a () + ALTER TYPE m ADD VALUE 'b' + ALTER TYPE m ADD VALUE 'c'",
      "transaction: INSERT INTO t VALUES ('b') + SELECT 1",
      'non-transactional: CALL p()',
      'transaction: SELECT 2',
    ])
  })

  test.each([
    ['a block', "DO $$ BEGIN INSERT INTO t VALUES ('b'); END $$"],
    ['a function of SQL', "CREATE FUNCTION f() RETURNS m BEGIN ATOMIC SELECT 'b'::m; END"],
    [
      'a default of a function',
      "CREATE FUNCTION f(a m = 'b') RETURNS m LANGUAGE sql AS 'SELECT a'",
    ],
    ['a domain', "CREATE DOMAIN d AS m CHECK (VALUE <> 'b')"],
    ['a bound', "CREATE TABLE p1 PARTITION OF p FOR VALUES IN ('b')"],
    ['a query that is kept', "PREPARE q AS SELECT 'b'::m"],
    ['a rule', "CREATE RULE r AS ON DELETE TO t DO INSTEAD UPDATE t SET m = 'b'"],
  ])('an enum value that is used by %s is seen', (_, use) => {
    expect(unitsOf(`ALTER TYPE m ADD VALUE 'b'; ${use}`)).toHaveLength(2)
  })

  test.each([
    ['a function that the file calls', "ALTER TYPE m ADD VALUE 'b'; SELECT f()"],
    ['the rows of a COPY', "ALTER TYPE m ADD VALUE 'b'; COPY t FROM stdin;\nb\n\\.\n"],
  ])('it is known what to do when the server finds the use in %s', (_, text) => {
    expect(prepared(text)).not.toHaveProperty('statementMode')
    expect(prepared(text).unlessWhole?.units).toHaveLength(2)
  })

  test.each([
    ['that has a transaction of its own', "BEGIN; ALTER TYPE m ADD VALUE 'b'; SELECT f(); COMMIT"],
    ['in which nothing stands behind', "SELECT f(); ALTER TYPE m ADD VALUE 'b'"],
    ['with a setting of that word', "ALTER TYPE m ADD VALUE 'b'; SET search_path = 'b'"],
  ])('a file stays one transaction %s', (_, text) => {
    expect(prepared(text)).not.toHaveProperty('statementMode')
  })

  test('the checksum of a statement does not know the comments before it', () => {
    const checksumsOf = (text: string): unknown =>
      prepared(text).statementMode?.units.map(({ statements: [{ checksum }] }) => checksum)
    const plain = checksumsOf('VACUUM t; SELECT 1')
    expect(checksumsOf('-- é\n\nVACUUM t;\n/* so */ SELECT 1\n;')).toEqual(plain)
    expect(checksumsOf('VACUUM t; SELECT 2')).not.toEqual(plain)
  })

  test('not where the parser cannot split it into statements', () => {
    expect(
      placesOf(refused('-- we need @transaction here\n-- @transaction off\nFROBNICATE t;')),
    ).toEqual(['statements-unreadable 2:4'])
  })

  test('once it has begun so', () => {
    const migration = migrationOf('SELECT 1')
    const [begun] = prepareMigrations([migration], parse, new Set([migration.version])).prepared
    expect(begun?.statementMode?.units).toHaveLength(1)
  })
})

test('every problem of every file is told at once, and the good files are prepared', () => {
  const migrations = [
    migrationOf('BEGIN; VACUUM;\n  COMMIT; COMMIT; COPY t FROM stdin;', '0001_a.sql'),
    migrationOf('SELECT 1', '0002_a.sql'),
    migrationOf('-- é\n\\connect x', '0003_a.sql'),
  ]
  const result = prepareMigrations(migrations, parse)
  expect(result.problems.map(({ code, place }) => [code, place?.file, place?.line])).toEqual([
    ['needs-no-transaction', 'migrations/0001_a.sql', 1],
    ['transaction-control', 'migrations/0001_a.sql', 2],
    ['copy-through-client', 'migrations/0001_a.sql', 2],
    ['psql-command', 'migrations/0003_a.sql', 2],
  ])
  expect(result.prepared.map(({ migration }) => migration.version)).toEqual(['2'])
})

describe('COPY through the client', () => {
  test.each([
    ['with data lines', "SELECT 'é😀';\nCOPY t (a, b) FROM stdin;\n1\té\n\\.\n", '1\té\n'],
    [
      'with data that looks like SQL',
      'SELECT 1;\ncopy s.t from STDIN with (format csv);\nSELECT,1\n\\.\n',
      'SELECT,1\n',
    ],
    ['with an odd quote in its data', "SELECT 1;\nCOPY t FROM stdin;\nit's\n\\.\n", "it's\n"],
    [
      'with backslashes in its data',
      'SELECT 1;\nCOPY t FROM stdin;\n\\N\t\\N\n\\.\n',
      '\\N\t\\N\n',
    ],
    ['with no rows', 'SELECT 1;\nCOPY t FROM stdin;\n\\.\n', ''],
  ])('is prepared %s, which the body has as blanks', (_, text, rows) => {
    const { migration, body, statements = [] } = prepared(text)
    const [own, ...others] = statements.flatMap((each) => each.rows ?? [])
    expect(others).toEqual([])
    const { start, end } = migration.rows?.[own?.number ?? -1] ?? { start: 0, end: 0 }
    expect(Buffer.from(text).toString('utf8', start, end)).toBe(rows)
    expect(own?.lines).toBe(rows.split('\n').length - 1)
    expect(body).toHaveLength(migration.text.length)
    expect(body.slice(own?.at).trim()).toBe('')
  })

  test('keeps its rows in a file that runs statement by statement, and in the sum of its statement', () => {
    const unitsOf = (row: string) =>
      prepared(`COPY t FROM stdin;\n${row}\n\\.\nVACUUM t;`).statementMode?.units ?? []
    const [one, other] = [unitsOf('1'), unitsOf('2')]
    expect(one.map(({ kind }) => kind)).toEqual(['transaction', 'non-transactional'])
    expect(one[0]?.statements[0].checksum).not.toBe(other[0]?.statements[0].checksum)
    expect(one[1]?.statements[0].checksum).toBe(other[1]?.statements[0].checksum)
  })

  test.each([
    ['without its data', 'SELECT 1;\nCOPY t FROM stdin;\n'],
    ['whose data does not end', 'SELECT 1;\nCOPY t FROM stdin;\n1\n'],
    ['as binary', 'SELECT 1;\nCOPY t FROM stdin WITH (FORMAT binary);\n1\n\\.\n'],
    ['to stdout', 'SELECT 1;\nCOPY t TO STDOUT;\n'],
  ])('is refused %s, at the COPY', (_, text) => {
    expect(placesOf(refused(text))).toEqual(['copy-through-client 2:1'])
  })

  test('is no reason to refuse a COPY of a file of the server', () => {
    expect(prepared("COPY t FROM '/x.csv'").statements).toHaveLength(1)
  })
})

describe('a psql command', () => {
  test.each([
    ['\\restrict', '\\restrict'],
    ['\\i other.sql', '\\i'],
    ['\\connect app', '\\connect'],
    ['\\.', '\\.'],
  ])('%s is refused by name and place', (line, command) => {
    const [only, ...more] = refused(`SELECT 'é😀';\n  ${line}\nSELECT 2;`)
    expect(more).toEqual([])
    expect(only?.code).toBe('psql-command')
    expect(only?.title).toContain(`'${command}'`)
    expect(only?.place).toMatchObject({ line: 2, column: 3 })
  })
})

describe('a file that does not end what it begins', () => {
  test.each([
    ['a string', "SELECT 'a;\n", 1, 8],
    ['a comment', 'SELECT 1;\n/* so\n', 2, 1],
    ['a dollar quote', 'DO $x$ BEGIN END; $y$;', 1, 4],
    ['a quoted name', 'SELECT 1 AS "a;', 1, 13],
  ])('is refused where it opens: %s', (_, text, line, column) => {
    const { problems } = prepareMigrations([aMigration('1_a.sql', text)], parse)
    expect(problems).toMatchObject([{ code: 'unterminated-text', place: { line, column } }])
  })
})

describe('a file that the parser cannot read', () => {
  test.each([
    ['syntax of another server', 'SELECT 1;\nFROBNICATE t;\nSELECT 2;'],
    ['a backslash further on', "FROBNICATE t;\nSELECT '\\';"],
    ['a COPY further on', 'FROBNICATE t;\nCOPY t FROM stdin;'],
  ])('passes whole, with the reason, for the server to decide: %s', (_, text) => {
    const result = prepared(text)
    expect(result.body).toBe(text)
    expect(result.statements).toBeUndefined()
    expect(result.unreadable?.message).toContain('FROBNICATE')
  })
})
