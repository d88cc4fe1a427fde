// Each difference between what the files make and what the base makes is named, and what means the same is none.

import { expect, test } from '@jest/globals'
import { differencesOf, type Built } from '../../../../src/commands/squash/differences.ts'

const table = { kind: 'table', name: 'app.t', sql: 'CREATE TABLE app.t (\n    a integer\n);' }
const view = { kind: 'view', name: 'app.v', sql: 'CREATE VIEW app.v AS\n SELECT 1;' }
const built = (objects: Built['objects'], inventory: readonly string[] = []): Built => ({
  objects,
  inventory,
})

test('two databases that are the same have none', () => {
  expect(differencesOf(built([table, view], ['x']), built([table, view], ['x']))).toEqual([])
})

test('what is missing, what is more, and what is otherwise is named with its line', () => {
  const other = { ...table, sql: 'CREATE TABLE app.t (\n    a bigint\n);' }
  expect(differencesOf(built([table, view]), built([other]))).toEqual([
    'table app.t: the files make "a integer", the base "a bigint"',
    'view app.v: the base does not make it',
  ])
  expect(differencesOf(built([table]), built([table, view]))).toEqual([
    'view app.v: only the base makes it',
  ])
  const longer = { ...view, sql: `${view.sql}\nCOMMENT ON VIEW app.v IS 'x';` }
  expect(differencesOf(built([longer]), built([view]))).toEqual([
    `view app.v: the files make "COMMENT ON VIEW app.v IS 'x';", the base nothing`,
  ])
  expect(differencesOf(built([view]), built([longer]))).toEqual([
    `view app.v: the files make nothing of, and the base "COMMENT ON VIEW app.v IS 'x';"`,
  ])
})

test('what a dump does not say is compared by its name', () => {
  expect(
    differencesOf(built([table], ['user mapping a', 'z']), built([table], ['z', 'y'])),
  ).toEqual(['user mapping a: a dump cannot carry it', 'y: only the base makes it'])
})

test('an order that moves is a difference', () => {
  expect(differencesOf(built([table, view]), built([view, table]))).toHaveLength(1)
})

test('IN over varchar is read back in other words', () => {
  const said = (words: string) => built([{ ...table, sql: `CHECK (a = ANY (${words}))` }])
  expect(
    differencesOf(
      said("(ARRAY['a'::character varying, 'b'::character varying])::text[]"),
      said("ARRAY[('a'::character varying)::text, ('b'::character varying)::text]"),
    ),
  ).toEqual([])
})
