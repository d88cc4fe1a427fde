import { describe, expect, test } from '@jest/globals'
import type { Pace } from '../../../../../src/commands/backfill/file/backfill.ts'
import {
  nextPace,
  startPace,
  type PaceNow,
  type Step,
} from '../../../../../src/commands/backfill/scan/pace.ts'

const ms = (count: number): { readonly ms: number; readonly text: string } => ({
  ms: count,
  text: `${count}ms`,
})
const pace: Pace = {
  batchSize: 10_000,
  targetDuration: ms(100),
  pause: ms(7),
  maxReplicationLag: ms(1_000),
  lockTimeout: { ...ms(500), brand: 'lock_timeout' },
  timeBudget: undefined,
  workers: 1,
}
const at = (batchSize: number, more: Partial<PaceNow> = {}): PaceNow => ({
  ...{ batchSize, heldBack: 0, failedWithin: 0 },
  ...more,
})
const advanced = (rows: number, tookMs: number): Step => ({ kind: 'advanced', rows, tookMs })
const sizeAfter = (size: number, step: Step): number => nextPace(at(size), step, pace).now.batchSize

test('begins with a thousand rows, or fewer where fewer are allowed', () => {
  expect(startPace(pace)).toEqual(at(1_000))
  expect(startPace({ ...pace, batchSize: 50 })).toEqual(at(50))
})

describe('the next batch', () => {
  test.each([
    ['as large when it took as long as it should', 1_000, 100, 1_000],
    ['larger in proportion', 1_000, 80, 1_250],
    ['at most twice as large', 1_000, 1, 2_000],
    ['smaller in proportion', 1_000, 125, 800],
    ['at least half as large', 1_000, 60_000, 500],
    ['never more than allowed', 9_000, 10, 10_000],
    ['never less than one row', 1, 60_000, 1],
  ])('is %s', (_, size, tookMs, expected) => {
    expect(sizeAfter(size, advanced(size, tookMs))).toBe(expected)
  })

  test('is as large after one that had fewer rows: it tells nothing', () => {
    expect(sizeAfter(1_000, advanced(3, 1))).toBe(1_000)
  })

  test('grows to the most that is allowed without a target', () => {
    const step = advanced(1_000, 60_000)
    const { now } = nextPace(at(1_000), step, { ...pace, targetDuration: ms(0) })
    expect(now.batchSize).toBe(2_000)
  })

  test('is a quarter after one that the server gave up', () => {
    expect(sizeAfter(1_000, { kind: 'too slow' })).toBe(250)
  })
})

test('rests after a batch, and longer and longer while locks hold it back, with smaller batches', () => {
  expect(nextPace(at(1_000), advanced(1_000, 100), pace).pauseMs).toBe(7)
  let now = at(1_000)
  const pauses: number[] = []
  for (let time = 0; time < 9; time++) {
    const next = nextPace(now, { kind: 'held back', by: 'locks' }, pace)
    pauses.push(next.pauseMs)
    now = next.now
  }
  expect(pauses).toEqual([100, 200, 400, 800, 1_600, 3_200, 6_400, 10_000, 10_000])
  expect(now).toEqual(at(2, { heldBack: 9 }))
  expect(nextPace(now, advanced(2, 1), pace).now.heldBack).toBe(0)
})

test('looks once a second at a standby that is behind, and leaves the batches as they are', () => {
  expect(nextPace(at(1_000), { kind: 'held back', by: 'replication lag' }, pace)).toEqual({
    now: at(1_000, { heldBack: 1 }),
    pauseMs: 1_000,
  })
})

test.each([1, 2, 617, 999, 1_000])(
  'finds row %i of 1,000, at which the statement fails, by halves',
  (bad) => {
    let [now, done, attempts] = [at(1_000), 0, 0]
    for (;;) {
      const rows = Math.min(now.batchSize, 5_000 - done)
      const fails = bad > done && bad <= done + rows
      if (fails && rows === 1) break
      if (!fails) done += rows
      now = nextPace(now, fails ? { kind: 'a row fails', rows } : advanced(rows, 10), pace).now
      expect((attempts += 1)).toBeLessThan(30)
    }
    expect(done).toBe(bad - 1)
  },
)

test('goes on as before when such a row was corrected meanwhile', () => {
  expect(nextPace(at(1, { failedWithin: 1 }), advanced(1, 1), pace).now).toEqual(at(2))
})
