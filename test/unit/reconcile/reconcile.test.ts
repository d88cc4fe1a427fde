import { describe, expect, test } from '@jest/globals'
import {
  aHistory,
  evidenceOf,
  madeBy,
  nothing,
  assessmentsOf,
  statesOf,
  without,
  type Database,
} from './a-database.ts'
import { reconcile } from '../../../src/reconcile/reconcile.ts'
import type { Intent } from '../../../src/reconcile/assessment.ts'

const table = 'CREATE TABLE t (a int, b int)'
const column = 'ALTER TABLE t ADD COLUMN c text'
const index = 'CREATE INDEX i ON t (a)'
const insert = 'INSERT INTO t VALUES (1)'

type Head = readonly [
  name: string,
  files: readonly string[],
  database: Parameters<typeof statesOf>[1],
]

type Row = readonly [...Head, states: readonly string[]]

describe('each state:', () => {
  test.each<Row>([
    ['nothing is there', [table, column], nothing, ['1 absent: run', '2 absent: run']],
    [
      'all is there',
      [table, column],
      madeBy(table, column),
      ['1 present: mark', '2 present: mark'],
    ],
    ['the first is there', [table, column], madeBy(table), ['1 present: mark', '2 absent: run']],
    ['half of one', [`${table}; ${index}`], madeBy(table), ['1 partial: refuse']],
    [
      'a column of a table is missing',
      [table],
      without(madeBy(table), 'column t.b'),
      ['1 partial: refuse'],
    ],
    [
      'another type',
      [table],
      { ...madeBy(table), 'column t.a type': 'text' },
      ['1 conflict: refuse'],
    ],
    [
      'another nullability',
      [table],
      { ...madeBy(table), 'column t.a nullability': 'NOT NULL' },
      ['1 conflict: refuse'],
    ],
    [
      'another kind of relation',
      [table],
      { ...madeBy(table), 'table t existence': 'view' },
      ['1 conflict: refuse'],
    ],
    [
      'an index over something else',
      [table, index],
      { ...madeBy(table, index), 'index i definition': 'INDEX ON t USING btree (b)' },
      ['1 present: mark', '2 conflict: refuse'],
    ],
    [
      'an index that was left INVALID',
      [table, index],
      { ...madeBy(table, index), 'index i validation': 'INVALID' },
      ['1 present: mark', '2 conflict: refuse'],
    ],
    ['data at the end', [table, insert], madeBy(table), ['1 present: mark', '2 opaque: refuse']],
    [
      'data before what is there',
      [table, insert, column],
      madeBy(table, column),
      ['1 present: mark', '2 inferred: mark', '3 present: mark'],
    ],
    [
      'data before what is not there',
      [table, insert, column],
      madeBy(table),
      ['1 present: mark', '2 opaque: refuse', '3 absent: run'],
    ],
    [
      'a DO block, a drop and a comment in between',
      [table, 'DO $$ BEGIN END $$', 'DROP TABLE IF EXISTS u', '-- nothing', column],
      madeBy(table, column),
      [
        '1 present: mark',
        '2 inferred: mark',
        '3 inferred: mark',
        '4 inferred: mark',
        '5 present: mark',
      ],
    ],
    [
      'a file that cannot be read',
      [table, 'CREATE TABEL x', column],
      madeBy(table, column),
      ['1 present: mark', '2 inferred: mark', '3 present: mark'],
    ],
    [
      'nothing can be told of any file',
      [insert, insert],
      nothing,
      ['1 opaque: run', '2 opaque: run'],
    ],
  ])('%s', (_, files, database, states) => {
    expect(statesOf(files, database)).toEqual(states)
  })

  test('data right behind what is there is left to the next run by adopt', () => {
    const found = assessmentsOf([table, insert, column], madeBy(table), { intent: 'adopt' })
    expect(found.map(({ action, doubt }) => [action, doubt])).toEqual([
      ['mark', undefined],
      ['run', 'last or next'],
      ['run', undefined],
    ])
  })

  test('data behind a file that is surely missing runs', () => {
    expect(statesOf([table, column, insert], madeBy(table))).toEqual([
      ...['1 present: mark', '2 absent: run', '3 opaque: run'],
    ])
  })

  test('data beside the one thing that is there behind what is missing is refused, and taken as done by adopt', () => {
    const files = [table, column, `${index}; ${insert}`]
    expect(statesOf(files, madeBy(table, index))).toEqual([
      ...['1 present: mark', '2 absent: run', '3 present: refuse'],
    ])
    expect(statesOf(files, madeBy(table, index), { intent: 'adopt' })).toEqual([
      ...['1 present: mark', '2 absent: run', '3 present: mark'],
    ])
    const more = [...files, 'CREATE TABLE u ()']
    expect(statesOf(more, madeBy(table, index, 'CREATE TABLE u ()'))).toEqual([
      ...['1 present: mark', '2 absent: run', '3 present: mark', '4 present: mark'],
    ])
  })

  test('inferred says from which file', () => {
    const found = assessmentsOf([table, insert, column, index], madeBy(table, column))
    expect(found.map(({ inferredFrom }) => inferredFrom?.version)).toEqual([
      ...[undefined, '3', undefined, undefined],
    ])
  })
})

