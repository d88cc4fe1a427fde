import { describe, expect, test } from '@jest/globals'
import { readDirectives } from '../../../../src/migrations/directives/directives.ts'

const read = (text: string) => readDirectives('m.sql', text)

const codesOf = (text: string): readonly string[] => read(text).problems.map(({ code }) => code)

describe('directives', () => {
  test('are read from the comments at the top', () => {
    const text = `-- why: because

--   @lock-timeout   3s${'  '}
--@statement-timeout 10 min
  -- @transaction off
ALTER TABLE t ADD a int;`
    expect(read(text)).toEqual({
      directives: {
        lockTimeout: { ms: 3_000, text: '3s' },
        statementTimeout: { ms: 600_000, text: '10min' },
        transaction: 'off',
      },
      problems: [],
    })
  })

  test.each([
    ['the first statement', 'SELECT 1;\n-- @lock-timeout 3s'],
    ['a statement on the same line', 'SELECT 1; -- @lock-timeout 3s'],
    ['a block comment', '/* why */\n-- @lock-timeout 3s'],
  ])('are not read after %s', (_, text) => {
    expect(read(text)).toEqual({ directives: {}, problems: [] })
  })

  test.each([
    '',
    'SELECT 1;',
    '-- lock-timeout 3s',
    '-- mail me@example.org',
    '-- see @lock-timeout 3s',
  ])('are none in %j', (text) => {
    expect(read(text)).toEqual({ directives: {}, problems: [] })
  })

  test('turn a timeout off with 0', () => {
    expect(read('-- @statement-timeout 0').directives).toEqual({
      statementTimeout: { ms: 0, text: '0' },
    })
  })
})

describe('an unknown directive', () => {
  test.each([
    ['lock_timeout', '@lock-timeout'],
    ['statment-timeout', '@statement-timeout'],
    ['Transaction', '@transaction'],
  ])('@%s is refused with %s as the nearest', (name, meant) => {
    const [problem, ...more] = read(`-- @${name} 3s`).problems
    expect(more).toEqual([])
    expect(problem?.code).toBe('unknown-directive')
    expect(problem?.title).toContain(`did you mean ${meant}?`)
  })

  test.each([
    ['verfiy', '@verify'],
    ['alow', '@allow'],
    ['lockTimeout', '@lock-timeout'],
    ['timeout', '@lock-timeout'],
    ['no-transaction', '@transaction'],
    ['transactional', '@transaction'],
  ])('@%s is near enough to be refused', (name, meant) => {
    expect(read(`-- @${name} x`).problems[0]?.title).toContain(`did you mean ${meant}?`)
  })

  test.each(
    `formatter:off author see ts-ignore todo param since version type name title description license copyright
    deprecated noqa ignore internal example returns throws link category module file package fixme index table view
    owner schema database comment note block migration up down rollback depends requires ticket jira issue`.split(
      /\s+/,
    ),
  )('@%s is somebody else’s comment', (name) => {
    expect(read(`-- @${name} x\n-- @lock-timeout 3s`)).toMatchObject({
      problems: [],
      directives: { lockTimeout: { ms: 3_000 } },
    })
  })

  test('so is an @ alone', () => {
    expect(read('-- @ x').problems).toEqual([])
  })
})

describe('a malformed directive', () => {
  test.each([
    '-- @lock-timeout',
    '-- @lock-timeout 3',
    '-- @lock-timeout 3 seconds',
    '-- @statement-timeout off',
    '-- @transaction on',
    '-- @transaction',
    '-- @transaction OFF',
  ])('%s is refused', (line) => {
    expect(codesOf(line)).toEqual(['malformed-directive'])
    expect(read(line).directives).toEqual({})
  })

  test.each(['-- @lock-timeout 25d', '-- @statement-timeout 2147483648ms'])(
    '%s is refused: out of the range of the server',
    (line) => {
      expect(codesOf(line)).toEqual(['malformed-directive'])
      expect(read(line).directives).toEqual({})
    },
  )
})

test('every directive that is wrong is told, each with its place', () => {
  const text = '-- é😀\n\t-- @lock-timeout 3\n-- @verfy x\n-- @transaction off\nSELECT 1;'
  const { problems, directives } = read(text)
  expect(problems.map(({ code, place }) => ({ code, place }))).toEqual([
    {
      code: 'malformed-directive',
      place: { file: 'm.sql', line: 2, column: 5, excerpt: '\t-- @lock-timeout 3' },
    },
    {
      code: 'unknown-directive',
      place: { file: 'm.sql', line: 3, column: 4, excerpt: '-- @verfy x' },
    },
  ])
  expect(directives).toEqual({ transaction: 'off' })
})

test('a directive that is given twice is refused at the second', () => {
  const { problems } = readDirectives('1_a.sql', '-- @lock-timeout 1s\n-- @lock-timeout 2s\n')
  expect(problems).toMatchObject([{ code: 'repeated-directive', place: { line: 2, column: 4 } }])
})
