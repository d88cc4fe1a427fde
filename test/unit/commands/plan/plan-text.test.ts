import { describe, expect, test } from '@jest/globals'
import type { Finding } from '../../../../src/lint/finding.ts'
import { findingsByVersion } from './findings-by-version.ts'
import { makePlan, nothingToDo, type Plan } from '../../../../src/commands/plan/make-plan.ts'
import type { Intent } from '../../../../src/reconcile/assessment.ts'
import { lateConflicts } from '../../../../src/reconcile/late/late.ts'
import { refusalsOf } from '../../../../src/reconcile/refuse.ts'
import { sizeInWords } from '../../../../src/reconcile/table-size.ts'
import { renderPlan as render } from '../../../../src/commands/plan/plan-text.ts'
import { aRowOf } from '../../a-migration.ts'
import { aHistory, madeBy, assessmentsOf, type Database } from '../../reconcile/a-database.ts'

const table = 'CREATE TABLE t (a int)'
const insert = 'INSERT INTO t VALUES (1) ON CONFLICT DO NOTHING'
const alter = 'ALTER TABLE t ADD b int'

const file = 'migrations/3_a.sql'
const finding: Finding = {
  rule: 'a-rule',
  level: 'warning',
  file,
  place: { file, line: 1, column: 1, excerpt: '' },
  message: 'it hurts',
  effect: '',
  cure: '',
}

const renderPlan = (plan: Plan): string => render(plan, 'verbose')

const planOf = (
  files: readonly string[],
  database: Database,
  intent: Intent = 'run',
  recorded: readonly number[] = [],
): Plan => {
  const history = aHistory(files)
  const reconciled = assessmentsOf(files, database, { recorded })
  const rows = history.migrations
    .filter(({ migration }) => recorded.includes(Number(migration.version)))
    .map(({ migration }) => aRowOf(migration))
  const conflicts = lateConflicts(history, reconciled, rows)
  return makePlan({
    intent,
    history,
    reconciled,
    known: { recorded: recorded.length, unknown: [], removed: [] },
    refusals: refusalsOf(reconciled, history, { order: 'any', conflicts }),
    begun: [],
    prepared: [],
    sizes: new Map([['t', { bytes: 5_000_000, rows: 12_345 }]]),
    findings: findingsByVersion(history, [finding]),
    losses: [],
    conflicts,
    drift: [],
  })
}

test('each file has a line with its reason, then its locks and hazards', () => {
  expect(renderPlan(planOf([table, insert, alter], madeBy(table)))).toBe(
    `mark    migrations/1_a.sql
          present: the database has table t
run     migrations/2_a.sql
          opaque: it leaves no evidence (INSERT)
          line 1: INSERT INTO t VALUES (1) ON CONFLICT DO NOTHING
            ROW EXCLUSIVE on t (4.8 MB, about 12,345 rows)
run     migrations/3_a.sql
          to do: adds column t.b
          line 1: ALTER TABLE t ADD b int
            ACCESS EXCLUSIVE on t (4.8 MB, about 12,345 rows)
          warning[a-rule] line 1: it hurts

TABLE  STRONGEST LOCK    SIZE                       FILES
t      ACCESS EXCLUSIVE  4.8 MB, about 12,345 rows  2

Plan: 2 to run, 1 already there, 0 recorded. Nothing was changed.
`,
  )
})

test('a file that was merged late says so', () => {
  const plan = planOf([table, insert, alter], madeBy(table, alter), 'run', [1, 3])
  expect(renderPlan(plan)).toContain('run     migrations/2_a.sql (out of order: merged late)\n')
})

test('in brief each file has one line, and what may hurt', () => {
  expect(render(planOf([table, insert, alter], madeBy(table)), 'brief')).toBe(
    `mark    migrations/1_a.sql  present: the database has table t
run     migrations/2_a.sql  opaque: it leaves no evidence (INSERT)
run     migrations/3_a.sql  to do: adds column t.b
          warning[a-rule] line 1: it hurts

TABLE  STRONGEST LOCK    SIZE                       FILES
t      ACCESS EXCLUSIVE  4.8 MB, about 12,345 rows  2

Plan: 2 to run, 1 already there, 0 recorded. Nothing was changed.
`,
  )
})

test('a statement keeps its lines, moved to the left together', () => {
  const lines = '-- why\n    ALTER TABLE t\n      ADD b text,\n        ADD c text'
  expect(renderPlan(planOf([table, lines], madeBy(table)))).toContain(
    `
          line 2: ALTER TABLE t
            ADD b text,
              ADD c text
            ACCESS EXCLUSIVE on t`,
  )
})

