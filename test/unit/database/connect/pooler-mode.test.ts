import { expect, test } from '@jest/globals'
import { modeFrom } from '../../../../src/database/connect/pooler-mode.ts'

test.each([
  ['each keeps its own connection', { a: [1, 1], b: [2, 2] }, 'session'],
  ['B got what A had', { a: [1, 2], b: [1, 1] }, 'transaction'],
  ['A got another one', { a: [1, 3], b: [2, 2] }, 'transaction'],
  ['B got what A had, after its transaction', { a: [1, 1], b: [2, 1] }, 'transaction'],
  ['B got another one after its transaction', { a: [1, 1], b: [2, 3] }, 'transaction'],
] as const)('%s: %s', (_, seen, mode) => {
  expect(modeFrom(seen)).toBe(mode)
})
