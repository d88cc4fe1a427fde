import { describe, expect, test } from '@jest/globals'
import { checkRelation, type Mismatch } from '../../../../src/contract/check/check-relation.ts'
import type {
  ColumnContract,
  ConstraintContract,
  IndexContract,
  TableContract,
} from '../../../../src/contract/contract.ts'
import type { ColumnFacts, ConstraintFacts, IndexFacts } from '../../../../src/contract/facts.ts'
import { factsOf, type DatabaseWords } from '../facts-of.ts'

const checkTable = (
  name: string,
  expected: TableContract,
  database: DatabaseWords,
): readonly Mismatch[] => checkRelation({ kind: 'table', name, facts: factsOf(database) }, expected)

const checkView = (
  name: string,
  expected: TableContract,
  database: DatabaseWords,
): readonly Mismatch[] => checkRelation({ kind: 'view', name, facts: factsOf(database) }, expected)

const relation = { schema: 'public', name: 'call_log' }

describe('a table', () => {
  const expected = { columns: { id: { type: 'bigint' } }, indexes: { i: {} } }

  test('is there, and holds', () => {
    const call_log = { columns: { id: { type: 'bigint' }, more: {} }, indexes: { i: {} } }
    expect(checkTable('call_log', expected, { tables: { call_log } })).toEqual([])
  })

  test('of which nothing is said need only be there', () => {
    expect(checkTable('call_log', {}, { tables: { call_log: {} } })).toEqual([])
  })

  test('is missing as a whole: nothing is told of its columns', () => {
    expect(checkTable('call_log', expected, {})).toEqual([
      {
        object: { kind: 'table', of: undefined, name: 'call_log' },
        aspect: 'existence',
        expected: 'a table',
        found: 'no such table',
        path: ['tables', 'call_log'],
      },
    ])
  })

  test('is missing, and one of nearly this name is there', () => {
    const others = ['audit_events', 'call_logs', 'users']
    expect(checkTable('call_log', {}, { others })).toMatchObject([
      { found: 'no such table; there is call_logs' },
    ])
  })

  test('is a view', () => {
    expect(checkTable('call_log', expected, { views: { call_log: {} } })).toEqual([
      {
        object: { kind: 'table', of: undefined, name: 'call_log' },
        aspect: 'kind',
        expected: 'a table',
        found: 'a view',
        path: ['tables', 'call_log'],
      },
    ])
  })

  test('of another schema is named with it, and its members, too', () => {
    const tables = { 'audit.events': { schema: 'audit', columns: { id: { type: 'integer' } } } }
    const said = { columns: { id: { type: 'bigint' }, created_at: {} } }
    expect(checkTable('audit.events', said, { tables })).toEqual([
      {
        object: { kind: 'column', of: 'audit.events', name: 'id' },
        aspect: 'type',
        expected: 'bigint',
        found: 'integer',
        path: ['tables', 'audit.events', 'columns', 'id', 'type'],
        unresolved: {
          is: 'type',
          relation: { schema: 'audit', name: 'events' },
          name: 'id',
          sql: 'bigint',
        },
      },
      {
        object: { kind: 'column', of: 'audit.events', name: 'created_at' },
        aspect: 'existence',
        expected: 'a column',
        found: 'no such column',
        path: ['tables', 'audit.events', 'columns', 'created_at'],
      },
    ])
  })

  test('is one that the search path found: the server is asked about that', () => {
    const tables = { call_log: { schema: 'app', columns: { id: { type: 'integer' } } } }
    const said = { columns: { id: { type: 'bigint' } } }
    expect(checkTable('call_log', said, { searchPath: ['app'], tables })).toMatchObject([
      { object: { of: 'call_log' }, unresolved: { relation: { schema: 'app', name: 'call_log' } } },
    ])
  })
})

describe('a view', () => {
  const columns = { id: { type: 'bigint' } }

  test('is there, and holds', () => {
    expect(checkView('v', { columns }, { views: { v: { columns } } })).toEqual([])
  })

  test('is missing', () => {
    expect(checkView('v', { columns }, { others: ['views'] })).toEqual([
      {
        object: { kind: 'view', of: undefined, name: 'v' },
        aspect: 'existence',
        expected: 'a view',
        found: 'no such view',
        path: ['views', 'v'],
      },
    ])
  })

  test('is a table', () => {
    expect(checkView('v', { columns }, { tables: { v: { columns } } })).toMatchObject([
      { aspect: 'kind', expected: 'a view', found: 'a table', path: ['views', 'v'] },
    ])
  })

  test('has another column', () => {
    const views = { v: { columns: { id: { type: 'integer' } } } }
    expect(checkView('v', { columns: { ...columns, created_at: {} } }, { views })).toEqual([
      {
        object: { kind: 'column', of: 'v', name: 'id' },
        aspect: 'type',
        expected: 'bigint',
        found: 'integer',
        path: ['views', 'v', 'columns', 'id', 'type'],
        unresolved: {
          is: 'type',
          relation: { schema: 'public', name: 'v' },
          name: 'id',
          sql: 'bigint',
        },
      },
      {
        object: { kind: 'column', of: 'v', name: 'created_at' },
        aspect: 'existence',
        expected: 'a column',
        found: 'no such column',
        path: ['views', 'v', 'columns', 'created_at'],
      },
    ])
  })
})

