import { describe, expect, test } from '@jest/globals'
import type { LedgerRow, LedgerState } from '../../../../src/database/ledger/ledger-row.ts'
import {
  versionOfRepeatable,
  type Checksum,
  type Migration,
} from '../../../../src/migrations/migration.ts'
import {
  ofKind,
  planMigrations,
  versionOfState,
  type MigrationState,
} from '../../../../src/reconcile/states/plan.ts'
import { aMigration, aRowOf } from '../../a-migration.ts'

const migration = aMigration('0005_a.sql')
const other = 'f'.repeat(64) as Checksum

type Case = {
  readonly file: 'there' | 'gone'
  readonly row: LedgerState | 'none'
  readonly checksum: 'equal' | 'different'
  readonly kind: MigrationState['kind']
}

// Every combination of a file and its row; without either there is no migration.
const cases: readonly Case[] = [
  { file: 'there', row: 'none', checksum: 'equal', kind: 'pending' },
  { file: 'there', row: 'applied', checksum: 'equal', kind: 'recorded' },
  { file: 'there', row: 'applied', checksum: 'different', kind: 'edited' },
  { file: 'there', row: 'reconciled', checksum: 'equal', kind: 'recorded' },
  { file: 'there', row: 'reconciled', checksum: 'different', kind: 'edited' },
  { file: 'there', row: 'running', checksum: 'equal', kind: 'interrupted' },
  { file: 'there', row: 'running', checksum: 'different', kind: 'interrupted' },
  { file: 'gone', row: 'applied', checksum: 'equal', kind: 'unknown' },
  { file: 'gone', row: 'reconciled', checksum: 'equal', kind: 'unknown' },
  { file: 'gone', row: 'running', checksum: 'equal', kind: 'unknown' },
]

test.each(cases)(
  'a migration with its file $file, its row $row and the checksum $checksum is $kind',
  ({ file, row, checksum, kind }) => {
    const rows: readonly LedgerRow[] =
      row === 'none'
        ? []
        : [aRowOf(migration, { state: row, ...(checksum === 'equal' ? {} : { checksum: other }) })]
    const states = planMigrations(file === 'there' ? [migration] : [], rows)
    expect(states).toHaveLength(1)
    expect(states[0]).toMatchObject({
      kind,
      ...(file === 'there' ? { migration } : {}),
      ...(row === 'none' ? { outOfOrder: false } : { row: rows[0] }),
    })
  },
)

// What tells a file from another: its number alone does not, in either direction.
test.each([
  { row: 'applied', name: '5_a', text: 'SELECT 1;', kind: 'recorded' },
  { row: 'applied', name: '0005_b', text: 'SELECT 1;', kind: 'recorded' },
  { row: 'applied', name: '5-a', text: 'SELECT 2;', kind: 'edited' },
  { row: 'applied', name: '0005_b', text: 'SELECT 2;', kind: 'taken' },
  { row: 'reconciled', name: '0005_b', text: 'SELECT 2;', kind: 'taken' },
  { row: 'running', name: '0005_b', text: 'SELECT 2;', kind: 'taken' },
  { row: 'running', name: '0005_b', text: 'SELECT 1;', kind: 'interrupted' },
  { row: 'running', name: '005_a', text: 'SELECT 2;', kind: 'interrupted' },
] as const)(
  '0005_a beside the $row row of $name with $text is $kind',
  ({ row, name, text, kind }) => {
    const rows = [aRowOf(aMigration(`${name}.sql`, text), { state: row })]
    expect(planMigrations([migration], rows)).toMatchObject([{ kind }])
  },
)

