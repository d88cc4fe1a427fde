import { describe, expect, test } from '@jest/globals'
import { isComparable, fragmentsOf } from '../../../../src/catalog/comparison/catalog-query.ts'
import type {
  Definition,
  Property,
  ObjectName,
  Fragment,
} from '../../../../src/schema/effects/effect.ts'
import { loadDeparser } from '../../../../src/sql/tree/deparse.ts'
import { loadParser } from '../../../../src/sql/tree/parse.ts'
import { historyOf } from '../../schema/history/history-lines.ts'

const deparse = await loadDeparser(await loadParser())

const column: ObjectName = { kind: 'column', schema: 'app', table: 't', name: 'a' }

/** The parts of one facet after these statements, by its object's kind. */
const askedOf = (sql: string, kind: ObjectName['kind'], property: Property): unknown => {
  const found = historyOf([sql]).timelines.findLast(
    (timeline) => timeline.object.kind === kind && timeline.property === property,
  )
  const value = found?.changes.at(-1)?.value
  return found !== undefined && value?.kind === 'defined'
    ? fragmentsOf(value.definition, found.object, deparse)
    : 'not defined'
}

describe('a definition is asked about as', () => {
  test.each<
    readonly [sql: string, kind: ObjectName['kind'], facet: Property, parts: readonly unknown[]]
  >([
    ['CREATE TABLE t (a int)', 'table', 'existence', ['table']],
    ['CREATE TABLE t (a varchar(20))', 'column', 'type', [{ t: 'varchar(20)' }]],
    ['CREATE TABLE t (a int NOT NULL)', 'column', 'nullability', ['NOT NULL']],
    ['CREATE TABLE t (a int)', 'column', 'default', [{ d: null, on: '"public"."t"', column: 'a' }]],
    [
      'CREATE TABLE t (a int DEFAULT 1)',
      'column',
      'default',
      [{ d: '1', on: '"public"."t"', column: 'a' }],
    ],
    [
      'CREATE TABLE t (a int DEFAULT NULL)',
      'column',
      'default',
      [{ d: null, on: '"public"."t"', column: 'a' }],
    ],
    [
      'CREATE TABLE t (a int, b int GENERATED ALWAYS AS (a + 1) STORED)',
      'column',
      'default',
      ['GENERATED STORED ', { d: 'a + 1', on: '"public"."t"', column: 'b' }],
    ],
    [
      'CREATE TABLE t (a int GENERATED ALWAYS AS IDENTITY)',
      'column',
      'default',
      ['GENERATED ALWAYS AS IDENTITY'],
    ],
    ['CREATE TABLE t (a int, PRIMARY KEY (a))', 'constraint', 'definition', ['PRIMARY KEY (a)']],
    [
      'CREATE TABLE t (a int CHECK (a > 0))',
      'constraint',
      'definition',
      ['CHECK (', { e: 'a > 0', on: '"public"."t"' }, ')'],
    ],
    [
      'CREATE TABLE app.t (a int REFERENCES u)',
      'constraint',
      'definition',
      ['FOREIGN KEY (a) REFERENCES public.u (', { pk: '"public"."u"' }, ')'],
    ],
    [
      'CREATE TABLE t (a int REFERENCES u (b))',
      'constraint',
      'definition',
      ['FOREIGN KEY (a) REFERENCES public.u (b)'],
    ],
    [
      "CREATE INDEX i ON t (lower(a) text_pattern_ops) WHERE b <> ''",
      'index',
      'definition',
      [
        'INDEX ON public.t USING btree (',
        { e: 'lower(a)', on: '"public"."t"', in: 'index' },
        { oc: 'text_pattern_ops', am: 'btree' },
        ') WHERE (',
        { e: "b <> ''", on: '"public"."t"' },
        ')',
      ],
    ],
    [
      'CREATE INDEX i ON t (a COLLATE "C")',
      'index',
      'definition',
      ['INDEX ON public.t USING btree (a', { co: 'C', on: '"public"."t"', column: 'a' }, ')'],
    ],
    [
      'CREATE TABLE app.t (a int, CHECK (app.t.a > public.t.a))',
      'constraint',
      'definition',
      ['CHECK (', { e: 't.a > public.t.a', on: '"app"."t"' }, ')'],
    ],
    ['CREATE VIEW v AS SELECT 1 AS x', 'view', 'definition', [{ q: 'SELECT 1 AS x' }]],
    [
      "CREATE TYPE m AS ENUM ('a', 'b')",
      'type',
      'labels',
      [{ l: ['a', 'b'], added: [], on: '"public"."m"', words: 'a, b' }],
    ],
  ])('%s: %s %s', (sql, kind, property, parts) => {
    expect(askedOf(sql, kind, property)).toEqual(parts)
  })

  test('the rows of a trigger are OLD and NEW', () => {
    const sql =
      'CREATE TABLE t (a int); CREATE TRIGGER g BEFORE UPDATE ON t FOR EACH ROW WHEN (NEW.a > 0) EXECUTE FUNCTION f()'
    expect(askedOf(sql, 'trigger', 'definition')).toContainEqual({
      w: 'new.a > 0',
      on: '"public"."t"',
    })
  })

  test('names that need quotes have them', () => {
    const part: Fragment = { kind: 'primary key', relation: { schema: 'My app', name: 'a"b' } }
    expect(fragmentsOf([part], column, deparse)).toEqual([{ pk: '"My app"."a""b"' }])
  })
})

describe('text', () => {
  test('beside text is one', () => {
    const words = ['a', '', 'b'].map((text): Fragment => ({ kind: 'text', text }))
    expect(fragmentsOf(words, column, deparse)).toEqual(['ab'])
  })

  test('that is empty is nothing', () => {
    expect(fragmentsOf([{ kind: 'text', text: '' }], column, deparse)).toEqual([])
  })
})

test('a definition with a part that cannot be written is not asked about', () => {
  const strange = { kind: 'query', node: { NoSuchNode: {} } } as unknown as Fragment
  const definition: Definition = [{ kind: 'text', text: 'x' }, strange]
  expect(fragmentsOf(definition, column, deparse)).toBeUndefined()
})

test.each<readonly ['by file' | 'by server', Property, boolean]>([
  ['by file', 'definition', true],
  ['by file', 'validation', true],
  ['by file', 'comment', true],
  ['by server', 'definition', true],
  ['by server', 'existence', true],
  ['by server', 'validation', false],
])('what is named %s is asked for its %s: %s', (named, property, asked) => {
  expect(isComparable({ named, property })).toBe(asked)
})
