import { describe, expect, test } from '@jest/globals'
import { loadParser } from '../../../../src/sql/tree/parse.ts'
import {
  transactionNeed,
  type TransactionNeed,
} from '../../../../src/sql/transaction/transaction-need.ts'

const parse = await loadParser()

const needOf = (sql: string): TransactionNeed => {
  const parsed = parse(sql)
  const [only, ...more] = parsed.kind === 'parsed' ? parsed.statements : []
  if (only === undefined || more.length > 0) throw new Error(`not one statement: ${sql}`)
  return transactionNeed(only.node)
}

const subscription = "CREATE SUBSCRIPTION s CONNECTION 'host=x' PUBLICATION p"

describe('what cannot run in a transaction', () => {
  test.each([
    ['CREATE INDEX CONCURRENTLY i ON t (a)', 'CREATE INDEX CONCURRENTLY'],
    ['CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS i ON t (a)', 'CREATE INDEX CONCURRENTLY'],
    ['DROP INDEX CONCURRENTLY i', 'DROP INDEX CONCURRENTLY'],
    ['DROP INDEX CONCURRENTLY IF EXISTS i', 'DROP INDEX CONCURRENTLY'],
    ['REINDEX TABLE CONCURRENTLY t', 'REINDEX CONCURRENTLY'],
    ['REINDEX INDEX CONCURRENTLY i', 'REINDEX CONCURRENTLY'],
    ['REINDEX (CONCURRENTLY) TABLE t', 'REINDEX CONCURRENTLY'],
    ['REINDEX (VERBOSE, CONCURRENTLY true) TABLE t', 'REINDEX CONCURRENTLY'],
    ['REINDEX SCHEMA s', 'REINDEX of a schema or database'],
    ['REINDEX DATABASE d', 'REINDEX of a schema or database'],
    ['REINDEX SYSTEM d', 'REINDEX of a schema or database'],
    ['ALTER TABLE t DETACH PARTITION p CONCURRENTLY', 'DETACH PARTITION CONCURRENTLY'],
    ['VACUUM', 'VACUUM'],
    ['VACUUM (ANALYZE) t', 'VACUUM'],
    ['VACUUM FULL t', 'VACUUM'],
    ['CLUSTER', 'CLUSTER of all tables'],
    ['DISCARD ALL', 'DISCARD ALL'],
    ['CREATE DATABASE d', 'CREATE DATABASE'],
    ['DROP DATABASE IF EXISTS d', 'DROP DATABASE'],
    ['ALTER DATABASE d SET TABLESPACE s', 'ALTER DATABASE … SET TABLESPACE'],
    ["CREATE TABLESPACE s LOCATION '/x'", 'CREATE TABLESPACE'],
    ['DROP TABLESPACE s', 'DROP TABLESPACE'],
    ["ALTER SYSTEM SET work_mem = '4MB'", 'ALTER SYSTEM'],
    ['ALTER SYSTEM RESET ALL', 'ALTER SYSTEM'],
    [subscription, 'CREATE SUBSCRIPTION'],
    [`${subscription} WITH (enabled = false)`, 'CREATE SUBSCRIPTION'],
    [`${subscription} WITH (connect = true)`, 'CREATE SUBSCRIPTION'],
    [`${subscription} WITH (create_slot = true)`, 'CREATE SUBSCRIPTION'],
    [`${subscription} WITH (create_slot)`, 'CREATE SUBSCRIPTION'],
    ['DROP SUBSCRIPTION s', 'DROP SUBSCRIPTION'],
  ])('is %s', (sql, statement) => {
    expect(needOf(sql)).toEqual({ kind: 'no transaction', statement })
  })

  // https://www.postgresql.org/docs/current/sql-altersubscription.html: with refresh, which is the default.
  test.each([
    'ALTER SUBSCRIPTION s REFRESH PUBLICATION',
    'ALTER SUBSCRIPTION s SET PUBLICATION p',
    'ALTER SUBSCRIPTION s ADD PUBLICATION p',
    'ALTER SUBSCRIPTION s DROP PUBLICATION p',
  ])('is %s', (sql) => {
    expect(needOf(sql).kind).toBe('no transaction')
  })
})

