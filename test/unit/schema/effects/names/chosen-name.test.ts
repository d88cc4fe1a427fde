// That these are the names of a real server is held by test/integration/chosen-names.test.ts.

import { describe, expect, test } from '@jest/globals'
import {
  chooseName,
  distinctNames,
  takeName,
} from '../../../../../src/schema/effects/names/chosen-name.ts'
import type { NameSpace, Scope } from '../../../../../src/schema/effects/scope.ts'
import { utf8 } from '../../../../../src/sql/tree/naming.ts'
import { linesOf } from '../effect-lines.ts'

const scopeWith = (taken: Readonly<Record<string, NameSpace>> = {}): Scope => ({
  searchPath: ['public'],
  has: () => false,
  relationKind: () => undefined,
  isTaken: (_, name, space) => taken[name] === space,
  goingWith: () => [],
  naming: utf8,
  constraintOfIndex: () => undefined,
  indexDefinition: () => undefined,
  chosen: new Set(),
})

const table = (name: string): { schema: string; name: string } => ({ schema: 'public', name })

describe('the chosen name', () => {
  test.each([
    ['t', [], 'pkey', 't_pkey'],
    ['t', ['a'], 'key', 't_a_key'],
    ['t', ['a', 'b'], 'fkey', 't_a_b_fkey'],
    ['t', [], 'check', 't_check'],
    ['Ein Tisch', ['Größe'], 'idx', 'Ein Tisch_Größe_idx'],
  ] as const)('of %s (%s) is made of table, columns and %s', (name, columns, suffix, chosen) => {
    expect(chooseName(scopeWith(), table(name), columns, suffix)).toBe(chosen)
  })

  test.each([
    ['t'.repeat(63), ['a'], 'key', `${'t'.repeat(57)}_a_key`],
    ['t', ['a'.repeat(63)], 'key', `t_${'a'.repeat(57)}_key`],
    ['t'.repeat(63), ['a'.repeat(63)], 'key', `${'t'.repeat(29)}_${'a'.repeat(29)}_key`],
    ['t'.repeat(63), ['a'.repeat(63)], 'fkey', `${'t'.repeat(29)}_${'a'.repeat(28)}_fkey`],
    ['t'.repeat(63), [], 'pkey', `${'t'.repeat(58)}_pkey`],
    ['ü'.repeat(31), ['日'.repeat(20)], 'key', `${'ü'.repeat(14)}_${'日'.repeat(9)}_key`],
    ['t', ['😀'.repeat(15)], 'key', `t_${'😀'.repeat(14)}_key`],
  ] as const)('of %s (%s) fits 63 bytes', (name, columns, suffix, chosen) => {
    expect(chooseName(scopeWith(), table(name), columns, suffix)).toBe(chosen)
    expect(Buffer.byteLength(chosen)).toBeLessThanOrEqual(63)
  })

  test('is cut where a database of one byte for each character cuts it', () => {
    const scope = { ...scopeWith(), naming: { ...utf8, bytesOf: () => 1 } }
    expect(chooseName(scope, table('ü'.repeat(50)), ['é'.repeat(9)], 'key')).toBe(
      `${'ü'.repeat(49)}_${'é'.repeat(9)}_key`,
    )
    const name = 'ü'.repeat(63)
    expect(distinctNames([name, name], scope.naming)[1]).toBe(`${'ü'.repeat(62)}1`)
  })

  test('is numbered, and the number takes its room, when it is taken', () => {
    const scope = scopeWith()
    const names = [1, 2, 3].map(() => chooseName(scope, table('t'.repeat(60)), ['a'], 'idx'))
    expect(names).toEqual([
      `${'t'.repeat(57)}_a_idx`,
      `${'t'.repeat(56)}_a_idx1`,
      `${'t'.repeat(56)}_a_idx2`,
    ])
  })

  test.each([
    ['key', 'relation', 't_a_key1'],
    ['key', 'constraint', 't_a_key1'],
    ['check', 'relation', 't_a_check'],
    ['check', 'constraint', 't_a_check1'],
    ['fkey', 'relation', 't_a_fkey'],
    ['idx', 'relation', 't_a_idx1'],
    ['idx', 'constraint', 't_a_idx'],
    ['seq', 'constraint', 't_a_seq'],
  ] as const)('for %s looks at what a %s has taken', (suffix, space, chosen) => {
    const scope = scopeWith({ [`t_a_${suffix}`]: space })
    expect(chooseName(scope, table('t'), ['a'], suffix)).toBe(chosen)
  })

  test('is not one that the same statement gave before', () => {
    const scope = scopeWith()
    takeName(scope, 't_a_key', 'check')
    expect(chooseName(scope, table('t'), ['a'], 'key')).toBe('t_a_key1')
    expect(chooseName(scope, table('t'), ['a'], 'idx')).toBe('t_a_idx')
  })
})

test('columns of one name are numbered', () => {
  expect(distinctNames(['a', 'a', 'a1', 'a'], utf8)).toEqual(['a', 'a1', 'a11', 'a2'])
  expect(distinctNames(['a'.repeat(63), 'a'.repeat(63)], utf8)[1]).toBe(`${'a'.repeat(62)}1`)
})

describe('the name of an index over', () => {
  test.each([
    ['lower(a)', 'lower'],
    ['(a + 1)', 'expr'],
    ['(a::text)', 'a'],
    ['((a + 1)::text)', 'text'],
    ['(a COLLATE "C")', 'a'],
    ['(a[1])', 'a'],
    ['((c).x)', 'x'],
    ['coalesce(a, 1)', 'coalesce'],
    ['greatest(a, b)', 'greatest'],
    ['least(a, b)', 'least'],
    ['nullif(a, b)', 'nullif'],
    ['(ARRAY[a])', 'array'],
    ['(CASE WHEN a THEN 1 END)', 'case'],
    ['(CASE WHEN a THEN 1 ELSE b END)', 'b'],
    ['(CASE WHEN a THEN 1 ELSE b::text END)', 'b'],
    ['lower(a), lower(b), (a + b)', 'lower_lower1_expr'],
  ])('%s has %s in it', (elements, name) => {
    expect(linesOf(`CREATE INDEX ON t (${elements})`)[0]).toMatch(
      new RegExp(`^create index t_${name}_idx `),
    )
  })
})
