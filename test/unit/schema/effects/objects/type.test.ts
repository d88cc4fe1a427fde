import { describe, expect, test } from '@jest/globals'
import { linesOf } from '../effect-lines.ts'

describe('types and domains', () => {
  test.each<readonly [sql: string, lines: readonly string[]]>([
    [
      'ALTER TYPE c ADD ATTRIBUTE x int',
      ['alter type c =  forgets definition', 'unseen: ALTER TABLE'],
    ],
    ["CREATE TYPE mood AS ENUM ('a', 'b')", ['create type mood = enum; labels: a, b']],
    ['CREATE TYPE app.c AS (x int, y text)', ['create type app.c = composite; x int4; y text;']],
    [
      "CREATE DOMAIN d AS text NOT NULL CHECK (value <> '')",
      ['create type d = domain; text NOT NULL'],
    ],
    ['CREATE TYPE r AS RANGE (subtype = int4)', ['create type r = range']],
    ['CREATE TYPE b (INPUT = b_in, OUTPUT = b_out)', ['create type b = base type']],
    [
      "ALTER TYPE mood ADD VALUE IF NOT EXISTS 'c' BEFORE 'a'",
      ['alter type mood = label c: present | if not exists'],
    ],
    [
      "ALTER TYPE mood RENAME VALUE 'a' TO 'z'",
      ['alter type mood = label a: absent; label z: present'],
    ],
    ['ALTER DOMAIN d SET NOT NULL', ['alter type d =  forgets definition', 'unseen: Alter Domain']],
  ])('%s', (sql, lines) => {
    expect(linesOf(sql)).toEqual(lines)
  })
})
