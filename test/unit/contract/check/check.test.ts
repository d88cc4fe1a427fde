import { describe, expect, test } from '@jest/globals'
import { check, factsNeeded, splitSignature } from '../../../../src/contract/check/check.ts'
import type { Contract } from '../../../../src/contract/contract.ts'
import type { Violation } from '../../../../src/contract/violation.ts'
import { aContract, aFile } from '../a-contract.ts'
import { factsOf, type DatabaseWords } from '../facts-of.ts'

const checked = (body: Omit<Contract, 'service'>, database: DatabaseWords): readonly Violation[] =>
  check(aContract(body), factsOf(database))

test('a contract that says nothing wrong of the database is not violated', () => {
  const contract = {
    tables: { call_log: { columns: { id: { type: 'int8' } } }, 'audit.events': {} },
    views: { open_calls: { columns: { id: { type: 'bigint' } } } },
    enums: { call_status: ['queued', 'done'] },
    extensions: ['pg_trgm'],
    functions: { 'touch(int8)': { returns: 'void' } },
  }
  const columns = { id: { type: 'bigint' } }
  const database = {
    tables: { call_log: { columns }, 'audit.events': { schema: 'audit' } },
    views: { open_calls: { columns } },
    enums: { call_status: ['queued', 'done'] },
    extensions: ['plpgsql', 'pg_trgm'],
    functions: [{ name: 'touch', argumentTypes: ['bigint'] }],
  }
  expect(checked(contract, database)).toEqual([])
})

describe('an enum', () => {
  const object = { kind: 'enum', of: undefined, name: 'call_status' } as const
  const expected = ['queued', 'ringing', 'done']
  const checkLabels = (...labels: readonly string[]) =>
    checked({ enums: { call_status: expected } }, { enums: { call_status: labels } })

  test.each([
    [['queued', 'ringing', 'done']],
    [['queued', 'ringing', 'done', 'failed']],
    [['new', 'queued', 'busy', 'ringing', 'done', 'failed']],
  ])('of the labels %j holds: further ones are allowed, anywhere', (labels) => {
    expect(checkLabels(...labels)).toEqual([])
  })

  test.each([
    [['queued', 'done']],
    [['queued', 'Ringing', 'done']],
    [['done', 'ringing', 'queued']],
    [['queued', 'done', 'ringing']],
    [['ringing', 'new', 'queued', 'done']],
    [['queued, ringing', 'done']],
    [['queued', 'ringing ', 'done']],
  ])('of the labels %j lacks one, or has them in another order', (labels) => {
    expect(checkLabels(...labels)).toEqual([
      {
        service: 'api',
        object,
        aspect: 'labels',
        expected: 'queued, ringing, done',
        found: labels.join(', '),
        labels: { expected, found: labels },
        path: ['enums', 'call_status'],
        place: undefined,
      },
    ])
  })

  test('without a label is there, and lacks them', () => {
    expect(checkLabels()).toMatchObject([{ aspect: 'labels', found: '' }])
  })

  test('is missing', () => {
    expect(checked({ enums: { call_status: expected } }, {})).toEqual([
      {
        service: 'api',
        object,
        aspect: 'existence',
        expected: 'queued, ringing, done',
        found: 'no such enum',
        labels: { expected, found: [] },
        path: ['enums', 'call_status'],
        place: undefined,
      },
    ])
  })

  test('of a schema is one by its name with that', () => {
    const enums = { 'audit.mood': ['a'] }
    expect(checked({ enums }, { enums })).toEqual([])
    expect(checked({ enums }, { enums: { mood: ['a'] } })).toMatchObject([
      { object: { name: 'audit.mood' }, aspect: 'existence' },
    ])
  })
})

test('an extension is missing, with its place in the list', () => {
  const extensions = ['pg_trgm', 'vector', 'uuid-ossp']
  expect(checked({ extensions }, { extensions: ['plpgsql', 'pg_trgm', 'uuid-ossp'] })).toEqual([
    {
      service: 'api',
      object: { kind: 'extension', of: undefined, name: 'vector' },
      aspect: 'existence',
      expected: 'installed',
      found: 'not installed in this database',
      path: ['extensions', '1'],
      place: undefined,
    },
  ])
})

