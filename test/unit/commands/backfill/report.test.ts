import { describe, expect, test } from '@jest/globals'
import type { Backfill } from '../../../../src/commands/backfill/file/backfill.ts'
import type { BackfillResult } from '../../../../src/commands/backfill/run-one.ts'
import type { BackfillState } from '../../../../src/commands/backfill/state/state.ts'
import type { BackfillRun } from '../../../../src/commands/backfill/run.ts'
import { problem } from '../../../../src/errors/problem.ts'
import type { RunEvent } from '../../../../src/events.ts'
import { spell } from '../../../../src/report/log/amounts.ts'
import { nowAndThen } from '../../../../src/commands/backfill/progress.ts'
import { exitCodeOf, renderBackfills } from '../../../../src/commands/backfill/report.ts'
import { narrate } from '../../../../src/report/log/narrate.ts'

const result = (more: Partial<BackfillResult>): BackfillResult => ({
  backfill: { name: 'fill', file: 'migrations/backfills/fill.sql' } as Backfill,
  ...{ end: 'done', rowsVisited: 0, rowsChanged: 0, durationMs: 2_000, state: undefined },
  ...{ total: undefined, problems: [] },
  ...more,
})
const run = (...results: readonly BackfillResult[]): BackfillRun => ({ results, problems: [] })
const early = problem('backfill-too-early', { file: 'f', missing: 'the table t' })
const wrong = problem('backfill-not-done', { file: 'f', name: 'fill' })
const stopped = problem('interrupted', { during: 'in the backfill fill' })

describe('the exit code', () => {
  test.each([
    ['all done', run(result({}), result({ end: 'up to date' })), 0, 0],
    ['incomplete', run(result({ end: 'incomplete' })), 0, 75],
    ['too early', run(result({ end: 'failed', problems: [early] })), 0, 75],
    [
      'failed, and one incomplete',
      run(result({ end: 'failed', problems: [wrong] }), result({ end: 'incomplete' })),
      0,
      1,
    ],
    ['interrupted', run(result({ end: 'failed', problems: [stopped] })), 143, 143],
    ['a wrong line', { results: [], problems: [problem('restart-of-all', {})] }, 2, 2],
    ['none', run(), 0, 0],
  ] as const)('of %s', (_, ended, lenient, strict) => {
    expect([exitCodeOf(ended, 'lenient'), exitCodeOf(ended, 'strict')]).toEqual([lenient, strict])
  })
})

test('the report has a line for each, the problems, and at its end the cause', () => {
  const state: BackfillState = {
    ...{ checksum: '', cursor: ['5'], batches: 3, pass: 1 },
    state: 'running',
    ...{ rowsVisited: 12_345, rowsChanged: 12_000, passVisited: 12_345, passChanged: 12_000 },
  }
  const text = renderBackfills(
    run(
      result({ end: 'done', state, rowsVisited: 10_000, rowsChanged: 9_000 }),
      result({ end: 'up to date', state }),
      result({ end: 'failed', problems: [early] }),
      result({ end: 'not attempted' }),
    ),
    75,
  )
  expect(text).toMatchSnapshot()
})

const progress = (visited: number): RunEvent => ({
  ...{ kind: 'backfill progress', name: 'fill', visited, changed: 5, total: 2_000_000 },
  ...{ rowsPerSecond: 61_234.5, secondsLeft: 200, batchSize: 7_000 },
})

test('the log says how far it is, how fast, and how long it takes', () => {
  expect(narrate(progress(1_000_000)).message).toBe(
    'BACKFILL fill: 1,000,000 of about 2,000,000 rows (50 %), 5 changed, 61,235 rows/s, 3 min 20 s left, batches of 7,000',
  )
  // More than anybody estimated.
  expect(narrate(progress(2_000_001)).message).toContain('BACKFILL fill: 2,000,001 rows visited, ')
})

test('the log says how many workers there are, where there are several or fewer than declared', () => {
  const started = (workers: number): string =>
    narrate({
      ...{ kind: 'backfill started', name: 'fill', table: '"public"."t"', visited: 0 },
      ...{ total: undefined, pass: 1, workers },
    }).message
  expect(started(1)).toBe('BACKFILL fill starts: "public"."t"')
  expect(started(4)).toBe('BACKFILL fill starts: "public"."t", 4 workers')
  const lacking = narrate({
    ...{ kind: 'backfill workers lacking', name: 'fill', workers: 2, declared: 4 },
    reason: 'sorry, too many clients already',
  })
  expect(lacking).toMatchObject({
    level: 'warn',
    message:
      'BACKFILL fill has 2 of 4 workers, because it lacks connections: sorry, too many clients already',
  })
})

test.each([
  [0.2, '1 s'],
  [59, '59 s'],
  [60, '1 min 0 s'],
  [3_725, '1 h 2 min'],
])('%d s is spelt %s', (seconds, text) => {
  expect(spell(seconds)).toBe(text)
})

test('progress is a line of the log every five seconds; what is no progress is told at once', () => {
  let time = 0
  const said: string[] = []
  const announce = nowAndThen(
    (event) => said.push(event.kind),
    () => time,
  )
  const held = (heldBack: number): RunEvent => ({
    ...{ kind: 'backfill held back', name: 'fill', by: 'locks', heldBack },
  })
  const events: readonly (readonly [number, RunEvent])[] = [
    [0, { kind: 'backfill incomplete', name: 'fill', visited: 1 }],
    [1_000, progress(1)],
    [4_999, progress(2)],
    [5_000, progress(3)],
    [6_000, held(1)],
    [7_000, held(2)],
    [10_000, held(3)],
  ]
  for (const [at, event] of events) {
    time = at
    announce(event)
  }
  expect(said).toEqual([
    ...['backfill incomplete', 'backfill progress', 'backfill held back', 'backfill held back'],
  ])
})
