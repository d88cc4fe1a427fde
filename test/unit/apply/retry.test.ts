import { expect, test } from '@jest/globals'
import { pauseMsAfter } from '../../../src/apply/retry.ts'

test('the pause doubles from try to try, up to ten seconds', () => {
  const longest = [1, 2, 3, 4, 5, 6, 7, 100].map((tries) => pauseMsAfter(tries, 1))
  expect(longest).toEqual([500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000, 10_000])
})

test('chance takes away up to half of it', () => {
  expect([0, 0.5, 1].map((random) => pauseMsAfter(2, random))).toEqual([500, 750, 1_000])
})
