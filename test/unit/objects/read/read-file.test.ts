// One object and what belongs to it a file; everything else is refused at its place.

import { expect, test } from '@jest/globals'
import type { ObjectText } from '../../../../src/objects/load.ts'
import type { ObjectFile } from '../../../../src/objects/object-file.ts'
import { inOrder } from '../../../../src/objects/read/order.ts'
import { readObjects, type ReadObjects } from '../../../../src/objects/read/read-file.ts'
import type { Checksum } from '../../../../src/migrations/migration.ts'
import { loadDeparser } from '../../../../src/sql/tree/deparse.ts'
import { loadParser } from '../../../../src/sql/tree/parse.ts'

const parse = await loadParser()
const deparse = await loadDeparser(parse)

const textOf = (entry: string, text: string): ObjectText => ({
  ...{ entry, file: `objects/${entry}`, text, checksum: '' as Checksum },
  leavings: text.includes('@drop') ? 'dropped' : 'kept',
  content: 'statements',
})

const read = (files: Readonly<Record<string, string>>): ReadObjects =>
  readObjects(
    Object.entries(files).map(([entry, text]) => textOf(entry, text)),
    { parse, deparse },
  )

test.each([
  ['CREATE VIEW v AS SELECT 1; GRANT SELECT ON v TO PUBLIC', 'view', 'v'],
  [
    'CREATE VIEW v AS SELECT 1 AS a; COMMENT ON COLUMN v.a IS $$x$$; ALTER VIEW v OWNER TO bob',
    'view',
    'v',
  ],
  [
    'CREATE MATERIALIZED VIEW m AS SELECT 1 AS a; CREATE INDEX i ON m (a)',
    'materialized view',
    'm',
  ],
  [
    'CREATE FUNCTION f(int, OUT text) LANGUAGE sql AS $$$$; REVOKE ALL ON FUNCTION f(integer) FROM PUBLIC',
    'function',
    'f',
  ],
  ['CREATE PROCEDURE p() LANGUAGE sql AS $$$$; ALTER PROCEDURE p() OWNER TO bob', 'procedure', 'p'],
  [
    'CREATE TRIGGER g AFTER INSERT ON t EXECUTE FUNCTION f(); COMMENT ON TRIGGER g ON t IS $$x$$',
    'trigger',
    'g',
  ],
  [
    'CREATE AGGREGATE s(float8 ORDER BY int) (SFUNC = f, STYPE = int); COMMENT ON AGGREGATE s(float8 ORDER BY int) IS $$x$$; GRANT EXECUTE ON FUNCTION s(float8, int) TO bob',
    'aggregate',
    's',
  ],
  [
    'CREATE AGGREGATE s(*) (SFUNC = f, STYPE = int); ALTER AGGREGATE s(*) OWNER TO bob',
    'aggregate',
    's',
  ],
  [
    'CREATE OPERATOR app.- (FUNCTION = f, RIGHTARG = int); COMMENT ON OPERATOR app.- (NONE, int) IS $$x$$; ALTER OPERATOR app.- (NONE, int) OWNER TO bob',
    'operator',
    '-',
  ],
  ['CREATE CAST (int AS s) WITH FUNCTION f(int); COMMENT ON CAST (int AS s) IS $$x$$', 'cast', ''],
  [
    'CREATE EVENT TRIGGER e ON sql_drop EXECUTE FUNCTION f(); ALTER EVENT TRIGGER e DISABLE; ALTER EVENT TRIGGER e OWNER TO bob; COMMENT ON EVENT TRIGGER e IS $$x$$',
    'event trigger',
    'e',
  ],
  [
    'CREATE TEXT SEARCH CONFIGURATION c (COPY = english); ALTER TEXT SEARCH CONFIGURATION c ALTER MAPPING FOR word WITH d; ALTER TEXT SEARCH CONFIGURATION c OWNER TO bob',
    'text search configuration',
    'c',
  ],
  [
    'CREATE TEXT SEARCH DICTIONARY app.d (TEMPLATE = simple); COMMENT ON TEXT SEARCH DICTIONARY app.d IS $$x$$',
    'text search dictionary',
    'd',
  ],
  [
    'ALTER DEFAULT PRIVILEGES FOR ROLE bob IN SCHEMA s GRANT SELECT ON TABLES TO PUBLIC; ALTER DEFAULT PRIVILEGES IN SCHEMA s FOR USER bob REVOKE SELECT ON TABLES FROM joe',
    'default privileges',
    'tables of bob',
  ],
  ['CREATE POLICY y ON t; COMMENT ON POLICY y ON t IS $$x$$', 'policy', 'y'],
  [
    'ALTER TABLE t ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY; GRANT SELECT ON t TO bob',
    'table',
    't',
  ],
])('%s', (text, kind, name) => {
  const { files, problems } = read({ 'a.sql': text })
  expect(problems).toEqual([])
  expect(files[0]?.defines).toMatchObject({ kind, name })
})

