import { describe, expect, test } from '@jest/globals'
import { describeObject } from '../../../../src/schema/effects/effect.ts'
import { isOvertaken } from '../../../../src/schema/history/model/timeline.ts'
import { historyOf } from './history-lines.ts'

/** What IF NOT EXISTS says is there, and is not changed again. */
const standing = (
  files: readonly string[],
  recorded: readonly number[] = [],
): readonly string[] => {
  const { promises, timelines } = historyOf(files)
  return promises
    .filter((each) => !isOvertaken(each, timelines, new Set(recorded)))
    .map(({ object, property }) => `${describeObject(object)} ${property}`)
}

const table = 'CREATE TABLE t (a int)'
const again = 'ALTER TABLE t ADD COLUMN IF NOT EXISTS a int'
const untyped = ['column t.a existence', 'column t.a nullability', 'column t.a default']
const whole = [untyped[0] ?? '', 'column t.a type', ...untyped.slice(1)]
const retype = 'ALTER TABLE t ALTER a TYPE text'

describe('what a guarded statement promises stands, unless', () => {
  test.each<readonly [name: string, files: readonly string[], promises: readonly string[]]>([
    ['nothing comes behind it', [table, again], whole],
    [
      'an earlier statement changed one facet',
      [table, `ALTER TABLE t ALTER a SET NOT NULL; ${again}`],
      whole.filter((property) => !property.endsWith('nullability')),
    ],
    ['the same file changes one facet', [table, `${again}; ${retype}`], untyped],
    ['the same file renames it', [`${table}; ${again}; ALTER TABLE t RENAME a TO b`], []],
    ['the same file drops it', [table, `${again}; ALTER TABLE t DROP a`], []],
    [
      'the same file drops its table',
      [table, `${again}; ALTER TABLE t ADD COLUMN IF NOT EXISTS a int; DROP TABLE t`],
      [],
    ],
    [
      'the same file drops a table that it never had',
      [table, 'CREATE TABLE IF NOT EXISTS t (a int, b int); DROP TABLE t'],
      [],
    ],
    [
      'the same file renames a column of its index',
      [
        `${table}; CREATE INDEX i ON t (a)`,
        'CREATE INDEX IF NOT EXISTS i ON t (a); ALTER TABLE t RENAME a TO b',
      ],
      ['index i validation'],
    ],
    ['a later file changes it', [table, again, retype], whole],
  ])('%s', (_, files, promises) => {
    expect(standing(files)).toEqual(promises)
  })

  test('a later file that the ledger has changed it', () => {
    const files = [table, again, retype]
    expect(standing(files, [0, 2])).toEqual(untyped)
  })
})
