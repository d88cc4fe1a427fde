import { describe, expect, test } from '@jest/globals'
import { reasonFor, recognisedBy } from '../../../src/reconcile/reason.ts'
import { madeBy, nothing, assessmentsOf, type Circumstances, type Database } from './a-database.ts'

const table = 'CREATE TABLE t (a int)'
const insert = 'INSERT INTO t VALUES (1)'
const column = 'ALTER TABLE t ADD b int'
const six = ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => `CREATE TABLE ${name} (x int)`).join('; ')
const yes = '-- @fingerprint sql SELECT true\n'

type Row = readonly [
  files: readonly string[],
  database: Database,
  circumstances: Circumstances,
  reasons: readonly string[],
]

describe('the reason is', () => {
  test.each<Row>([
    [[table], madeBy(table), {}, ['the database has table t']],
    [[table], nothing, {}, ['adds table t']],
    [
      [`${table}; ${insert}; ${insert}`],
      madeBy(table),
      {},
      ['the database has table t; taken as done with it: INSERT'],
    ],
    [
      [`${table}; CREATE INDEX i ON t (a)`],
      madeBy(table),
      {},
      ['there: table t; missing: index i'],
    ],
    [
      [table, 'ALTER TABLE t ADD IF NOT EXISTS b int; CREATE INDEX IF NOT EXISTS i ON t (a)'],
      madeBy(table, column),
      {},
      [
        'the database has table t',
        'there: column t.b; missing: index i; every statement is guarded',
      ],
    ],
    [[table], madeBy('CREATE TABLE t (a text)'), {}, ['another definition: column t.a (type)']],
    [
      [table, insert],
      madeBy(table),
      {},
      ['the database has table t', 'it leaves no evidence (INSERT)'],
    ],
    [['-- nothing'], nothing, {}, ['it leaves no evidence']],
    [
      [table, `${insert}; DO $$ BEGIN END $$; ${insert}`],
      madeBy(table),
      {},
      ['the database has table t', 'it leaves no evidence (INSERT, a DO block)'],
    ],
    [
      [table, insert, column],
      madeBy(table, column),
      {},
      [
        'the database has table t',
        'it leaves no evidence, and comes before what the database has: inferred from 3_a',
        'the database has column t.b',
      ],
    ],
    [
      [six],
      madeBy(six),
      {},
      ['the database has table a, table b, table c, table d, table e and 1 more'],
    ],
    [
      [`${yes}${insert}`],
      nothing,
      { fingerprintResults: { 'SELECT true': true } },
      ['the database has sql SELECT true; taken as done with it: INSERT'],
    ],
    [[`${yes}${insert}`], nothing, {}, ['its fingerprint says so']],
    [
      [table, `${column}; ${insert}`],
      madeBy(table, column),
      { recorded: [1] },
      ['the database has column t.b, which does not show INSERT'],
    ],
    [
      [table, `${column.replace('b', 'IF NOT EXISTS b')}; ${insert} ON CONFLICT DO NOTHING`],
      madeBy(table, column),
      { recorded: [1] },
      ['the database has column t.b, which does not show INSERT'],
    ],
  ])('%j', (files, database, circumstances, reasons) => {
    expect(assessmentsOf(files, database, circumstances).map(reasonFor)).toEqual(reasons)
  })
})

test('the ledger keeps what a file was recognised by', () => {
  const found = assessmentsOf([table, insert, `${yes}${column}`], madeBy(table, column), {
    fingerprintResults: { 'SELECT true': true },
  })
  expect(found.map(recognisedBy)).toEqual(['table t', 'inferred from 3_a', 'sql SELECT true'])
})
