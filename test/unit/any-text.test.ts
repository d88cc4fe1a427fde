// Whatever stands in a file, it is read, or refused, or left to the server: the offline pipeline throws for none, so that no text
// ends a run in exit 5.

import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { readHistory } from '../../src/schema/history/history.ts'
import { lint } from '../../src/lint/lint.ts'
import { readDirectives } from '../../src/migrations/directives/directives.ts'
import { prepareMigrations } from '../../src/migrations/prepare/prepare.ts'
import { loadDeparser } from '../../src/sql/tree/deparse.ts'
import { loadParser } from '../../src/sql/tree/parse.ts'
import { propertyRuns } from '../support/property.ts'
import { aMigration } from './a-migration.ts'

const parse = await loadParser()
const deparse = await loadDeparser(parse)

const goThrough = (text: string): void => {
  readDirectives('migrations/1_x.sql', text)
  const migrations = [aMigration('1_x.sql', text), aMigration('2_y.sql', 'ALTER TABLE t ADD b int')]
  readHistory(migrations, { parse })
  prepareMigrations(migrations, parse)
  lint(migrations, parse)
  const parsed = parse(text)
  if (parsed.kind === 'parsed') for (const { node } of parsed.statements) deparse.query(node)
}

const statements = [
  'CREATE TABLE t (a int DEFAULT 1)',
  'ALTER TABLE t ADD b int',
  'CREATE INDEX CONCURRENTLY i ON t (a)',
  'UPDATE t SET a = 1 WHERE a = 2',
  "DO $$ BEGIN RAISE NOTICE 'x'; END $$",
  'CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $f$ SELECT 1 $f$',
  'COPY t FROM stdin;\n1\n\\.',
  "ALTER TYPE e ADD VALUE 'v'",
  'CREATE VIEW v AS SELECT * FROM t',
  'DROP TABLE t',
] as const
const tokens = [
  ...[
    'BEGIN',
    'COMMIT',
    "'",
    '"',
    '--',
    '/*',
    '*/',
    ';',
    '(',
    ')',
    '$$',
    'é😀',
    '\u0000',
    '\ufeff',
    '\r\n',
  ],
  ...[
    '-- @transaction off\n',
    '-- @verify sql SELECT',
    '\\restrict x',
    "E'\\",
    "U&'\\+",
    ':batch',
    '$1',
  ],
]

const anyStatement = fc.constantFrom(...statements)
const soup = fc
  .array(fc.oneof(anyStatement, fc.constantFrom(...tokens)), { maxLength: 20 })
  .map((all) => all.join(' '))
/** One that had a piece cut out, and something put into its place. */
const mutated = fc
  .tuple(anyStatement, fc.nat(60), fc.nat(8), fc.oneof(fc.constantFrom(...tokens), fc.string()))
  .map(([text, at, length, put]) => text.slice(0, at) + put + text.slice(at + length))
const characters = fc.string({ unit: 'binary', maxLength: 200 })

// Not by test.each: Jest would print the generators.
for (const [what, texts] of [
  ['characters', characters],
  ['tokens', soup],
  ['mutated statements', mutated],
] as const)
  test(`no text throws: ${what}`, () => {
    fc.assert(fc.property(texts, goThrough), {
      numRuns: propertyRuns * 4,
      plugins: [fc.interruptAfterTimeLimit(20_000)],
    })
  }, 60_000)

const around = [
  'CREATE TABLE t (a int DEFAULT ?)',
  'UPDATE t SET a = ? WHERE ?',
  'CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT ?; END',
] as const

const nestings = [
  ['f(', ')'],
  ['(', ')'],
  ['CASE WHEN true THEN ', ' END'],
  ['(SELECT ', ')'],
  ['1 FROM (SELECT ', ') s'],
  ['NOT ', ''],
  ['1 + ', ''],
  ['', '::int'],
  ['', ' UNION SELECT 1'],
  ['BEGIN ', ' END;'],
  ['/*', '*/'],
] as const

const expectToPass = (open: string, close: string, times: number): void => {
  for (const text of around) {
    const nested = `${open.repeat(times)}1${close.repeat(times)}`
    expect(() => {
      goThrough(text.replaceAll('?', nested))
    }).not.toThrow()
  }
}

test.each(nestings)(
  'no text throws, however deeply nested: %s1%s',
  (open, close) => {
    for (const times of [100, 200, 740]) expectToPass(open, close, times)
  },
  60_000,
)

// Comes last: the parser is of no use to anybody after it. It went on for ever, in memory that it had overwritten itself.
test('… nor does any go on for ever, of many that are too deep for the parser', () => {
  for (const [open, close] of nestings)
    for (const times of [3_000, 10_000, 30_000]) expectToPass(open, close, times)
}, 120_000)