test.each([
  ['-- x\nCREATE TABLE t (a int)', 'CREATE TABLE is not for an object file', 2, 1],
  ['CREATE OR REPLACE RULE r AS ON INSERT TO t DO NOTHING', 'CREATE RULE is not', 1, 1],
  [
    'CREATE OPERATOR CLASS c FOR TYPE int USING btree AS STORAGE int',
    'OPERATOR CLASS is not',
    1,
    1,
  ],
  ['CREATE COLLATION c (locale = $$C$$)', 'CREATE COLLATION is not', 1, 1],
  [
    'CREATE TEXT SEARCH DICTIONARY d (TEMPLATE = simple);\nALTER TEXT SEARCH DICTIONARY d (ACCEPT = false)',
    'belongs into its CREATE here',
    2,
    1,
  ],
  [
    'CREATE CAST (int AS s) WITH FUNCTION f(int);\nCOMMENT ON CAST (text AS s) IS $$x$$',
    'two objects: cast int4 AS s and cast text AS s',
    2,
    1,
  ],
  [
    'CREATE OPERATOR + (FUNCTION = f, RIGHTARG = int);\nCOMMENT ON OPERATOR + (int, int) IS $$x$$',
    'two objects: operator + and operator +',
    2,
    1,
  ],
  ['ALTER EVENT TRIGGER e DISABLE', 'no CREATE for the event trigger', 1, 1],
  ['ALTER TEXT SEARCH CONFIGURATION c ADD MAPPING FOR word WITH simple', 'no CREATE for', 1, 1],
  [
    'ALTER DEFAULT PRIVILEGES FOR ROLE a, b GRANT SELECT ON TABLES TO bob',
    'names one role and one schema here',
    1,
    1,
  ],
  [
    'ALTER DEFAULT PRIVILEGES IN SCHEMA s GRANT SELECT ON TABLES TO bob;\nALTER DEFAULT PRIVILEGES IN SCHEMA s GRANT USAGE ON SEQUENCES TO bob',
    'default privileges s.tables of current_user and default privileges s.sequences of current_user',
    2,
    1,
  ],
  ['CREATE AGGREGATE s (BASETYPE = int, SFUNC = f, STYPE = int)', 'not with BASETYPE', 1, 1],
  ['CREATE VIEW v AS SELECT 1;\nCREATE VIEW w AS SELECT 1', 'two objects: view v and view w', 2, 1],
  ['CREATE VIEW v AS SELECT 1;\n GRANT SELECT ON app.v TO PUBLIC', 'view v and table app.v', 2, 2],
  ['CREATE VIEW v AS SELECT 1;\nGRANT SELECT ON v, w TO PUBLIC', 'name one object', 2, 1],
  [
    'CREATE FUNCTION f(int) RETURNS int LANGUAGE sql AS $$$$;\nCOMMENT ON FUNCTION f(text) IS $$x$$',
    'function f and function f',
    2,
    1,
  ],
  ['CREATE TEMP VIEW v AS SELECT 1', 'a temporary object', 1, 1],
  ['COMMENT ON VIEW v IS $$x$$', 'it has no CREATE', 1, 1],
  ['ALTER TABLE t ADD COLUMN a int', 'takes row level security', 1, 1],
  [
    'CREATE MATERIALIZED VIEW m AS SELECT 1 AS a;\nCREATE INDEX CONCURRENTLY i ON m (a)',
    'CONCURRENTLY',
    2,
    1,
  ],
  ['CREATE FUNCTION f(t.a%TYPE) RETURNS int LANGUAGE sql AS $$$$', '%TYPE', 1, 1],
  ['-- @lock-timeout 5s\nCREATE VIEW v AS SELECT 1', '@lock-timeout is for migrations', 1, 4],
  ['-- nothing\n', 'it has no statement', 1, 1],
  ['CREATE VIEW v AS\nSELEC 1', "PostgreSQL's parser cannot read it", 2, 1],
])('%s is refused', (text, reason, line, column) => {
  const { files, problems } = read({ 'a.sql': text })
  expect(files).toEqual([])
  expect(problems).toHaveLength(1)
  expect(problems[0]).toMatchObject({ place: { file: 'objects/a.sql', line, column } })
  expect(problems[0]?.title).toContain(reason)
})

test('a file that says only @drop is one that was removed', () => {
  expect(read({ 'a.sql': '-- @drop\n' })).toMatchObject({
    files: [],
    problems: [],
    removed: [{ entry: 'a.sql' }],
  })
})

const orderOf = (files: Readonly<Record<string, string>>): readonly string[] | string => {
  const order = inOrder(read(files).files, ['app', 'public'])
  return order.kind === 'circle'
    ? order.problem.title
    : order.files.map(({ entry }: ObjectFile) => entry)
}

