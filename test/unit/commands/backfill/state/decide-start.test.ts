import { expect, test } from '@jest/globals'
import type { Backfill } from '../../../../../src/commands/backfill/file/backfill.ts'
import { decideStart } from '../../../../../src/commands/backfill/state/decide-start.ts'
import type { BackfillState } from '../../../../../src/commands/backfill/state/state.ts'

const backfill = { checksum: 'a' } as Backfill
const recorded = (state: Partial<BackfillState>): BackfillState => ({
  ...{ state: 'running', checksum: 'a', cursor: ['5'], batches: 1, pass: 1 },
  ...{ rowsVisited: 5, rowsChanged: 5, passVisited: 5, passChanged: 5 },
  ...state,
})

test.each([
  ['nothing is recorded', undefined, 'go on', { kind: 'scan', start: 'from the first row' }],
  ['it is in mid-way', {}, 'go on', { kind: 'scan', start: 'where it stopped' }],
  ['it is done', { state: 'done' }, 'go on', { kind: 'up to date' }],
  [
    'it is in mid-way and was edited',
    { checksum: 'b' },
    'go on',
    { kind: 'edited', state: 'running' },
  ],
  [
    'it is done and was edited',
    { checksum: 'b', state: 'done' },
    'go on',
    { kind: 'edited', state: 'done' },
  ],
  [
    'it was done without a batch and was edited',
    { checksum: 'b', state: 'done', batches: 0 },
    'go on',
    { kind: 'edited', state: 'done' },
  ],
  [
    'it was edited before its first batch went through',
    { checksum: 'b', batches: 0 },
    'go on',
    { kind: 'scan', start: 'from the first row' },
  ],
  ['it is to begin again', {}, 'restart', { kind: 'scan', start: 'from the first row' }],
  [
    'it is done and to begin again',
    { state: 'done' },
    'restart',
    { kind: 'scan', start: 'from the first row' },
  ],
  [
    'it was edited and is to begin again',
    { checksum: 'b' },
    'restart',
    { kind: 'scan', start: 'from the first row' },
  ],
] as const)('when %s', (_, state, asked, decision) => {
  expect(decideStart(backfill, state && recorded(state), asked)).toEqual(decision)
})
