import { describe, expect, test } from '@jest/globals'
import { courseOf, endOf, historyOf } from './history-lines.ts'

describe('the course of a facet', () => {
  test.each<readonly [files: readonly string[], name: string, course: string]>([
    [
      ['CREATE TABLE t (a int)', 'ALTER TABLE t ALTER a TYPE text', 'ALTER TABLE t DROP a'],
      'column t.a type',
      '(absent) → 1 create int4 → 2 alter text → 3 drop (absent)',
    ],
    [['ALTER TABLE t ALTER a TYPE text'], 'column t.a type', '(unknown) → 1 alter text'],
    [['ALTER TABLE t ADD a int'], 'column t.a type', '(absent) → 1 create int4'],
    [['DROP TABLE t'], 'table t existence', '(unknown) → 1 drop (absent)'],
    [
      ['CREATE TABLE t (a int)', 'DROP TABLE t; CREATE TABLE t (a text)'],
      'column t.a type',
      '(absent) → 1 create int4 → 2 follow (absent) → 2 replace text',
    ],
    [
      ['CREATE TABLE t (a int)', 'DROP TABLE t', 'CREATE TABLE t (a text)'],
      'column t.a type',
      '(absent) → 1 create int4 → 2 follow (absent) → 3 create text',
    ],
    [
      ['ALTER TABLE t DROP CONSTRAINT c, ADD CONSTRAINT c CHECK (a > 0)'],
      'constraint t.c definition',
      '(unknown) → 1 replace CHECK (a > 0)',
    ],
    [
      ['CREATE VIEW v AS SELECT 1 AS x', 'CREATE OR REPLACE VIEW v AS SELECT 2 AS x'],
      'view v definition',
      '(absent) → 1 create SELECT 1 AS x → 2 replace SELECT 2 AS x',
    ],
    [
      ['CREATE TABLE t (a int)', 'CREATE TABLE IF NOT EXISTS t (a text)'],
      'column t.a type',
      '(absent) → 1 create int4',
    ],
    [
      ['CREATE TABLE t (a int)', 'ALTER TABLE t RENAME a TO b'],
      'column t.b type',
      '(absent) → 2 create int4',
    ],
    [
      [
        'CREATE TABLE t (a int); CREATE TABLE n (a text)',
        'ALTER TABLE t RENAME TO o; ALTER TABLE n RENAME TO t',
      ],
      'column t.a type',
      '(absent) → 1 create int4 → 2 follow (absent) → 2 replace text',
    ],
    [
      ['CREATE TABLE t (a int); CREATE INDEX i ON t (a)', 'ALTER TABLE t RENAME a TO b'],
      'index i definition',
      '(absent) → 1 create INDEX ON t USING btree (a) → 2 follow INDEX ON t USING btree (b)',
    ],
    [
      ["CREATE TYPE m AS ENUM ('a')", "ALTER TYPE m ADD VALUE 'b'"],
      'type m label b',
      '(unknown) → 2 alter present',
    ],
    [
      ["CREATE TABLE t (); COMMENT ON TABLE t IS 'x'", 'COMMENT ON TABLE t IS NULL'],
      'table t comment',
      '(unknown) → 1 alter x → 2 alter (absent)',
    ],
  ])('%j: %s', (files, name, course) => {
    expect(courseOf(files, name)).toBe(course)
  })
})

test('a name that the server chose stays one when its table is renamed, until it is renamed itself', () => {
  const files = ['CREATE TABLE t (a int UNIQUE CHECK (a > 0))', 'ALTER TABLE t RENAME TO u']
  const rename = 'ALTER TABLE u RENAME CONSTRAINT t_a_check TO c'
  const named = historyOf([...files, rename]).timelines.flatMap(
    ({ object, property, named: by }) =>
      object.kind === 'constraint' && property === 'definition'
        ? [`${object.table}.${object.name} ${by}`]
        : [],
  )
  expect(named).toEqual([
    't.t_a_check by server',
    't.t_a_key by server',
    'u.t_a_check by server',
    'u.t_a_key by server',
    'u.c by file',
  ])
})

test('an index goes where its table goes', () => {
  const { timelines } = historyOf([
    'CREATE SCHEMA a; CREATE TABLE a.t (x int); CREATE INDEX i ON a.t (x)',
    'ALTER TABLE a.t RENAME TO u; ALTER SCHEMA a RENAME TO b',
  ])
  const last = timelines.find(({ object }) => object.kind === 'index' && object.schema === 'b')
  expect(last?.on).toEqual({ schema: 'b', name: 'u' })
})

describe('a file that cannot be read', () => {
  const { migrations, timelines } = historyOf([
    'CREATE TABLE t (a int)',
    'CREATE TABEL x',
    'ALTER TABLE t ADD b int',
  ])

  test('says why and where, and has no statements', () => {
    expect(migrations[1]).toMatchObject({
      statements: undefined,
      unreadable: { message: 'syntax error at or near "TABEL"', index: 7 },
    })
  })

  test('leaves the files around it as they are', () => {
    expect(migrations.map(({ statements }) => statements?.length)).toEqual([1, undefined, 1])
    expect(timelines.find(({ object }) => object.name === 'b')?.changes[0]?.at).toBe(2)
  })
})

describe('the search path of the login role', () => {
  const loginPath = { schemas: ['app', 'public'], existing: ['public'] }

  test('has a schema from when it exists', () => {
    const files = [
      'CREATE TABLE a (x int)',
      'CREATE SCHEMA app',
      'CREATE TABLE b (x int); DROP TABLE a',
    ]
    expect(endOf(files, loginPath)).toEqual(['column app.b.x type: int4'])
  })
})

test('says what it does not see, statement by statement', () => {
  const { migrations } = historyOf([
    'CREATE TABLE t (a int); INSERT INTO t VALUES (1); SET search_path = app; SELECT 1',
  ])
  expect(migrations[0]?.statements?.map(({ opaqueReason }) => opaqueReason)).toEqual([
    undefined,
    'INSERT',
    undefined,
    'SELECT',
  ])
})
