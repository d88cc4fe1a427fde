import { describe, expect, test } from '@jest/globals'
import { endOf } from './history-lines.ts'

describe('a drop takes along, and leaves,', () => {
  test.each<readonly [files: readonly string[], lines: readonly string[]]>([
    [['CREATE TABLE t (a int UNIQUE); CREATE INDEX i ON t (a)', 'DROP TABLE t'], []],
    [
      [
        'CREATE TABLE t (a int UNIQUE, b int CHECK (a > b), c int); CREATE INDEX i ON t (b) WHERE a > 0; CREATE INDEX j ON t (c)',
        'ALTER TABLE t DROP COLUMN a',
      ],
      [
        'column t.b type: int4',
        'column t.c type: int4',
        'index j definition: INDEX ON t USING btree (c)',
      ],
    ],
    [
      [
        'CREATE TABLE t (a int PRIMARY KEY); CREATE TABLE o (x int REFERENCES t, y int CHECK (y > 0))',
        'DROP TABLE t CASCADE',
      ],
      [
        'column o.x type: int4',
        'column o.y type: int4',
        'constraint o.o_y_check definition: CHECK (y > 0)',
      ],
    ],
    [
      [
        'CREATE TABLE t (a int PRIMARY KEY); CREATE TABLE o (x int REFERENCES t)',
        'ALTER TABLE t DROP CONSTRAINT t_pkey CASCADE',
      ],
      ['column o.x type: int4', 'column t.a nullability: NOT NULL', 'column t.a type: int4'],
    ],
    [
      [
        'CREATE TABLE t (a int UNIQUE); CREATE TABLE o (x int REFERENCES t (a))',
        'ALTER TABLE t DROP COLUMN a CASCADE',
      ],
      ['column o.x type: int4'],
    ],
    [
      [
        "CREATE TYPE mood AS ENUM ('a'); CREATE TABLE t (mood mood UNIQUE, b text DEFAULT 'a'::mood::text); CREATE INDEX i ON t (b)",
        'DROP TYPE mood CASCADE',
      ],
      ['column t.b type: text', 'index i definition: INDEX ON t USING btree (b)'],
    ],
    [
      [
        "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'x'; CREATE TABLE t (x int); CREATE TRIGGER g BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION f()",
        'DROP FUNCTION f CASCADE',
      ],
      ['column t.x type: int4'],
    ],
    [
      ["CREATE SEQUENCE s; CREATE TABLE t (a int DEFAULT nextval('s'))", 'DROP SEQUENCE s CASCADE'],
      ['column t.a type: int4'],
    ],
    [
      [
        'CREATE TABLE t (a int); CREATE TABLE u (a int); CREATE VIEW v AS SELECT a FROM t; CREATE VIEW w AS SELECT a FROM v; CREATE VIEW x AS SELECT a FROM u',
        'DROP TABLE t CASCADE',
      ],
      ['column u.a type: int4', 'view x definition: SELECT a FROM u'],
    ],
    [
      ['CREATE TABLE t (a int); CREATE VIEW v AS SELECT * FROM t', 'DROP TABLE t CASCADE'],
      ['view v existence: (unknown)'],
    ],
    [
      [
        'CREATE TABLE t (a int, b int); CREATE VIEW v AS SELECT b FROM t',
        'ALTER TABLE t DROP COLUMN a CASCADE',
      ],
      ['column t.b type: int4', 'view v definition: (unknown)', 'view v existence: (unknown)'],
    ],
    [
      [
        'CREATE TABLE t (a int, b int GENERATED ALWAYS AS (a) STORED)',
        'ALTER TABLE t DROP COLUMN a CASCADE',
      ],
      [],
    ],
    [
      [
        'CREATE SCHEMA s; CREATE TABLE s.t (a int PRIMARY KEY); CREATE INDEX i ON s.t (a); CREATE TABLE o (x int REFERENCES s.t)',
        'DROP SCHEMA s CASCADE',
      ],
      ['column o.x type: int4'],
    ],
    [
      [
        "CREATE SEQUENCE s; CREATE TABLE t (a int DEFAULT nextval('s')); ALTER SEQUENCE s OWNED BY t.a",
        'DROP TABLE t',
      ],
      [],
    ],
    [
      [
        'CREATE MATERIALIZED VIEW m AS SELECT 1 AS x; CREATE INDEX i ON m (x)',
        'DROP MATERIALIZED VIEW m',
      ],
      [],
    ],
    [
      [
        "CREATE FUNCTION f(int) RETURNS int LANGUAGE sql AS 'x'; CREATE FUNCTION f(text) RETURNS int LANGUAGE sql AS 'y'",
        'DROP FUNCTION f(int)',
      ],
      [
        'function f(text) body: y',
        'function f(text) definition: FUNCTION LANGUAGE sql VOLATILE',
        'function f(text) result: int4',
      ],
    ],
    [["CREATE FUNCTION f(int) RETURNS int LANGUAGE sql AS 'x'", 'DROP FUNCTION f'], []],
  ])('%j', (files, lines) => {
    expect(endOf(files)).toEqual(lines)
  })
})
