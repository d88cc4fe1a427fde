import { describe, expect, test } from '@jest/globals'
import { loadParser } from '../../../../src/sql/tree/parse.ts'

const parse = await loadParser()

const statementsOf = (text: string): readonly string[] => {
  const result = parse(text)
  if (result.kind === 'unreadable') throw new Error(result.message)
  return result.statements.map(({ start, end }) => text.slice(start, end))
}

describe('a readable text', () => {
  test.each([
    ['one statement', 'SELECT 1;', ['SELECT 1']],
    ['no semicolon at the end', 'SELECT 1; SELECT 2', ['SELECT 1', 'SELECT 2']],
    ['a newline at the end', 'SELECT 1\n', ['SELECT 1\n']],
    ['comments before a statement', '-- a\n\n/* b */ SELECT 1;', ['SELECT 1']],
    ['comments between', 'SELECT 1; -- é\n  -- c\n SELECT 2;', ['SELECT 1', 'SELECT 2']],
    ['empty statements', ';; SELECT 1;; ;SELECT 2;', ['SELECT 1', 'SELECT 2']],
    [
      'multibyte text',
      "-- é😀\nSELECT 'é€😀';\nSELECT '😀';\nSELECT 3;",
      ["SELECT 'é€😀'", "SELECT '😀'", 'SELECT 3'],
    ],
    [
      'semicolons in strings and bodies',
      "SELECT ';'; DO $$ BEGIN NULL; END $$;",
      ["SELECT ';'", 'DO $$ BEGIN NULL; END $$'],
    ],
  ])('with %s yields the text of each statement', (_, text, statements) => {
    expect(statementsOf(text)).toEqual(statements)
  })

  test.each(['', ' \n\t', '-- only a comment', '-- é\n/* two\nlines */\n', ';', ' ; -- x\n ;'])(
    'without a statement (%j) yields none',
    (text) => {
      expect(statementsOf(text)).toEqual([])
    },
  )
})

describe('an unreadable text', () => {
  test.each([
    ['at its start', 'SELEC 1;', 'SELEC 1;'],
    ['after multibyte text', "SELECT 'é€😀';\nSELEC 1;", 'SELEC 1;'],
    ['at a backslash', "SELECT 'é😀';\n\\connect x\n", '\\connect x\n'],
    ['in a quote that nobody closed', "SELECT $$é$$, 'abc", "'abc"],
    ['at its end', "SELECT ('é'", ''],
  ])('tells its message and the index of the failing place %s', (_, text, rest) => {
    const result = parse(text)
    expect(result).toEqual({
      kind: 'unreadable',
      message: expect.stringMatching(/^(syntax error|unterminated)/),
      index: text.length - rest.length,
    })
  })

  test('does not spoil the next one', () => {
    expect(parse('SELEC').kind).toBe('unreadable')
    expect(statementsOf('SELECT 1')).toEqual(['SELECT 1'])
  })
})

describe('a text that is nested too deeply', () => {
  const nested = (open: string, close = '', times = 3_000): string =>
    `SELECT ${open.repeat(times)}1${close.repeat(times)}`

  const texts = [
    nested('CASE WHEN true THEN ', ' END'),
    nested('CASE WHEN true THEN ', ' END', 1_000),
    nested('ARRAY[', ']'),
    nested('(SELECT ', ')'),
    nested('(SELECT ', ')', 1_000),
    nested('f(', ')'),
    nested('1 + '),
    nested('1 + ', '', 20_000),
    nested('NOT '),
    nested('(', ')', 20_000),
  ]

  test.each(texts)('is for the server to decide: %.30s', (text) => {
    expect(parse(text)).toMatchObject({ kind: 'unreadable' })
  })

  test('is told with the statement that is', () => {
    const before = 'SELECT 1;\n'
    expect(parse(`${before}${nested('f(', ')')}`)).toEqual({
      kind: 'unreadable',
      message: 'a statement is nested too deeply',
      index: before.length,
    })
  })

  test('does not spoil those that come after it', () => {
    for (let time = 0; time < 2; time += 1) {
      for (const text of texts) parse(text)
      expect(statementsOf("CREATE TABLE t (a text DEFAULT 'é'); SELECT 2")).toHaveLength(2)
    }
    // As deep as it could be read at first.
    expect(parse(nested('f(', ')', 300)).kind).toBe('parsed')
  })

  test.each([
    ['a list', `SELECT 1 IN (${Array(20_000).fill('1').join(', ')})`],
    ['OR', `SELECT ${Array(20_000).fill('a = 1').join(' OR ')}`],
    ['parentheses that mean nothing', nested('(', ')')],
    ['a chain of operators', nested('1 + ', '', 500)],
  ])('is not what is only long: %s', (_, text) => {
    expect(parse(text).kind).toBe('parsed')
  })
})
