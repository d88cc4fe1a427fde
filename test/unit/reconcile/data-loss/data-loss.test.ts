// The rule for data as a pure decision: what pending files take away × what recorded files have made × what the database has.
// test/integration/data-loss.test.ts runs the same on real servers.

import { describe, expect, test } from '@jest/globals'
import type { LoginPath } from '../../../../src/schema/history/history.ts'
import { lossesIn, lossProblems, reasonOf } from '../../../../src/reconcile/data-loss/data-loss.ts'
import { keyOfName } from '../../../../src/reconcile/data-loss/identities.ts'
import type { LostObject } from '../../../../src/reconcile/data-loss/loss.ts'
import { removalsOf, type LossQuery } from '../../../../src/reconcile/data-loss/removals.ts'
import { utf8 } from '../../../../src/sql/tree/naming.ts'
import { loadParser } from '../../../../src/sql/tree/parse.ts'
import { aHistory } from '../a-database.ts'

const parse = await loadParser()
const loginPath: LoginPath = { schemas: ['public'], existing: ['public'] }

type Case = {
  /** Recorded. */
  readonly recorded: string
  /** Tables, and columns as 't.c', of schema public. */
  readonly has: readonly string[]
  readonly file: string
}

/** The server's part: the first candidate that is there. */
const answer =
  (has: readonly string[]) =>
  ({ candidates }: LossQuery): readonly LostObject[] => {
    const found = candidates.find(
      ({ schema, table, name }) =>
        schema === 'public' && has.includes(table === '' ? name : `${table}.${name}`),
    )
    return found === undefined
      ? []
      : [{ name: found, via: 'named', type: 'text', owner: undefined }]
  }

const judged = ({ recorded, has, file }: Case) => {
  const history = aHistory([recorded, file])
  const [first, second] = history.migrations
  if (first === undefined || second === undefined) throw new Error('two files')
  const removals = removalsOf([{ read: second, done: 0 }])
  const lostObjects = removals.flatMap(({ queries }) => queries.map(answer(has)))
  const naming = utf8
  const losses = lossesIn(removals, lostObjects, {
    files: [first.migration],
    parse,
    naming,
    loginPath,
    objects: [],
  })
  return { history, losses }
}

const lines = (each: Case): readonly string[] => {
  const { history, losses } = judged(each)
  return losses.map((loss) => `${loss.what}: ${loss.verdict.kind}, ${reasonOf(loss, history)}`)
}

const table = 'CREATE TABLE a (id int, n text)'
const recorded = { recorded: table, has: ['a', 'a.n'] }
const foreign = { recorded: 'SELECT 1', has: ['a', 'a.n'] }

const explained = 'explained, an earlier file created it'
const nobody = 'refused, the database has it, and no recorded or recognised file created it'
const itself = (line: number): string =>
  `refused, the file creates it itself, and the database already has it (line ${line})`
const again = (line: number): string =>
  `refused, the file creates it again, and what it has not copied before is lost (line ${line})`

