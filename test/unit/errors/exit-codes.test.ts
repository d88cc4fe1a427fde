import { describe, expect, test } from '@jest/globals'
import { exitCodes, gravest, type ExitCategory } from '../../../src/errors/exit-codes.ts'

// What compose, Kubernetes and CI decide by: a number never changes its meaning (docs/design/exit-codes.md).
test('the exit codes are those of the design', () => {
  expect(exitCodes).toEqual({
    ok: 0,
    'migration failed': 1,
    usage: 2,
    'contract violated': 3,
    refused: 4,
    bug: 5,
    unreachable: 69,
    'try again': 75,
    SIGINT: 130,
    SIGTERM: 143,
  })
})

describe('the gravest', () => {
  test('of nothing is ok', () => {
    expect(gravest([])).toBe('ok')
  })

  test.each(Object.keys(exitCodes) as ExitCategory[])('of %s alone is itself', (category) => {
    expect(gravest([category])).toBe(category)
  })

  test.each<[ExitCategory, readonly ExitCategory[]]>([
    ['bug', ['try again', 'SIGTERM', 'bug', 'usage']],
    ['SIGTERM', ['migration failed', 'SIGTERM']],
    ['usage', ['refused', 'usage', 'refused']],
    ['refused', ['migration failed', 'refused']],
    // Not to be tried again wins: else a Job would go round for ever on what no retry can cure.
    ['migration failed', ['try again', 'migration failed', 'unreachable']],
    ['contract violated', ['unreachable', 'contract violated']],
    ['try again', ['ok', 'try again']],
  ])('is %s among %j, in any order', (category, among) => {
    expect(gravest(among)).toBe(category)
    expect(gravest([...among].reverse())).toBe(category)
  })
})
