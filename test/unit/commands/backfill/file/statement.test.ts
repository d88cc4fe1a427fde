import { beforeAll, describe, expect, test } from '@jest/globals'
import {
  forBatch,
  originalIndex,
  readStatement,
} from '../../../../../src/commands/backfill/file/statement.ts'
import { loadParser, type Parse } from '../../../../../src/sql/tree/parse.ts'

let parse: Parse
beforeAll(async () => {
  parse = await loadParser()
})

const table = { schema: undefined, name: 't' }
const read = (text: string): ReturnType<typeof readStatement> =>
  readStatement({ file: 'b.sql', text }, table, parse)
const condition = (qualifier: string): string => `<${qualifier}>`

const inBatch = (text: string): string => {
  const result = read(text)
  if (result.kind === 'problem') throw new Error(result.problem.title)
  return forBatch(result.statement, condition)
}

describe(':batch becomes a condition on the walked table, by the name it has there', () => {
  test.each([
    ['UPDATE t SET a = 1 WHERE :batch', 'UPDATE t SET a = 1 WHERE <t>'],
    [
      'UPDATE app.t AS x SET a = 1 WHERE (a IS NULL AND :batch)',
      'UPDATE app.t AS x SET a = 1 WHERE (a IS NULL AND <x>)',
    ],
    ['DELETE FROM t WHERE a = 1 AND :batch;', 'DELETE FROM t WHERE a = 1 AND <t>'],
    [
      'DELETE FROM o USING t z WHERE o.id = z.id AND :batch',
      'DELETE FROM o USING t z WHERE o.id = z.id AND <z>',
    ],
    [
      'INSERT INTO n SELECT id FROM o JOIN t USING (id) WHERE :batch',
      'INSERT INTO n SELECT id FROM o JOIN t USING (id) WHERE <t>',
    ],
    [
      'WITH gone AS (DELETE FROM t WHERE :batch RETURNING *) INSERT INTO n SELECT * FROM gone',
      'WITH gone AS (DELETE FROM t WHERE <t> RETURNING *) INSERT INTO n SELECT * FROM gone',
    ],
    [
      'UPDATE t SET a = s.a FROM (SELECT b.id FROM t b WHERE :batch) s WHERE s.id = t.id AND :batch',
      'UPDATE t SET a = s.a FROM (SELECT b.id FROM t b WHERE <b>) s WHERE s.id = t.id AND <t>',
    ],
    [
      'MERGE INTO n USING (SELECT * FROM t WHERE :batch) s ON n.id = s.id WHEN MATCHED THEN DO NOTHING',
      'MERGE INTO n USING (SELECT * FROM t WHERE <t>) s ON n.id = s.id WHEN MATCHED THEN DO NOTHING',
    ],
    // What only looks like it stays: a cast, a string, a comment.
    [
      "-- :batch\nUPDATE t SET a = ':batch', b = c::batch /* :batch */ WHERE :batch -- :batch",
      "UPDATE t SET a = ':batch', b = c::batch /* :batch */ WHERE <t> -- :batch",
    ],
    ["UPDATE t SET a = 'ü😀' WHERE :batch", "UPDATE t SET a = 'ü😀' WHERE <t>"],
  ])('%s', (text, expected) => {
    expect(inBatch(text)).toBe(expected)
  })
})

describe('refused, with its place', () => {
  test.each([
    ['', 'it has no statement', '1:1'],
    ['SELECT 1 FROM t WHERE :batch', 'its statement changes no rows', '1:1'],
    ['-- x\n  UPDATE t SET a = 1', 'its WHERE lacks :batch', '2:3'],
    ['UPDATE t SET a = 1 WHERE :batch; SELECT 1', 'it has more than one statement', '1:34'],
    ['UPDATE t SET a = $1 WHERE :batch', 'it has a parameter', '1:18'],
    [
      'UPDATE t SET a = :batch',
      ':batch must be a condition of its own, joined with AND, in the WHERE of the part that names t',
      '1:18',
    ],
    [
      'UPDATE t SET a = 1 WHERE :batch OR a = 1',
      ':batch must be a condition of its own, joined with AND, in the WHERE of the part that names t',
      '1:26',
    ],
    [
      'UPDATE t SET a = 1 WHERE NOT :batch',
      ':batch must be a condition of its own, joined with AND, in the WHERE of the part that names t',
      '1:30',
    ],
    [
      'UPDATE o SET a = 1 WHERE :batch',
      ':batch must be a condition of its own, joined with AND, in the WHERE of the part that names t',
      '1:26',
    ],
    ['UPDATE t SET :batch', 'syntax error at or near :batch', '1:14'],
  ])('%s', (text, reason, place) => {
    const result = read(text)
    if (result.kind === 'read') throw new Error('it was taken')
    const { title, place: at } = result.problem
    expect(title).toBe(`b.sql cannot run in batches: ${reason}`)
    expect(`${at?.line ?? 0}:${at?.column ?? 0}`).toBe(place)
  })
})

test('a place in the text of a batch is found again in the file', () => {
  const text = 'UPDATE t SET a = x.b FROM (SELECT FROM t q WHERE :batch AND w) x WHERE :batch AND z'
  const result = read(text)
  if (result.kind === 'problem') throw new Error(result.problem.title)
  const { statement } = result
  const sent = forBatch(statement, condition)
  const long = (qualifier: string): string => `(${qualifier}.id > 5 AND ${qualifier}.id < 7)`
  for (const word of ['x.b', 'w)', 'z']) {
    expect(originalIndex(statement, condition, sent.indexOf(word))).toBe(text.indexOf(word))
    const longer = forBatch(statement, long)
    expect(originalIndex(statement, long, longer.lastIndexOf(word))).toBe(text.lastIndexOf(word))
  }
  expect(originalIndex(statement, condition, sent.indexOf('<q>') + 1)).toBe(text.indexOf(':batch'))
})
