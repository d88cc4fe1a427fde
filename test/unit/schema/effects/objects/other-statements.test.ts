import { describe, expect, test } from '@jest/globals'
import { linesOf } from '../effect-lines.ts'

describe('a temporary object leaves nothing', () => {
  test.each<readonly [sql: string, lines: readonly string[]]>([
    ['CREATE TEMP TABLE t (a int PRIMARY KEY)', []],
    ['CREATE TABLE pg_temp.t (a int)', []],
    ['CREATE TEMP VIEW v AS SELECT 1', []],
    ['CREATE TEMP TABLE t AS SELECT 1 AS x', []],
    ['SELECT 1 AS x INTO TEMP t', []],
    ['CREATE TEMP SEQUENCE s', []],
  ])('%s', (sql, lines) => {
    expect(linesOf(sql)).toEqual(lines)
  })
})

describe('triggers', () => {
  test.each<readonly [sql: string, lines: readonly string[]]>([
    [
      "CREATE TRIGGER g BEFORE INSERT OR UPDATE OF a ON t FOR EACH ROW WHEN (NEW.a > 0) EXECUTE FUNCTION f('x')",
      ['create trigger t.g = type 23 OF a WHEN (new.a > 0) EXECUTE public.f(x)'],
    ],
    [
      'CREATE TRIGGER g BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()',
      ['create trigger t.g = type 19 EXECUTE pg_catalog.suppress_redundant_updates_trigger()'],
    ],
    [
      'CREATE CONSTRAINT TRIGGER g AFTER DELETE ON t DEFERRABLE FOR EACH ROW EXECUTE FUNCTION app.f()',
      ['create trigger t.g = type 9 EXECUTE app.f()'],
    ],
  ])('%s', (sql, lines) => {
    expect(linesOf(sql)).toEqual(lines)
  })
})

describe('policies', () => {
  test.each<readonly [sql: string, lines: readonly string[]]>([
    [
      'CREATE POLICY p ON t FOR SELECT TO b, a USING (x > 0) WITH CHECK (x > 1)',
      ['create policy t.p = PERMISSIVE FOR SELECT TO a, b USING (x > 0) WITH CHECK (x > 1)'],
    ],
    ['CREATE POLICY p ON t AS RESTRICTIVE', ['create policy t.p = RESTRICTIVE FOR ALL TO public']],
    ['CREATE POLICY p ON t TO CURRENT_USER', ['create policy t.p = policy']],
    [
      'ALTER POLICY p ON t USING (true)',
      ['alter policy t.p =  forgets definition', 'unseen: Alter Policy'],
    ],
  ])('%s', (sql, lines) => {
    expect(linesOf(sql)).toEqual(lines)
  })
})

describe('views', () => {
  test.each<readonly [sql: string, lines: readonly string[]]>([
    ['CREATE VIEW v AS SELECT a FROM t', ['create view v = view; SELECT a FROM t']],
    ['CREATE OR REPLACE VIEW v AS SELECT * FROM t', ['create view v = view | or replace']],
    [
      'CREATE MATERIALIZED VIEW IF NOT EXISTS m AS SELECT 1 AS x',
      ['create materialized view m = materialized view; SELECT 1 AS x | if not exists'],
    ],
  ])('%s', (sql, lines) => {
    expect(linesOf(sql)).toEqual(lines)
  })
})

describe('tables from a query', () => {
  test.each<readonly [sql: string, lines: readonly string[]]>([
    ['CREATE TABLE t AS SELECT 1 AS x', ['create table t = table']],
    ['SELECT 1 AS x INTO t', ['create table t = table']],
  ])('%s', (sql, lines) => {
    expect(linesOf(sql)).toEqual(lines)
  })
})

describe('schemas and extensions', () => {
  test.each<readonly [sql: string, lines: readonly string[]]>([
    [
      'CREATE EXTENSION IF NOT EXISTS pg_trgm',
      ['create extension pg_trgm = extension | if not exists'],
    ],
    ['CREATE SCHEMA app', ['create schema app = schema']],
    ['CREATE SCHEMA IF NOT EXISTS app', ['create schema app = schema | if not exists']],
    ['CREATE SCHEMA AUTHORIZATION joe', ['unseen: Create Schema']],
    [
      'CREATE SCHEMA app CREATE TABLE t (a int) CREATE VIEW v AS SELECT 1 AS x GRANT SELECT ON t TO joe',
      [
        'create schema app = schema',
        'create table app.t = table',
        'create column app.t.a = column; int4 | inside table app.t',
        'create view app.v = view; SELECT 1 AS x',
        'unseen: Create Schema',
      ],
    ],
  ])('%s', (sql, lines) => {
    expect(linesOf(sql)).toEqual(lines)
  })
})

describe('comments', () => {
  test.each<readonly [sql: string, lines: readonly string[]]>([
    ["COMMENT ON TABLE t IS 'x'", ['alter table t = comment: x']],
    ['COMMENT ON COLUMN app.t.a IS NULL', ['alter column app.t.a = comment:']],
    ["COMMENT ON INDEX i IS 'x'", ['unseen: Comment']],
    ["COMMENT ON VIEW v IS 'x'", ['alter view v = comment: x']],
    ["COMMENT ON MATERIALIZED VIEW m IS 'x'", ['alter materialized view m = comment: x']],
  ])('%s', (sql, lines) => {
    expect(linesOf(sql)).toEqual(lines)
  })
})
