import { expect, test } from '@jest/globals'
import type { Checksum } from '../../../../src/migrations/migration.ts'
import { decide, isComplete } from '../../../../src/reconcile/states/decide.ts'
import { aMigration, aRowOf } from '../../a-migration.ts'

const table = 'schemagate.schema_migrations'
const [first, second, third] = [
  aMigration('0009_a.sql'),
  aMigration('0010_b.sql'),
  aMigration('0011_c.sql'),
] as const
const other = 'f'.repeat(64) as Checksum

test('what is not recorded is pending, in the order in which it runs', () => {
  const { pending, known, refusals } = decide([first, second, third], [aRowOf(second)], table)
  expect(pending.map(({ migration, outOfOrder }) => [migration.version, outOfOrder])).toEqual([
    ['9', true],
    ['11', false],
  ])
  expect(known).toEqual({ recorded: 1, unknown: [], removed: [] })
  expect(refusals).toEqual([])
})

test('rows of a newer image are told, and refuse nothing', () => {
  const rows = [aRowOf(first), aRowOf(third, { state: 'running' }), aRowOf(aMigration('99_x.sql'))]
  expect(decide([first], rows, table)).toEqual({
    pending: [],
    interrupted: [],
    known: { recorded: 1, unknown: ['11', '99'], removed: [] },
    refusals: [],
  })
})

test('an edited file is refused, with file, row, both checksums and the SQL that accepts it', () => {
  const { refusals, known } = decide([first], [aRowOf(first, { checksum: other })], table)
  expect(known.recorded).toBe(0)
  expect(refusals).toHaveLength(1)
  expect(refusals[0]).toMatchObject({
    code: 'edited-file',
    category: 'refused',
    title: 'migrations/0009_a.sql was edited after it was applied',
    detail: [
      `recorded: sha256 ${other}, applied 2024-05-06T07:08:09.000Z by owner`,
      `found:    sha256 ${first.checksum}`,
    ],
  })
  expect(refusals[0]?.fix).toContain(
    `UPDATE ${table} SET checksum = '${first.checksum}' WHERE version = '9';`,
  )
})

test('a version that another file has is refused, with the next free number and no SQL', () => {
  const files = [aMigration('0009_x.sql', 'SELECT 2;'), aMigration('10_y.sql', 'SELECT 3;'), third]
  const rows = [
    aRowOf(first),
    aRowOf(second, { state: 'reconciled' }),
    aRowOf(aMigration('0012_d.sql', '4')),
  ]
  const { refusals, pending, known } = decide(files, rows, table)
  expect(refusals.map(({ code, title }) => [code, title])).toEqual([
    [
      'version-taken',
      'migrations/0009_x.sql has version 9, which the ledger has recorded for 0009_a',
    ],
    [
      'version-taken',
      'migrations/10_y.sql has version 10, which the ledger has recorded for 0010_b',
    ],
  ])
  expect(refusals.map(({ fix }) => fix.split('\n')[1])).toEqual([
    'git mv migrations/0009_x.sql migrations/0013_x.sql',
    'git mv migrations/10_y.sql migrations/0014_y.sql',
  ])
  expect(JSON.stringify(refusals)).not.toContain('UPDATE')
  expect(pending).toHaveLength(1)
  expect(known).toEqual({ recorded: 0, unknown: ['12'], removed: [] })
})

test('a file that made room for another is named, with the number that it has to get back', () => {
  const files = [
    aMigration('0009_x.sql', 'SELECT 2;'),
    { ...first, version: third.version, name: '0011_a', file: 'migrations/0011_a.sql' },
  ]
  const { refusals } = decide(files, [aRowOf(first)], table)
  expect(refusals).toMatchObject([{ code: 'version-taken' }])
  expect(refusals[0]?.fix.split('\n').filter((line) => line.startsWith('git'))).toEqual([
    'git mv migrations/0009_x.sql migrations/0012_x.sql',
    'git mv migrations/0011_a.sql migrations/0009_a.sql',
  ])
})

test('a recorded file under another number would run again, and is refused', () => {
  const moved = aMigration('0011_a.sql', first.text)
  expect(decide([moved], [aRowOf(first)], table).refusals).toMatchObject([
    {
      code: 'renumbered-file',
      fix: 'Give it its number back:\ngit mv migrations/0011_a.sql migrations/0009_a.sql',
    },
  ])
  // Another file may well have the same text.
  expect(decide([third], [aRowOf(first)], table).refusals).toEqual([])
})

test('a row that somebody gave another version is told as that, not as a file that was moved', () => {
  const changed = aRowOf(first, { version: third.version })
  expect(decide([first], [changed], table).refusals).toMatchObject([
    {
      code: 'renumbered-row',
      fix: `Give the row its version back:\nUPDATE ${table} SET version = '9' WHERE version = '11';`,
    },
  ])
})

test('an interrupted migration is something to do, whatever became of its file', () => {
  const rows = [aRowOf(second, { state: 'running', checksum: other, finishedAt: undefined })]
  const decided = decide([second], rows, table)
  expect(decided).toMatchObject({ pending: [], refusals: [] })
  expect(decided.interrupted.map(({ migration }) => migration.version)).toEqual(['10'])
  expect(isComplete(decided)).toBe(false)
  expect(isComplete(decide([second], [aRowOf(second)], table))).toBe(true)
})

test('every reason not to run is told at once, beside what is pending', () => {
  const rows = [aRowOf(first, { checksum: other }), aRowOf(second, { checksum: other })]
  const { pending, refusals } = decide([first, second, third], rows, table)
  expect(pending.map(({ migration }) => migration.version)).toEqual(['11'])
  expect(refusals.map(({ code }) => code)).toEqual(['edited-file', 'edited-file'])
})