describe('what a file takes away of the database', () => {
  test.each<readonly [what: string, each: Case, losses: readonly string[]]>([
    ['a table of the history', { ...recorded, file: 'DROP TABLE a' }, [`table a: ${explained}`]],
    ['a table of others', { ...foreign, file: 'DROP TABLE a' }, [`table a: ${nobody}`]],
    ['a table that is not there', { ...foreign, has: [], file: 'DROP TABLE IF EXISTS a' }, []],
    [
      'a table, in the half that undoes',
      { ...recorded, file: 'CREATE TABLE IF NOT EXISTS a (id int);\nDROP TABLE a' },
      [`table a: ${itself(1)}`],
    ],
    [
      'a column of the history',
      { ...recorded, file: 'ALTER TABLE a DROP n' },
      [`column a.n: ${explained}`],
    ],
    ['a column of others', { ...foreign, file: 'ALTER TABLE a DROP n' }, [`column a.n: ${nobody}`]],
    ['rows of others', { ...foreign, file: 'TRUNCATE a' }, [`all rows of table a: ${nobody}`]],
    ['rows of others, by a key', { ...foreign, file: 'DELETE FROM a WHERE id = 1' }, []],
    [
      'values that are cut',
      { ...foreign, file: 'ALTER TABLE a ALTER n TYPE varchar(3)' },
      [`values of column a.n: ${nobody}`],
    ],
    ['values that fit', { ...foreign, file: 'ALTER TABLE a ALTER n TYPE text' }, []],
    [
      'a table of the history, with the schema that the file makes for it',
      {
        ...recorded,
        file: 'CREATE SCHEMA IF NOT EXISTS kept;\nALTER TABLE a SET SCHEMA kept;\nDROP SCHEMA kept CASCADE',
      },
      ['table a: refused, it is in a schema that the file creates itself, and drops (line 1)'],
    ],
    [
      'a table of the history, with a schema of the history',
      {
        ...{ recorded: `${table}; CREATE SCHEMA kept`, has: ['a'] },
        file: 'ALTER TABLE a SET SCHEMA kept;\nDROP SCHEMA kept CASCADE',
      },
      [`table a: ${explained}`],
    ],
    [
      'a table of the history, by the name that the file gives it',
      { ...recorded, file: 'ALTER TABLE a RENAME TO b;\nDROP TABLE b' },
      [`table a: ${explained}`],
    ],
    [
      'a table that it makes again',
      { ...recorded, file: `DROP TABLE a;\n${table}` },
      [`table a: ${again(2)}`],
    ],
  ])('%s', (_what, each, losses) => {
    expect(lines(each)).toEqual(losses)
  })
})

describe('a table whose rows are copied first', () => {
  test.each<readonly [what: string, file: string, losses: readonly string[]]>([
    [
      'and whose place the copy takes',
      'CREATE TABLE b (id int, n text);\nINSERT INTO b SELECT * FROM a;\nDROP TABLE a;\nALTER TABLE b RENAME TO a',
      [`table a: ${explained}`],
    ],
    [
      'and that steps aside for it',
      'CREATE TABLE b AS SELECT * FROM a;\nALTER TABLE a RENAME TO old;\nALTER TABLE b RENAME TO a;\nDROP TABLE old',
      [`table a: ${explained}`],
    ],
    [
      'into one that is made under its name',
      'ALTER TABLE a RENAME TO old;\nCREATE TABLE a (id int, n text);\nINSERT INTO a SELECT * FROM old;\nDROP TABLE old',
      [`table a: ${explained}`],
    ],
    [
      'and that is emptied and filled from the copy',
      'CREATE TABLE b AS SELECT * FROM a;\nTRUNCATE a;\nINSERT INTO a SELECT * FROM b;\nDROP TABLE b',
      [`all rows of table a: ${explained}`],
    ],
    // Nobody can tell whether the copy has all of it: it is refused, and the file may say that it is meant.
    [
      'and that is made again',
      'CREATE TABLE b AS SELECT * FROM a;\nDROP TABLE a;\nCREATE TABLE a (id int, n text);\nINSERT INTO a SELECT * FROM b;\nDROP TABLE b',
      [`table a: ${again(3)}`],
    ],
    [
      'and that is made again, allowed',
      '-- @allow drop-table its rows come back from b\nCREATE TABLE b AS SELECT * FROM a;\nDROP TABLE a;\nCREATE TABLE a (id int);\nINSERT INTO a SELECT id FROM b;\nDROP TABLE b',
      ['table a: allowed, @allow drop-table its rows come back from b'],
    ],
  ])('%s', (_what, file, losses) => {
    expect(lines({ ...recorded, file })).toEqual(losses)
  })

  test("is still nobody's to drop where no file made it", () => {
    const file = 'CREATE TABLE b AS SELECT * FROM a;\nDROP TABLE a;\nALTER TABLE b RENAME TO a'
    expect(lines({ ...foreign, file })).toEqual([`table a: ${nobody}`])
  })
})

test('what is refused of a file is one problem, with each place', () => {
  const { history, losses } = judged({ ...foreign, file: 'TRUNCATE a;\nDROP TABLE a' })
  expect(lossProblems(losses, history)).toMatchObject([
    {
      code: 'data-loss',
      place: { line: 1, column: 1 },
      facts: {
        losses: [
          { what: 'all rows of table a', line: 1, rule: 'truncate' },
          { what: 'table a', line: 2, rule: 'drop-table' },
        ],
      },
    },
  ])
  expect(new Set(losses.map(({ name }) => keyOfName(name))).size).toBe(1)
})
