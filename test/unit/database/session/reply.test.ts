// The server's words as they are shown: a file may raise an error of 300 MB.

import { describe, expect, test } from '@jest/globals'
import {
  readError,
  shownNotice,
  shownQuery,
  type Reply,
} from '../../../../src/database/session/reply.ts'

const refused = (fields: object): Reply =>
  readError(
    Object.assign(new Error(), { name: 'PostgresError', code: 'P0001', ...fields }),
    'run',
    '',
  )

const long = 'é'.repeat(10_000)
const shown = `${'é'.repeat(4_000)}… (6000 more characters)`

describe('a FATAL', () => {
  const words = { code: '53200', severity: 'FATAL', message: 'out of memory' }

  test('behind which the connection was closed has lost it, whatever its code', () => {
    expect(refused({ ...words, endedSession: true })).toMatchObject({
      kind: 'lost',
      reason: 'SQLSTATE 53200: out of memory',
    })
  })

  test('of a login is an answer', () => {
    expect(refused(words)).toMatchObject({ kind: 'server error', error: { sqlstate: '53200' } })
  })
})

describe('no more than 4,000 characters are shown', () => {
  test.each([
    ['message', 'message'],
    ['detail', 'detail'],
    ['hint', 'hint'],
    ['where', 'context'],
    ['internal_query', 'internalQuery'],
  ])('of the %s of an error', (field, name) => {
    expect(refused({ [field]: long })).toMatchObject({
      kind: 'server error',
      error: { [name]: shown },
    })
  })

  test('of an error that ends the connection', () => {
    expect(refused({ code: '57P01', severity: 'FATAL', message: long })).toMatchObject({
      kind: 'lost',
      reason: `SQLSTATE 57P01: ${shown}`,
    })
  })

  test('of a notice, and of a query', () => {
    expect([shownNotice(long), shownQuery(long)]).toEqual([shown, shown])
  })

  test('… and all of these', () => {
    const most = '😀'.repeat(2_000)
    expect(shownNotice(most)).toBe(most)
  })

  test('… and no half of a character', () => {
    expect(shownNotice(`a${'😀'.repeat(2_000)}`)).toBe(
      `a${'😀'.repeat(1_999)}… (1 more characters)`,
    )
  })
})