const checkFunction = (
  signature: string,
  returns: string | undefined,
  ...[functions, searchPath = ['public']]: [
    functions: DatabaseWords['functions'] & object,
    searchPath?: readonly string[],
  ]
): readonly Violation[] =>
  checked(
    { functions: { [signature]: returns === undefined ? {} : { returns } } },
    { functions, searchPath },
  )

describe('a function', () => {
  const about = {
    service: 'api',
    object: { kind: 'function', of: undefined, name: 'touch(bigint)' },
    place: undefined,
  } as const

  test.each([
    ['touch()', []],
    ['touch ( )', []],
    ['touch(bigint)', ['bigint']],
    ['touch(int8, VARCHAR)', ['bigint', 'character varying']],
    ['touch( bigint ,text[] )', ['bigint', 'text[]']],
    ['touch(timestamptz)', ['timestamp with time zone']],
    ['touch(call_status)', ['public.call_status']],
    ['touch(public.call_status[])', ['public.call_status[]']],
    ['public.touch(bigint)', ['bigint']],
  ])('is there: %s takes %j', (signature, argumentTypes) => {
    expect(checkFunction(signature, undefined, [{ name: 'touch', argumentTypes }])).toEqual([])
  })

  // CREATE FUNCTION discards them: https://www.postgresql.org/docs/current/sql-createfunction.html
  test.each([
    ['touch(numeric(10, 2), text)', ['numeric', 'text']],
    ['touch(varchar(64))', ['character varying']],
    ['touch(timestamptz(3), bit(8))', ['timestamp with time zone', 'bit']],
    ['touch(char)', ['character']],
    ['touch(character(3)[])', ['character[]']],
  ])('is there whatever the lengths of its types: %s takes %j', (signature, argumentTypes) => {
    expect(checkFunction(signature, undefined, [{ name: 'touch', argumentTypes }])).toEqual([])
  })

  test('returns a type whatever its length', () => {
    const functions = [{ name: 'touch', returns: 'character varying' }]
    expect(checkFunction('touch()', 'varchar(64)', functions)).toEqual([])
  })

  test.each([
    ['other functions', [{ name: 'touched', argumentTypes: ['bigint'] }]],
    ['nothing', []],
    ['one of another schema', [{ name: 'touch', schema: 'audit', argumentTypes: ['bigint'] }]],
    ['one of another case', [{ name: 'Touch', argumentTypes: ['bigint'] }]],
  ])('is missing where there is %s', (_, functions) => {
    expect(checkFunction('touch(bigint)', 'void', functions)).toEqual([
      {
        ...about,
        aspect: 'existence',
        expected: 'touch(bigint)',
        found: 'no such function',
        path: ['functions', 'touch(bigint)'],
      },
    ])
  })

  test('is missing where it takes other arguments, which are told', () => {
    const functions = [
      { name: 'touch', argumentTypes: ['integer'] },
      { name: 'touch', argumentTypes: ['bigint', 'text'] },
      { name: 'touch' },
      { name: 'touch', schema: 'audit', argumentTypes: ['bigint'] },
    ]
    expect(checkFunction('touch(bigint)', 'void', functions)).toEqual([
      {
        ...about,
        aspect: 'existence',
        expected: 'touch(bigint)',
        found: 'only touch(integer); touch(bigint, text); touch()',
        path: ['functions', 'touch(bigint)'],
      },
    ])
  })

  test.each([
    ['void', 'void'],
    ['int8', 'bigint'],
    ['text[]', 'text[]'],
    ['call_status', 'public.call_status'],
    ['setof  text', 'SETOF text'],
    ['SETOF call_log', 'SETOF public.call_log'],
    ['trigger', 'trigger'],
  ])('returns %s where it returns %s', (returns, found) => {
    const functions = [{ name: 'touch', argumentTypes: ['bigint'], returns: found }]
    expect(checkFunction('touch(bigint)', returns, functions)).toEqual([])
  })

  test.each([
    ['void', 'bigint'],
    ['bigint', 'integer'],
    ['text', 'SETOF text'],
    ['SETOF text', 'text'],
    ['setof text', 'SETOF uuid'],
    ['call_status', 'audit.call_status'],
  ])('returns another type: %s is said, and it returns %s', (returns, found) => {
    const functions = [{ name: 'touch', argumentTypes: ['bigint'], returns: found }]
    expect(checkFunction('touch(bigint)', returns, functions)).toEqual([
      {
        ...about,
        aspect: 'result',
        expected: `returns ${returns}`,
        found: `returns ${found}`,
        path: ['functions', 'touch(bigint)', 'returns'],
      },
    ])
  })

  test('may be a procedure where nothing, or void, is returned', () => {
    const functions = [{ name: 'touch', argumentTypes: ['bigint'], returns: undefined }]
    expect(checkFunction('touch(bigint)', undefined, functions)).toEqual([])
    expect(checkFunction('touch(bigint)', 'void', functions)).toEqual([])
    expect(checkFunction('touch(bigint)', 'bigint', functions)).toMatchObject([
      { aspect: 'result', found: 'a procedure' },
    ])
  })

  describe('of several schemas', () => {
    const functions = [
      { name: 'touch', schema: 'public', returns: 'text' },
      { name: 'touch', schema: 'app', returns: 'bigint' },
      { name: 'touch', schema: 'audit', returns: 'uuid' },
    ]

    test.each([
      ['audit.touch()', 'uuid', ['public']],
      ['public.touch()', 'text', ['app', 'public']],
      ['touch()', 'uuid', ['audit']],
      ['touch()', 'text', ['public', 'app']],
    ])('%s is the one that returns %s, with the path %j', (signature, returns, path) => {
      expect(checkFunction(signature, returns, functions, path)).toEqual([])
    })

    test('is the one of the schema that comes first on the search path', () => {
      const path = ['app', 'public']
      expect(checkFunction('touch()', 'bigint', functions, path)).toEqual([])
      expect(checkFunction('touch()', 'text', functions, path)).toMatchObject([
        { aspect: 'result', found: 'returns bigint' },
      ])
    })
  })

  test('of PostgreSQL itself is there, as the search path always finds it', () => {
    const functions = [{ name: 'gen_random_uuid', schema: 'pg_catalog', returns: 'uuid' }]
    expect(checkFunction('gen_random_uuid()', 'uuid', functions)).toEqual([])
    expect(checkFunction('pg_catalog.gen_random_uuid()', 'uuid', functions)).toEqual([])
  })
})

