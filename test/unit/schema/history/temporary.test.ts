import { describe, expect, test } from '@jest/globals'
import { endOf } from './history-lines.ts'

describe('only what lasts is there after', () => {
  test.each<readonly [files: readonly string[], lines: readonly string[]]>([
    [
      [
        'CREATE TEMP TABLE x (a int); CREATE INDEX i ON x (a); ALTER TABLE x ADD b int; DROP INDEX i; ALTER TABLE x RENAME TO y; DROP TABLE y',
      ],
      [],
    ],
    [
      [
        'CREATE TABLE x (a int); CREATE TEMP TABLE x (b int); ALTER TABLE x ADD c int; DROP TABLE x; ALTER TABLE x ADD d int',
      ],
      ['column x.a type: int4', 'column x.d type: int4'],
    ],
    [['CREATE TEMP TABLE x (a int)', 'ALTER TABLE x ADD c int'], ['column x.c type: int4']],
    [
      [
        "CREATE TYPE mood AS ENUM ('a'); CREATE FUNCTION f(int, mood[]) RETURNS int LANGUAGE sql AS 'x'",
        'ALTER TYPE mood RENAME TO feeling',
        'DROP FUNCTION f(int, feeling[])',
      ],
      ['type feeling labels: a'],
    ],
  ])('%j', (files, lines) => {
    expect(endOf(files)).toEqual(lines)
  })
})
