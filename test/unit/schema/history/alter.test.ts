import { describe, expect, test } from '@jest/globals'
import { endOf } from './history-lines.ts'

describe('an alteration:', () => {
  test.each<readonly [files: readonly string[], lines: readonly string[]]>([
    [
      [
        "CREATE TABLE t (a int); ALTER TABLE t ALTER a TYPE text, ALTER a SET NOT NULL, ALTER a SET DEFAULT 'x'",
      ],
      ["column t.a default: 'x'", 'column t.a nullability: NOT NULL', 'column t.a type: text'],
    ],
    [
      [
        'CREATE TABLE t (a int CHECK (a > 0)); ALTER TABLE t ADD CHECK (a > 1), DROP CONSTRAINT t_a_check',
      ],
      ['column t.a type: int4', 'constraint t.t_a_check definition: CHECK (a > 1)'],
    ],
    [
      [
        'CREATE TABLE t (a int PRIMARY KEY, CONSTRAINT c FOREIGN KEY (a) REFERENCES t); ALTER TABLE t ALTER CONSTRAINT c DEFERRABLE',
      ],
      [
        'column t.a nullability: NOT NULL',
        'column t.a type: int4',
        'constraint t.c definition: (unknown)',
        'constraint t.c validation: (unknown)',
        'constraint t.t_pkey definition: PRIMARY KEY (a)',
      ],
    ],
    [
      [
        'CREATE TABLE t (a int); ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0) NOT VALID',
        'ALTER TABLE t VALIDATE CONSTRAINT c',
      ],
      ['column t.a type: int4', 'constraint t.c definition: CHECK (a > 0)'],
    ],
    [
      ['CREATE TABLE t (a int); ALTER TABLE t ENABLE ROW LEVEL SECURITY'],
      ['column t.a type: int4', 'table t row security: enabled'],
    ],
    [['ALTER TABLE t ALTER a SET NOT NULL'], ['column t.a nullability: NOT NULL']],
    [
      ['DROP TABLE IF EXISTS t; ALTER TABLE t ENABLE ROW LEVEL SECURITY'],
      ['table t existence: (present)', 'table t row security: enabled'],
    ],
    [
      ['CREATE DOMAIN d AS text', 'ALTER DOMAIN d SET NOT NULL'],
      ['type d definition: (unknown)', 'type d existence: domain'],
    ],
    [
      [
        'CREATE TABLE t (a int); CREATE POLICY p ON t USING (a > 0)',
        'ALTER POLICY p ON t USING (a > 1)',
      ],
      ['column t.a type: int4', 'policy t.p definition: (unknown)'],
    ],
    [
      ["CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'x'", 'ALTER FUNCTION f() STABLE'],
      ['function f() body: x', 'function f() definition: (unknown)', 'function f() result: int4'],
    ],
  ])('%j', (files, lines) => {
    expect(endOf(files)).toEqual(lines)
  })
})

describe('an enum:', () => {
  test.each<readonly [files: readonly string[], lines: readonly string[]]>([
    [
      ["CREATE TYPE m AS ENUM ('a', 'b')", "ALTER TYPE m ADD VALUE 'c'"],
      ['type m label c: present', 'type m labels: a, b'],
    ],
    [
      ["CREATE TYPE m AS ENUM ('a', 'b')", "ALTER TYPE m ADD VALUE IF NOT EXISTS 'b'"],
      ['type m labels: a, b'],
    ],
    [
      ["CREATE TYPE m AS ENUM ('a', 'b')", "ALTER TYPE m RENAME VALUE 'a' TO 'z'"],
      ['type m label a: absent', 'type m label z: present', 'type m labels: z, b'],
    ],
    [["ALTER TYPE m ADD VALUE 'c'"], ['type m label c: present']],
    [
      [
        "CREATE TYPE m AS ENUM ('a'); CREATE TABLE t (x int, y m DEFAULT 'a')",
        "ALTER TYPE m RENAME VALUE 'a' TO 'b'",
      ],
      [
        'column t.x type: int4',
        'column t.y default: (unknown)',
        'column t.y type: m',
        'type m label a: absent',
        'type m label b: present',
        'type m labels: b',
      ],
    ],
  ])('%j', (files, lines) => {
    expect(endOf(files)).toEqual(lines)
  })
})

describe('comments:', () => {
  test.each<readonly [files: readonly string[], lines: readonly string[]]>([
    [
      ["CREATE TABLE t (a int); COMMENT ON TABLE t IS 'x'; COMMENT ON COLUMN t.a IS 'y'"],
      ['column t.a comment: y', 'column t.a type: int4', 'table t comment: x'],
    ],
    [
      ["CREATE TABLE t (a int); COMMENT ON TABLE t IS 'x'", 'COMMENT ON TABLE t IS NULL'],
      ['column t.a type: int4'],
    ],
    [["COMMENT ON TABLE t IS ''"], []],
  ])('%j', (files, lines) => {
    expect(endOf(files)).toEqual(lines)
  })
})
