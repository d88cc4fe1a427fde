import { describe, expect, test } from '@jest/globals'
import {
  fingerprintForm,
  fingerprintKinds,
  readFingerprint,
  readSqlCheck,
} from '../../../src/migrations/fingerprint.ts'

const place = { file: 'migrations/1_a.sql', line: 2, column: 4, excerpt: '' }

const read = (value: string) => readFingerprint(value, place)

/** 'kind|schema|table|name' */
const partsOf = (value: string): string | undefined => {
  const found = read(value)
  if (found === undefined || found.kind === 'sql') return found?.sql
  return [found.kind, found.schema, found.table, found.name].join('|')
}

describe('a fingerprint names', () => {
  test.each([
    ['table t', 'table|||t'],
    ['table app.t', 'table|app||t'],
    ['column t.a', 'column||t|a'],
    ['column app.t.a', 'column|app|t|a'],
    ['index i', 'index|||i'],
    ['index app.i', 'index|app||i'],
    ['constraint t.c', 'constraint||t|c'],
    ['constraint app.t.c', 'constraint|app|t|c'],
    ['type m', 'type|||m'],
    ['type app.m', 'type|app||m'],
    ['function f()', 'function|||f()'],
    ['function app.f(int4, text)', 'function|app||f(int4, text)'],
    ['function f(app.m[])', 'function|||f(app.m[])'],
    ['table   t', 'table|||t'],
    ['table _t$1', 'table|||_t$1'],
    ['table größe', 'table|||größe'],
  ])('%s', (value, parts) => {
    expect(partsOf(value)).toBe(parts)
  })

  test('what it was written as, and where', () => {
    expect(read('table App.T')).toEqual({
      kind: 'table',
      schema: 'app',
      table: '',
      name: 't',
      text: 'table App.T',
      place,
    })
  })
})

describe('a name is read as PostgreSQL reads it:', () => {
  test.each([
    ['table T', 'table|||t'],
    ['table "T"', 'table|||T'],
    ['table "a.b"', 'table|||a.b'],
    ['table "a""b"', 'table|||a"b'],
    ['table "two words"', 'table|||two words'],
    ['column "T"."A"', 'column||T|A'],
    ['column App."T".A', 'column|app|T|a'],
    ['function "F"(int4)', 'function|||F(int4)'],
    ['function f("M")', 'function|||f("M")'],
  ])('%s', (value, parts) => {
    expect(partsOf(value)).toBe(parts)
  })
})

describe('a query', () => {
  test.each([
    ['sql SELECT true', 'SELECT true'],
    ['sql select count(*) > 3 from t', 'select count(*) > 3 from t'],
    ['sql WITH x AS (SELECT 1) SELECT true FROM x', 'WITH x AS (SELECT 1) SELECT true FROM x'],
    ['sql VALUES (true)', 'VALUES (true)'],
    ['sql TABLE flags', 'TABLE flags'],
    ['sql SELECT true; ', 'SELECT true'],
    ["sql SELECT ';' = 'x'", "SELECT ';' = 'x'"],
  ])('%s', (value, sql) => {
    expect(partsOf(value)).toBe(sql)
    expect(readSqlCheck(value, place)).toEqual({ kind: 'sql', sql, text: value, place })
  })
})

describe('it is none:', () => {
  test.each([
    '',
    'table',
    'table ',
    't',
    'Table t',
    'tables t',
    'view v',
    'column a',
    'column a.b.c.d',
    'table a.b.c',
    'index a.b.c',
    'constraint c',
    'type a.b.c',
    'table t;',
    'table t u',
    'table 1t',
    'table ""',
    'table "t',
    'table .t',
    'table t.',
    'table a..b',
    'column t.(a)',
    'function f',
    'function f(',
    'function f(int4',
    'function (int4)',
    'sql',
    'sql true',
    'sql DELETE FROM t',
    'sql UPDATE t SET a = 1',
    'sql SELECTED',
    'sql ; SELECT true',
  ])('%j', (value) => {
    expect(read(value)).toBeUndefined()
  })
})

test('a check is a query and no name', () => {
  expect(readSqlCheck('table t', place)).toBeUndefined()
  expect(readSqlCheck('sql', place)).toBeUndefined()
})

test('its form, as messages show it, has every kind', () => {
  for (const kind of [...fingerprintKinds, 'sql']) expect(fingerprintForm).toContain(`${kind} `)
})
