// A large text of INSERTs is read as a small one would be: the same statements at the same places, and trees that differ in constants
// only.

import { expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { loadParser, type ParsedStatement } from '../../../../src/sql/tree/parse.ts'
import { isLarge, withoutConstants } from '../../../../src/sql/tree/repeated-inserts.ts'

const parse = await loadParser()

const statementsOf = (text: string): readonly ParsedStatement[] => {
  const result = parse(text)
  if (result.kind === 'unreadable') throw new Error(`${result.message} at ${result.index}`)
  return result.statements
}

// A place of its own for what follows; the parser reads a text as one up to the size at which it is large.
const padding = `-- ${'x'.repeat(1_000_000)}\n`

const statement = fc.constantFrom(
  "INSERT INTO t VALUES (1, 'a')",
  "insert into t values (2, 'b;''c')",
  "INSERT INTO t (a, b) VALUES (-3, E'x\\';'), (4, NULL);",
  'INSERT INTO "T""x".t VALUES (true, $$;$$)',
  "INSERT INTO t VALUES ('x'::text, 1.5e3)",
  "INSERT INTO t VALUES ('x'::numeric(3,1), 1)",
  "INSERT INTO t VALUES (now(), 'é😀')",
  'INSERT INTO t VALUES (1) ON CONFLICT DO NOTHING',
  'INSERT INTO t VALUES (1) RETURNING id',
  'INSERT INTO t DEFAULT VALUES',
  'INSERT INTO t VALUES (DEFAULT, 1)',
  "INSERT INTO t VALUES ('a'\n'b')",
  'INSERT INTO t SELECT 1',
  'CREATE TABLE t (id int, "é" text) -- a; comment\n',
  'CREATE FUNCTION f() RETURNS void BEGIN ATOMIC INSERT INTO t VALUES (1); INSERT INTO t VALUES (1); END',
  'CREATE RULE r AS ON INSERT TO t DO ALSO (INSERT INTO a VALUES (1); INSERT INTO a VALUES (2))',
  '/* ; INSERT INTO t VALUES (1); */ DELETE FROM t WHERE id = 1',
  'DO $$ BEGIN INSERT INTO t VALUES (1); INSERT INTO t VALUES (1); END $$',
)

test('random texts: the same statements, at the same places', () => {
  fc.assert(
    fc.property(fc.array(statement, { minLength: 1, maxLength: 12 }), (all) => {
      const text = `SELECT 1;\n${all.join(';\n')};\n`
      const large = `${padding}${text}`
      expect(isLarge(large)).toBe(true)
      const places = (each: ParsedStatement): unknown => ({
        text: [each.start, each.end],
        tree: JSON.stringify(withoutConstants(each.node)).replace(/"location":\d+/g, ''),
      })
      const moved = statementsOf(text).map(({ node, start, end }) => ({
        ...{ node, start: start + padding.length, end: end + padding.length },
      }))
      expect(statementsOf(large).map(places)).toEqual(moved.map(places))
    }),
    { numRuns: 60 },
  )
})

test('the places in the tree of what is no repetition are those of the text', () => {
  const text = "INSERT INTO t VALUES ('é');\nSELECT missing FROM t;\nINSERT INTO t VALUES ('x');"
  const before = Buffer.byteLength(padding)
  const locations = (sql: string): readonly number[] =>
    [...JSON.stringify(statementsOf(sql)[1]?.node).matchAll(/"location":(\d+)/g)].map(([, at]) =>
      Number(at),
    )
  expect(locations(padding + text)).toEqual(locations(text).map((at) => at + before))
})

test('statements of one form have one tree, which says nothing of their constants; the first keeps its own', () => {
  const [first, second, third] = statementsOf(
    `${padding}INSERT INTO t VALUES (1, 'a');INSERT INTO t VALUES (2, NULL);INSERT INTO t VALUES (3, 'c'), (4, 'd');`,
  )
  expect(JSON.stringify(first?.node)).toContain('"sval":"a"')
  expect(JSON.stringify(second?.node)).not.toMatch(/A_Const/)
  expect(third?.node).toBe(second?.node)
})

test('a text that does not parse is unreadable at its place', () => {
  const result = parse(`${padding}INSERT INTO t VALUES (1);\nINSERT INTO t VALUES (1;\nSELECT 1;`)
  expect(result).toMatchObject({ kind: 'unreadable', index: padding.length + 49 })
})
