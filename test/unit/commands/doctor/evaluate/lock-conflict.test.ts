import { expect, test } from '@jest/globals'
import { isBlockedBy } from '../../../../../src/commands/doctor/evaluate/lock-conflict.ts'

const levels = [
  ['ACCESS SHARE', 'AccessShareLock'],
  ['ROW SHARE', 'RowShareLock'],
  ['ROW EXCLUSIVE', 'RowExclusiveLock'],
  ['SHARE UPDATE EXCLUSIVE', 'ShareUpdateExclusiveLock'],
  ['SHARE', 'ShareLock'],
  ['SHARE ROW EXCLUSIVE', 'ShareRowExclusiveLock'],
  ['EXCLUSIVE', 'ExclusiveLock'],
  ['ACCESS EXCLUSIVE', 'AccessExclusiveLock'],
] as const

test('the table of conflicts is that of the manual', () => {
  const rows = levels.map(([wanted]) =>
    levels.map(([, held]) => (isBlockedBy(wanted, held) ? 'X' : '.')).join(''),
  )
  expect(rows).toEqual([
    '.......X',
    '......XX',
    '....XXXX',
    '...XXXXX',
    '..XX.XXX',
    '..XXXXXX',
    '.XXXXXXX',
    'XXXXXXXX',
  ])
})