describe('what later files did with it:', () => {
  test.each<Row>([
    [
      'retyped',
      [table, 'ALTER TABLE t ALTER a TYPE text'],
      { ...madeBy(table), 'column t.a type': 'text' },
      ['1 present: mark', '2 present: mark'],
    ],
    [
      'not yet retyped',
      [table, 'ALTER TABLE t ALTER a TYPE text'],
      madeBy(table),
      ['1 present: mark', '2 absent: run'],
    ],
    [
      'retyped to something else',
      [table, 'ALTER TABLE t ALTER a TYPE text'],
      { ...madeBy(table), 'column t.a type': 'date' },
      ['1 conflict: refuse', '2 absent: run'],
    ],
    [
      'set NOT NULL with a default',
      [table, 'ALTER TABLE t ALTER a SET NOT NULL, ALTER a SET DEFAULT 1'],
      madeBy(table, 'ALTER TABLE t ALTER a SET NOT NULL, ALTER a SET DEFAULT 1'),
      ['1 present: mark', '2 present: mark'],
    ],
    [
      'only one of two values is set',
      [table, 'ALTER TABLE t ALTER a SET NOT NULL, ALTER a SET DEFAULT 1'],
      madeBy(table, 'ALTER TABLE t ALTER a SET NOT NULL'),
      ['1 present: mark', '2 partial: run'],
    ],
    [
      'renamed',
      [table, 'ALTER TABLE t RENAME a TO z'],
      madeBy(table, 'ALTER TABLE t RENAME a TO z'),
      ['1 present: mark', '2 present: mark'],
    ],
    [
      'not yet renamed',
      [table, 'ALTER TABLE t RENAME a TO z'],
      madeBy(table),
      ['1 present: mark', '2 absent: run'],
    ],
    [
      'the table renamed',
      [`${table}; ${index}`, 'ALTER TABLE t RENAME TO u'],
      madeBy(`${table}; ${index}`, 'ALTER TABLE t RENAME TO u'),
      ['1 present: mark', '2 present: mark'],
    ],
    [
      'the table not yet renamed',
      [`${table}; ${index}`, 'ALTER TABLE t RENAME TO u'],
      madeBy(`${table}; ${index}`),
      ['1 present: mark', '2 absent: run'],
    ],
    [
      'dropped, before something that is there',
      [table, 'DROP TABLE t', 'CREATE TABLE u (a int)'],
      madeBy('CREATE TABLE u (a int)'),
      ['1 inferred: mark', '2 inferred: mark', '3 present: mark'],
    ],
    [
      'dropped or never there, before something that is not',
      [table, 'DROP TABLE t', 'CREATE TABLE u (a int)'],
      nothing,
      ['1 opaque: run', '2 opaque: run', '3 absent: run'],
    ],
    [
      'not yet dropped',
      [table, 'DROP TABLE t', 'CREATE TABLE u (a int)'],
      madeBy(table),
      ['1 present: mark', '2 absent: run', '3 absent: run'],
    ],
    [
      'a column dropped',
      [table, 'ALTER TABLE t DROP COLUMN b'],
      madeBy(table, 'ALTER TABLE t DROP COLUMN b'),
      ['1 present: mark', '2 present: mark'],
    ],
    [
      'a column not yet dropped',
      [table, 'ALTER TABLE t DROP COLUMN b'],
      madeBy(table),
      ['1 present: mark', '2 absent: run'],
    ],
    [
      'made again as something else',
      [table, 'DROP TABLE t', 'CREATE TABLE t (a text, b int)'],
      madeBy('CREATE TABLE t (a text, b int)'),
      ['1 present: mark', '2 inferred: mark', '3 present: mark'],
    ],
    [
      'made again as something else, and still the first',
      [table, 'DROP TABLE t', 'CREATE TABLE t (a text, b int)'],
      madeBy(table),
      ['1 present: mark', '2 absent: run', '3 absent: run'],
    ],
    [
      'dropped and made anew in one file, done',
      [table, `DROP TABLE t; CREATE TABLE t (a text)`],
      madeBy('CREATE TABLE t (a text)'),
      ['1 present: mark', '2 present: mark'],
    ],
    [
      'dropped and made anew in one file, not done',
      [table, `DROP TABLE t; CREATE TABLE t (a text)`],
      madeBy(table),
      ['1 present: mark', '2 absent: run'],
    ],
    [
      'dropped in the file that made it',
      [`${table}; DROP TABLE t; CREATE TABLE u (a int)`],
      madeBy('CREATE TABLE u (a int)'),
      ['1 present: mark'],
    ],
    [
      'two tables that changed names',
      [
        'CREATE TABLE a (x int); CREATE TABLE b (y int)',
        'ALTER TABLE a RENAME TO c; ALTER TABLE b RENAME TO a; ALTER TABLE c RENAME TO b',
      ],
      madeBy('CREATE TABLE b (x int); CREATE TABLE a (y int)'),
      ['1 present: mark', '2 present: mark'],
    ],
    [
      'an index dropped',
      [`${table}; ${index}`, 'DROP INDEX i', column],
      madeBy(table, column),
      ['1 present: mark', '2 inferred: mark', '3 present: mark'],
    ],
  ])('%s', (_, files, database, states) => {
    expect(statesOf(files, database)).toEqual(states)
  })
})