const checkColumn = (
  expected: ColumnContract,
  found: Partial<ColumnFacts>,
  searchPath: readonly string[] = ['public'],
): readonly Mismatch[] =>
  checkTable(
    'call_log',
    { columns: { mode: expected } },
    { searchPath, tables: { call_log: { columns: { mode: found } } } },
  )

describe('a column', () => {
  const object = { kind: 'column', of: 'call_log', name: 'mode' } as const
  const path = ['tables', 'call_log', 'columns', 'mode']

  test.each<readonly [expected: ColumnContract, found: Partial<ColumnFacts>]>([
    [{}, {}],
    [{ type: 'varchar(16)' }, { type: 'character varying(16)' }],
    [{ type: 'call_status' }, { type: 'public.call_status' }],
    [{ nullable: true }, { nullable: true }],
    [{ nullable: false }, { nullable: false }],
    [{ default: false }, { filledBy: 'nothing' }],
    [{ default: true }, { filledBy: 'default' }],
    [{ default: true }, { filledBy: 'identity' }],
    [{ default: true }, { filledBy: 'generated' }],
    [{ default: 'NOW()' }, { default: 'now()' }],
    [{ default: "'inbound'" }, { default: "'inbound'::character varying" }],
    // Who made the facts does not say it.
    [{ type: 'bigint' }, { type: undefined }],
    [{ nullable: true }, { nullable: undefined }],
    [{ default: 'now()' }, { filledBy: undefined }],
  ])('of which %j is said holds where it has %j', (expected, found) => {
    expect(checkColumn(expected, found)).toEqual([])
  })

  test('whose default is NULL has none in the catalog', () => {
    expect(checkColumn({ default: 'NULL' }, { filledBy: 'nothing' })).toEqual([])
  })

  test.each<readonly [expected: ColumnContract, words: string]>([
    [{}, 'a column'],
    [{ type: 'VARCHAR(16)' }, 'character varying(16)'],
    [{ nullable: false }, 'NOT NULL'],
    [{ type: 'int', nullable: true }, 'integer nullable'],
    [{ type: 'int', nullable: false, default: '0' }, 'integer NOT NULL DEFAULT 0'],
    [{ default: true }, 'a column'],
  ])('is missing: of it, %j is said', (expected, words) => {
    const tables = { call_log: { columns: { id: {} } } }
    expect(checkTable('call_log', { columns: { mode: expected } }, { tables })).toEqual([
      { object, aspect: 'existence', expected: words, found: 'no such column', path },
    ])
  })

  test('is missing, and one of nearly this name is there', () => {
    const tables = { call_log: { columns: { id: {}, modes: {} } } }
    expect(checkTable('call_log', { columns: { mode: {} } }, { tables })).toMatchObject([
      { found: 'no such column; there is modes' },
    ])
  })

  test('has another type, as the server writes both', () => {
    expect(checkColumn({ type: 'varchar(64)' }, { type: 'character varying(32)' })).toEqual([
      {
        object,
        aspect: 'type',
        expected: 'character varying(64)',
        found: 'character varying(32)',
        path: [...path, 'type'],
        unresolved: { is: 'type', relation, name: 'mode', sql: 'varchar(64)' },
      },
    ])
  })

  test('has a type of a schema that names are not looked for in', () => {
    expect(checkColumn({ type: 'mood' }, { type: 'audit.mood' })).toMatchObject([
      { aspect: 'type', expected: 'mood', found: 'audit.mood' },
    ])
    expect(checkColumn({ type: 'mood' }, { type: 'audit.mood' }, ['audit'])).toEqual([])
  })

  test.each([
    [true, 'nullable', 'NOT NULL'],
    [false, 'NOT NULL', 'nullable'],
  ])('has another nullability: nullable is %j', (nullable, expected, found) => {
    expect(checkColumn({ nullable }, { nullable: !nullable })).toEqual([
      { object, aspect: 'nullability', expected, found, path: [...path, 'nullable'] },
    ])
  })

  const identity = { filledBy: 'identity' } as const
  const generated = { filledBy: 'generated' } as const
  test.each<
    readonly [default_: string | boolean, found: Partial<ColumnFacts>, words: string, is: string]
  >([
    [false, { default: 'now()' }, 'no default', 'DEFAULT now()'],
    [false, { filledBy: 'default' }, 'no default', 'some default'],
    [false, identity, 'no default', 'GENERATED AS IDENTITY'],
    [true, {}, 'some default', 'no default'],
    ['now()', {}, 'DEFAULT now()', 'no default'],
    ['now()', identity, 'DEFAULT now()', 'GENERATED AS IDENTITY'],
  ])('has another default: %j is said, and it has %j', (default_, found, words, is) => {
    expect(checkColumn({ default: default_ }, found)).toEqual([
      { object, aspect: 'default', expected: words, found: is, path: [...path, 'default'] },
    ])
  })

  test('has another default, or the same in other words: that the server decides', () => {
    expect(checkColumn({ default: 'CURRENT_TIMESTAMP' }, { default: 'now()' })).toEqual([
      {
        object,
        aspect: 'default',
        expected: 'DEFAULT CURRENT_TIMESTAMP',
        found: 'DEFAULT now()',
        path: [...path, 'default'],
        unresolved: { is: 'default', relation, name: 'mode', sql: 'CURRENT_TIMESTAMP' },
      },
    ])
  })

  test('that is generated is told as that', () => {
    expect(checkColumn({ default: false }, generated)).toMatchObject([
      { aspect: 'default', found: 'GENERATED ALWAYS AS (…)' },
    ])
  })

  test('is told of everything that is wrong with it', () => {
    const found = checkColumn({ type: 'text', nullable: false, default: true }, { type: 'integer' })
    expect(found.map(({ aspect }) => aspect)).toEqual(['type', 'nullability', 'default'])
  })
})

