import { describe, expect, test } from '@jest/globals'
import { noteApplied, startCourse, type Course } from '../../../../../src/database/ledger/course.ts'
import { problem, SchemagateError, problemsOf } from '../../../../../src/errors/problem.ts'
import {
  failedOutcome,
  goodOutcome,
  uncheckedOutcome,
} from '../../../../../src/commands/run/outcome/outcome.ts'
import { aMigration } from '../../../a-migration.ts'

const [a, b, c] = [aMigration('1_a.sql'), aMigration('2_b.sql'), aMigration('3_c.sql')] as const
const unreachable = problem('database-unreachable', {
  endpoint: 'E',
  reason: 'r',
  waitedSeconds: 3,
})
const unnamed = problem('no-database-named', {})

const untouched = 'Nothing was changed.'

const courseOf = (known: Partial<Course>): Course => ({
  ...startCourse('r'),
  recorded: 4,
  unknown: ['99'],
  ...known,
})

test.each(['disabled', 'up to date', 'done by another process', 'skipped'] as const)(
  'a run that is %s ends with 0',
  (kind) => {
    expect(goodOutcome(kind, courseOf({}), 'RUN_MIGRATIONS=0')).toMatchObject({
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
  const course = courseOf({ pending: [a], at: a })
  noteApplied(course, a, 3)
  expect(goodOutcome('applied', course)).toMatchObject({
    kind: 'applied',
    exitCode: 0,
    applied: [{ migration: a, durationMs: 3 }],
    stoppedAt: undefined,
    inDoubt: [],
    notAttempted: [],
    problems: [],
  })
})

test('a run that stopped ends with the code of its problem, and says what was done and what was not', () => {
  const failure = problem('lock-lost', { file: b.file })
  const course = courseOf({ pending: [a, b, c] })
  noteApplied(course, a, 3)
  course.at = b
  expect(failedOutcome([failure], course)).toMatchObject({
    kind: 'failed',
    exitCode: 75,
    applied: [{ migration: a, durationMs: 3 }],
    stoppedAt: b,
    notAttempted: [c],
    problems: [failure],
  })
})

test('a run that failed before it applied anything did not attempt what was pending', () => {
  expect(failedOutcome([unreachable], courseOf({ pending: [a, b] }))).toMatchObject({
    kind: 'failed',
    exitCode: 69,
    applied: [],
    notAttempted: [a, b],
    problems: [{ database: untouched }],
  })
})

test('a question that fails in the midst of a run does not deny what the run has changed', () => {
  const course = courseOf({ pending: [a, b] })
  noteApplied(course, a, 3)
  const [told] = failedOutcome([unreachable], course).problems
  expect(told?.database).toMatch(/^Nothing more was changed\. What the report lists as applied/)
})

test('contracts that could not be read after migrations do not deny them either', () => {
  const course = courseOf({ pending: [a] })
  noteApplied(course, a, 3)
  const unproven = uncheckedOutcome(goodOutcome('applied', course), [unreachable])
  expect(unproven).toMatchObject({ kind: 'failed', exitCode: 69, applied: [{ migration: a }] })
  expect(unproven.problems[0]?.database).toMatch(/^Nothing more was changed\./)
})

test('the gravest of several problems decides the exit code', () => {
  expect(failedOutcome([unreachable, unnamed], courseOf({})).exitCode).toBe(2)
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