describe('what does not tell by itself, behind what is there:', () => {
  const addC = 'ALTER TABLE t ADD COLUMN c text'
  const dropC = 'ALTER TABLE t DROP COLUMN c'
  test.each<Row>([
    [
      'a table was dropped last',
      ['CREATE TABLE t (a int)', 'CREATE TABLE u (a int)', 'DROP TABLE t'],
      madeBy('CREATE TABLE u (a int)'),
      ['1 inferred: mark', '2 present: mark', '3 present: mark'],
    ],
    [
      'an index was dropped last, behind data',
      [`${table}; ${index}`, insert, 'DROP INDEX i'],
      madeBy(table),
      ['1 present: mark', '2 inferred: mark', '3 present: mark'],
    ],
    [
      'made and dropped, or neither: both do no harm',
      [table, index, 'DROP INDEX i'],
      madeBy(table),
      ['1 present: mark', '2 opaque: run', '3 opaque: run'],
    ],
    [
      'dropped and made again alike: what is in it is kept',
      [table, addC, dropC, addC],
      madeBy(table, addC),
      ['1 present: mark', '2 present: mark', '3 present: mark', '4 present: mark'],
    ],
    [
      'dropped and made again beside something that is not there',
      [table, addC, dropC, `${addC}; ${index}`],
      madeBy(table, addC),
      ['1 present: mark', '2 present: mark', '3 absent: run', '4 absent: run'],
    ],
    [
      'dropped and made again beside something that is there',
      [table, addC, dropC, `${addC}; ${index}`],
      madeBy(table, addC, index),
      ['1 present: mark', '2 present: mark', '3 inferred: mark', '4 present: mark'],
    ],
    [
      'what every database has says nothing',
      [table, 'CREATE EXTENSION IF NOT EXISTS plpgsql'],
      { ...madeBy(table), 'extension plpgsql existence': 'extension' },
      ['1 present: mark', '2 opaque: run'],
    ],
    [
      'nothing is there: all runs',
      [table, 'DROP TABLE t', 'CREATE SCHEMA IF NOT EXISTS public'],
      { 'schema public existence': 'schema' },
      ['1 opaque: run', '2 opaque: run', '3 opaque: run'],
    ],
  ])('%s', (_, files, database, states) => {
    expect(statesOf(files, database)).toEqual(states)
  })

  test('one file after the other: each tells where the database stands', () => {
    const files = [
      table,
      'ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0); ALTER TABLE t ADD COLUMN e int',
      'ALTER TABLE t RENAME CONSTRAINT c TO d',
      'ALTER TABLE t DROP CONSTRAINT d',
    ]
    expect(statesOf(files, madeBy(...files))).toEqual(
      ['1', '2', '3', '4'].map((version) => `${version} present: mark`),
    )
  })

  test('in a managed database it runs', () => {
    expect(statesOf([table, addC, dropC, addC], madeBy(table, addC), { recorded: [1] })).toEqual([
      '2 present: mark',
      '3 opaque: run',
      '4 opaque: run',
    ])
  })
})

