// Which table locks exclude each other.
// https://www.postgresql.org/docs/current/explicit-locking.html#TABLE-LOCK-COMPATIBILITY

import { lockLevels, type LockLevel } from '../../../sql/locks/table-lock.ts'

// Each excludes this one and all that are stronger; but SHARE does not exclude itself.
const weakestExcluded: Readonly<Record<LockLevel, LockLevel>> = {
  'ACCESS SHARE': 'ACCESS EXCLUSIVE',
  'ROW SHARE': 'EXCLUSIVE',
  'ROW EXCLUSIVE': 'SHARE',
  'SHARE UPDATE EXCLUSIVE': 'SHARE UPDATE EXCLUSIVE',
  SHARE: 'ROW EXCLUSIVE',
  'SHARE ROW EXCLUSIVE': 'ROW EXCLUSIVE',
  EXCLUSIVE: 'ROW SHARE',
  'ACCESS EXCLUSIVE': 'ACCESS SHARE',
}

/** `held` is pg_locks' word for it: 'AccessShareLock'. */
export const isBlockedBy = (wanted: LockLevel, held: string): boolean =>
  lockLevels
    .slice(lockLevels.indexOf(weakestExcluded[wanted]))
    .some((level) => pgWord(level) === held && (level !== 'SHARE' || wanted !== 'SHARE'))

const pgWord = (level: LockLevel): string =>
  `${level
    .split(' ')
    .map((word) => word.slice(0, 1) + word.slice(1).toLowerCase())
    .join('')}Lock`