describe('what runs whenever it has changed', () => {
  const repeated = (text: string): Migration => ({
    ...aMigration('1_views.sql', text),
    ...{ version: versionOfRepeatable('views'), name: 'R__views', runs: 'when changed' },
  })
  const [one, two] = [aMigration('1_a.sql'), aMigration('2_a.sql')]
  const kindsOf = (...asked: Parameters<typeof planMigrations>): readonly string[] =>
    planMigrations(...asked).map((state) => `${versionOfState(state)} ${state.kind}`)

  test('is pending with another text, and recorded with this one', () => {
    const rows = [aRowOf(one), aRowOf(repeated('SELECT 1;'), { ordinal: 2 })]
    expect(kindsOf([one, repeated('SELECT 1;')], rows)).toEqual(['1 recorded', 'R__views recorded'])
    expect(kindsOf([one, repeated('SELECT 2;')], rows)).toEqual(['1 recorded', 'R__views pending'])
  })

  test('makes no other file late, and is never late', () => {
    const rows = [aRowOf(one), aRowOf(repeated('SELECT 1;'), { ordinal: 2 })]
    const states = planMigrations([one, two, repeated('SELECT 2;')], rows)
    expect(ofKind(states, 'pending').map(({ outOfOrder }) => outOfOrder)).toEqual([false, false])
  })

  test('is left as it is where a newer release has run', () => {
    const rows = [aRowOf(one), aRowOf(two), aRowOf(repeated('SELECT 1;'), { ordinal: 3 })]
    expect(kindsOf([one, repeated('SELECT 2;')], rows)).toEqual([
      ...['1 recorded', 'R__views recorded', '2 unknown'],
    ])
    // One that is gone from the folder shows no newer release.
    const gone = { ...aRowOf(repeated('SELECT 1;')), version: versionOfRepeatable('gone') }
    expect(kindsOf([one, repeated('SELECT 2;')], [aRowOf(one), rows[2] ?? gone, gone])).toContain(
      'R__views pending',
    )
  })

  test('goes on where it stopped, statement by statement', () => {
    const rows = [aRowOf(repeated('SELECT 1;'), { state: 'running' })]
    expect(kindsOf([repeated('SELECT 1;')], rows)).toEqual(['R__views interrupted'])
  })
})

test('no files and no rows are no states', () => {
  expect(planMigrations([], [])).toEqual([])
})

test('the row of a version is found whatever zeros its file has', () => {
  const renamed = { ...aRowOf(aMigration('5_a.sql')), name: '5_a' }
  expect(planMigrations([migration], [renamed])).toMatchObject([{ kind: 'recorded' }])
})

test('states stand in the order of the files, with the unknown rows where they belong', () => {
  const files = ['0009_b.sql', '0010_c.sql', '0100_d.sql'].map((entry) => aMigration(entry))
  const rows = ['0099_x.sql', '0101_y.sql', '1_z.sql', '0009_b.sql'].map((entry, at) =>
    aRowOf(aMigration(entry), { ordinal: at + 1 }),
  )
  const states = planMigrations(files, rows)
  expect(states.map((state) => `${versionOfState(state)} ${state.kind}`)).toEqual([
    '1 unknown',
    '9 recorded',
    '10 pending',
    '99 unknown',
    '100 pending',
    '101 unknown',
  ])
  expect(ofKind(states, 'unknown').map(({ row }) => row.version)).toEqual(['1', '99', '101'])
})

describe('a pending migration', () => {
  const outOfOrder = (
    files: readonly string[],
    rows: readonly string[],
    state: LedgerState = 'applied',
  ): readonly string[] =>
    ofKind(
      planMigrations(
        files.map((entry) => aMigration(entry)),
        rows.map((entry, at) => aRowOf(aMigration(entry), { ordinal: at + 1, state })),
      ),
      'pending',
    )
      .filter((pending) => pending.outOfOrder)
      .map((pending) => pending.migration.version)

  test.each([
    ['on an empty ledger', ['1_a.sql', '2_b.sql'], [], []],
    ['after every recorded one', ['1_a.sql', '2_b.sql'], ['1_a.sql'], []],
    ['after them by value, not by text', ['9_a.sql', '10_b.sql'], ['9_a.sql'], []],
    ['before a recorded one', ['1_a.sql', '2_b.sql', '3_c.sql'], ['1_a.sql', '3_c.sql'], ['2']],
    [
      'before one that was recorded early',
      ['1_a.sql', '2_b.sql', '3_c.sql', '4_d.sql'],
      ['3_c.sql', '1_a.sql'],
      ['2'],
    ],
    ['before a row of a newer image only', ['1_a.sql', '2_b.sql'], ['1_a.sql', '99_x.sql'], []],
    ['before nothing but rows of a newer image', ['1_a.sql'], ['98_w.sql', '99_x.sql'], []],
    [
      'before a recorded one and rows of a newer image',
      ['1_a.sql', '2_b.sql', '3_c.sql'],
      ['2_b.sql', '99_x.sql'],
      ['1'],
    ],
  ])('is out of order as it stands %s', (_, files, rows, versions) => {
    expect(outOfOrder(files, rows)).toEqual(versions)
  })

  test('is out of order before one that is reconciled, or still running', () => {
    expect(outOfOrder(['1_a.sql', '2_b.sql'], ['2_b.sql'], 'reconciled')).toEqual(['1'])
    expect(outOfOrder(['1_a.sql', '2_b.sql'], ['2_b.sql'], 'running')).toEqual(['1'])
  })
})