describe('CREATE OR REPLACE:', () => {
  const view = (expression: string): string =>
    `CREATE OR REPLACE VIEW v AS SELECT ${expression} AS x`
  test.each<Row>([
    [
      'the last is there',
      [view('1'), view('2')],
      madeBy(view('2')),
      ['1 present: mark', '2 present: mark'],
    ],
    [
      'the first is there',
      [view('1'), view('2')],
      madeBy(view('1')),
      ['1 present: mark', '2 absent: run'],
    ],
    [
      'another is there: it would be replaced anyway',
      [view('1')],
      madeBy(view('3')),
      ['1 partial: run'],
    ],
    [
      'the first again',
      [view('1'), view('2'), view('1')],
      madeBy(view('1')),
      ['1 present: mark', '2 present: mark', '3 present: mark'],
    ],
    [
      'the first again, before what is there',
      [view('1'), view('2'), view('1'), table],
      madeBy(view('1'), table),
      ['1 present: mark', '2 inferred: mark', '3 inferred: mark', '4 present: mark'],
    ],
  ])('%s', (_, files, database, states) => {
    expect(statesOf(files, database)).toEqual(states)
  })
})

describe('what may run although some of it is there:', () => {
  const guarded =
    'ALTER TABLE t ADD COLUMN IF NOT EXISTS c text; CREATE INDEX IF NOT EXISTS i ON t (a)'
  const onConflict = 'INSERT INTO t VALUES (1) ON CONFLICT DO NOTHING'
  const whereNot = 'INSERT INTO t SELECT 1 WHERE NOT EXISTS (SELECT FROM t)'
  test.each<Row>([
    [
      'every missing piece is guarded',
      [table, guarded],
      madeBy(table, column),
      ['1 present: mark', '2 partial: run'],
    ],
    [
      'what is there is not guarded',
      [table, `${column}; CREATE INDEX IF NOT EXISTS i ON t (a)`],
      madeBy(table, column),
      ['1 present: mark', '2 partial: refuse'],
    ],
    [
      'what is missing is not guarded: it would trip when half of it is made meanwhile',
      [table, `ALTER TABLE t ADD COLUMN IF NOT EXISTS c text; ${index}`],
      madeBy(table, column),
      ['1 present: mark', '2 partial: refuse'],
    ],
    [
      'a column inside a guarded table that is there',
      ['CREATE TABLE IF NOT EXISTS t (a int, b int)'],
      madeBy('CREATE TABLE t (a int)'),
      ['1 partial: refuse'],
    ],
    [
      'a guarded table that is not there, beside one that is',
      ['CREATE TABLE IF NOT EXISTS t (a int); CREATE TABLE IF NOT EXISTS u (a int)'],
      madeBy('CREATE TABLE t (a int)'),
      ['1 partial: run'],
    ],
    [
      'a guarded column with a constraint that is missing',
      [table, 'ALTER TABLE t ADD COLUMN IF NOT EXISTS c int CONSTRAINT k UNIQUE'],
      madeBy(table, 'ALTER TABLE t ADD COLUMN c int'),
      ['1 present: mark', '2 partial: refuse'],
    ],
    [
      'a guarded object of another definition',
      ['CREATE TABLE IF NOT EXISTS t (a int)'],
      madeBy('CREATE TABLE t (a text)'),
      ['1 conflict: refuse'],
    ],
    [
      'guarded, with rows that would be there twice',
      [table, `${guarded}; ${insert}`],
      madeBy(table, column),
      ['1 present: mark', '2 partial: refuse'],
    ],
    [
      'guarded, with rows that give way',
      [table, `${guarded}; ${onConflict}`],
      madeBy(table, column),
      ['1 present: mark', '2 partial: run'],
    ],
    [
      'guarded, with rows under a condition',
      [table, `${guarded}; ${whereNot}`],
      madeBy(table, column),
      ['1 present: mark', '2 partial: run'],
    ],
    ['rows beside what is there', [`${table}; ${insert}`], madeBy(table), ['1 present: mark']],
    ['rows beside what is not there', [`${table}; ${insert}`], nothing, ['1 absent: run']],
    [
      'a guarded drop that is done beside a guarded column that is missing',
      [
        table,
        'ALTER TABLE t DROP COLUMN IF EXISTS b; ALTER TABLE t ADD COLUMN IF NOT EXISTS c text',
      ],
      madeBy('CREATE TABLE t (a int)'),
      ['1 present: mark', '2 absent: run'],
    ],
    [
      'a drop that is done, without a guard: the server says so',
      [table, 'ALTER TABLE t DROP COLUMN b; ALTER TABLE t ADD COLUMN IF NOT EXISTS c text'],
      madeBy('CREATE TABLE t (a int)'),
      ['1 present: mark', '2 absent: run'],
    ],
    [
      'a drop that is not done, without a guard',
      [table, 'ALTER TABLE t DROP COLUMN b; ALTER TABLE t ADD COLUMN IF NOT EXISTS c text'],
      madeBy(table, column),
      ['1 present: mark', '2 partial: run'],
    ],
    [
      'a value that happens to be set beside a column that is missing',
      [table, 'ALTER TABLE t ADD COLUMN c text, ALTER a DROP DEFAULT'],
      madeBy(table),
      ['1 present: mark', '2 absent: run'],
    ],
  ])('%s', (_, files, database, states) => {
    expect(statesOf(files, database)).toEqual(states)
  })
})

