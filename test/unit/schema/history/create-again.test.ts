import { describe, expect, test } from '@jest/globals'
import { endOf } from './history-lines.ts'

describe('what is there already, after', () => {
  test.each<readonly [files: readonly string[], lines: readonly string[]]>([
    [
      ['CREATE TABLE t (a int)', 'CREATE TABLE IF NOT EXISTS t (a text, b int UNIQUE)'],
      ['column t.a type: int4'],
    ],
    [
      ['CREATE TABLE IF NOT EXISTS t (a int, b int UNIQUE)'],
      [
        'column t.a type: int4',
        'column t.b type: int4',
        'constraint t.t_b_key definition: UNIQUE (b)',
      ],
    ],
    [
      ['CREATE TABLE t (a int)', 'ALTER TABLE t ADD COLUMN IF NOT EXISTS a text UNIQUE'],
      ['column t.a type: int4'],
    ],
    [
      ['CREATE TABLE t (a int)', 'ALTER TABLE t ADD COLUMN IF NOT EXISTS b text UNIQUE'],
      [
        'column t.a type: int4',
        'column t.b type: text',
        'constraint t.t_b_key definition: UNIQUE (b)',
      ],
    ],
    [
      [
        'CREATE TABLE t (a int); CREATE INDEX i ON t (a)',
        'CREATE INDEX IF NOT EXISTS i ON t (a, a)',
      ],
      ['column t.a type: int4', 'index i definition: INDEX ON t USING btree (a)'],
    ],
    [
      ['CREATE TABLE t (a int)', 'DROP TABLE t', 'CREATE TABLE IF NOT EXISTS t (b int)'],
      ['column t.b type: int4'],
    ],
    [
      ["CREATE TABLE t (a int); COMMENT ON TABLE t IS 'x'; DROP TABLE t; CREATE TABLE t (b int)"],
      ['column t.b type: int4', 'table t comment: (unknown)'],
    ],
    [
      [
        "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'x'; COMMENT ON FUNCTION f IS 'c'",
        'CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql RETURN 1',
      ],
      [
        'function f() body: (unknown)',
        'function f() definition: FUNCTION LANGUAGE sql VOLATILE',
        'function f() result: int4',
      ],
    ],
    [
      [
        "CREATE VIEW v AS SELECT 1 AS x; COMMENT ON VIEW v IS 'c'",
        'CREATE OR REPLACE VIEW v AS SELECT 2 AS x',
      ],
      ['view v comment: c', 'view v definition: SELECT 2 AS x'],
    ],
  ])('%j', (files, lines) => {
    expect(endOf(files)).toEqual(lines)
  })
})
