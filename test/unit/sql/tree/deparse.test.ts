import { describe, expect, test } from '@jest/globals'
import type { Node, TypeName } from 'libpg-query'
import { loadDeparser } from '../../../../src/sql/tree/deparse.ts'
import { loadParser } from '../../../../src/sql/tree/parse.ts'

const parse = await loadParser()
const deparse = await loadDeparser(parse)

const statementOf = (sql: string): Node => {
  const parsed = parse(sql)
  const [only] = parsed.kind === 'parsed' ? parsed.statements : []
  if (only === undefined) throw new Error(`not one statement: ${sql}`)
  return only.node
}

const expressionOf = (sql: string): Node => {
  const node = statementOf(`SELECT (${sql})`)
  const [target] = 'SelectStmt' in node ? (node.SelectStmt.targetList ?? []) : []
  const value = target !== undefined && 'ResTarget' in target ? target.ResTarget.val : undefined
  if (value === undefined) throw new Error(`no expression: ${sql}`)
  return value
}

const typeOf = (sql: string): TypeName => {
  const node = expressionOf(`NULL::${sql}`)
  const type = 'TypeCast' in node ? node.TypeCast.typeName : undefined
  if (type === undefined) throw new Error(`no type: ${sql}`)
  return type
}

// Where a node stands, and nothing else, may differ.
const withoutPlaces = (tree: unknown): unknown =>
  JSON.parse(
    JSON.stringify(tree, (key, value: unknown) =>
      key === 'location' || key.startsWith('rexpr_list_') || key.startsWith('list_')
        ? undefined
        : value,
    ),
  )

describe('an expression is written so that it reads as the same:', () => {
  test.each([
    '1',
    '-1',
    '1.50',
    'NULL',
    'true',
    "'it''s'",
    "E'a\\nb'",
    "'x'::text",
    "'{1,2}'::int[]",
    'ARRAY[1, 2]',
    'a + b * (c - 1)',
    'a AND (b OR NOT c)',
    "a IN ('x', 'y')",
    "a = ANY (ARRAY['x'::text])",
    'a BETWEEN 1 AND 10',
    'a IS NOT NULL',
    'a IS DISTINCT FROM b',
    "a ~ '^x'",
    "a LIKE 'x%'",
    "a ->> 'k'",
    'lower(t.a)',
    'app.f(a, VARIADIC b)',
    "nextval('app.s'::regclass)",
    'now()',
    'CURRENT_TIMESTAMP',
    "now() + interval '1 day'",
    'CASE WHEN a > 0 THEN 1 ELSE 2 END',
    'COALESCE(a, b, 0)',
    'a COLLATE "C" > \'x\'',
    '"Mixed Case"."Column"',
    'NEW.a <> OLD.a',
    'EXISTS (SELECT 1 FROM t WHERE t.a = u.a)',
    'ROW(a, b)',
    '(a).b',
    'a[1]',
    'EXTRACT(year FROM a)',
    "a AT TIME ZONE 'UTC'",
    'GREATEST(a, 1)',
    'count(*) FILTER (WHERE a)',
  ])('%s', (sql) => {
    const node = expressionOf(sql)
    const written = deparse.expression(node)
    expect(written).toBeDefined()
    expect(withoutPlaces(expressionOf(written ?? ''))).toEqual(withoutPlaces(node))
  })
})

describe('a type is written so that it reads as the same:', () => {
  test.each([
    ['int', 'int'],
    ['int4', 'int4'],
    ['bigint', 'bigint'],
    ['text', 'text'],
    ['varchar(20)', 'varchar(20)'],
    ['character varying', 'varchar'],
    ['char(3)', 'char(3)'],
    ['numeric(10,2)', 'numeric(10, 2)'],
    ['timestamptz', 'timestamptz'],
    ['timestamp(3) with time zone', 'timestamp(3) with time zone'],
    ['double precision', 'double precision'],
    ['text[]', 'text[]'],
    ['app.mood', 'app.mood'],
    ['app.mood[]', 'app.mood[]'],
    ['"Mixed"', '"Mixed"'],
    ['bit varying(5)', undefined],
    ['interval', 'interval'],
    ['interval day to second', undefined],
  ])('%s', (sql, expected) => {
    const written = deparse.type(typeOf(sql))
    if (expected !== undefined) expect(written).toBeDefined()
    if (written === undefined) return
    const plain = (type: string): string =>
      JSON.stringify(withoutPlaces(typeOf(type))).replaceAll(
        '{"String":{"sval":"pg_catalog"}},',
        '',
      )
    expect(plain(written)).toBe(plain(sql))
  })
})

describe('a query is written so that it reads as the same:', () => {
  test.each([
    'SELECT 1',
    'SELECT a, b AS x FROM t WHERE a > 0 ORDER BY b DESC LIMIT 3',
    'SELECT DISTINCT ON (a) * FROM app.t',
    'SELECT t.a FROM t JOIN u USING (a) LEFT JOIN v ON v.b = u.b',
    'SELECT a FROM t UNION ALL SELECT b FROM u',
    'WITH x AS (SELECT 1 AS a) SELECT a FROM x',
    'SELECT a, count(*) FROM t GROUP BY a HAVING count(*) > 1',
    'SELECT row_number() OVER (PARTITION BY a ORDER BY b) FROM t',
    'SELECT * FROM generate_series(1, 3) AS g (n)',
    'SELECT a FROM t, LATERAL (SELECT b FROM u WHERE u.a = t.a) AS s',
  ])('%s', (sql) => {
    const written = deparse.query(statementOf(sql))
    expect(written).toBeDefined()
    expect(withoutPlaces(statementOf(written ?? ''))).toEqual(withoutPlaces(statementOf(sql)))
  })
})

describe('what cannot be written faithfully is not written:', () => {
  test('a node that no grammar has', () => {
    const strange = { NoSuchNode: { a: 1 } } as unknown as Node
    expect(deparse.expression(strange)).toBeUndefined()
    expect(deparse.query(strange)).toBeUndefined()
    expect(deparse.type({ names: [] })).toBeUndefined()
  })

  test('an expression that breaks out of its brackets', () => {
    const column = { ColumnRef: { fields: [{ String: { sval: 'a) FROM t; SELECT (b' } }] } } as Node
    const written = deparse.expression(column)
    expect(withoutPlaces(written === undefined ? column : expressionOf(written))).toEqual(column)
  })

  test('a part of an expression that is lost on the way', () => {
    const node = expressionOf("a = 'x'")
    const lossy = {
      ...node,
      A_Expr: { ...('A_Expr' in node ? node.A_Expr : {}), kind: 'AEXPR_NOT_DISTINCT_LOST' },
    }
    expect(deparse.expression(lossy as unknown as Node)).toBeUndefined()
  })
})
