import { describe, expect, test } from '@jest/globals'
import { fail, problem, SchemagateError } from '../../../src/errors/problem.ts'

const place = { file: 'm.sql', line: 2, column: 3, excerpt: 'x' }

describe('a problem', () => {
  test('is its facts, and the words that are made of them', () => {
    const facts = { file: 'm.sql', statement: 'VACUUM' }
    expect(problem('needs-no-transaction', facts, place)).toMatchObject({
      code: 'needs-no-transaction',
      category: 'refused',
      facts,
      place,
      title: 'm.sql: VACUUM cannot run between BEGIN and COMMIT',
      database: 'Nothing was changed.',
    })
  })

  test('without a place has no such property, for JSON and comparison', () => {
    expect(problem('no-database-named', {})).not.toHaveProperty('place')
  })
})

describe('an error', () => {
  test('names all of its problems', () => {
    const error = new SchemagateError([
      problem('no-database-named', {}),
      problem('folder-empty', { folder: 'db' }),
    ])
    expect(error.message).toBe("no database is named; the migrations folder 'db' is empty")
    expect(error.name).toBe('SchemagateError')
  })

  test('keeps what it was caused by', () => {
    const cause = new Error('first')
    const thrown = (): unknown => fail('no-database-named', {}, cause)
    expect(thrown).toThrow(SchemagateError)
    expect(thrown).toThrow(expect.objectContaining({ cause }))
  })
})
