import { expect, test } from '@jest/globals'
import type { Checksum } from '../../../../src/migrations/migration.ts'
import { planMigrations } from '../../../../src/reconcile/states/plan.ts'
import { adviceOn, exitCodeOf } from '../../../../src/commands/status/advice.ts'
import { renderStatus, statusJson } from '../../../../src/commands/status/table.ts'
import { aMigration, aRowOf } from '../../a-migration.ts'

const files = ['0009_first.sql', '0010_second.sql', '0011_third.sql', '0100_fourth.sql'].map(
  (entry) => aMigration(entry),
)
const [first, second, third, fourth] = files
if (!first || !second || !third || !fourth) throw new Error('four files')

const other = 'f'.repeat(64) as Checksum
const states = planMigrations(files, [
  aRowOf(first),
  aRowOf(third, { checksum: other }),
  aRowOf(fourth, { state: 'running', finishedAt: undefined }),
  aRowOf(aMigration('101_newer.sql')),
])

test('the states are a table, with what needs attention in words', async () => {
  expect(await renderStatus(states)).toBe(
    `STATE                   VERSION  NAME         APPLIED (UTC)        BY
recorded                      9  0009_first   2024-05-06 07:08:09  owner
pending (out of order)       10  0010_second
edited                       11  0011_third   2024-05-06 07:08:09  owner
interrupted                 100  0100_fourth                       owner
unknown                     101  101_newer    2024-05-06 07:08:09  owner

1 recorded, 1 pending, 1 edited, 1 interrupted, 1 unknown
next: schemagate plan   # it says what of these files differs, and how to go on
`,
  )
})

test.each([
  ['edited', 4, /^schemagate plan {3}# it says what of these files differs/],
  ['interrupted', 75, /^schemagate run {3}# goes on where an earlier run stopped$/],
  ['pending', 75, /^schemagate plan {3}# what schemagate run would do now, and why$/],
  ['recorded', 0, undefined],
  ['unknown', 0, undefined],
] as const)('what is %s exits with %d, and says the next command', (kind, exitCode, advice) => {
  const some = states.filter((state) => state.kind === kind)
  expect(some).toHaveLength(1)
  expect(exitCodeOf(some)).toBe(exitCode)
  if (advice === undefined) expect(adviceOn(some)).toBeUndefined()
  else expect(adviceOn(some)).toMatch(advice)
  expect(exitCodeOf(states)).toBe(4)
})

test('the states are JSON, with counts of every kind and both checksums', () => {
  const { migrations, ...counts } = statusJson(states)
  expect(counts).toEqual({
    recorded: 1,
    pending: 1,
    edited: 1,
    interrupted: 1,
    unknown: 1,
    taken: 0,
    next_step: 'schemagate plan   # it says what of these files differs, and how to go on',
  })
  expect(JSON.parse(JSON.stringify(migrations))).toEqual([
    expect.objectContaining({ version: '9', state: 'recorded', file: first.file }),
    {
      version: '10',
      name: '0010_second',
      file: second.file,
      state: 'pending',
      out_of_order: true,
      checksum: second.checksum,
    },
    expect.objectContaining({
      state: 'edited',
      checksum: third.checksum,
      recorded_checksum: other,
    }),
    expect.objectContaining({ state: 'interrupted', recorded_as: 'running' }),
    {
      version: '101',
      name: '101_newer',
      state: 'unknown',
      recorded_checksum: first.checksum,
      recorded_as: 'applied',
      finished_at: '2024-05-06T07:08:09.000Z',
      applied_by: 'owner',
    },
  ])
})
