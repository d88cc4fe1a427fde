import { describe, expect, test } from '@jest/globals'
import { linesOf } from '../effect-lines.ts'

describe('functions and procedures', () => {
  test.each<readonly [sql: string, lines: readonly string[]]>([
    [
      "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
      ['create function f() = FUNCTION LANGUAGE sql VOLATILE; result: int4; body: SELECT 1'],
    ],
    [
      "CREATE OR REPLACE FUNCTION app.f(a int, b text[], OUT c int, INOUT d bigint, VARIADIC e int[]) RETURNS record LANGUAGE plpgsql IMMUTABLE STRICT SECURITY DEFINER AS 'x'",
      [
        'create function app.f(int4, text[], int8, int4[]) = FUNCTION LANGUAGE plpgsql IMMUTABLE STRICT SECURITY DEFINER; result: record; body: x | or replace',
      ],
    ],
    [
      `CREATE FUNCTION f(x char, y "char") RETURNS TABLE (a int, b text) LANGUAGE sql AS 'x'`,
      [
        'create function f(bpchar, "char") = FUNCTION LANGUAGE sql VOLATILE; result: SETOF record; body: x',
      ],
    ],
    [
      'CREATE FUNCTION f(a int) RETURNS SETOF t STABLE RETURN a',
      ['create function f(int4) = FUNCTION LANGUAGE sql STABLE; result: SETOF t'],
    ],
    [
      "CREATE PROCEDURE p(a int, OUT b int) LANGUAGE plpgsql AS 'x'",
      ['create function p(int4) = PROCEDURE LANGUAGE plpgsql VOLATILE; body: x'],
    ],
    [
      'ALTER FUNCTION f(int) STRICT',
      ['alter function f(int4) =  forgets definition', 'unseen: Alter Function'],
    ],
    [
      "CREATE FUNCTION f(a int[][], b public.mood) RETURNS trigger LANGUAGE 'plpgsql' AS 'x'",
      [
        'create function f(int4[], public.mood) = FUNCTION LANGUAGE plpgsql VOLATILE; result: trigger; body: x',
      ],
    ],
    [
      "CREATE FUNCTION f() RETURNS int LANGUAGE c AS 'lib', 'symbol'",
      ['create function f() = FUNCTION LANGUAGE c VOLATILE; result: int4'],
    ],
  ])('%s', (sql, lines) => {
    expect(linesOf(sql)).toEqual(lines)
  })
})
