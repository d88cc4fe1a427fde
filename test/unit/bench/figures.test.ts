import { describe, expect, test } from '@jest/globals'
import { alternate } from '../../../bench/compare/alternate.ts'
import { bars, verdict } from '../../../bench/compare/bars.ts'
import { fullCases, type Case } from '../../../bench/compare/cases.ts'
import type { Figure } from '../../../bench/compare/figures.ts'
import { median } from '../../../bench/compare/median.ts'

describe('median', () => {
  test('is the middle of the values, not of their order', () => {
    expect(median([900, 1, 5])).toBe(5)
    expect(median([10, 1, 4, 2])).toBe(3)
    expect(median([7])).toBe(7)
  })

  test('refuses to name one of no values', () => {
    expect(() => median([])).toThrow('no runs')
  })
})

describe('alternate', () => {
  test('lets everybody have a turn before anybody has the next', async () => {
    const order: string[] = []
    const once = (name: string): Promise<number> => Promise.resolve(order.push(name))
    const values = await alternate(['a', 'b', 'c'], { runs: 2, enoughMs: 60_000 }, once)
    expect(order).toEqual(['a', 'b', 'c', 'a', 'b', 'c'])
    expect(values).toEqual([
      [1, 4],
      [2, 5],
      [3, 6],
    ])
  })

  test('runs a slow one at least once, and not again when it has used its time', async () => {
    const values = await alternate(['a', 'b'], { runs: 3, enoughMs: 0 }, () => Promise.resolve(1))
    expect(values).toEqual([[1], [1]])
  })
})

describe('bars', () => {
  const figure = (of: Case, runner: string, ...values: readonly number[]): Figure => ({
    ...{ of, runner, values },
  })
  const apply = (delayMs: number): Case => ({
    ...{ kind: 'apply', count: 500, delayMs, who: 'everybody' },
  })

  test('compare the medians, with the fastest peer where that is asked for', () => {
    const figures = [
      figure(apply(0), 'schemagate', 400, 9_000, 500),
      figure(apply(0), 'knex', 1_000),
      figure(apply(0), 'dbmate', 800, 700, 900),
      // A floor is no peer.
      figure(apply(0), 'a bare process', 1),
    ]
    const [bar] = bars(figures, ['knex', 'dbmate'])
    expect(bar).toMatchObject({ limit: 0.6, measured: 500 / 800 })
    expect(bar && verdict(bar)).toBe('miss')
  })

  test('pass on the limit itself', () => {
    expect(verdict({ what: 'x', limit: 1.4, measured: 1.4 })).toBe('pass')
    expect(verdict({ what: 'x', limit: 1.4, measured: 1.4001 })).toBe('miss')
  })

  test('say of what was not measured that it was not', () => {
    const verdicts = bars([], ['dbmate']).map(verdict)
    expect(verdicts).toEqual(Array.from({ length: 8 }, () => 'not measured'))
  })

  test('are all measured by a full run', () => {
    const names = ['schemagate', 'a bare process', 'dbmate', 'knex']
    const figures = fullCases.flatMap((one) => names.map((name) => figure(one, name, 1)))
    expect(bars(figures, ['dbmate', 'knex']).map(({ measured }) => measured)).toEqual(
      Array.from({ length: 8 }, () => 1),
    )
  })
})