const checkIndex = (expected: IndexContract, found: Partial<IndexFacts>): readonly Mismatch[] =>
  checkTable(
    'call_log',
    { indexes: { call_log_sid_idx: expected } },
    { tables: { call_log: { indexes: { call_log_sid_idx: found } } } },
  )

describe('an index', () => {
  const object = { kind: 'index', of: 'call_log', name: 'call_log_sid_idx' } as const
  const path = ['tables', 'call_log', 'indexes', 'call_log_sid_idx']

  test.each<readonly [expected: IndexContract, found: Partial<IndexFacts>]>([
    [{}, {}],
    [{}, { unique: true, definition: 'gin (j)' }],
    [{ unique: true }, { unique: true }],
    [{ unique: false }, { unique: false }],
    [{ definition: 'btree (sid)' }, { definition: 'btree (sid)' }],
    [{ definition: 'BTREE(sid, ts desc)' }, { definition: 'btree (sid, ts DESC)' }],
    [{ definition: ' (sid)' }, { definition: 'btree (sid)' }],
    [{ definition: 'btree (sid)' }, { definition: undefined }],
  ])('of which %j is said holds where it has %j', (expected, found) => {
    expect(checkIndex(expected, found)).toEqual([])
  })

  test.each<readonly [expected: IndexContract, words: string]>([
    [{}, 'an index'],
    [{ unique: false }, 'an index'],
    [{ unique: true }, 'UNIQUE an index'],
    [{ definition: 'btree (sid)' }, 'btree (sid)'],
    [{ definition: 'btree (sid)', unique: true }, 'UNIQUE btree (sid)'],
  ])('is missing: of it, %j is said', (expected, words) => {
    const tables = { call_log: { indexes: { another: {} } } }
    const said = { indexes: { call_log_sid_idx: expected } }
    expect(checkTable('call_log', said, { tables })).toEqual([
      { object, aspect: 'existence', expected: words, found: 'no such index', path },
    ])
  })

  test('must be valid, even where nothing is said', () => {
    expect(checkIndex({}, { valid: false })).toEqual([
      {
        object,
        aspect: 'validity',
        expected: 'a valid index',
        found: 'INVALID: a concurrent build of it failed, so queries do not use it',
        path,
      },
    ])
  })

  test.each([
    [true, 'UNIQUE', 'not unique'],
    [false, 'not unique', 'UNIQUE'],
  ])('has another uniqueness: unique is %j', (unique, expected, found) => {
    expect(checkIndex({ unique }, { unique: !unique })).toEqual([
      { object, aspect: 'uniqueness', expected, found, path: [...path, 'unique'] },
    ])
  })

  test.each([
    ['btree (sid)', 'btree (sid, ts)', false],
    ['gin (j)', 'gin (j jsonb_path_ops)', true],
    ['(sid)', 'hash (sid)', true],
    ["btree (a) WHERE b IN ('x', 'y')", "btree (a) WHERE (b = ANY (ARRAY['x', 'y']))", false],
  ])('has another definition: %s instead of %s', (definition, has, unique) => {
    expect(checkIndex({ definition }, { definition: has, unique })).toEqual([
      {
        object,
        aspect: 'definition',
        expected: definition,
        found: has,
        path: [...path, 'definition'],
        unresolved: { is: 'index', relation, name: 'call_log_sid_idx', unique, sql: definition },
      },
    ])
  })

  test('is told of everything that is wrong with it', () => {
    const found = { definition: 'btree (a)', valid: false }
    const told = checkIndex({ definition: 'btree (b)', unique: true }, found)
    expect(told.map(({ aspect }) => aspect)).toEqual(['validity', 'uniqueness', 'definition'])
  })
})

