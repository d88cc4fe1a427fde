import { describe, expect, test } from '@jest/globals'
import type { Violation } from '../../../../src/contract/violation.ts'
import type { LedgerRow } from '../../../../src/database/ledger/ledger-row.ts'
import { explain } from '../../../../src/commands/validate/explain.ts'
import { aMigration, aRowOf } from '../../a-migration.ts'
import { historyOf } from '../../schema/history/history-lines.ts'

const texts = [
  'CREATE TABLE t (a int NOT NULL, b text)',
  'ALTER TABLE t ALTER a DROP NOT NULL; CREATE INDEX t_b_idx ON t (b)',
  'ALTER TABLE t DROP COLUMN b',
]
const history = historyOf(texts)
const migrations = history.migrations.map(({ migration }) => migration)
const [first, second, third] = migrations

const violation = (changes: Partial<Violation> = {}): Violation => ({
  service: 'api',
  object: { kind: 'column', of: 't', name: 'a' },
  aspect: 'type',
  expected: 'bigint',
  found: 'integer',
  path: [],
  place: undefined,
  ...changes,
})

const rowsOf = (...recorded: readonly (typeof first)[]): readonly LedgerRow[] =>
  recorded.flatMap((migration) => (migration === undefined ? [] : [aRowOf(migration)]))

describe('the migration that should have brought it', () => {
  test('is the last that speaks of what is wrong', () => {
    const { migration } = explain(violation(), { history, rows: rowsOf(first) })
    expect(migration).toEqual({
      file: first?.file,
      does: 'brings it',
      recorded: 'applied',
      recordedAt: '2024-05-06T07:08:09.000Z',
    })
    const nullability = explain(violation({ aspect: 'nullability' }), { history, rows: [] })
    expect(nullability.migration).toMatchObject({ file: second?.file, recorded: 'no' })
  })

  test('may be one that takes it away', () => {
    const gone = violation({ object: { kind: 'column', of: 't', name: 'b' }, aspect: 'existence' })
    const explained = explain(gone, { history, rows: rowsOf(first, second, third) })
    expect(explained.migration).toMatchObject({ file: third?.file, does: 'takes it away' })
    expect(explained.why).toContain('contract and migrations contradict each other')
    expect(explained.fix).toContain('Take it out of the contract of api')
  })

  test.each<readonly [Violation['object']]>([
    [{ kind: 'column', of: 'public.t', name: 'a' }],
    [{ kind: 'index', of: 't', name: 't_b_idx' }],
    [{ kind: 'table', of: undefined, name: 'public.t' }],
  ])('is found for %j', (object) => {
    const explained = explain(violation({ object, aspect: 'existence' }), { history, rows: [] })
    expect(explained.migration?.does).toBeDefined()
  })

  test.each<readonly [Violation['object']]>([
    [{ kind: 'column', of: 'audit.t', name: 'a' }],
    [{ kind: 'column', of: 't', name: 'nowhere' }],
    [{ kind: 'view', of: undefined, name: 't' }],
  ])('is none for %j', (object) => {
    const explained = explain(violation({ object, aspect: 'existence' }), { history, rows: [] })
    expect(explained.migration).toBeUndefined()
    expect(explained.why).toBe('no migration file brings it')
  })
})

describe('why', () => {
  test.each<readonly [string, LedgerRow[] | undefined, string]>([
    ['it has not run', [], 'is not recorded: it has not run here'],
    ['nobody may tell', undefined, 'the ledger cannot be read here'],
    ['somebody changed it', [...rowsOf(first)], 'it was changed since, outside the migrations'],
    [
      'a newer version may have',
      [...rowsOf(first), aRowOf(aMigration('9999_newer.sql'))],
      'or by a newer release that ran here',
    ],
  ])('%s', (_, rows, words) => {
    expect(explain(violation(), { history, rows }).why).toContain(words)
  })

  test('is not known where the contract stands alone', () => {
    const { why } = explain(violation(), { history: undefined, rows: undefined })
    expect(why).toContain('there are no migration files next to the contract')
  })
})

test('what has not run is to be run', () => {
  expect(explain(violation(), { history, rows: [] }).fix).toBe('Run the migrations: schemagate run')
})
