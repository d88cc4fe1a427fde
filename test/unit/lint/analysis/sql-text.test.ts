import { describe, expect, test } from '@jest/globals'
import { loadParser } from '../../../../src/sql/tree/parse.ts'
import type { TypeName } from 'libpg-query'
import { sqlType } from '../../../../src/lint/analysis/column-type.ts'
import { brief, splitAtCommas, throughBrackets } from '../../../../src/lint/analysis/sql-text.ts'

const parse = await loadParser()

describe('splitAtCommas', () => {
  test.each([
    ['a, b', ['a', 'b']],
    [
      "ADD a text DEFAULT 'x, y', ADD b numeric(8, 2)",
      ["ADD a text DEFAULT 'x, y'", 'ADD b numeric(8, 2)'],
    ],
    ['"a,b" , c[1,2]', ['"a,b"', 'c[1,2]']],
    ['a $x$,$x$ /* , */, -- one, two\n b', ['a $x$,$x$ /* , */', 'b']],
  ])('%s', (sql, pieces) => {
    expect(splitAtCommas(sql).map(({ text }) => text)).toEqual(pieces)
    for (const { text, start } of splitAtCommas(sql)) expect(sql.startsWith(text, start)).toBe(true)
  })
})

test('throughBrackets ends where the first bracket closes', () => {
  expect(throughBrackets("CHECK (a IN (')', 'b')), ADD b int")).toBe("CHECK (a IN (')', 'b'))")
})

test('brief is one line without comments, and not too long', () => {
  expect(brief('CREATE -- no\n  INDEX /* x */ i')).toBe('CREATE INDEX i')
  expect(brief('x'.repeat(200))).toBe(`${'x'.repeat(160)} …`)
})

const typeNamed = (type: string): TypeName => {
  const parsed = parse(`SELECT NULL::${type}`)
  const node = parsed.kind === 'parsed' ? parsed.statements[0]?.node : undefined
  const target =
    node !== undefined && 'SelectStmt' in node ? node.SelectStmt.targetList?.[0] : undefined
  const value = target !== undefined && 'ResTarget' in target ? target.ResTarget.val : undefined
  if (value === undefined || !('TypeCast' in value) || value.TypeCast.typeName === undefined)
    throw new Error(type)
  return value.TypeCast.typeName
}

test.each([
  ['integer', 'int4', 'integer'],
  ['bigint', 'int8', 'bigint'],
  ['character varying(20)', 'VARCHAR (20)', 'varchar(20)'],
  ['numeric(8,2)', 'decimal(8, 2)', 'numeric(8, 2)'],
  ['timestamp with time zone', 'timestamptz', 'timestamptz'],
  ['timestamp(3) with time zone', 'timestamptz(3)', 'timestamptz(3)'],
  ['boolean', 'bool', 'boolean'],
  ['double precision', 'float8', 'double precision'],
  ['text[]', 'text[]', 'text[]'],
])('%s and %s are shown as %s', (one, other, shown) => {
  expect(sqlType(typeNamed(one))).toBe(shown)
  expect(sqlType(typeNamed(other))).toBe(shown)
})
