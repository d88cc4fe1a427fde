import { expect, test } from '@jest/globals'
import { needsOf } from '../../../../../src/commands/doctor/facts/needs.ts'
import { historyOf } from '../../../schema/history/history-lines.ts'

const needs = (files: readonly string[], from = 0) => {
  const history = historyOf(files)
  const toRun = history.migrations.slice(from).map(({ migration }) => migration)
  const { altered, createsIn, createsSchemas } = needsOf(history, toRun)
  return {
    altered: altered.map(({ schema, name }) => `${schema}.${name}`),
    createsIn: createsIn.map(({ schema }) => schema),
    createsSchemas: createsSchemas.map(({ schema }) => schema),
  }
}

test.each([
  ['ALTER TABLE t ADD COLUMN a int', ['public.t'], []],
  ['ALTER TABLE s.t ADD CONSTRAINT c CHECK (true)', ['s.t'], []],
  ['CREATE INDEX t_i ON t (id)', ['public.t'], ['public']],
  ['DROP TABLE t', ['public.t'], []],
  ['DROP INDEX s.t_i', ['s.t_i'], []],
  ['ALTER TABLE t RENAME TO u', ['public.t'], []],
  ['DROP TRIGGER g ON t', ['public.t'], []],
  ['COMMENT ON COLUMN t.id IS $$x$$', ['public.t'], []],
  ['CREATE POLICY p ON t', ['public.t'], []],
  // What comes with a new table is no change of one that is there.
  ['CREATE TABLE t (id int PRIMARY KEY, n serial)', [], ['public']],
  ["CREATE TYPE s.e AS ENUM ('a')", [], ['s']],
  ['INSERT INTO t VALUES (1)', [], []],
])('%s', (sql, altered, createsIn) => {
  expect(needs([sql])).toEqual({ altered, createsIn, createsSchemas: [] })
})

test('only of the files that would run, each once, with the first that needs it', () => {
  const files = ['CREATE TABLE t (id int)', 'ALTER TABLE t ADD a int', 'ALTER TABLE t ADD b int']
  expect(needs(files, 1)).toEqual({ altered: ['public.t'], createsIn: [], createsSchemas: [] })
  const history = historyOf(files)
  const toRun = history.migrations.map(({ migration }) => migration)
  expect(needsOf(history, toRun).altered).toEqual([
    { schema: 'public', name: 't', file: 'migrations/2_a.sql' },
  ])
})

test('a schema that a file makes, and what it makes in it', () => {
  expect(needs(['CREATE SCHEMA s', 'CREATE TABLE s.t (id int)'])).toEqual({
    altered: [],
    createsIn: ['s'],
    createsSchemas: ['s'],
  })
})

test('a file that the parser cannot read says nothing', () => {
  expect(needs(['CREATE NONSENSE'])).toEqual({ altered: [], createsIn: [], createsSchemas: [] })
})
