import { describe, expect, test } from '@jest/globals'
import type { Contract } from '../../../../src/contract/contract.ts'
import { diffContracts } from '../../../../src/contract/diff/diff.ts'
import { describeContractObject } from '../../../../src/contract/violation.ts'

type Parts = Omit<Contract, 'service'>

const changes = (before: Parts, after: Parts): readonly string[] =>
  diffContracts({ service: 'api', ...before }, { service: 'api', ...after }).map(
    ({ effect, object, what }) => `${effect}: ${describeContractObject(object)} ${what}`,
  )

const table = (of: NonNullable<Parts['tables']>[string]): Parts => ({ tables: { t: of } })
const column = (of: NonNullable<NonNullable<Parts['tables']>[string]['columns']>[string]): Parts =>
  table({ columns: { a: of } })

describe('what breaks a service that runs with the old contract', () => {
  test.each<readonly [Parts, Parts, string]>([
    [table({}), { tables: {} }, 'table t is removed'],
    [column({}), table({ columns: {} }), 'column t.a is removed'],
    [
      column({ type: 'int' }),
      column({ type: 'bigint' }),
      'column t.a becomes bigint (was integer)',
    ],
    [column({ nullable: true }), column({ nullable: false }), 'column t.a becomes NOT NULL'],
    [column({ nullable: false }), column({ nullable: true }), 'column t.a becomes nullable'],
    [column({ default: true }), column({ default: false }), 'column t.a loses its default'],
    [table({}), column({ nullable: false }), 'column t.a is new, NOT NULL and without a default'],
    [table({}), table({ indexes: { i: { unique: true } } }), 'index i is new and UNIQUE'],
    [
      table({ indexes: { i: { unique: true } } }),
      table({ indexes: { i: {} } }),
      'index i is no longer UNIQUE',
    ],
    [table({ indexes: { i: { unique: true } } }), table({}), 'index i is removed'],
    [table({}), table({ constraints: { k: {} } }), 'constraint t.k is new'],
    [table({ constraints: { k: {} } }), table({}), 'constraint t.k is removed'],
    [
      table({ constraints: { k: { definition: 'UNIQUE (a)' } } }),
      table({ constraints: { k: { definition: 'UNIQUE (b)' } } }),
      'constraint t.k becomes UNIQUE (b) (was UNIQUE (a))',
    ],
    [{ views: { v: {} } }, {}, 'view v is removed'],
    [{ enums: { e: ['a', 'b'] } }, { enums: { e: ['b'] } }, 'enum e loses a'],
    [
      { enums: { e: ['a', 'b'] } },
      { enums: { e: ['b', 'a'] } },
      'enum e has its labels in another order',
    ],
    [{ enums: { e: ['a'] } }, {}, 'enum e is removed'],
    [{ extensions: ['x'] }, {}, 'extension x is removed'],
    [{ functions: { 'f(int)': {} } }, {}, 'function f(integer) is removed'],
    [
      { functions: { 'f()': { returns: 'int' } } },
      { functions: { 'f()': { returns: 'text' } } },
      'function f() returns text (was int)',
    ],
  ])('%j to %j', (before, after, words) => {
    expect(changes(before, after)).toEqual([`breaks: ${words}`])
  })
})

describe('what does not', () => {
  test.each<readonly [Parts, Parts, string]>([
    [{}, table({}), 'table t is new'],
    [table({}), column({}), 'column t.a is new'],
    [table({}), column({ nullable: false, default: true }), 'column t.a is new'],
    [column({ default: false }), column({ default: '1' }), 'column t.a gets a default'],
    [column({ default: '1' }), column({ default: '2' }), 'column t.a gets the default 2 (was 1)'],
    [table({}), table({ indexes: { i: {} } }), 'index i is new'],
    [table({ indexes: { i: {} } }), table({}), 'index i is removed'],
    [{ enums: { e: ['a'] } }, { enums: { e: ['a', 'b'] } }, 'enum e gets b'],
    [{}, { extensions: ['x'] }, 'extension x is new'],
    [{}, { functions: { 'f()': {} } }, 'function f() is new'],
  ])('%j to %j', (before, after, words) => {
    expect(changes(before, after)).toEqual([`compatible: ${words}`])
  })

  test.each<readonly [Parts, Parts]>([
    [column({ type: 'int4' }), column({ type: 'integer' })],
    [column({ type: 'mood' }), column({ type: 'public.mood' })],
    [column({ default: "'a'" }), column({ default: "'a'::text" })],
    [column({ type: 'int' }), column({})],
    [{ functions: { 'f(int)': {} } }, { functions: { 'public.f(integer)': {} } }],
    [{}, { tables: {} }],
  ])('%j and %j are one', (before, after) => {
    expect(changes(before, after)).toEqual([])
  })

  test('names that every object has are names like others', () => {
    expect(changes({ tables: {} }, { tables: { constructor: {} } })).toEqual([
      'compatible: table constructor is new',
    ])
  })
})