describe('an enum:', () => {
  const type = "CREATE TYPE m AS ENUM ('a', 'b')"
  const add = "ALTER TYPE m ADD VALUE 'c'"
  test.each<Row>([
    ['as it was made', [type, add], madeBy(type), ['1 present: mark', '2 absent: run']],
    [
      'with the label that was added',
      [type, add],
      madeBy(type, add),
      ['1 present: mark', '2 present: mark'],
    ],
    ['with other labels', [type], madeBy("CREATE TYPE m AS ENUM ('a')"), ['1 conflict: refuse']],
    [
      'with a label renamed',
      [type, "ALTER TYPE m RENAME VALUE 'a' TO 'z'"],
      { ...madeBy("CREATE TYPE m AS ENUM ('z', 'b')"), 'type m label z': 'present' },
      ['1 present: mark', '2 present: mark'],
    ],
  ])('%s', (_, files, database, states) => {
    expect(statesOf(files, database)).toEqual(states)
  })
})

describe('what the ledger has', () => {
  const retype = 'ALTER TABLE t ALTER a TYPE text'

  test('is not told', () => {
    expect(statesOf([table, column], madeBy(table), { recorded: [1] })).toEqual(['2 absent: run'])
    expect(statesOf([table, column], madeBy(table, column), { recorded: [1] })).toEqual([
      '2 present: mark',
    ])
  })

  test('managed: nothing is inferred from where a file stands', () => {
    const files = [table, insert, column]
    expect(statesOf(files, madeBy(table, column), { recorded: [1] })).toEqual([
      '2 opaque: refuse',
      '3 present: mark',
    ])
    expect(statesOf(files, madeBy(table, column), { recorded: [1, 3] })).toEqual(['2 opaque: run'])
  })

  describe('and somebody else made:', () => {
    const guarded = 'CREATE INDEX IF NOT EXISTS i ON t (a)'
    const once = 'INSERT INTO t VALUES (1) ON CONFLICT DO NOTHING'
    const says = '-- @fingerprint sql SELECT true\n'
    test.each<[...Head, states: Record<Intent, readonly string[]>]>([
      [
        'what a file with data changes makes',
        [table, `${column}; ${insert}`],
        madeBy(table, column),
        { run: ['2 present: refuse'], adopt: ['2 present: mark'] },
      ],
      [
        'what a file makes, beside data changes that may be repeated',
        [table, `${column}; ${once}`],
        madeBy(table, column),
        { run: ['2 present: refuse'], adopt: ['2 present: mark'] },
      ],
      [
        'what a file makes of which everything may be repeated',
        [table, `${guarded}; ${once}; GRANT SELECT ON t TO public`],
        madeBy(table, index),
        { run: ['2 opaque: run'], adopt: ['2 opaque: run'] },
      ],
      [
        'what a file says of itself tells of its data',
        [table, `-- @fingerprint index i\n${index}; ${insert}`],
        madeBy(table, index),
        { run: ['2 present: mark'], adopt: ['2 present: mark'] },
      ],
      [
        'what a file makes without a guard beside rights',
        [table, `${index}; GRANT SELECT ON t TO public`],
        madeBy(table, index),
        { run: ['2 present: mark'], adopt: ['2 present: mark'] },
      ],
      [
        'what stands behind data changes',
        [table, insert, index, insert],
        madeBy(table, index),
        {
          run: ['2 opaque: refuse', '3 present: mark', '4 opaque: refuse'],
          adopt: ['2 inferred: mark', '3 present: mark', '4 opaque: run'],
        },
      ],
      [
        'what stands behind a file that is missing',
        [table, column, insert, index, insert],
        madeBy(table, index),
        {
          run: ['2 absent: run', '3 opaque: run', '4 present: mark', '5 opaque: run'],
          adopt: ['2 absent: run', '3 opaque: run', '4 present: mark', '5 opaque: run'],
        },
      ],
      [
        'what stands behind a query that says no',
        [table, `${says}${insert}`, index],
        madeBy(table, index),
        { run: ['2 absent: run', '3 present: mark'], adopt: ['2 absent: run', '3 present: mark'] },
      ],
    ])('%s', (_, files, database, states) => {
      expect(statesOf(files, database, { recorded: [1] })).toEqual(states.run)
      expect(statesOf(files, database, { recorded: [1], intent: 'adopt' })).toEqual(states.adopt)
    })
  })

  test('rows of files that are not here count as managed', () => {
    const files = [table, insert, column]
    const history = aHistory(files)
    const pending = history.migrations.map(({ migration }) => ({
      kind: 'pending' as const,
      migration,
      outOfOrder: false,
    }))
    const evidence = evidenceOf(history, madeBy(table, column))
    const [row] = aHistory(files).migrations.map(({ migration }) => ({
      ...migration,
      version: '99' as typeof migration.version,
      state: 'applied' as const,
      ordinal: 1,
      finishedAt: undefined,
      appliedBy: 'owner',
    }))
    expect(
      reconcile({
        history,
        pending,
        rows: row === undefined ? [] : [row],
        evidence,
        fingerprintResults: [],
        intent: 'run',
      }).map(({ state }) => state),
    ).toEqual(['present', 'opaque', 'present'])
  })

  test('a later row changed the same: the earlier file cannot be told any more', () => {
    expect(
      statesOf([table, retype], { ...madeBy(table), 'column t.a type': 'text' }, { recorded: [2] }),
    ).toEqual(['1 present: mark'])
    expect(
      statesOf(
        ['ALTER TABLE t ALTER a TYPE int', retype],
        { 'column t.a type': 'text' },
        { recorded: [2] },
      ),
    ).toEqual(['1 opaque: run'])
  })

  test('what was dropped by a row is not taken for never made', () => {
    expect(statesOf([table, 'DROP TABLE t', table], nothing, { recorded: [1, 2] })).toEqual([
      '3 absent: run',
    ])
    expect(statesOf([table, 'DROP TABLE t', table], madeBy(table), { recorded: [1, 2] })).toEqual([
      '3 present: mark',
    ])
  })

  test('what a row made and somebody dropped by hand is not taken for an earlier position', () => {
    expect(statesOf([table, index, column], madeBy(table), { recorded: [1, 2] })).toEqual([
      '3 absent: run',
    ])
  })

  test('a file that was merged late is out of order, and recognised all the same', () => {
    const files = [table, column, index]
    expect(assessmentsOf(files, madeBy(table, index), { recorded: [1, 3] })).toMatchObject([
      { state: 'absent', action: 'run', outOfOrder: true },
    ])
    expect(assessmentsOf(files, madeBy(table, column, index), { recorded: [1, 3] })).toMatchObject([
      { state: 'present', action: 'mark', outOfOrder: true },
    ])
  })
})

