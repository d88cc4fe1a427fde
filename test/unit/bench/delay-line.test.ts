import { expect, test } from '@jest/globals'
import { delayLine, type DelayLine } from '../../../bench/compare/delay-line.ts'

// A clock that stands still unless it is moved; it keeps what it was asked for.
const aLine = (delayMs: number) => {
  const asked: number[] = []
  let nowMs = 1_000
  const line = delayLine(delayMs, { nowMs: () => nowMs, wakeAt: (timeMs) => asked.push(timeMs) })
  const arriveAt = (timeMs: number): void => {
    nowMs = timeMs
    line.arrive()
  }
  const at = (timeMs: number, work: (line: DelayLine) => void): void => {
    nowMs = timeMs
    work(line)
  }
  return { asked, arriveAt, at }
}

test('delivers after the delay, and not before it', () => {
  const delivered: string[] = []
  const { asked, arriveAt, at } = aLine(2.5)
  at(1_000, (line) => {
    line.enter(() => delivered.push('a'))
  })
  expect(asked).toEqual([1_002.5])
  arriveAt(1_002.4)
  expect(delivered).toEqual([])
  arriveAt(1_002.5)
  expect(delivered).toEqual(['a'])
})

test('what enters while others are under way takes its own delay, not theirs and its own', () => {
  const delivered: string[] = []
  const { asked, arriveAt, at } = aLine(10)
  for (const [timeMs, name] of [
    [1_000, 'a'],
    [1_001, 'b'],
    [1_001, 'c'],
    [1_009, 'd'],
  ] as const)
    at(timeMs, (line) => {
      line.enter(() => delivered.push(name))
    })
  expect(asked).toEqual([1_010])
  arriveAt(1_010)
  expect(delivered).toEqual(['a'])
  arriveAt(1_011)
  expect(delivered).toEqual(['a', 'b', 'c'])
  arriveAt(1_019)
  expect(delivered).toEqual(['a', 'b', 'c', 'd'])
  expect(asked).toEqual([1_010, 1_011, 1_019])
})

test('what a delivery sends back starts when it was delivered', () => {
  const delivered: string[] = []
  const { asked, arriveAt, at } = aLine(10)
  at(1_000, (line) => {
    line.enter(() => {
      line.enter(() => delivered.push('answer'))
    })
  })
  // Late, as alarms are.
  arriveAt(1_010.5)
  arriveAt(1_020.4)
  expect(delivered).toEqual([])
  arriveAt(1_020.5)
  expect(delivered).toEqual(['answer'])
  // Asked again after the one that came early.
  expect(asked).toEqual([1_010, 1_020.5, 1_020.5])
})
