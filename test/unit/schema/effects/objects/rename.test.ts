import { describe, expect, test } from '@jest/globals'
import { linesOf } from '../effect-lines.ts'

describe('another name', () => {
  test.each<readonly [sql: string, lines: readonly string[]]>([
    ['ALTER TABLE t RENAME TO u', ['rename table t to table u']],
    ['ALTER TABLE IF EXISTS app.t RENAME TO u', ['rename table app.t to table app.u | if exists']],
    ['ALTER TABLE t RENAME a TO b', ['rename column t.a to column t.b']],
    ['ALTER TABLE t RENAME CONSTRAINT a TO b', ['rename constraint t.a to constraint t.b']],
    ['ALTER VIEW v RENAME TO w', ['rename view v to view w']],
    [
      'ALTER MATERIALIZED VIEW v RENAME TO w',
      ['rename materialized view v to materialized view w'],
    ],
    ['ALTER VIEW v RENAME COLUMN a TO b', ['rename column v.a to column v.b']],
    ['ALTER SEQUENCE s RENAME TO r', ['rename sequence s to sequence r']],
    ['ALTER INDEX IF EXISTS i RENAME TO j', ['rename index i to index j | if exists']],
    ['ALTER TRIGGER g ON t RENAME TO h', ['rename trigger t.g to trigger t.h']],
    ['ALTER POLICY p ON t RENAME TO q', ['rename policy t.p to policy t.q']],
    ['ALTER TYPE a RENAME TO b', ['rename type a to type b']],
    ['ALTER DOMAIN a RENAME TO b', ['rename type a to type b']],
    [
      'ALTER TYPE c RENAME ATTRIBUTE a TO b',
      ['alter type c =  forgets definition', 'unseen: Rename'],
    ],
    ['ALTER FUNCTION f(int) RENAME TO g', ['rename function f(int4) to function g(int4)']],
    ['ALTER FUNCTION f RENAME TO g', ['rename function f to function g']],
    ['ALTER PROCEDURE p() RENAME TO q', ['rename function p() to function q()']],
    ['ALTER SCHEMA a RENAME TO b', ['rename schema a to schema b']],
    ['ALTER ROLE a RENAME TO b', ['unseen: Rename']],
  ])('%s', (sql, lines) => {
    expect(linesOf(sql)).toEqual(lines)
  })
})

describe('another schema', () => {
  test.each<readonly [sql: string, lines: readonly string[]]>([
    ['ALTER TABLE t SET SCHEMA app', ['rename table t to table app.t']],
    ['ALTER SEQUENCE s SET SCHEMA app', ['rename sequence s to sequence app.s']],
    ['ALTER TYPE a SET SCHEMA app', ['rename type a to type app.a']],
    ['ALTER FUNCTION f(int) SET SCHEMA app', ['rename function f(int4) to function app.f(int4)']],
    ['ALTER EXTENSION e SET SCHEMA app', ['unseen: Alter Object Schema']],
  ])('%s', (sql, lines) => {
    expect(linesOf(sql)).toEqual(lines)
  })
})