describe('violations', () => {
  test('are told in the order of the contract, each with its place', () => {
    const contract = aFile(`{
  "service": "worker",
  "extensions": ["x"],
  "tables": {
    "t": { "columns": { "b": { "type": "int" }, "a": { "nullable": false } } },
    "s": {}
  },
  "functions": { "f()": {} },
  "views": { "v": {} },
  "enums": { "e": ["a"] }
}`)
    const tables = { t: { columns: { a: {}, b: { type: 'bigint' } } } }
    const violations = check(contract, factsOf({ tables }))
    expect(
      violations.map(({ service, path, place }) => [service, path.join('/'), place?.line]),
    ).toEqual([
      ['worker', 'tables/t/columns/b/type', 5],
      ['worker', 'tables/t/columns/a/nullable', 5],
      ['worker', 'tables/s', 6],
      ['worker', 'views/v', 9],
      ['worker', 'enums/e', 10],
      ['worker', 'extensions/0', 3],
      ['worker', 'functions/f()', 8],
    ])
    expect(violations[1]?.place).toEqual({
      file: 'contracts/api.json',
      line: 5,
      column: 56,
      excerpt: '    "t": { "columns": { "b": { "type": "int" }, "a": { "nullable": false } } },',
    })
  })

  test('of a file are told at what is said, not beside it', () => {
    const contract = aFile('{ "service": "api", "tables": { "t": {\n"columns": { "id": {} } } } }')
    expect(check(contract, factsOf({ tables: { t: {} } }))).toMatchObject([
      { aspect: 'existence', place: { line: 2, column: 14 } },
    ])
  })
})

