import { describe, expect, test } from '@jest/globals'
import { makeEquivalence, type Text } from '../../../../src/sql/tree/equivalent.ts'
import { loadParser } from '../../../../src/sql/tree/parse.ts'

const isEquivalent = makeEquivalence(await loadParser())
const of = (sql: string): Text => ({ sql, is: 'expression' })
const query = (sql: string): Text => ({ sql, is: 'query' })

// What a file says, and what PostgreSQL writes of it.
const same: readonly (readonly [file: string, server: string])[] = [
  ['id > app.evil(2)', '(id > app.evil(2))'],
  ['id > evil(2)', '(id > app.evil(2))'],
  ['t.id > evil(2)', '(id > app.evil(2))'],
  ["valid(a, 'x')", "app.valid(a, 'x'::text)"],
  ['valid(a, -5, 1.50)', "app.valid(a, '-5'::integer, 1.50)"],
  [
    "kind IN ('a', 'b') AND f(kind)",
    "((kind = ANY (ARRAY['a'::text, 'b'::text])) AND app.f(kind))",
  ],
  [
    "kind NOT IN ('a', 'b') OR f(kind)",
    "((kind <> ALL (ARRAY['a'::text, 'b'::text])) OR app.f(kind))",
  ],
  ['f(a) BETWEEN 1 AND 3', '((app.f(a) >= 1) AND (app.f(a) <= 3))'],
  ['f(a) NOT BETWEEN 1 AND 3', '((app.f(a) < 1) OR (app.f(a) > 3))'],
  ["f(a) LIKE 'x%'", "(app.f(a) ~~ 'x%'::text)"],
  ["f(a) NOT ILIKE 'x%'", "(app.f(a) !~~* 'x%'::text)"],
  ['is_slug(slug)', 'app.is_slug((slug)::text)'],
  ['lower(f(a))', 'lower(app.f(a))'],
  ['pg_catalog.lower(f(a))', 'lower(app.f(a))'],
  ['f(false, 0, NULL)', 'app.f(false, 0, NULL::text)'],
  ['f(a)::varchar(5)', '(app.f(a))::character varying(5)'],
  ['NEW.a > f(1)', '(new.a > app.f(1))'],
  ['a === 3', '(a OPERATOR(app.===) 3)'],
  [
    'EXISTS (SELECT FROM m WHERE m.a = f(1))',
    '(EXISTS ( SELECT\n   FROM app.m\n  WHERE (m.a = app.f(1))))',
  ],
]

const different: readonly (readonly [file: string, server: string])[] = [
  ['id > evil(2)', '(id > app.evil(3))'],
  ['id > evil(2)', '(id >= app.evil(2))'],
  ['other.evil(2)', 'app.evil(2)'],
  ['app.evil(2)', 'evil(2)'],
  ['evil(2)', 'third.evil(2)'],
  ["f('1')", 'app.f(NULL::text)'],
  ["f(a, 'x')", "app.f(a, 'x'::text, 'y'::text)"],
  ['f(true)', 'app.f(false)'],
  ["f('t')", 'app.f(true)'],
  ['f(a)', 'app.f((a)::integer)'],
  ['f(a::int)', 'app.f(a)'],
  ['f(a)::varchar(5)', '(app.f(a))::character varying(6)'],
  ['(f(a) + 1) * 2', '(app.f(a) + (1 * 2))'],
  ['NEW.a > f(1)', '(old.a > app.f(1))'],
  ['f(DISTINCT a)', 'app.f(a)'],
  ['NOT f(a)', 'app.f(a)'],
  ['a === 3', '(a OPERATOR(third.===) 3)'],
  ['a = ANY (f(1))', '(a = ALL (app.f(1)))'],
  ['1) FROM t WHERE (true', '1'],
]

describe('a text that a file gives and one that the server writes', () => {
  test.each(same)('%s is %s', (file, server) => {
    expect(isEquivalent(of(file), of(server), 'app, public')).toBe(true)
  })

  test.each(different)('%s is not %s', (file, server) => {
    expect(isEquivalent(of(file), of(server), 'app, public')).toBe(false)
  })

  test('are queries as well', () => {
    const file = query('SELECT id, fmt(name) AS n FROM t WHERE id > 3')
    const server = query(
      ' SELECT t.id,\n    app.fmt(t.name) AS n\n   FROM app.t\n  WHERE (t.id > 3)',
    )
    expect(isEquivalent(file, server, 'app')).toBe(true)
    expect(isEquivalent(file, server, 'third')).toBe(false)
    expect(
      isEquivalent(
        query('SELECT fmt(name) AS n FROM other.t'),
        query('SELECT app.fmt(t.name) AS n FROM app.t'),
        'app',
      ),
    ).toBe(false)
  })

  test('say nothing when the parser cannot read one of them', () => {
    expect(isEquivalent(of('a >'), of('a >'), undefined)).toBe(false)
  })
})
