import { describe, expect, test } from '@jest/globals'
import { readContract } from '../../../src/lint/contract.ts'
import { lintFiles } from './lint-example.ts'

describe('a contract', () => {
  test.each([
    ['{ "service": "api", "tables": { "t": { "columns": { "a": { "type": "text" } } } } }', 'api'],
    ['{ "$schema": "x", "tables": { "t": { "columns": { "a": "text" } } } }', 'file'],
  ])('is read from %s', (text, service) => {
    expect(readContract(text, 'file')).toEqual({
      service,
      tables: { t: { a: { type: 'text' } } },
    })
  })

  test.each(['', '[]', '{', '{}', '{"tables": []}', 'null'])('is passed over in %j', (text) => {
    expect(readContract(text, 'file')).toBeUndefined()
  })

  test.each(['{"tables": {"t": 1}}', '{"tables": {"t": {"columns": []}}}'])(
    'names a table at least in %s',
    (text) => {
      expect(readContract(text, 'file')?.tables).toEqual({ t: {} })
    },
  )
})

const found = (sql: string, columns = '"a": { "type": "character varying(20)" }') =>
  lintFiles({
    'contracts/api.json': `{ "tables": { "t": { "columns": { ${columns} } } } }`,
    'contracts/worker.json': '{ "service": "worker", "tables": { "public.t": {} } }',
    '0001_t.sql': 'CREATE TABLE IF NOT EXISTS t (a varchar(20), b text);',
    '0002_change.sql': sql,
  })
    .filter(({ rule }) => rule === 'contract-object-changed')
    .map(({ message }) => message)

describe('what a contract names', () => {
  test.each([
    ['ALTER TABLE t DROP COLUMN a;', 'column t.a, which is dropped here'],
    ['ALTER TABLE t RENAME a TO c;', 'column t.a, which becomes c here'],
    [
      'ALTER TABLE t ALTER a TYPE text;',
      'column t.a, which becomes text here, and is to be character varying(20)',
    ],
  ])('%s', (sql, words) => {
    expect(found(sql)).toEqual([`the contract of contracts/api.json names ${words}`])
  })

  test('of both services is told once', () => {
    expect(found('DROP TABLE t;')).toEqual([
      'the contracts of contracts/api.json and worker name table t, which is dropped here',
    ])
  })

  test.each([
    'ALTER TABLE t DROP COLUMN b;',
    'ALTER TABLE t ALTER a TYPE varchar(20);',
    'ALTER TABLE t DROP COLUMN a; ALTER TABLE t ADD COLUMN a varchar(20);',
    'ALTER TABLE t RENAME b TO c;',
  ])('does not mind %s', (sql) => {
    expect(found(sql)).toEqual([])
  })
})
