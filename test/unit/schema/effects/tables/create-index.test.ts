import { describe, expect, test } from '@jest/globals'
import { linesOf } from '../effect-lines.ts'

describe('an index', () => {
  test.each<readonly [sql: string, lines: readonly string[]]>([
    ['CREATE INDEX i ON t (a)', ['create index i = INDEX ON t USING btree (a); valid | on t']],
    [
      'CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS i ON app.t USING gin (lower(a) gin_trgm_ops, (b + 1) DESC, c COLLATE "C" NULLS FIRST) INCLUDE (d, e) NULLS NOT DISTINCT WHERE a > 0',
      [
        'create index app.i = UNIQUE INDEX ON app.t USING gin ((lower(a)) gin_trgm_ops of gin, (b + 1) DESC, c of app.t.c COLLATE C NULLS FIRST) INCLUDE (d, e) NULLS NOT DISTINCT WHERE (a > 0); valid | on app.t | if not exists',
      ],
    ],
    [
      'CREATE INDEX ON t (a DESC NULLS LAST, b ASC NULLS LAST, c DESC NULLS FIRST)',
      [
        'create index t_a_b_c_idx = INDEX ON t USING btree (a DESC NULLS LAST, b, c DESC); valid | on t | by server',
      ],
    ],
    [
      'CREATE INDEX ON ONLY t (a)',
      ['create index t_a_idx = INDEX ON t USING btree (a) | on t | by server'],
    ],
  ])('%s', (sql, lines) => {
    expect(linesOf(sql)).toEqual(lines)
  })
})