describe('what runs in any transaction', () => {
  test.each([
    'SELECT 1',
    'CREATE TABLE t (a int)',
    'CREATE INDEX i ON t (a)',
    'CREATE UNIQUE INDEX IF NOT EXISTS i ON t (a)',
    'DROP INDEX i',
    'DROP TABLE t',
    'REINDEX TABLE t',
    'REINDEX INDEX i',
    'REINDEX (VERBOSE) TABLE t',
    'REINDEX (CONCURRENTLY false) TABLE t',
    'ALTER TABLE t DETACH PARTITION p',
    'ALTER TABLE t DETACH PARTITION p FINALIZE',
    'ALTER TABLE t ADD COLUMN a int',
    'ANALYZE',
    'ANALYZE t',
    'CLUSTER t USING i',
    'DISCARD TEMP',
    'DISCARD PLANS',
    'DISCARD SEQUENCES',
    'ALTER DATABASE d CONNECTION LIMIT 3',
    'ALTER DATABASE d SET work_mem TO DEFAULT',
    `${subscription} WITH (connect = false)`,
    `${subscription} WITH (create_slot = false, slot_name = NONE)`,
    'ALTER SUBSCRIPTION s DISABLE',
    'ALTER SUBSCRIPTION s SET PUBLICATION p WITH (refresh = false)',
    'REFRESH MATERIALIZED VIEW CONCURRENTLY m',
    "ALTER TYPE e ADD VALUE 'x'",
    'SAVEPOINT a',
    'RELEASE SAVEPOINT a',
    'ROLLBACK TO SAVEPOINT a',
    "COPY t FROM '/x.csv'",
    "COPY t FROM PROGRAM 'cat /x.csv'",
    "COPY t TO '/x.csv'",
    "COPY (SELECT 1) TO PROGRAM 'cat'",
    'DO $$ BEGIN RAISE NOTICE $x$no commit here$x$; END $$',
    "DO $$ BEGIN PERFORM 'x; COMMIT;'; -- COMMIT;\nEND $$",
    'DO $$ BEGIN /* first: ; commit; */ PERFORM 1; END $$',
    "DO $$ BEGIN PERFORM E'it\\'s; commit;'; END $$",
    'DO $$ BEGIN PERFORM $q$; commit; $q$; END $$',
    'DO $$ DECLARE commit int; BEGIN SELECT commit; END $$',
    'SET TRANSACTION READ WRITE',
    'SET standard_conforming_strings = on',
    "SET client_encoding = 'UTF8'",
    "SELECT pg_catalog.set_config('search_path', '', false)",
  ])('is %s', (sql) => {
    expect(needOf(sql)).toEqual({ kind: 'any' })
  })
})

describe('what opens or ends a transaction', () => {
  test.each([
    ['BEGIN', { kind: 'begin' }],
    ['BEGIN WORK', { kind: 'begin' }],
    ['START TRANSACTION', { kind: 'begin' }],
    ['COMMIT', { kind: 'commit' }],
    ['END', { kind: 'commit' }],
    ['BEGIN READ ONLY', { kind: 'control', statement: 'BEGIN with options of its own' }],
    [
      'START TRANSACTION ISOLATION LEVEL SERIALIZABLE',
      { kind: 'control', statement: 'BEGIN with options of its own' },
    ],
    ['ROLLBACK', { kind: 'control', statement: 'ROLLBACK' }],
    ['ABORT', { kind: 'control', statement: 'ROLLBACK' }],
    [
      'SET TRANSACTION ISOLATION LEVEL SERIALIZABLE',
      { kind: 'control', statement: 'SET TRANSACTION' },
    ],
    ['SET TRANSACTION READ ONLY', { kind: 'control', statement: 'SET TRANSACTION' }],
    ["SET TRANSACTION SNAPSHOT '1-1'", { kind: 'control', statement: 'SET TRANSACTION' }],
    ["PREPARE TRANSACTION 'x'", { kind: 'control', statement: 'PREPARE TRANSACTION' }],
    ["COMMIT PREPARED 'x'", { kind: 'control', statement: 'COMMIT PREPARED' }],
    ["ROLLBACK PREPARED 'x'", { kind: 'control', statement: 'ROLLBACK PREPARED' }],
  ] as const)('is %s', (sql, need) => {
    expect(needOf(sql)).toEqual(need)
  })
})

test.each([
  'COPY t FROM stdin',
  'COPY t (a) FROM STDIN WITH (FORMAT csv)',
  'COPY t TO STDOUT',
  'COPY (SELECT 1) TO stdout',
])('data for the client goes through %s', (sql) => {
  expect(needOf(sql)).toEqual({ kind: 'copy through client' })
})

test.each([
  'DO $$ BEGIN COMMIT; END $$',
  'DO $$ BEGIN DELETE FROM t; rollback and no chain ; END $$ LANGUAGE plpgsql',
  'DO $$ BEGIN IF true THEN\n/* now */ COMMIT AND CHAIN; END IF; END $$',
  'DO $$ BEGIN FOR i IN 1..3 LOOP COMMIT; END LOOP; END $$',
])('a block that ends its transaction has none: %s', (sql) => {
  expect(needOf(sql)).toEqual({ kind: 'no transaction', statement: 'a DO block that commits' })
})

test.each([
  ['SET standard_conforming_strings = off', 'standard_conforming_strings', 'off'],
  ['SET LOCAL standard_conforming_strings TO false', 'standard_conforming_strings', 'false'],
  [
    "SELECT set_config('standard_conforming_strings', 'off', true)",
    'standard_conforming_strings',
    'off',
  ],
  [
    "SELECT set_config('search_path', '', false), set_config('Standard_Conforming_Strings', 'off', false)",
    'standard_conforming_strings',
    'off',
  ],
  ["SET client_encoding TO 'LATIN1'", 'client_encoding', 'LATIN1'],
  ["SET NAMES 'latin1'", 'client_encoding', 'latin1'],
])('%s changes how the text behind it is read', (sql, setting, value) => {
  expect(needOf(sql)).toEqual({ kind: 'other reading', setting, value })
})
