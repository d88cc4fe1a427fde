import { describe, expect, test } from '@jest/globals'
import { problem, type Place } from '../../../../src/errors/problem.ts'
import { renderProblem } from '../../../../src/report/formats/problem-text.ts'
import { placeAt } from '../../../../src/sql/text/offsets.ts'

const facts = {
  ...{
    file: 'm.sql',
    phase: '',
    advice: 'Correct it.',
    sqlstate: '42601',
    message: 'syntax error',
  },
  ...{ serverDetail: undefined, hint: undefined, context: undefined, internalQuery: undefined },
}

const linesAt = (place: Place): readonly string[] => {
  const lines = renderProblem(problem('migration-failed', facts, place)).split('\n')
  return lines.slice(
    1,
    lines.findIndex((line) => line.startsWith('  SQLSTATE')),
  )
}

/** The character that the caret points at; empty at the end of the line. */
const pointedAt = (place: Place): string => {
  const [, , shown = '', caret = ''] = linesAt(place)
  expect(caret).toMatch(/^ +\| *\^$/)
  return Array.from(shown)[caret.indexOf('^')] ?? ''
}

test('a problem is told with code, title, place, caret, detail, database and fix', () => {
  const place = { file: 'migrations/0002_b.sql', line: 12, column: 3, excerpt: '  VACUUM t;' }
  expect(renderProblem(problem('migration-failed', facts, place))).toBe(
    `error[migration-failed]: m.sql failed
  --> migrations/0002_b.sql:12:3
     |
  12 |   VACUUM t;
     |   ^
  SQLSTATE 42601: syntax error
  database: This migration was rolled back whole; those before it are applied and recorded; none after it was attempted.
  fix: Correct it.`,
  )
})

test('a problem without place and detail has neither', () => {
  expect(renderProblem(problem('no-database-named', {}))).toBe(
    `error[no-database-named]: no database is named
  database: The database was not contacted.
  fix: Set DATABASE_URL (or DATABASE_URL_DIRECT and DATABASE_URL_POOLER, or PGHOST and the other PG* variables).`,
  )
})

describe('the place', () => {
  const text = 'SELECT 1;\n\tSELECT é\tX;\n' + `${'-'.repeat(500)}Y${'-'.repeat(500)}`

  test.each([
    ['the first column', 'S', text.indexOf('S')],
    ['a later column', '1', text.indexOf('1')],
    ['what follows tabs and multibyte text', 'X', text.indexOf('X')],
    ['the middle of a very long line', 'Y', text.indexOf('Y')],
    ['the end of a line', '', text.indexOf('\n')],
    ['the end of a very long line', '', text.length],
  ])('is pointed at on %s', (_, character, index) => {
    expect(pointedAt(placeAt('m.sql', text, index))).toBe(character)
  })

  test.each([1, 9, 99, 100, 101, 102, 149, 150, 151, 1000])(
    'is pointed at in column %d',
    (column) => {
      const excerpt = `${'-'.repeat(column - 1)}Y${'-'.repeat(200)}`
      expect(pointedAt({ file: 'm.sql', line: 1, column, excerpt })).toBe('Y')
    },
  )

  test('of a very long line is shown with 100 characters around it', () => {
    const [, , shown] = linesAt(placeAt('m.sql', text, text.indexOf('Y')))
    expect(shown).toBe(`  3 | …${'-'.repeat(49)}Y${'-'.repeat(50)}…`)
  })

  test('is shown with a space for each tab, or the caret would stand elsewhere', () => {
    const [, , shown] = linesAt(placeAt('m.sql', text, text.indexOf('X')))
    expect(shown).toBe('  2 |  SELECT é X;')
  })

  test('has its margin as wide as the number of the line', () => {
    expect(linesAt({ file: 'm.sql', line: 12_345, column: 2, excerpt: 'abc' })).toEqual([
      '  --> m.sql:12345:2',
      '        |',
      '  12345 | abc',
      '        |  ^',
    ])
  })

  test.each(['', '  \t'])('is named without a picture when its line is empty: %j', (excerpt) => {
    expect(linesAt({ file: 'm.sql', line: 7, column: 1, excerpt })).toEqual(['  --> m.sql:7:1'])
  })
})
