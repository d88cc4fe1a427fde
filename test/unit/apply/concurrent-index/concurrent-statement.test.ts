import { expect, test } from '@jest/globals'
import {
  concurrentStatementOf,
  ofParentOnly,
  type ConcurrentStatement,
} from '../../../../src/apply/concurrent-index/concurrent-statement.ts'
import { nameOn } from '../../../../src/apply/concurrent-index/partitioned.ts'
import { readProgress } from '../../../../src/apply/concurrent-index/progress.ts'
import { readHistory } from '../../../../src/schema/history/history.ts'
import { loadParser } from '../../../../src/sql/tree/parse.ts'
import { aMigration } from '../../a-migration.ts'

const parse = await loadParser()

const concurrent = (sql: string): ConcurrentStatement | undefined => {
  const before = aMigration('1_a.sql', 'CREATE TABLE t (a int); CREATE INDEX i ON t (a)')
  const { migrations } = readHistory([before, aMigration('2_a.sql', sql)], { parse })
  const statement = migrations[1]?.statements?.at(-1)
  if (statement === undefined) throw new Error(sql)
  return concurrentStatementOf(statement, sql)
}

test('a build has its index and table with their schemas', () => {
  const sql = 'CREATE INDEX CONCURRENTLY IF NOT EXISTS j ON app.t (a)'
  expect(concurrent(sql)).toEqual({
    kind: 'build',
    index: { schema: 'app', name: 'j' },
    table: { schema: 'app', name: 't' },
    sql,
  })
})

test('a build without a name gets the one that the server would choose, so that a second run finds it', () => {
  expect(concurrent('CREATE UNIQUE INDEX CONCURRENTLY ON t (a)')).toMatchObject({
    index: { schema: 'public', name: 't_a_idx' },
    sql: 'CREATE UNIQUE INDEX CONCURRENTLY "t_a_idx" ON t (a)',
  })
})

test.each([
  ['DROP INDEX CONCURRENTLY i', { kind: 'drop', index: { schema: 'public', name: 'i' } }],
  ['REINDEX TABLE CONCURRENTLY app."T"', { kind: 'rebuild', subject: '"app"."T"' }],
  [
    'ALTER TABLE t DETACH PARTITION app.p CONCURRENTLY',
    { kind: 'detach', parent: '"t"', partition: '"app"."p"' },
  ],
])('%s is managed', (sql, expected) => {
  expect(concurrent(sql)).toMatchObject({ ...expected, sql })
})

test.each([
  'CREATE INDEX j ON t (a)',
  'DROP INDEX i',
  'REINDEX TABLE t',
  'REINDEX (CONCURRENTLY) SCHEMA public',
  'ALTER TABLE t DETACH PARTITION p',
  'VACUUM t',
])('%s is not', (sql) => {
  expect(concurrent(sql)).toBeUndefined()
})

test.each([
  ['CREATE INDEX CONCURRENTLY i ON t (a)', 'CREATE INDEX IF NOT EXISTS i ON ONLY t (a)'],
  [
    'create unique index concurrently if not exists "on ""x" on  s.t (a)',
    'create unique index IF NOT EXISTS "on ""x" ON ONLY s.t (a)',
  ],
  ['CREATE INDEX /* so */ CONCURRENTLY i ON t (a)', undefined],
  ['CREATE INDEX CONCURRENTLY i ON ONLY t (a)', undefined],
  ['CREATE INDEX CONCURRENTLY i ON  \n only t (a)', undefined],
  ['CREATE INDEX CONCURRENTLY i ON onlyt (a)', 'CREATE INDEX IF NOT EXISTS i ON ONLY onlyt (a)'],
])('%s, for a parent alone', (sql, expected) => {
  expect(ofParentOnly(sql)).toBe(expected)
})

test('the name on a partition is the same each time, and never longer than names may be', () => {
  expect(nameOn('i', 'p')).toBe('i_p')
  const long = nameOn('é'.repeat(20), 'p'.repeat(63))
  expect(Buffer.byteLength(long)).toBeLessThanOrEqual(63)
  expect(nameOn('é'.repeat(20), 'p'.repeat(63))).toBe(long)
  expect(nameOn('é'.repeat(20), `${'p'.repeat(62)}q`)).not.toBe(long)
})

test('progress is the share of blocks, else of tuples, else nothing that can be told', () => {
  const row = { pid: 7, phase: 'building index', waits_for: null }
  const percent = (counts: object): number | undefined =>
    readProgress({ ...row, ...counts }).percent
  expect(percent({ blocks_done: 1, blocks_total: 3, tuples_done: 0, tuples_total: 0 })).toBe(33)
  expect(percent({ blocks_done: 0, blocks_total: 0, tuples_done: 9, tuples_total: 10 })).toBe(90)
  expect(percent({ blocks_done: null, blocks_total: null })).toBeUndefined()
  // Those of the phase before it.
  const waiting = { phase: 'waiting for old snapshots', blocks_done: 9, blocks_total: 10 }
  expect(percent(waiting)).toBeUndefined()
})
