import { expect, test } from '@jest/globals'
import {
  note,
  obstacle,
  ok,
  refused,
  warning,
  type Finding,
} from '../../../../src/commands/doctor/finding.ts'
import { problem } from '../../../../src/errors/problem.ts'
import { findingsJson } from '../../../../src/commands/doctor/json.ts'
import { renderFindings } from '../../../../src/commands/doctor/text.ts'

const findings: readonly Finding[] = [
  ok('server', 'PostgreSQL 18.4, which is supported'),
  note('tls', 'off', { advice: 'Set sslmode=verify-full.' }),
  warning('transactions', '1 transaction is open', 'End it.', ['pid 7', '  holds a snapshot']),
  refused('writes', 'it takes no writes', [
    problem('read-only-database', { endpoint: 'PG* (db:5432/app)', pending: 1 }),
  ]),
  obstacle('ownership', 'migration failed', 'not the owner', {
    advice: 'GRANT o TO app;',
    detail: ['migrations/2_a.sql: public.t belongs to o'],
  }),
]

test('as text: level, topic, sentence, what it is about, what to do; the exit code at the end', () => {
  expect(renderFindings(findings)).toBe(`ok       server: PostgreSQL 18.4, which is supported
note     tls: off
         do: Set sslmode=verify-full.
warning  transactions: 1 transaction is open
           pid 7
             holds a snapshot
         do: End it.
problem  writes: it takes no writes
         error[read-only-database]: PG* (db:5432/app) is read-only (default_transaction_read_only is on), with 1 migration pending
           database: Nothing was changed.
           fix: This shows where it is set: SELECT source FROM pg_settings WHERE name = 'default_transaction_read_only'; After a failover, first check that this server is the primary.
problem  ownership: not the owner
           migrations/2_a.sql: public.t belongs to o
         do: GRANT o TO app;
schemagate doctor: 2 problems, 1 warning, 1 note, 1 ok; a run would fail (exit code 4); nothing was changed
`)
})

test('without a problem a run could go on', () => {
  expect(renderFindings(findings.slice(0, 3))).toContain(
    'schemagate doctor: 1 warning, 1 note, 1 ok; a run could start; nothing was changed\n',
  )
})

test('as JSON: the same, and the exit code that each problem means', () => {
  const { findings: shown, exit_code: exitCode } = JSON.parse(
    JSON.stringify(findingsJson(findings)),
  ) as Record<string, unknown>
  expect(exitCode).toBe(4)
  expect(shown).toEqual([
    { level: 'ok', topic: 'server', sentence: findings[0]?.sentence, detail: [] },
    expect.objectContaining({ level: 'note', advice: 'Set sslmode=verify-full.' }),
    expect.objectContaining({ detail: ['pid 7', '  holds a snapshot'] }),
    expect.objectContaining({
      topic: 'writes',
      exit_code: 4,
      problems: [expect.objectContaining({ code: 'read-only-database' })],
    }),
    expect.objectContaining({ topic: 'ownership', exit_code: 1, problems: [] }),
  ])
})