describe('fingerprints that a file gives', () => {
  const given = (lines: readonly string[], sql: string): string =>
    `${lines.map((line) => `-- @fingerprint ${line}\n`).join('')}${sql}`
  const yes = 'SELECT EXISTS (SELECT FROM t)'

  test('replace what is derived', () => {
    const file = given(['index i'], `${table}; ${index}`)
    expect(statesOf([file], madeBy(table))).toEqual(['1 absent: run'])
    expect(statesOf([file], madeBy(`${table}; ${index}`))).toEqual(['1 present: mark'])
    expect(
      statesOf([file], { ...madeBy(`${table}; ${index}`), 'column t.a type': 'date' }),
    ).toEqual(['1 present: mark'])
    expect(
      statesOf([file], { ...madeBy(`${table}; ${index}`), 'index i definition': 'x' }),
    ).toEqual(['1 conflict: refuse'])
  })

  test('may be several, and then all count', () => {
    const file = given(['index i', 'column t.a'], `${table}; ${index}`)
    expect(statesOf([file], madeBy(table))).toEqual(['1 partial: refuse'])
    expect(statesOf([file], madeBy(`${table}; ${index}`))).toEqual(['1 present: mark'])
  })

  test('may name the schema, or leave it to the search path', () => {
    const file = given(['table app.u'], 'CREATE SCHEMA app; CREATE TABLE app.u (a int)')
    expect(statesOf([file], madeBy('CREATE TABLE app.u (a int)'))).toEqual(['1 present: mark'])
    expect(statesOf([given(['table public.t'], table)], madeBy(table))).toEqual(['1 present: mark'])
  })

  test('may be a query', () => {
    const file = given([`sql ${yes}`], insert)
    expect(statesOf([file], nothing, { fingerprintResults: { [yes]: true } })).toEqual([
      '1 present: mark',
    ])
    expect(statesOf([file], nothing, { fingerprintResults: { [yes]: false } })).toEqual([
      '1 absent: run',
    ])
  })

  test('may be a query beside a name: one without the other is half', () => {
    const file = given([`sql ${yes}`, 'table t'], `${table}; ${insert}`)
    expect(statesOf([file], madeBy(table), { fingerprintResults: { [yes]: true } })).toEqual([
      '1 present: mark',
    ])
    expect(statesOf([file], madeBy(table), { fingerprintResults: { [yes]: false } })).toEqual([
      '1 partial: refuse',
    ])
    expect(statesOf([file], nothing, { fingerprintResults: { [yes]: false } })).toEqual([
      '1 absent: run',
    ])
  })

  test('that say yes and no are half, which nobody knows how to complete', () => {
    const no = 'SELECT 1 = 2'
    const file = given([`sql ${yes}`, `sql ${no}`], 'CREATE TABLE IF NOT EXISTS t (a int)')
    expect(statesOf([file], nothing, { fingerprintResults: { [yes]: true, [no]: false } })).toEqual(
      ['1 partial: refuse'],
    )
  })

  test('of one file do not speak for another', () => {
    const files = [given([`sql ${yes}`], insert), given(['sql SELECT false'], insert)]
    expect(statesOf(files, nothing, { fingerprintResults: { [yes]: true } })).toEqual([
      '1 present: mark',
      '2 absent: run',
    ])
  })
})

