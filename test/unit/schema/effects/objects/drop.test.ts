import { describe, expect, test } from '@jest/globals'
import { linesOf } from '../effect-lines.ts'

describe('what is dropped', () => {
  test.each<readonly [sql: string, lines: readonly string[]]>([
    ['DROP TABLE a, app.b CASCADE', ['drop table a cascade', 'drop table app.b cascade']],
    ['DROP TABLE IF EXISTS a', ['drop table a | if exists']],
    ['DROP VIEW v', ['drop view v']],
    ['DROP MATERIALIZED VIEW v', ['drop materialized view v']],
    ['DROP SEQUENCE s', ['drop sequence s']],
    ['DROP INDEX CONCURRENTLY IF EXISTS app.i', ['drop index app.i | if exists']],
    ['DROP TYPE IF EXISTS ty CASCADE', ['drop type ty cascade | if exists']],
    ['DROP DOMAIN d', ['drop type d']],
    ['DROP FUNCTION f', ['drop function f']],
    ['DROP FUNCTION f(int, VARIADIC text[], OUT x int)', ['drop function f(int4, text[])']],
    ['DROP PROCEDURE app.p(int)', ['drop function app.p(int4)']],
    ['DROP ROUTINE r()', ['drop function r()']],
    ['DROP TRIGGER g ON app.t', ['drop trigger app.t.g']],
    ['DROP POLICY IF EXISTS p ON t', ['drop policy t.p | if exists']],
    ['DROP SCHEMA s CASCADE', ['drop schema s cascade']],
    ['DROP EXTENSION e', ['drop extension e']],
    ['DROP RULE r ON t', ['unseen: Drop']],
    ['DROP AGGREGATE a(int)', ['unseen: Drop']],
    ['DROP FOREIGN TABLE f', ['drop table f']],
  ])('%s', (sql, lines) => {
    expect(linesOf(sql)).toEqual(lines)
  })
})
