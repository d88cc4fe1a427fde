import { expect, test } from '@jest/globals'
import { estimateProgress, withSample, type Sample } from '../../../../src/database/monitor/rate.ts'

const samples = (...done: readonly number[]): readonly Sample[] =>
  done.map((each, index) => ({ atMs: index * 1_000, done: each }))

test('the outlook is the rate so far, and when that will be all', () => {
  expect(estimateProgress(samples(100, 300, 500), 1_500)).toEqual({
    perSecond: 200,
    secondsLeft: 5,
  })
  expect(estimateProgress(samples(100, 300), undefined)).toEqual({
    perSecond: 200,
    secondsLeft: undefined,
  })
  // An estimate that was too low.
  expect(estimateProgress(samples(100, 300), 200)).toEqual({ perSecond: 200, secondsLeft: 0 })
  expect(estimateProgress(samples(100, 100), 200)).toEqual({ perSecond: 0, secondsLeft: undefined })
  const none = { perSecond: undefined, secondsLeft: undefined }
  expect(estimateProgress(samples(100), 200)).toEqual(none)
  expect(estimateProgress([], 200)).toEqual(none)
})

test('it forgets what is older than half a minute', () => {
  const old = { atMs: 0, done: 0 }
  const kept = { atMs: 10_000, done: 500 }
  const newest = { atMs: 31_000, done: 900 }
  expect(withSample([old, kept], newest)).toEqual([kept, newest])
})