describe('what must be read', () => {
  test('is nothing for no contracts', () => {
    expect(factsNeeded([])).toEqual({ relations: [], enums: [], extensions: [], functions: [] })
  })

  test('is what the contracts name, and the texts that they compare', () => {
    const contract = aContract({
      tables: {
        call_log: {
          columns: { id: { default: true }, mode: { default: "'inbound'" }, at: { type: 'date' } },
          indexes: { i: { definition: 'btree (id)' }, j: { unique: true } },
          constraints: { c: { definition: 'CHECK (a > 0)' }, k: {} },
        },
        'audit.events': {},
      },
      views: { open_calls: { columns: { id: { type: 'bigint' } } } },
      enums: { call_status: ['a'], 'audit.mood': ['b'] },
      extensions: ['pg_trgm'],
      functions: { 'touch(bigint)': {}, 'touch(numeric(10, 2))': {}, 'audit.log()': {} },
    })
    const nothing = {
      defaults: [],
      indexes: [],
      indexDefinitions: [],
      constraints: [],
      constraintDefinitions: [],
    }
    expect(factsNeeded([contract])).toEqual({
      relations: [
        {
          name: 'call_log',
          defaults: ['mode'],
          indexes: ['i', 'j'],
          indexDefinitions: ['i'],
          constraints: ['c', 'k'],
          constraintDefinitions: ['c'],
        },
        { name: 'audit.events', ...nothing },
        { name: 'open_calls', ...nothing },
      ],
      enums: ['call_status', 'audit.mood'],
      extensions: ['pg_trgm'],
      functions: ['touch', 'log'],
    })
  })

  test('is asked for once, whoever says it and however often', () => {
    const api = aContract({
      tables: {
        t: {
          columns: { a: { default: '1' } },
          indexes: { i: {} },
          constraints: { c: { definition: 'UNIQUE (a)' } },
        },
      },
      views: { t: {} },
      enums: { e: ['a'] },
      extensions: ['x'],
      functions: { 'f()': {} },
    })
    const worker = aContract(
      {
        tables: {
          t: {
            columns: { a: { default: '2' }, b: { default: '3' } },
            indexes: { i: { definition: 'btree (a)' }, j: {} },
            constraints: { c: {}, d: {} },
          },
          constructor: {},
        },
        enums: { e: ['b'] },
        extensions: ['x', 'y'],
        functions: { 'f()': {}, 'public.f(int)': {} },
      },
      'worker',
    )
    expect(factsNeeded([api, worker])).toMatchObject({
      relations: [
        {
          name: 't',
          defaults: ['a', 'b'],
          indexes: ['i', 'j'],
          indexDefinitions: ['i'],
          constraints: ['c', 'd'],
          constraintDefinitions: ['c'],
        },
        { name: 'constructor', defaults: [], indexes: [] },
      ],
      enums: ['e'],
      extensions: ['x', 'y'],
      functions: ['f'],
    })
  })
})

describe('a signature', () => {
  test.each([
    ['f()', undefined, 'f', []],
    ['f ( )', undefined, 'f', []],
    ['touch(bigint, text)', undefined, 'touch', ['bigint', 'text']],
    ['audit.touch(bigint,text)', 'audit', 'touch', ['bigint', 'text']],
    ['My App.touch it(bigint)', 'My App', 'touch it', ['bigint']],
    ['f(numeric(10, 2))', undefined, 'f', ['numeric(10, 2)']],
    [
      'f(numeric(10,2), varchar(3) , text[], timestamp(3) with time zone)',
      undefined,
      'f',
      ['numeric(10,2)', 'varchar(3)', 'text[]', 'timestamp(3) with time zone'],
    ],
    ['f(text, numeric(10,2))', undefined, 'f', ['text', 'numeric(10,2)']],
    ['f(public.mood)', undefined, 'f', ['public.mood']],
  ])('%s is of the schema %s', (signature, schema, name, argumentTypes) => {
    expect(splitSignature(signature)).toEqual({ schema, name, argumentTypes })
  })
})
