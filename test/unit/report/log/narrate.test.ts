import { describe, expect, test } from '@jest/globals'
import type { RunEvent } from '../../../../src/events.ts'
import { narrate } from '../../../../src/report/log/narrate.ts'

const chosen = {
  kind: 'endpoint chosen',
  host: 'db:5432',
  database: 'app',
  endpoint: 'E (h:1/db)',
  serverVersion: '18.4',
} as const

const holder = {
  pid: 42,
  applicationName: 'schemagate/1 lock',
  user: 'owner',
  address: '10.0.0.1',
  ageSeconds: 9,
  runs: 'migrations/1_a.sql',
}

const blocker = {
  pid: 42,
  applicationName: 'psql',
  user: 'app',
  state: 'idle in transaction',
  ageSeconds: 9,
  query: 'SELECT 1',
}

// Operators grep for these (docs/design/exit-codes.md): they never change.
describe('the words of the log', () => {
  test.each<[RunEvent, string]>([
    [{ kind: 'gate closed', because: 'RUN_MIGRATIONS=0' }, 'MIGRATIONS_DISABLED: RUN_MIGRATIONS=0'],
    [
      { kind: 'run started', version: '1', migrations: 3, because: 'RUN_MIGRATIONS=1' },
      'MIGRATION CHECKPOINT',
    ],
    [{ ...chosen, connectionKind: 'DIRECT', directUnavailable: false }, 'Using DIRECT: E (h:1/db)'],
    [{ ...chosen, connectionKind: 'POOLER', directUnavailable: false }, 'Using POOLER: E (h:1/db)'],
    [
      { ...chosen, connectionKind: 'POOLER', directUnavailable: true },
      'Using POOLER (DIRECT unavailable - locked): E (h:1/db)',
    ],
    [{ kind: 'lock busy', holder, waitedSeconds: 5 }, 'MIGRATION CHECKPOINT'],
    [{ kind: 'lock acquired', pid: 42, waitedMs: 3 }, 'Acquired migration lock'],
    [{ kind: 'lock released' }, 'Released migration lock'],
    [
      { kind: 'lock not obtained', waitedSeconds: 30, then: 'fail' },
      'MIGRATION CHECKPOINT: Could not acquire lock in time (30 s)',
    ],
    [
      { kind: 'lock not obtained', waitedSeconds: 30, then: 'skip' },
      'MIGRATION CHECKPOINT: Could not acquire lock in time (30 s)',
    ],
    [{ kind: 'leader finished', waitedMs: 9 }, 'MIGRATION CHECKPOINT'],
    [
      { kind: 'timeouts', statementTimeout: '120s', lockTimeout: '5s', pending: 2 },
      'Set statement_timeout to 120s',
    ],
    [
      { kind: 'migration started', file: 'm/1_a.sql', at: 1, of: 2, outOfOrder: false },
      'MIGRATION CHECKPOINT: 1/2 m/1_a.sql',
    ],
    [
      { kind: 'stopping', file: 'm/1_a.sql', inDoubt: 0, notAttempted: 2 },
      'STOPPING at m/1_a.sql; not attempted: 2 migrations',
    ],
    [
      { kind: 'stopping', file: 'm/1_a.sql', inDoubt: 3, notAttempted: 0 },
      'STOPPING at m/1_a.sql; also sent, and in doubt: 3 migrations; not attempted: ',
    ],
  ])('start as operators know them for %j', (event, words) => {
    expect(narrate(event).message.startsWith(words)).toBe(true)
  })

  test('say what follows a lock that was not obtained', () => {
    const told = (then: 'fail' | 'skip'): string =>
      narrate({ kind: 'lock not obtained', waitedSeconds: 30, then }).message
    expect(told('skip')).toContain('-> skipping migrations')
    expect(told('fail')).not.toContain('skipping')
  })

  test('name the holder of the lock, and what it runs', () => {
    expect(narrate({ kind: 'lock busy', holder, waitedSeconds: 5 }).message).toContain(
      'holder: pid 42, schemagate/1 lock, user owner, from 10.0.0.1, for 9 s, runs migrations/1_a.sql',
    )
    expect(narrate({ kind: 'lock busy', holder: undefined, waitedSeconds: 5 }).message).toContain(
      'holder: unknown',
    )
  })

  test('name who stands in the way of a migration, and who queues behind it', () => {
    const queue = { blockers: [blocker], behind: [{ ...blocker, pid: 43 }], behindCount: 7 }
    const waits = { kind: 'migration waits for a lock', file: 'm', sinceMs: 1_040 } as const
    expect(narrate({ ...waits, queue }).message).toBe(
      'm has waited for a lock for 1.0 s; blocked by pid 42 (psql, user app), idle in transaction for 9 s: SELECT 1; ' +
        '7 queued behind it (pid 43, …)',
    )
    const retried = {
      kind: 'migration retried',
      ...{ file: 'm', sqlstate: '55P03', nextTry: 2, ofTries: 11, pauseMs: 400 },
    } as const
    expect(narrate({ ...retried, queue: { ...queue, behindCount: 0 } }).message).toBe(
      'm did not get its locks (SQLSTATE 55P03) and is rolled back; try 2 of 11 in 400 ms; ' +
        'blocked by pid 42 (psql, user app), idle in transaction for 9 s: SELECT 1',
    )
    expect(narrate({ ...retried, queue: undefined }).message).toContain('was not seen')
  })

  test('name what a late migration cannot change places with, and the way out', () => {
    expect(
      narrate({
        kind: 'migration late',
        file: 'm/1_a.sql',
        meets: [
          { after: 'm/2_b.sql', object: 'table t' },
          { after: 'm/3_c.sql', object: 'rows of table u' },
        ],
        moves: [
          { from: 'm/1_a.sql', to: 'm/4_a.sql' },
          { from: 'm/1_b.sql', to: 'm/5_b.sql' },
        ],
      }),
    ).toMatchObject({
      level: 'warn',
      message:
        'm/1_a.sql is out of order, and the order matters: m/2_b.sql, which the database already has, touches table t too; ' +
        'm/3_c.sql, which the database already has, touches rows of table u too. A new database runs them in the order of their ' +
        'numbers, and may end up different; before another database records it, give it a number that fits the order here: git mv m/1_a.sql m/4_a.sql && git mv m/1_b.sql m/5_b.sql',
    })
  })

  test('tell that a migration runs out of order', () => {
    const event = { kind: 'migration started', file: 'm', at: 1, of: 2 } as const
    expect(narrate({ ...event, outOfOrder: true }).message).toContain('out of order')
    expect(narrate({ ...event, outOfOrder: false }).message).not.toContain('out of order')
  })
})

