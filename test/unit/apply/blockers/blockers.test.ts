import { describe, expect, test } from '@jest/globals'
import { queueOf } from '../../../../src/apply/blockers/blockers.ts'
import { describeSession } from '../../../../src/database/lock/describe-session.ts'

const row = (side: string, pid: number, more = {}) => ({
  side,
  pid,
  application_name: 'psql',
  user: 'app',
  state: 'idle in transaction',
  age: 340,
  query: 'TABLE busy',
  ...more,
})

const session = {
  pid: 42,
  applicationName: 'psql',
  user: 'app',
  state: 'idle in transaction',
  ageSeconds: 340,
  query: 'TABLE busy',
}

describe('the queue around a migration', () => {
  test('is nothing when nobody stands in the way', () => {
    expect(queueOf([])).toBeUndefined()
  })

  test('tells those in the way from those behind', () => {
    expect(queueOf([row('blocker', 42), row('behind', 43)])).toEqual({
      blockers: [session],
      behind: [{ ...session, pid: 43 }],
      behindCount: 1,
    })
  })

  test('names a few of many, and counts them all', () => {
    const rows = [
      row('blocker', 1),
      ...Array.from({ length: 40 }, (_, index) => row('behind', index)),
    ]
    const queue = queueOf(rows)
    expect(queue?.behind).toHaveLength(5)
    expect(queue?.behindCount).toBe(40)
  })
})

describe('a session in words', () => {
  test('says who, what it does, for how long, and its query', () => {
    expect(describeSession(session)).toBe(
      'pid 42 (psql, user app), idle in transaction for 340 s: TABLE busy',
    )
  })

  test('says what our role may not see', () => {
    const hidden = row('blocker', 42, {
      application_name: null,
      state: null,
      age: null,
      query: '<insufficient privilege>',
    })
    expect(queueOf([hidden])?.blockers.map(describeSession)).toEqual([
      'pid 42 (user app); the rest is shown to members of pg_read_all_stats',
    ])
  })

  test('knows a prepared transaction, which no process has', () => {
    expect(describeSession({ ...session, pid: 0 })).toBe(
      'a prepared transaction (see pg_prepared_xacts)',
    )
  })
})
