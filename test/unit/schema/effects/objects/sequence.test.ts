import { describe, expect, test } from '@jest/globals'
import { linesOf } from '../effect-lines.ts'

describe('sequences', () => {
  test.each<readonly [sql: string, lines: readonly string[]]>([
    ['CREATE SEQUENCE IF NOT EXISTS s', ['create sequence s = sequence | if not exists']],
    ['CREATE SEQUENCE s OWNED BY app.t.a', ['create sequence s = sequence | on app.t']],
    ['ALTER SEQUENCE s OWNED BY t.a', ['alter sequence s =  | on t']],
    ['ALTER SEQUENCE s OWNED BY NONE', ['alter sequence s =  on no table']],
    ['ALTER SEQUENCE s RESTART', ['unseen: Alter Seq']],
  ])('%s', (sql, lines) => {
    expect(linesOf(sql)).toEqual(lines)
  })
})