describe('a log line', () => {
  test.each<[RunEvent, string]>([
    [{ kind: 'lock released' }, 'info'],
    [{ kind: 'direct unavailable', endpoint: 'E', reason: 'r' }, 'warn'],
    [{ kind: 'parser gave up', file: 'm', reason: 'x' }, 'warn'],
    [{ kind: 'no statement', file: 'm' }, 'warn'],
    [{ kind: 'lock not obtained', waitedSeconds: 1, then: 'skip' }, 'warn'],
    [{ kind: 'stopping', file: 'm', inDoubt: 0, notAttempted: 0 }, 'error'],
    [{ kind: 'server notice', severity: 'WARNING', notice: 'x' }, 'warn'],
    [{ kind: 'server notice', severity: 'NOTICE', notice: 'x' }, 'debug'],
    [{ kind: 'server notices left out', of: 'warnings', shown: 1, leftOut: 1 }, 'warn'],
    [{ kind: 'server notices left out', of: 'notices', shown: 1, leftOut: 1 }, 'debug'],
  ])('of %j has the level %s', (event, level) => {
    expect(narrate(event).level).toBe(level)
  })

  test('has its event and facts in snake case, for machines', () => {
    expect(
      narrate({ kind: 'migration started', file: 'm', at: 1, of: 2, outOfOrder: true }).fields,
    ).toEqual({
      event: 'migration_started',
      file: 'm',
      at: 1,
      of: 2,
      out_of_order: true,
    })
  })
})
