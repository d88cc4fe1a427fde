import { describe, expect, test } from '@jest/globals'
import {
  parseDuration,
  parseLockTimeout,
  parseStatementTimeout,
} from '../../../src/sql/duration.ts'

describe('a duration', () => {
  test.each([
    ['500us', 1],
    ['1500us', 2],
    ['1ms', 1],
    ['250ms', 250],
    ['5s', 5_000],
    ['1.5s', 1_500],
    ['2min', 120_000],
    ['0.25min', 15_000],
    ['0.5h', 1_800_000],
    ['1d', 86_400_000],
    ['0s', 0],
    ['0', 0],
  ])('reads %s as %d ms', (text, ms) => {
    expect(parseDuration(text)).toEqual({ ms, text })
  })

  test.each(['120', '5', '-1', '00', '1.0'])('refuses %p: a number without a unit', (text) => {
    expect(parseDuration(text)).toBeUndefined()
  })

  test.each([
    '',
    's',
    '5 m',
    '5S',
    '5sec',
    '5seconds',
    '-5s',
    '.5h',
    '5.s',
    '1e3s',
    '5,5s',
    '5s5',
    '1min30s',
    '0 ',
  ])('refuses %p', (text) => {
    expect(parseDuration(text)).toBeUndefined()
  })

  test('takes space between number and unit, and leaves it out of its text', () => {
    expect(parseDuration('2 min')).toEqual({ ms: 120_000, text: '2min' })
    expect(parseDuration('2  min')).toEqual({ ms: 120_000, text: '2min' })
  })

  test.each([' 2min', '2min ', '2min\n', '2min\n5s'])('refuses %p: space around it', (text) => {
    expect(parseDuration(text)).toBeUndefined()
  })

  test.each([
    ['2147483647ms', 2_147_483_647],
    ['2147483646.5ms', 2_147_483_647],
    ['24d', 2_073_600_000],
  ])('takes %s, which the server can hold', (text, ms) => {
    expect(parseDuration(text)?.ms).toBe(ms)
  })

  test.each(['2147483648ms', '2147483647.5ms', '25d', `${'9'.repeat(400)}d`])(
    'refuses %s, which is more than 2^31-1 ms',
    (text) => {
      expect(parseDuration(text)).toBeUndefined()
    },
  )

  test('is refused for both timeouts alike', () => {
    expect(parseLockTimeout('120')).toBeUndefined()
    expect(parseStatementTimeout('120')).toBeUndefined()
    expect(parseLockTimeout('3s')?.ms).toBe(3_000)
    expect(parseStatementTimeout('3s')?.ms).toBe(3_000)
  })
})
