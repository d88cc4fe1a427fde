// A base file beside every ledger that it can meet.

import { describe, expect, test } from '@jest/globals'
import type { LedgerRow } from '../../../../src/database/ledger/ledger-row.ts'
import { compareVersions, type Migration } from '../../../../src/migrations/migration.ts'
import { baseVersionOf, replacedDigest } from '../../../../src/migrations/replaces.ts'
import { decide } from '../../../../src/reconcile/states/decide.ts'
import { planMigrations } from '../../../../src/reconcile/states/plan.ts'
import { replacedRows } from '../../../../src/reconcile/states/replaced.ts'
import { aMigration, aRowOf } from '../../a-migration.ts'

const old = ['0001_a.sql', '0002_b.sql', '0003_c.sql'].map((name) =>
  aMigration(name, `SELECT '${name}';`),
)
const later = aMigration('0004_d.sql')

const baseOf = (entry: string, to: string, replaced: readonly Migration[]): Migration => {
  const made = aMigration(entry, `SELECT '${entry}';`, {
    replaces: {
      ...{ from: '0001', to },
      digest: replacedDigest(replaced.map(({ checksum }) => checksum)),
    },
  })
  return { ...made, version: baseVersionOf(made.version) }
}
const base = baseOf('0003_base.sql', '0003', old)

const rowsOf = (migrations: readonly Migration[]): readonly LedgerRow[] =>
  migrations.map((each, at) => aRowOf(each, { ordinal: at + 1 }))

const kinds = (migrations: readonly Migration[], rows: readonly LedgerRow[]): readonly string[] =>
  planMigrations(migrations, rows).map((state) => state.kind)

describe('the rows that a base replaces', () => {
  const [first, second, third] = rowsOf(old)
  test.each([
    ['none', []],
    ['all', rowsOf(old)],
    ['all', rowsOf([...old, later])],
    ['all', [...rowsOf(old)].reverse()],
    ['some', rowsOf(old.slice(0, 2))],
    ['others', [first, third]],
    ['others', [first, second && { ...second, checksum: later.checksum }, third]],
    ['running', [first, second, third && { ...third, state: 'running' as const }]],
  ])('are there: %s', (kind, rows) => {
    const ledger = rows.filter((row) => row !== undefined)
    expect(replacedRows(base, ledger).kind).toBe(kind)
  })

  test('are those of the base before it, and what came since', () => {
    const next = baseOf('0004_base.sql', '0004', [base, later])
    expect(replacedRows(next, rowsOf([base, later])).kind).toBe('all')
    // The database that ran the files has their rows besides.
    expect(replacedRows(next, rowsOf([...old, later, base])).kind).toBe('all')
    expect(replacedRows(next, rowsOf([...old, later])).kind).toBe('others')
    expect(replacedRows(next, rowsOf([base])).kind).toBe('some')
  })
})

test('replaced rows are not those of a newer release, and later files stay what they are', () => {
  const rows = rowsOf([...old, later])
  expect(kinds([base, later], rows)).toEqual([
    ...['replaced', 'replaced', 'replaced', 'pending', 'recorded'],
  ])
  const decided = decide([base, later], rows, 'schemagate.schema_migrations')
  expect(decided).toMatchObject({ refusals: [], known: { unknown: [], recorded: 1 } })
  expect(decided.pending).toMatchObject([{ migration: base, outOfOrder: false }])
})

test('what a base makes comes before the files that were recorded before its row', () => {
  const rows = rowsOf([...old, later, base])
  const recorded = planMigrations([base, later], rows).flatMap((state) =>
    state.kind === 'recorded' ? [[state.row.version, state.row.ordinal]] : [],
  )
  expect(recorded).toEqual([
    ['B3', 0],
    ['4', 4],
  ])
})

test('older files are in the base of a newer image, but not where the files themselves have run', () => {
  expect(kinds([...old, later], rowsOf([base]))).toEqual([
    ...['in base', 'in base', 'in base', 'unknown', 'pending'],
  ])
  expect(kinds([...old, later], rowsOf([...old.slice(0, 2), base]))).toEqual([
    ...['recorded', 'recorded', 'pending', 'unknown', 'pending'],
  ])
})

test('a base stands behind its number and before the next', () => {
  const versions = [later, base, ...old].map(({ version }) => version)
  expect([...versions].sort(compareVersions)).toEqual(['1', '2', '3', 'B3', '4'])
  const [nine, ten] = [aMigration('9_a.sql').version, aMigration('10_a.sql').version]
  expect([ten, baseVersionOf(nine), nine].sort(compareVersions)).toEqual(['9', 'B9', '10'])
})