test('names that the server chose are told by what they define', () => {
  const files = ['CREATE TABLE t (a int UNIQUE)']
  const history = aHistory(files)
  const renamed = without(madeBy(...files), 'constraint t.t_a_key')
  const pending = history.migrations.map(({ migration }) => ({
    kind: 'pending' as const,
    migration,
    outOfOrder: false,
  }))
  // The catalog offers constraints of other names where the server chose it: nothing of that name, but the definition.
  const evidence = evidenceOf(history, renamed).map((each) =>
    each.timeline.object.kind === 'constraint'
      ? { ...each, matches: each.matches.map(() => true) }
      : each,
  )
  expect(
    reconcile({ history, pending, rows: [], evidence, fingerprintResults: [], intent: 'run' }),
  ).toMatchObject([{ state: 'present', action: 'mark' }])
})

describe('a piece', () => {
  test('says what was expected and what was found, in the words of the server', () => {
    const [found] = assessmentsOf([table], { ...madeBy(table), 'column t.a type': 'text' })
    expect(found?.items.filter(({ verdict }) => verdict === 'conflict')).toMatchObject([
      { object: { name: 'a' }, property: 'type', expected: 'int4', found: 'text', rerun: 'fails' },
    ])
  })

  test('that is to be gone expects nothing', () => {
    const [, found] = assessmentsOf([table, 'ALTER TABLE t DROP b'], madeBy(table))
    expect(found?.items[0]).toMatchObject({
      expected: undefined,
      verdict: 'not done',
      recurs: false,
      rerun: 'safe',
    })
  })
})

