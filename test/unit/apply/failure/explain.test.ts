import { describe, expect, test } from '@jest/globals'
import { explainFailure } from '../../../../src/apply/failure/explain.ts'
import type { FailedWork, FailureContext } from '../../../../src/apply/failure/context.ts'
import { fenceStates } from '../../../../src/database/session/fence-states.ts'
import type { ServerError } from '../../../../src/database/session/reply.ts'
import type { Problem } from '../../../../src/errors/problem.ts'

const work: Extract<FailedWork, { kind: 'transaction' }> = {
  kind: 'transaction',
  phase: { kind: 'statement', number: 2 },
  statements: 3,
  mayHaveCommitted: false,
}

const context: FailureContext = {
  work,
  file: 'm.sql',
  text: 'SELECT 1',
  place: { file: 'm.sql', line: 2, column: 3, excerpt: 'x' },
  ledgerSchema: 'ops',
  lockTimeout: '5s',
  statementTimeout: '120s',
  role: 'app_owner',
  tries: 1,
  queue: undefined,
}

const serverError: ServerError = {
  sqlstate: '42703',
  raised: undefined,
  finding: undefined,
  message: 'column "x" does not exist',
  detail: 'a detail',
  hint: 'a hint',
  context: 'a context',
  internalQuery: undefined,
  position: undefined,
}

const explain = (
  sqlstate: string,
  changes: Partial<typeof work> = {},
  seen: Partial<Omit<FailureContext, 'work'>> = {},
): Problem =>
  explainFailure(
    { ...serverError, sqlstate },
    { ...context, ...seen, work: { ...work, ...changes } },
  )

test.each([
  ['a lost lock', fenceStates.lockLost, 'lock-lost', 'try again'],
  ['settings that moved', fenceStates.settingsMoved, 'settings-changed', 'try again'],
  ['a ledger that moved', fenceStates.ledgerMoved, 'ledger-moved', 'try again'],
  [
    'a transaction that the file ended',
    fenceStates.transactionEnded,
    'transaction-ended',
    'migration failed',
  ],
  ['a role that the file left', fenceStates.roleLeft, 'role-left', 'migration failed'],
  ['a lock timeout', '55P03', 'blocked-ddl', 'try again'],
  ['a deadlock', '40P01', 'blocked-ddl', 'try again'],
  ['a mistake in the SQL', '42601', 'migration-failed', 'migration failed'],
  ['data that does not fit', '23502', 'migration-failed', 'migration failed'],
])('%s is told as %s: %s', (_, sqlstate, code, category) => {
  const raised = Object.values(fenceStates).find((state) => state === sqlstate)
  const error = { ...serverError, sqlstate, raised }
  expect(explainFailure(error, context)).toMatchObject({ code, category })
})

test.each(Object.values(fenceStates))(
  '%s that the file raises itself is a failure of the file, wherever it does',
  (sqlstate) => {
    expect(explain(sqlstate, { phase: { kind: 'recording' } })).toMatchObject({
      code: 'migration-failed',
      category: 'migration failed',
    })
  },
)

test('a failure has the place, and the server’s own words', () => {
  expect(explain('42703')).toMatchObject({
    place: context.place,
    title: 'm.sql failed at statement 2 of 3',
    detail: [
      'SQLSTATE 42703: column "x" does not exist',
      'detail: a detail',
      'hint: a hint',
      'context: a context',
    ],
  })
})

test('words that the server does not say are left out', () => {
  const bare = { ...serverError, detail: undefined, hint: undefined, context: undefined }
  expect(explainFailure(bare, context).detail).toEqual([
    'SQLSTATE 42703: column "x" does not exist',
  ])
})

test('a deadlock is not told as a lock timeout', () => {
  expect(explain('40P01').title).toBe('m.sql lost a deadlock against another session')
  expect(explain('55P03').title).toBe('m.sql did not get its locks (lock_timeout 5s)')
})

