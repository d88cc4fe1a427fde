import { describe, expect, test } from '@jest/globals'
import { linesOf } from './effect-lines.ts'

describe('what changes nothing of the schema', () => {
  test.each<readonly [sql: string, lines: readonly string[]]>([
    ['BEGIN', []],
    ['SET search_path = app', []],
    ['LOCK TABLE t', []],
  ])('%s', (sql, lines) => {
    expect(linesOf(sql)).toEqual(lines)
  })
})

describe('what cannot be seen into', () => {
  test.each<readonly [sql: string, lines: readonly string[]]>([
    ['DO $$ BEGIN END $$', ['unseen: a DO block']],
    ['INSERT INTO t VALUES (1)', ['unseen: INSERT']],
    ['SELECT 1', ['unseen: SELECT']],
    ['GRANT SELECT ON t TO x', ['unseen: GRANT or REVOKE']],
    ['CALL p()', ['unseen: CALL']],
    ['UPDATE t SET a = 1', ['unseen: UPDATE']],
    ['DELETE FROM t', ['unseen: DELETE']],
    ['TRUNCATE t', ['unseen: Truncate']],
    ['REFRESH MATERIALIZED VIEW m', ['unseen: Refresh Mat View']],
    ['CREATE RULE r AS ON INSERT TO t DO NOTHING', ['unseen: Rule']],
    [
      'CREATE EVENT TRIGGER e ON ddl_command_start EXECUTE FUNCTION f()',
      ['unseen: Create Event Trig'],
    ],
  ])('%s', (sql, lines) => {
    expect(linesOf(sql)).toEqual(lines)
  })
})
