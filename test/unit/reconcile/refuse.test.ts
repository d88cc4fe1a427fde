import { describe, expect, test } from '@jest/globals'
import { lateConflicts } from '../../../src/reconcile/late/late.ts'
import { named, placeOfChange, refusalsOf, type Order } from '../../../src/reconcile/refuse.ts'
import { aRowOf } from '../a-migration.ts'
import {
  aHistory,
  madeBy,
  assessmentsOf,
  without,
  type Circumstances,
  type Database,
} from './a-database.ts'

const refused = (
  files: readonly string[],
  database: Database,
  order: Order = 'any',
  circumstances: Circumstances = {},
) => {
  const history = aHistory(files)
  const assessments = assessmentsOf(files, database, circumstances)
  const rows = history.migrations
    .filter(({ migration }) => circumstances.recorded?.includes(Number(migration.version)))
    .map(({ migration }) => aRowOf(migration))
  const conflicts = lateConflicts(history, assessments, rows)
  return refusalsOf(assessments, history, { order, conflicts })
}

const table = 'CREATE TABLE t (a int, b int)'
const index = 'CREATE INDEX i ON t (a)'

test('what may be marked or run is not refused', () => {
  expect(refused([table, index], madeBy(table))).toEqual([])
})

describe('half of a file', () => {
  test('is refused with what is there and what is missing, where it would trip', () => {
    expect(refused([`-- why\n${table};\n\n-- for reads\n${index};`], madeBy(table))).toMatchObject([
      {
        code: 'partial-state',
        category: 'refused',
        facts: { version: '1', present: ['table t'], missing: ['index i'] },
        place: { file: 'migrations/1_a.sql', line: 2, column: 1 },
      },
    ])
  })

  test('is shown where a guard would keep the rest from being made', () => {
    const file = 'CREATE SCHEMA IF NOT EXISTS app;\nCREATE TABLE IF NOT EXISTS t (a int, b int)'
    const database = { ...without(madeBy(file), 'column t.b'), 'schema app existence': 'schema' }
    expect(refused([file], database)).toMatchObject([
      { code: 'partial-state', facts: { missing: ['column t.b'] }, place: { line: 2, column: 1 } },
    ])
  })
})

describe('another definition', () => {
  test('is refused with both side by side, at the statement that makes it', () => {
    const file = `${table};\n${index};`
    const database = { ...madeBy(file), 'index i definition': 'INDEX ON t USING btree (b)' }
    expect(refused([file], database)).toMatchObject([
      {
        code: 'conflicting-objects',
        facts: {
          differences: [
            {
              object: 'index i',
              facet: 'definition',
              expected: 'INDEX ON t USING btree (a)',
              found: 'INDEX ON t USING btree (b)',
            },
          ],
        },
        place: { line: 2, column: 1 },
      },
    ])
  })

  test('has all that differs', () => {
    const database = {
      ...madeBy(table),
      'column t.a type': 'text',
      'column t.b nullability': 'NOT NULL',
    }
    const [only] = refused([table], database)
    expect(only?.detail).toEqual([
      ...['column t.a, type', '  expected: int4', '  found:    text'],
      ...['column t.b, nullability', '  expected: NULL', '  found:    NOT NULL'],
    ])
  })
})

test('every file that cannot be decided is told at once', () => {
  const files = [`${table}; ${index}`, 'CREATE TABLE u (a int)']
  const database = { ...madeBy(table), ...madeBy('CREATE TABLE u (a text)') }
  expect(refused(files, database).map(({ code }) => code)).toEqual([
    'partial-state',
    'conflicting-objects',
  ])
})

describe('a file that was merged late', () => {
  const files = [table, index, 'ALTER TABLE t ADD c int']
  const late: Circumstances = { recorded: [1, 3] }

  test('runs when any order is allowed', () => {
    expect(refused(files, madeBy(table), 'any', late)).toEqual([])
  })

  test('is refused in strict order', () => {
    expect(refused(files, madeBy(table), 'strict', late)).toMatchObject([
      { code: 'out-of-order', facts: { file: 'migrations/2_a.sql', version: '2' } },
    ])
  })

  test('is refused where its place matters when that is asked for, and only there', () => {
    const files = [table, '-- why\nALTER TABLE t ADD c text', 'ALTER TABLE t ADD c int']
    expect(refused(files, madeBy(table), 'auto', late)).toMatchObject([
      {
        code: 'late-conflict',
        facts: {
          file: 'migrations/2_a.sql',
          meets: [{ after: 'migrations/3_a.sql', object: 'column t.c' }],
          moves: [{ from: 'migrations/2_a.sql', to: 'migrations/4_a.sql' }],
        },
        place: { line: 2, column: 1 },
      },
    ])
    expect(refused([table, index, 'ALTER TABLE t ADD c int'], madeBy(table), 'auto', late)).toEqual(
      [],
    )
  })

  test('is marked in any order when it is there', () => {
    expect(refused(files, madeBy(table, index), 'strict', late)).toEqual([])
  })
})

describe('the pieces of a file are named', () => {
  const namesOf = (files: readonly string[], database: Database): readonly string[] =>
    assessmentsOf(files, database).flatMap(({ items }) => named(items))

  test.each<readonly [files: readonly string[], names: readonly string[]]>([
    [[table], ['table t']],
    [['CREATE TABLE app.t (a int UNIQUE)'], ['table app.t']],
    [[`${table}; ${index}`], ['table t', 'index i']],
    [
      [table, 'ALTER TABLE t ADD c int'],
      ['table t', 'column t.c'],
    ],
    [
      [table, 'ALTER TABLE t ALTER a TYPE text, ALTER b SET DEFAULT 1'],
      ['table t', 'column t.a (type)', 'column t.b (default)'],
    ],
    [
      [
        table,
        'ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0) NOT VALID',
        'ALTER TABLE t VALIDATE CONSTRAINT c',
      ],
      ['table t', 'constraint t.c', 'constraint t.c (validation)'],
    ],
    [
      [table, "COMMENT ON TABLE t IS 'x'"],
      ['table t', 'table t (comment)'],
    ],
  ])('%j', (files, names) => {
    expect(namesOf(files, madeBy(...files))).toEqual(names)
  })
})

describe('the place of a change', () => {
  const history = aHistory(['-- why\n\n/* so */ SELECT 1;\n  -- next\nSELECT 2', 'CREATE TABEL x'])
  test.each([
    [0, 0, 3, 10],
    [0, 1, 5, 1],
  ])('of file %i, statement %i is %i:%i', (at, statement, line, column) => {
    expect(placeOfChange({ at, statement }, history)).toMatchObject({ line, column })
  })

  test('is nowhere in what cannot be read, or is not there', () => {
    expect(placeOfChange({ at: 1, statement: 0 }, history)).toBeUndefined()
    expect(placeOfChange({ at: 0, statement: 2 }, history)).toBeUndefined()
    expect(placeOfChange({ at: 2, statement: 0 }, history)).toBeUndefined()
  })
})
