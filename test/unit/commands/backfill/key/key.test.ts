import { expect, test } from '@jest/globals'
import { checkKey } from '../../../../../src/commands/backfill/key/key.ts'
import type { IndexFacts, TableFacts } from '../../../../../src/commands/backfill/key/facts.ts'

const index = (
  name: string,
  columns: readonly string[],
  more: Partial<IndexFacts> = {},
): IndexFacts => ({
  ...{ name, columns, valid: true, unique: true, partial: false, ordered: true },
  ...more,
})
const facts = (...indexes: readonly IndexFacts[]): TableFacts => ({
  quoted: '"public"."t"',
  estimatedRows: undefined,
  columns: [
    { name: 'id', type: 'pg_catalog.int8', nullable: false, collation: null, operators: null },
    { name: 'Tenant', type: 'pg_catalog.int4', nullable: false, collation: null, operators: null },
    { name: 'note', type: 'pg_catalog.text', nullable: true, collation: null, operators: null },
  ],
  indexes,
})

test('a unique index of just these columns makes a key', () => {
  const found = checkKey(['Tenant', 'id'], 't', facts(index('pk', ['Tenant', 'id'])))
  expect(found).toMatchObject({ kind: 'usable', key: [{ name: 'Tenant' }, { name: 'id' }] })
})

test('a column that is not there is told with the nearest that is', () => {
  expect(checkKey(['tenat'], 't', facts())).toEqual({
    kind: 'missing column',
    column: 'tenat',
    nearest: 'Tenant',
  })
})

const primary = index('t_pkey', ['Tenant', 'id'])
const known = '(t_pkey: "Tenant", id)'
const build = 'CREATE UNIQUE INDEX CONCURRENTLY ON t (id);'

test.each([
  [
    ['note'],
    [primary],
    'note may be NULL, and no comparison finds such a row',
    `Walk by a key without it ${known}, or make it NOT NULL in a migration.`,
  ],
  [
    ['id'],
    [primary],
    'no index starts with id',
    `Walk by the columns of a unique index ${known}, or build one: ${build}`,
  ],
  [
    ['id'],
    [],
    'no index starts with id',
    `Walk by the columns of a unique index, or build one: ${build}`,
  ],
  [
    ['id'],
    [index('i', ['id', 'Tenant'])],
    'the index i has further columns (Tenant)',
    `Walk by the columns of a unique index (i: id, "Tenant"), or build one: ${build}`,
  ],
  [
    ['id'],
    [index('i', ['id', ''])],
    'the index i has further columns (an expression)',
    `Walk by the columns of a unique index, or build one: ${build}`,
  ],
  [
    ['id'],
    [index('i', ['id'], { valid: false })],
    'the index i is INVALID',
    `Walk by the columns of a unique index, or build one: ${build}`,
  ],
  [
    ['id'],
    [index('i', ['id'], { partial: true })],
    'the index i covers a part of the rows only',
    `Walk by the columns of a unique index, or build one: ${build}`,
  ],
  [
    ['id'],
    [index('i', ['id'], { unique: false })],
    'the index i is not unique',
    `Walk by the columns of a unique index, or build one: ${build}`,
  ],
  [
    ['id'],
    [index('i', ['id'], { ordered: false })],
    'the index i has another order than the comparison of its columns',
    `Walk by the columns of a unique index, or build one: ${build}`,
  ],
  // Of several, the one that lacks least is told.
  [
    ['id'],
    [primary, index('a', ['id', 'note']), index('b', ['id'], { unique: false })],
    'the index b is not unique',
    `Walk by the columns of a unique index (t_pkey: "Tenant", id), or build one: ${build}`,
  ],
] as const)('no key: %j with %j', (names, indexes, reason, cure) => {
  expect(checkKey(names, 't', facts(...indexes))).toEqual({ kind: 'unusable', reason, cure })
})
