import { describe, expect, test } from '@jest/globals'
import type { Finding } from '../../../../src/lint/finding.ts'
import { findingsByVersion } from './findings-by-version.ts'
import {
  lockedTables,
  makePlan,
  nothingToDo,
  type Plan,
} from '../../../../src/commands/plan/make-plan.ts'
import type { TableSizes } from '../../../../src/reconcile/table-size.ts'
import { aHistory, madeBy, assessmentsOf, type Database } from '../../reconcile/a-database.ts'
import { lockName } from '../../../../src/sql/locks/locks.ts'

const known = { recorded: 0, unknown: [], removed: [] }

const planOf = (
  files: readonly string[],
  database: Database,
  { sizes = new Map(), findings = [] }: { sizes?: TableSizes; findings?: readonly Finding[] } = {},
): Plan => {
  const history = aHistory(files)
  return makePlan({
    intent: 'run',
    history,
    reconciled: assessmentsOf(files, database),
    known,
    refusals: [],
    begun: [],
    prepared: [],
    sizes,
    findings: findingsByVersion(history, findings),
    losses: [],
    conflicts: [],
    drift: [],
  })
}

const table = 'CREATE TABLE t (a int)'
const alter = '-- why\nALTER TABLE t\n  ADD b int;\n/* and */ CREATE INDEX i ON t (b)'
const size = { bytes: 8_192, rows: 12 }

const aFinding = (file: string): Finding => ({
  rule: 'a-rule',
  level: 'warning',
  file,
  place: { file, line: 2, column: 1, excerpt: '' },
  message: 'it hurts',
  effect: '',
  cure: '',
})

test('a file that runs has its statements, with the locks and sizes of their tables', () => {
  const [, second] = planOf([table, alter], madeBy(table), {
    sizes: new Map([['t', size]]),
  }).migrations
  expect(second?.reason).toBe('adds column t.b, index i')
  expect(second?.statements).toEqual([
    {
      line: 2,
      text: 'ALTER TABLE t\nADD b int',
      locks: [{ table: 't', level: 'ACCESS EXCLUSIVE', size }],
    },
    { line: 4, text: 'CREATE INDEX i ON t (b)', locks: [{ table: 't', level: 'SHARE', size }] },
  ])
})

test('a table that is not there yet has no size', () => {
  const [, second] = planOf([table, alter], {}).migrations
  expect(second?.statements.flatMap(({ locks }) => locks.map((lock) => lock.size))).toEqual([
    undefined,
    undefined,
  ])
})

test('a file that is marked or refused has neither statements nor hazards', () => {
  const findings = [1, 2].map((version) => aFinding(`migrations/${version}_a.sql`))
  const marked = planOf([table, alter], madeBy(table, alter), { findings })
  expect(marked.migrations.map(({ statements, hazards }) => [...statements, ...hazards])).toEqual([
    [],
    [],
  ])
  const refused = planOf([table], madeBy('CREATE TABLE t (a text)'), { findings })
  expect(refused.migrations[0]).toMatchObject({ statements: [], hazards: [] })
})

test('hazards are those of the file', () => {
  const findings = [1, 2].map((version) => aFinding(`migrations/${version}_a.sql`))
  const plan = planOf([table, alter], madeBy(table), { findings })
  expect(plan.migrations.map(({ hazards }) => hazards)).toEqual([[], [findings[1]]])
})

test('a file that cannot be read has no statements', () => {
  expect(planOf(['CREATE TABEL x'], {}).migrations[0]?.statements).toEqual([])
})

test('nothing pending is an empty plan with what refuses it', () => {
  expect(nothingToDo('adopt', known, [])).toEqual({
    intent: 'adopt',
    migrations: [],
    known,
    refusals: [],
  })
})

describe('the tables that are locked', () => {
  test('are named once, by the files asked about', () => {
    const history = aHistory([table, alter, 'UPDATE u SET a = 1; ALTER TABLE app."T" ADD b int'])
    const [, second, third] = history.migrations.map(({ migration }) => migration)
    expect(lockedTables(history, second === undefined ? [] : [second])).toEqual(['t'])
    expect(lockedTables(history, third === undefined ? [] : [third])).toEqual(['u', 'app."T"'])
    expect(lockedTables(history, [])).toEqual([])
  })

  test.each([
    [undefined, 't', 't'],
    ['app', 't', 'app.t'],
    [undefined, 'T', '"T"'],
    ['my app', 'a"b', '"my app"."a""b"'],
  ])('%j %j is %s', (schema, name, shown) => {
    expect(lockName({ relation: { schema, name }, level: 'SHARE' })).toBe(shown)
  })
})