describe('the title of a failure', () => {
  test.each<[Partial<typeof work>, string]>([
    [{ phase: { kind: 'fence' } }, 'm.sql failed before its first statement'],
    [{ phase: { kind: 'statement', number: 1 }, statements: 1 }, 'm.sql failed'],
    [{ phase: { kind: 'statement', number: 1 }, statements: 0 }, 'm.sql failed'],
    [
      { phase: { kind: 'deferred constraints' } },
      'm.sql failed at its end, when the deferred constraints were checked',
    ],
    [
      { phase: { kind: 'recording' } },
      'm.sql failed while it was being recorded in ops.schema_migrations',
    ],
    [{ phase: { kind: 'commit' } }, 'm.sql failed at COMMIT'],
  ])('says how far it came: %j', (changes, title) => {
    expect(explain('23503', changes).title).toBe(title)
  })
})

describe('the advice', () => {
  test.each([
    [
      'CREATE\u00a0TABLE t (a int)',
      1,
      /^Column 7 of that line has the character U\+00A0, a no-break space/,
    ],
    ['SELECT \u200bid FROM t', 8, /^Column 8 .* U\+200B, a zero-width space/],
    ['\ufeffSELECT 1', 1, /^Column 1 .* U\+FEFF, a byte-order mark/],
    ['SELECT 😀\u2060 FROM t', 8, /^Column 9 .* U\+2060/],
    ['SELECT x FROM\u00a0t', 8, /^(?!Column)/],
  ])('names the invisible character in the word of %j', (excerpt, column, words) => {
    const place = { file: 'm.sql', line: 2, column, excerpt }
    expect(explain('42601', {}, { place }).fix).toMatch(words)
  })

  test.each([
    ['42P07', /IF NOT EXISTS/],
    ['42701', /IF NOT EXISTS/],
    ['57014', /statement_timeout \(120s\).*@statement-timeout.*MIGRATION_STATEMENT_TIMEOUT/],
    ['42501', /GRANT/],
    ['55P04', /next migration/],
    ['2D000', /'-- @transaction off' at the top/],
    ['25001', /'-- @transaction off' at the top/],
    ['42601', /correct it and run again/],
  ])('for %s fits the error', (sqlstate, words) => {
    expect(explain(sqlstate).fix).toMatch(words)
  })

  test.each([
    ['42P01', /removed the ledger/],
    ['3F000', /removed the ledger/],
    ['42501', /removed the ledger/],
    ['P0001', /triggers and rules on ops\.schema_migrations/],
  ])('for %s while it was being recorded is about the ledger', (sqlstate, words) => {
    expect(explain(sqlstate, { phase: { kind: 'recording' } }).fix).toMatch(words)
  })
})

test('of what is written at COMMIT says why it cannot be', () => {
  expect(explain('25006', { phase: { kind: 'commit' } }).fix).toMatch(
    /postpones itself .* until COMMIT/,
  )
  expect(explain('25006').fix).not.toMatch(/COMMIT/)
})

test('of a file that went to the server unread, it says what may be left in the database', () => {
  const unread = { mayHaveCommitted: true }
  expect(explain('22012', unread)).toMatchObject({ code: 'unread-migration-failed' })
})

describe('a migration that did not get its locks', () => {
  const blocker = {
    pid: 42,
    applicationName: 'psql',
    user: 'app',
    state: 'idle in transaction',
    ageSeconds: 340,
    query: 'SELECT 1',
  }
  const queue = { blockers: [blocker], behind: [{ ...blocker, pid: 43 }], behindCount: 1 }

  test('says how often it was tried, who was in its way, and who queued', () => {
    const { title, detail, fix } = explain('55P03', {}, { tries: 11, queue })
    expect(title).toBe('m.sql did not get its locks in 11 tries (lock_timeout 5s)')
    expect(detail.slice(-2)).toEqual([
      'blocked by pid 42 (psql, user app), idle in transaction for 340 s: SELECT 1',
      '1 more session queued behind it',
    ])
    expect(fix).toContain('SELECT pg_terminate_backend(42);')
  })

  test('before its first statement, it is the ledger that it waited for', () => {
    expect(explain('55P03', { phase: { kind: 'fence' } }, { queue })).toMatchObject({
      code: 'ledger-blocked',
      category: 'try again',
      title:
        'm.sql could not begin: another session has locked ops.schema_migrations (lock_timeout 5s)',
    })
  })

  test('is not told as rolled back when it may have committed', () => {
    expect(explain('55P03', { mayHaveCommitted: true })).toMatchObject({
      code: 'unread-migration-failed',
    })
  })
})