const checkConstraint = (
  expected: ConstraintContract,
  found: Partial<ConstraintFacts>,
): readonly Mismatch[] =>
  checkTable(
    'call_log',
    { constraints: { positive: expected } },
    { tables: { call_log: { constraints: { positive: found } } } },
  )

describe('a constraint', () => {
  const object = { kind: 'constraint', of: 'call_log', name: 'positive' } as const
  const path = ['tables', 'call_log', 'constraints', 'positive']

  test.each<readonly [expected: ConstraintContract, found: Partial<ConstraintFacts>]>([
    [{}, {}],
    [{ validated: true }, {}],
    [{ validated: false }, {}],
    [{ validated: false }, { validated: false }],
    [{ definition: 'CHECK (n > 0)' }, { definition: 'CHECK ((n > 0))' }],
    [{ definition: 'unique(sid)' }, { definition: 'UNIQUE (sid)' }],
    [
      { definition: 'CHECK (n > 0) not  valid ', validated: false },
      { definition: 'CHECK ((n > 0))', validated: false },
    ],
    [{ definition: 'CHECK (n > 0) NOT VALID' }, { definition: 'CHECK ((n > 0))' }],
    [{ definition: 'CHECK (n > 0)' }, { definition: undefined }],
  ])('of which %j is said holds where it has %j', (expected, found) => {
    expect(checkConstraint(expected, found)).toEqual([])
  })

  test.each<readonly [expected: ConstraintContract, words: string]>([
    [{}, 'a constraint'],
    [{ validated: false }, 'a constraint'],
    [{ definition: 'CHECK (n > 0)' }, 'CHECK (n > 0)'],
  ])('is missing: of it, %j is said', (expected, words) => {
    const tables = { call_log: { constraints: { another: {} } } }
    const said = { constraints: { positive: expected } }
    expect(checkTable('call_log', said, { tables })).toEqual([
      { object, aspect: 'existence', expected: words, found: 'no such constraint', path },
    ])
  })

  test.each([{}, { validated: true }])(
    'must be validated, where %j is said of it',
    (expected: ConstraintContract) => {
      expect(checkConstraint(expected, { validated: false })).toEqual([
        {
          object,
          aspect: 'validity',
          expected: 'a validated constraint',
          found: 'NOT VALID: rows from before it may break it',
          path,
        },
      ])
    },
  )

  test.each([
    ['CHECK (n > 0)', 'CHECK ((n >= 0))'],
    ['UNIQUE (a)', 'UNIQUE (a, b)'],
    ['CHECK (n > 0) NOT VALID', 'CHECK ((n > 1))'],
  ])('has another definition: %s instead of %s', (definition, has) => {
    expect(checkConstraint({ definition }, { definition: has })).toEqual([
      {
        object,
        aspect: 'definition',
        expected: definition,
        found: has,
        path: [...path, 'definition'],
        unresolved: { is: 'constraint', relation, name: 'positive', sql: definition },
      },
    ])
  })

  test('is told of everything that is wrong with it', () => {
    const found = { definition: 'UNIQUE (a)', validated: false }
    const told = checkConstraint({ definition: 'UNIQUE (b)' }, found)
    expect(told.map(({ aspect }) => aspect)).toEqual(['validity', 'definition'])
  })
})

describe('a short name', () => {
  test('of a table is not near to every other', () => {
    expect(checkTable('log', {}, { others: ['car', 'api'] })).toMatchObject([
      { found: 'no such table' },
    ])
  })

  test('of a column is not near to every other', () => {
    const tables = { t: { columns: { id: {}, to: {} } } }
    expect(checkTable('t', { columns: { at: {} } }, { tables })).toMatchObject([
      { found: 'no such column' },
    ])
  })
})

test('names of every object are names like others', () => {
  const names = ['constructor', '__proto__', 'toString', 'hasOwnProperty']
  const members = Object.fromEntries(names.map((name) => [name, {}]))
  const said = { columns: members, indexes: members, constraints: members }
  expect(checkTable('constructor', said, { tables: { constructor: said } })).toEqual([])
  expect(checkTable('constructor', said, { tables: { constructor: {} } })).toHaveLength(12)
  expect(checkTable('constructor', said, {})).toHaveLength(1)
})