test('of a long statement there is the beginning, and how much more', () => {
  const long = `ALTER TABLE t ADD b text DEFAULT '${'x'.repeat(300)}'${'\n,ADD c text'.repeat(40)}`
  const text = renderPlan(planOf([table, long], madeBy(table)))
  expect(text).toContain(`line 1: ${long.slice(0, 199)}…\n`)
  expect(text.match(/,ADD c text\n/g)).toHaveLength(19)
  expect(text).toContain('            … and 21 more lines\n')
})

describe('a refusal', () => {
  const text = renderPlan(planOf([table], madeBy('CREATE TABLE t (a text)')))

  test('shows both definitions and the whole problem', () => {
    expect(text).toContain(
      'refuse  migrations/1_a.sql\n          conflict: another definition: column t.a (type)\n',
    )
    expect(text).toContain('          column t.a, type: expected int4, found text\n')
    expect(text).toContain('error[conflicting-objects]: ')
  })

  test('ends with the exit code', () => {
    expect(text).toMatch(
      /\nschemagate run would refuse \(exit code 4\): 1 problem; nothing was changed\n$/,
    )
  })

  test('of several counts them', () => {
    const two = planOf([table, 'CREATE TABLE u (a int)'], {
      ...madeBy('CREATE TABLE t (a text)'),
      ...madeBy('CREATE TABLE u (a text)'),
    })
    expect(renderPlan(two)).toContain('(exit code 4): 2 problems; ')
  })
})

describe('adopt', () => {
  test('shows what it would mark, and counts what it leaves', () => {
    expect(renderPlan(planOf([table, alter], madeBy(table), 'adopt'))).toBe(
      `mark    migrations/1_a.sql
          present: the database has table t
Plan: 1 to mark, 1 left for schemagate run, 0 recorded. Nothing was changed.
`,
    )
  })
})

test('nothing pending is one line', () => {
  expect(renderPlan(nothingToDo('run', { recorded: 7, unknown: [], removed: [] }, []))).toBe(
    'nothing pending, 7 recorded; nothing was changed\n',
  )
})

test.each([
  [0, '0 B'],
  [1, '1 B'],
  [1_023, '1023 B'],
  [1_024, '1.0 kB'],
  [8_192, '8.0 kB'],
  [10_240, '10 kB'],
  [5 * 1_024 ** 2, '5.0 MB'],
  [1.5 * 1_024 ** 3, '1.5 GB'],
  [3 * 1_024 ** 4, '3.0 TB'],
  [2_000 * 1_024 ** 4, '2000 TB'],
])('%i bytes are %s', (bytes, words) => {
  expect(sizeInWords(bytes)).toBe(words)
})

test('a late file has a line for each recorded file that it cannot change places with', () => {
  const late = '-- why\nALTER TABLE t ADD b int'
  const shown = renderPlan(planOf([late, table, alter], madeBy(table), 'run', [2, 3]))
  expect(shown).toContain(
    'warning: line 2: table t: migrations/2_a.sql is already there; a new database runs this file first, and may end up different\n',
  )
  expect(shown).toContain('warning: line 2: column t.b: migrations/3_a.sql is already there; ')
})

test('what a file takes away has a line each, with size and why', () => {
  const [planned, ...more] = planOf([table, alter], madeBy(table)).migrations.slice(1)
  if (planned === undefined || more.length > 0) throw new Error('one file that runs')
  const size = { bytes: 5_000_000, rows: 12_345 }
  const losses = [
    ['explained', 'an earlier file created it', size],
    ['allowed', '@allow drop-table nothing reads it', undefined],
    ['refused', 'no file made it', size],
  ] as const
  const plan: Plan = {
    ...planOf([], {}),
    migrations: [
      {
        ...planned,
        losses: losses.map(([verdict, because, of], index) => ({
          ...{ what: 'table t', line: index === 1 ? undefined : index + 1, rule: 'drop-table' },
          ...{ verdict, because, size: of },
        })),
      },
    ],
  }
  expect(renderPlan(plan)).toContain(`
          line 1 removes table t (4.8 MB, about 12,345 rows): an earlier file created it
          removes, as allowed: table t: @allow drop-table nothing reads it
          line 3 must not remove table t (4.8 MB, about 12,345 rows): no file made it
`)
})