test('what the catalog does not tell is named', () => {
  const [found] = assessmentsOf([`${insert}; DO $$ BEGIN END $$; UPDATE t SET a = 1`], nothing)
  expect(found?.opaqueReasons).toEqual(['INSERT', 'a DO block', 'UPDATE'])
})

describe('a definition that the history lost sight of', () => {
  const view = 'CREATE VIEW v AS SELECT 1 AS x'
  const away = 'ALTER VIEW v RENAME TO w; CREATE TABLE t (a int)'
  const back = 'ALTER VIEW w RENAME TO v; CREATE TABLE u (a int)'

  test('may be what it was: it does not tell where the database stands', () => {
    const files = [view, away, back]
    const tables = madeBy('CREATE TABLE t (a int); CREATE TABLE u (a int)')
    expect(statesOf(files, { ...madeBy(view), ...tables })).toEqual([
      '1 present: mark',
      '2 present: mark',
      '3 present: mark',
    ])
  })
})

test('a concurrent build passes over an index that is there, and builds anew one that was left INVALID', () => {
  const made = 'CREATE TABLE t (a int)'
  const concurrent = 'CREATE INDEX CONCURRENTLY i ON t (a); CREATE INDEX CONCURRENTLY j ON t (a)'
  const both = madeBy(made, concurrent)
  const left: Database = { ...both, 'index i validation': 'INVALID' }
  const actionOf = (database: Database): string | undefined =>
    assessmentsOf([made, concurrent], database)[1]?.action
  expect(actionOf(both)).toBe('mark')
  expect(actionOf(without(both, 'index j'))).toBe('run')
  expect(actionOf(left)).toBe('run')
  expect(actionOf({ ...left, 'index i definition': 'another' })).toBe('run')
  expect(actionOf({ ...both, 'index i definition': 'another' })).toBe('refuse')
})
