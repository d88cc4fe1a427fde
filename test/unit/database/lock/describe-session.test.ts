import { describe, expect, test } from '@jest/globals'
import { queryInBrief } from '../../../../src/database/lock/describe-session.ts'

describe("somebody else's query in brief", () => {
  test.each([
    ['SELECT\n  now()', 'SELECT now()'],
    ["UPDATE users SET password = 'secret'", "UPDATE users SET password = '…'"],
    ["SELECT 'it''s', 'secret'", "SELECT '…', '…'"],
    ["ALTER ROLE app PASSWORD 'secre", "ALTER ROLE app PASSWORD '…'"],
    ['SELECT $$secret$$, $q$se\ncret$q$', "SELECT '…', '…'"],
    [String.raw`SELECT E'it\'s secret', name`, "SELECT '…', name"],
    [
      "SELECT U&'s\\0065cret' UESCAPE '!', n'secret', B'01', x'ff'",
      "SELECT '…' UESCAPE '…', '…', '…', '…'",
    ],
    ["SELECT $tag1$it's $tag2$ secret$tag1$ FROM t", "SELECT '…' FROM t"],
    ["SELECT $tag1$it's secret", "SELECT '…'"],
    ["SELECT 1 -- it's\n, 'secret'", "SELECT … , '…'"],
    ["SELECT /* don't /* nor */ won't */ 'secret'", "SELECT '…'"],
    ["SELECT /* the secret is 'abc", "SELECT '…'"],
    ['SELECT "it\'s", \'secret\' FROM "a""b"', `SELECT "it's", '…' FROM "a""b"`],
    ['SELECT * FROM card WHERE number = 4111111111111111', 'SELECT * FROM card WHERE number = …'],
    ['SELECT $1, a1, b$c$d FROM t1', 'SELECT $1, a1, b$c$d FROM t1'],
    // As standard_conforming_strings says, the literal ends at the second quote or at the third.
    [String.raw`SELECT 'it\'s secret', 'secret'`, "SELECT '…'"],
    ["SELECT E'a'\n  'it\\'s secret', name", "SELECT '…' '…', name"],
  ])('is one line without values and comments: %s', (query, brief) => {
    expect(queryInBrief(query)).toBe(brief)
  })

  test('is cut off behind its values', () => {
    expect(queryInBrief(`SELECT ${'x'.repeat(500)}`)).toHaveLength(120)
    expect(queryInBrief(`SELECT ${'x,'.repeat(55)} '${'secret '.repeat(9)}'`)).not.toContain(
      'secret',
    )
  })
})