test('each comes after what it names, not after what only has the name of a query in it or of another schema', () => {
  expect(
    orderOf({
      a: 'CREATE VIEW a AS SELECT * FROM b',
      b: 'CREATE VIEW app.b AS SELECT c(1)',
      c: 'CREATE FUNCTION c(int) RETURNS int LANGUAGE sql AS $$SELECT 1$$',
    }),
  ).toEqual(['c', 'b', 'a'])
  expect(
    orderOf({
      a: 'CREATE VIEW a AS WITH b AS (SELECT 1) SELECT * FROM b',
      b: 'CREATE VIEW b AS SELECT * FROM a',
    }),
  ).toEqual(['a', 'b'])
  expect(
    orderOf({ a: 'CREATE VIEW a AS SELECT * FROM other.b', b: 'CREATE VIEW b AS SELECT * FROM a' }),
  ).toEqual(['a', 'b'])
})

test('an aggregate comes after its functions and before what calls it; a view of the name of a function is no need', () => {
  const aggregate = 'CREATE AGGREGATE b(int) (SFUNC = app.c, STYPE = int)'
  const add = 'CREATE FUNCTION app.c(int, int) RETURNS int LANGUAGE sql AS $$SELECT 1$$'
  expect(orderOf({ a: 'CREATE VIEW a AS SELECT b(1)', b: aggregate, c: add })).toEqual([
    'c',
    'b',
    'a',
  ])
  expect(orderOf({ b: aggregate, c: 'CREATE VIEW app.c AS SELECT b(1)' })).toEqual(['b', 'c'])
})

test('operators, casts and text search come before what uses them, default privileges first, event triggers last', () => {
  const order = orderOf({
    a: 'CREATE EVENT TRIGGER a ON sql_drop EXECUTE FUNCTION h()',
    b: "CREATE VIEW b AS SELECT 1 OPERATOR(app.===) 2, to_tsvector('app.e', 'x'), 1::s",
    c: 'CREATE OPERATOR app.=== (FUNCTION = app.i, LEFTARG = int, RIGHTARG = int)',
    d: 'CREATE CAST (int AS s) WITH FUNCTION g(int)',
    e: 'CREATE TEXT SEARCH CONFIGURATION app.e (COPY = app.f); ALTER TEXT SEARCH CONFIGURATION app.e ALTER MAPPING FOR word WITH app.j',
    f: 'CREATE TEXT SEARCH CONFIGURATION app.f (PARSER = app.k)',
    g: "CREATE FUNCTION g(int) RETURNS s LANGUAGE sql AS 'SELECT NULL::s'",
    h: "CREATE FUNCTION h() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END'",
    i: "CREATE FUNCTION app.i(int, int) RETURNS boolean LANGUAGE sql AS 'SELECT true'",
    j: 'CREATE TEXT SEARCH DICTIONARY app.j (TEMPLATE = app.l)',
    k: 'CREATE TEXT SEARCH PARSER app.k (START = f, GETTOKEN = f, END = f, LEXTYPES = f)',
    l: 'CREATE TEXT SEARCH TEMPLATE app.l (LEXIZE = f)',
    m: 'ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO bob',
  })
  expect(order).toEqual(['m', 'g', 'd', 'i', 'c', 'k', 'f', 'l', 'j', 'e', 'b', 'h', 'a'])
})

test('an operator without a schema may be another one: it orders what it can, and is in no circle', () => {
  const equal = 'CREATE OPERATOR = (FUNCTION = b, LEFTARG = s, RIGHTARG = s)'
  const body =
    'CREATE FUNCTION b(s, s) RETURNS boolean LANGUAGE sql BEGIN ATOMIC SELECT $1.n = $2.n; END'
  expect(orderOf({ a: 'CREATE VIEW a AS SELECT x = y FROM t', b: body, c: equal })).toEqual([
    'b',
    'c',
    'a',
  ])
})

test('a body that is a text orders what it can, and is in no circle', () => {
  const body = (name: string, other: string): string =>
    `CREATE FUNCTION ${name}() RETURNS int LANGUAGE sql AS $$ SELECT ${other}() $$`
  expect(orderOf({ a: body('a', 'b'), b: body('b', 'c'), c: body('c', 'a') })).toHaveLength(3)
  expect(
    orderOf({ a: body('a', 'b'), b: body('b', 'c'), c: 'CREATE VIEW c AS SELECT a()' }),
  ).toEqual(['b', 'a', 'c'])
  expect(
    orderOf({ a: 'CREATE VIEW a AS SELECT * FROM b', b: 'CREATE VIEW b AS SELECT * FROM a' }),
  ).toBe('objects/a needs itself: objects/a needs objects/b needs objects/a')
})
