import { describe, expect, test } from '@jest/globals'
import { problem, SchemagateError } from '../../../src/errors/problem.ts'
import {
  appliedOutcome,
  failedOutcome,
  goodOutcome,
  problemsOf,
  type RunSoFar,
} from '../../../src/report/outcome.ts'
import { aMigration } from '../a-migration.ts'

const [a, b, c] = [aMigration('1_a.sql'), aMigration('2_b.sql'), aMigration('3_c.sql')] as const
const unreachable = problem('database-unreachable', {
  endpoint: 'E',
  reason: 'r',
  waitedSeconds: 3,
})
const unnamed = problem('no-database-named', {})

const soFar = (): RunSoFar => ({
  runId: 'r',
  startedAtMs: performance.now(),
  recorded: 4,
  unknown: ['99'],
  pending: [a, b],
})

test.each(['disabled', 'up to date', 'done by another process', 'skipped'] as const)(
  'a run that is %s ends with 0',
  (kind) => {
    expect(goodOutcome(kind, { ...soFar(), because: 'RUN_MIGRATIONS=0' })).toMatchObject({
      kind,
      exitCode: 0,
      because: 'RUN_MIGRATIONS=0',
      recorded: 4,
      unknown: ['99'],
      problems: [],
    })
  },
)

test('a run that applied everything ends with 0', () => {
  const applied = [{ migration: a, durationMs: 3 }]
  const result = {
    applied,
    stoppedAt: undefined,
    inDoubt: [],
    notAttempted: [],
    problem: undefined,
  }
  expect(appliedOutcome(result, soFar())).toMatchObject({
    kind: 'applied',
    exitCode: 0,
    applied,
    problems: [],
  })
})

test('a run that stopped ends with the code of its problem, and says what was done and what was not', () => {
  const failure = problem('lock-lost', { file: b.file })
  const applied = [{ migration: a, durationMs: 3 }]
  const result = { applied, stoppedAt: b, inDoubt: [], notAttempted: [c], problem: failure }
  expect(appliedOutcome(result, soFar())).toMatchObject({
    kind: 'failed',
    exitCode: 75,
    applied,
    stoppedAt: b,
    notAttempted: [c],
    problems: [failure],
  })
})

test('a run that failed before it applied anything did not attempt what was pending', () => {
  expect(failedOutcome([unreachable], soFar())).toMatchObject({
    kind: 'failed',
    exitCode: 69,
    applied: [],
    notAttempted: [a, b],
  })
})

test('the gravest of several problems decides the exit code', () => {
  expect(failedOutcome([unreachable, unnamed], soFar()).exitCode).toBe(2)
})

describe('what was thrown', () => {
  test('is its problems when it is ours', () => {
    expect(problemsOf(new SchemagateError([unnamed, unreachable]))).toEqual([unnamed, unreachable])
  })

  test.each([
    [new TypeError('x is not a function'), 'TypeError: x is not a function'],
    ['a string', 'Error: a string'],
  ])('is a bug of ours when it is anything else: %p', (thrown, told) => {
    const [only, ...more] = problemsOf(thrown)
    expect(more).toEqual([])
    expect(only).toMatchObject({
      code: 'bug',
      category: 'bug',
      title: `schemagate itself failed: ${told}`,
    })
  })
})
