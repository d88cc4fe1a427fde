import { describe, expect, test } from '@jest/globals'
import contractSchema from '../../../../schema/contract.schema.json' with { type: 'json' }
import { acceptContract, pointerOf, readContract } from '../../../../src/contract/file/read.ts'
import type { Problem } from '../../../../src/errors/problem.ts'
import { aFile } from '../a-contract.ts'

const file = 'contracts/api.json'

const problemsOf = (text: string | Uint8Array): readonly Problem[] => {
  const read = readContract(file, typeof text === 'string' ? Buffer.from(text) : text)
  return read.kind === 'bad' ? read.problems : []
}

const whole = `{
  "$schema": "contract.schema.json",
  "service": "api",
  "tables": {
    "call_log": {
      "columns": {
        "id": { "type": "bigint", "nullable": false, "default": true },
        "mode": { "type": "varchar(16)", "default": "'inbound'" },
        "note": {}
      },
      "indexes": { "call_log_sid_idx": { "definition": "btree (sid)", "unique": true }, "i": {} },
      "constraints": { "c": { "definition": "CHECK (a > 0)", "validated": false }, "k": {} }
    },
    "audit.events": {}
  },
  "views": { "open_calls": { "columns": { "id": { "type": "bigint" }, "at": {} } }, "v": {} },
  "enums": { "call_status": ["queued", "done"] },
  "extensions": ["pg_trgm"],
  "functions": { "touch(bigint, numeric(10, 2))": { "returns": "void" }, "now_utc()": {} }
}
`

describe('a contract', () => {
  test('is the value of its file, and knows where everything stands', () => {
    const { contract, placeOf, ...loaded } = aFile(whole)
    expect(contract).toEqual(JSON.parse(whole))
    expect(loaded).toEqual({ file })
    expect(placeOf(['tables', 'call_log', 'columns', 'mode', 'default'])).toEqual({
      file,
      line: 8,
      column: 42,
      excerpt: `        "mode": { "type": "varchar(16)", "default": "'inbound'" },`,
    })
    expect(placeOf(['extensions', '0'])).toMatchObject({ line: 18, column: 18 })
    expect(placeOf(['functions', 'gone()', 'returns'])).toMatchObject({ line: 19, column: 3 })
    expect(placeOf([])).toMatchObject({ line: 1, column: 1 })
  })

  test.each([
    ['{ "service": "api", "tables": { "t": {} } }'],
    ['{ "service": "api", "views": { "v": {} } }'],
    ['{ "service": "api", "enums": { "e": ["a"] } }'],
    ['{ "service": "api", "extensions": ["x"] }'],
    ['{ "service": "api", "functions": { "f()": {} } }'],
    ['{ "service": "9-A_z", "extensions": ["x"] }'],
    [`{ "service": "${'x'.repeat(63)}", "extensions": ["x"] }`],
    ['\uFEFF{ "service": "api", "extensions": ["x"] }'],
    ['{\r\n"service": "api",\r\n"extensions": ["x"]\r\n}\r\n'],
    ['{"service":"api","extensions":["x"]}'],
  ])('is read from %j', (text) => {
    expect(problemsOf(text)).toEqual([])
    expect(aFile(text).contract).toEqual(JSON.parse(text.replace('\uFEFF', '')))
  })

  test('has its places behind a byte order mark, too', () => {
    const { placeOf } = aFile('\uFEFF{ "service": "api", "extensions": ["x"] }')
    expect(placeOf(['service'])).toMatchObject({ line: 1, column: 3 })
  })

  test('may hold names and texts that look like members, and names of every object', () => {
    const text = `{ "service": "api", "extensions": ["a\\": 1, \\"a\\": 2", "b\\\\", ":"],
      "tables": { "t\\": {}, \\"t\\": ": {}, "\\\\": { "columns": { "c": { "default": "': {\\"a\\":1}'" } } },
        "__proto__": { "columns": { "__proto__": { "type": "text" } } }, "constructor": {} } }`
    const { tables = {} } = aFile(text).contract
    expect(Object.keys(tables)).toEqual(['t": {}, "t": ', '\\', '__proto__', 'constructor'])
    expect(Object.entries(tables)[2]?.[1].columns).toEqual(
      Object.fromEntries([['__proto__', { type: 'text' }]]),
    )
    expect({}).not.toHaveProperty('columns')
  })

  test('may hold a text of megabytes', () => {
    for (const long of ['x'.repeat(10_000_000), '\\n'.repeat(5_000_000)])
      expect(
        problemsOf(
          `{"service":"api","tables":{"t":{"constraints":{"c":{"definition":"CHECK ${long}"}}}}}`,
        ),
      ).toEqual([])
  })
})

describe('what is no JSON', () => {
  test.each([
    ['', 'is empty'],
    [' \n\t', 'is empty'],
    ['\uFEFF', 'is empty'],
  ])('%j: the contract %s', (text, title) => {
    expect(problemsOf(text)).toMatchObject([
      { code: 'contract-not-json', title: `${file} ${title}` },
    ])
  })

  test.each([
    [Buffer.from([0x7b, 0xff, 0x7d])],
    [Buffer.from('{ "service": "é" }', 'latin1')],
    [Buffer.from([0xff, 0xfe, 0x7b, 0x00, 0x7d, 0x00])],
    [Buffer.from([0x7b, 0xc3])],
  ])('%j is not UTF-8', (bytes) => {
    expect(problemsOf(bytes)).toMatchObject([
      { code: 'contract-not-json', title: `${file} is not UTF-8` },
    ])
  })

  test.each([
    ['{ "service": "api", }', 1, 21],
    ['{\n  "service": "api"\n  "tables": {}\n}', 3, 3],
    ['// the api\n{}', 1, 1],
    ["{ 'service': 'api' }", 1, 3],
    ['{ "service": "api', 1, 18],
    ['{ "service": "api" } {}', 1, 22],
    ['{ "service": NaN }', 1, 14],
    ['{ "service": "\\x" }', 1, 15],
    ['\uFEFF{ "service": "api", }', 1, 21],
  ])('%j is told with its place', (text, line, column) => {
    const [only, ...more] = problemsOf(text)
    expect(more).toEqual([])
    expect(only).toMatchObject({ code: 'contract-not-json', place: { file, line, column } })
    expect(only?.title).toMatch(/^contracts\/api\.json is not JSON: \S/)
  })

  // JSON.parse() refuses them; a parser that does not would leave a contract unread and nothing told.
  test.each([
    ['{ "service": "api", "extensions": ["\t"] }'],
    ['{ "service": "api", "extensions": ["a\nb"] }'],
    ['{ "service": "api", "extensions": ["a\u0000"] }'],
    ['{ "service": "api", "tables": { "a\r\nb": {} } }'],
    ['{ "service": "api", "extensions": ["\u001f"] }'],
  ])('%j: a text must not hold a control character', (text) => {
    expect(problemsOf(text)).toMatchObject([{ code: 'contract-not-json', place: { line: 1 } }])
  })
})

describe('whatever is changed in a file', () => {
  const text =
    '{"service":"api","tables":{"t":{"columns":{"id":{"default":"\'a\\n\'"}}}},"extensions":["x"]}'
  const insides = ['"', '\\', '{', '}', '[', ']', ',', ':', '\n', '\t', '\u0000', '0', 'x', 'é', '']

  test.each(insides)('by %j, it is a contract or has a problem', (inside) => {
    for (let at = 0; at <= text.length; at++)
      for (const rest of [at, at + 1]) {
        const read = readContract(file, Buffer.from(text.slice(0, at) + inside + text.slice(rest)))
        expect(read.kind === 'contract' || read.problems.length).not.toBe(0)
      }
  })
})

// The mark stands before the place.
const malformed: readonly (readonly [
  text: string,
  pointer: string,
  found: string,
  form: string,
])[] = [
  ['▸"x"', '', '"x"', 'an object with "service" and at least one of "tables", "views"'],
  ['▸null', '', 'null', 'an object with "service" and at least one of'],
  [' \n▸[]', '', '[]', 'an object with "service" and at least one of'],
  ['▸{}', '', '{}', 'an object with "service" and at least one of'],
  [
    '▸{ "service": "api" }',
    '',
    '{"service":"api"}',
    'an object with "service" and at least one of',
  ],
  [
    '▸{ "extensions": ["x"] }',
    '',
    '{"extensions":["x"]}',
    'an object with "service" and at least one of',
  ],
  [
    '{ ▸"$schema": 1, "service": "api", "extensions": ["x"] }',
    '/$schema',
    '1',
    'the path of contract.schema.json, for editors',
  ],
  ...['"a b"', '""', '"-a"', '"ä"', '"a\\n"', 'null', '1'].map(
    (value) =>
      [
        `{ ▸"service": ${value}, "extensions": ["x"] }`,
        '/service',
        value,
        'the name of the service: letters, digits, - and _, such as "api"',
      ] as const,
  ),
  ...['{}', '[]', '"t"', 'null'].map(
    (value) =>
      [
        `{ "service": "api",\n  ▸"tables": ${value} }`,
        '/tables',
        value,
        'tables by name, such as { "call_log": { "columns": { … } } }',
      ] as const,
  ),
  [
    '{ "service": "api", ▸"views": {} }',
    '/views',
    '{}',
    'views by name, such as { "open_calls": { "columns": { … } } }',
  ],
  [
    '{ "service": "api", ▸"enums": [] }',
    '/enums',
    '[]',
    'labels by enum, such as { "call_status": ["queued", "done"] }',
  ],
  ...['[]', '["a", "a"]', '"a"', '{}'].map(
    (value) =>
      [
        `{ "service": "api", "enums": { ▸"call_status": ${value} } }`,
        '/enums/call_status',
        JSON.stringify(JSON.parse(value)),
        'a list of different labels, such as ["queued", "done"]',
      ] as const,
  ),
  [
    '{ "service": "api", "enums": { "e": ["a",\n ▸1] } }',
    '/enums/e/1',
    '1',
    'a label, such as "queued"',
  ],
  ...['[]', '["x", "x"]', '"x"', '{}'].map(
    (value) =>
      [
        `{ "service": "api", ▸"extensions": ${value} }`,
        '/extensions',
        JSON.stringify(JSON.parse(value)),
        'a list of names, such as ["pg_trgm"]',
      ] as const,
  ),
  ...['""', 'null', '{}'].map(
    (value) =>
      [
        `{ "service": "api", "extensions": ["x", ▸${value}] }`,
        '/extensions/1',
        value,
        'the name of an extension, such as "pg_trgm"',
      ] as const,
  ),
  [
    '{ "service": "api", ▸"functions": {} }',
    '/functions',
    '{}',
    'functions by name and argument types, such as { "touch(bigint, text)": { "returns": "void" } }',
  ],
  ...['touch', 'touch(bigint', '(bigint)', ''].map(
    (name) =>
      [
        `{ "service": "api", "functions": { ▸"${name}": {} } }`,
        `/functions/${name}`,
        `"${name}"`,
        'a name with its argument types, such as "touch(bigint, text)" or "now_utc()"',
      ] as const,
  ),
  [
    '{ "service": "api", "functions": { ▸"f()": "void" } }',
    '/functions/f()',
    '"void"',
    '{ } or { "returns": "void" }',
  ],
  [
    '{ "service": "api", "functions": { "f()": { ▸"returns": null } } }',
    '/functions/f()/returns',
    'null',
    'a type, such as "bigint", "varchar(64)", "timestamp with time zone" or "text[]"',
  ],
  [
    '{ "service": "api", "tables": { ▸"a/b~c": [] } }',
    '/tables/a~1b~0c',
    '[]',
    'an object with "columns", "indexes" and "constraints", each of which may be left out',
  ],
  [
    '{ "service": "api", "tables": { "__proto__": { ▸"columns": 1 } } }',
    '/tables/__proto__/columns',
    '1',
    'columns by name, such as { "id": { "type": "bigint", "nullable": false } }',
  ],
  [
    '{ "service": "api", "tables": { "t": { ▸"indexes": ["i"] } } }',
    '/tables/t/indexes',
    '["i"]',
    'indexes by name, such as { "call_log_sid_idx": { "definition": "btree (call_sid)" } }',
  ],
  [
    '{ "service": "api", "tables": { "t": { ▸"constraints": true } } }',
    '/tables/t/constraints',
    'true',
    'constraints by name, such as { "call_log_sid_key": { "definition": "UNIQUE (call_sid)" } }',
  ],
  ['{ "service": "api", "views": { ▸"v": 1 } }', '/views/v', '1', '{ } or { "columns": { … } }'],
  [
    '{ "service": "api", "views": { "v": { ▸"columns": ["id"] } } }',
    '/views/v/columns',
    '["id"]',
    'columns by name, such as { "id": { "type": "bigint" } }',
  ],
  [
    '{ "service": "api", "views": { "v": { "columns": { ▸"id": "bigint" } } } }',
    '/views/v/columns/id',
    '"bigint"',
    '{ } or { "type": "bigint" }',
  ],
  [
    '{ "service": "api", "tables": { "t": { "columns": {\n  ▸"id": "bigint" } } } }',
    '/tables/t/columns/id',
    '"bigint"',
    'an object with "type", "nullable" and "default", each of which may be left out',
  ],
  ...['""', '20', '["text"]'].map(
    (value) =>
      [
        `{ "service": "api", "tables": { "t": { "columns": { "id": { ▸"type": ${value} } } } } }`,
        '/tables/t/columns/id/type',
        value,
        'a type, such as "bigint", "varchar(64)", "timestamp with time zone" or "text[]"',
      ] as const,
  ),
  [
    '{ "service": "api", "tables": { "t": { "columns": { "id": { ▸"nullable": "no" } } } } }',
    '/tables/t/columns/id/nullable',
    '"no"',
    'true or false',
  ],
  ...['""', '0', 'null'].map(
    (value) =>
      [
        `{ "service": "api", "tables": { "t": { "columns": { "id": { ▸"default": ${value} } } } } }`,
        '/tables/t/columns/id/default',
        value,
        `true, false, or an SQL expression such as "now()" or "'inbound'"`,
      ] as const,
  ),
  [
    '{ "service": "api", "tables": { "t": { "indexes": { ▸"i": "btree (a)" } } } }',
    '/tables/t/indexes/i',
    '"btree (a)"',
    'an object with "definition" and "unique", each of which may be left out',
  ],
  ...['"CREATE INDEX i ON t (a)"', '" create unique index i on t (a)"', '" "', '""', '1'].map(
    (value) =>
      [
        `{ "service": "api", "tables": { "t": { "indexes": { "i": { ▸"definition": ${value} } } } } }`,
        '/tables/t/indexes/i/definition',
        value,
        'what stands behind USING in CREATE INDEX, such as "btree (business_id, created_at DESC)',
      ] as const,
  ),
  [
    '{ "service": "api", "tables": { "t": { "indexes": { "i": { ▸"unique": 1 } } } } }',
    '/tables/t/indexes/i/unique',
    '1',
    'true or false',
  ],
  [
    '{ "service": "api", "tables": { "t": { "constraints": { ▸"c": [] } } } }',
    '/tables/t/constraints/c',
    '[]',
    'an object with "definition" and "validated", each of which may be left out',
  ],
  ...['"ALTER TABLE t"', '"add constraint c"', '"CONSTRAINT c UNIQUE (a)"', '" "', '1'].map(
    (value) =>
      [
        `{ "service": "api", "tables": { "t": { "constraints": { "c": { ▸"definition": ${value} } } } } }`,
        '/tables/t/constraints/c/definition',
        value,
        'what stands behind the name in ADD CONSTRAINT, such as "UNIQUE (call_sid)" or "CHECK (',
      ] as const,
  ),
  [
    '{ "service": "api", "tables": { "t": { "constraints": { "c": { ▸"validated": 0 } } } } }',
    '/tables/t/constraints/c/validated',
    '0',
    'true or false',
  ],
]

/** The text without its mark, and where that stood. */
const marked = (text: string) => {
  const lines = text.slice(0, text.indexOf('▸')).split('\n')
  const place = { file, line: lines.length, column: (lines.at(-1) ?? '').length + 1 }
  return { text: text.replace('▸', ''), place }
}

describe('a malformed contract', () => {
  test.each(malformed)(
    '%j is told at %j: it has %s instead of %s',
    (shown, pointer, found, form) => {
      const { text, place } = marked(shown)
      const [only, ...more] = problemsOf(text)
      expect(more).toEqual([])
      expect(only).toMatchObject({
        code: 'malformed-contract',
        category: 'refused',
        facts: { file, pointer, found, isUnknown: false, nearest: undefined },
        place,
        title: `${file} has ${found} at ${pointer === '' ? 'its top' : pointer}, which is not allowed there`,
      })
      expect(only?.facts['form']).toContain(form)
      expect(only?.fix).toContain(form)
    },
  )

  test('is told with every form that the schema has', () => {
    const told = new Set(malformed.map(([text]) => problemsOf(marked(text).text)[0]?.facts['form']))
    expect(new Set(formsIn(contractSchema))).toEqual(told)
  })

  test('is told whole, in the order of the schema', () => {
    const text =
      '{ "service": "a b", "tables": { "t": 1, "u": { "columns": { "id": { "type": 1 } } } } }'
    expect(problemsOf(text).map(({ facts }) => facts['pointer'])).toEqual([
      '/service',
      '/tables/t',
      '/tables/u/columns/id/type',
    ])
  })

  test('that is wrong in several ways in one place is told of it once', () => {
    expect(problemsOf('{}')).toHaveLength(1)
    expect(problemsOf('{ "service": "api", "extensions": ["", ""] }')).toMatchObject([
      { facts: { pointer: '/extensions/0' } },
      { facts: { pointer: '/extensions/1' } },
      { facts: { pointer: '/extensions' } },
    ])
  })
})

const formsIn = (schema: unknown): readonly unknown[] =>
  typeof schema !== 'object' || schema === null
    ? []
    : Object.entries(schema).flatMap(([name, value]) =>
        name === 'form' && typeof value === 'string' ? [value] : formsIn(value),
      )

describe('a member that no contract has', () => {
  const top = '"$schema", "service", "tables", "views", "enums", "extensions", "functions"'
  const inTable = (table: string): string => `{ "service": "api", "tables": { "t": ${table} } }`

  test.each([
    ['{ "service": "api", ▸"table": {}, "extensions": ["x"] }', '/table', 'tables', top],
    ['{ "service": "api", ▸"servce": "", "extensions": ["x"] }', '/servce', 'service', top],
    ['{ "service": "api", ▸"sequences": {}, "extensions": ["x"] }', '/sequences', undefined, top],
    ['{ "service": "api", ▸"__proto__": {}, "extensions": ["x"] }', '/__proto__', undefined, top],
    ['{ "service": "api", "extensions": ["x"], ▸"a/b": 1 }', '/a~1b', undefined, top],
    [
      inTable('{ ▸"column": {} }'),
      '/tables/t/column',
      'columns',
      '"columns", "indexes", "constraints"',
    ],
    [
      inTable('{ "columns": { "id": { "type": "int",\n▸"nullabel": true } } }'),
      '/tables/t/columns/id/nullabel',
      'nullable',
      '"type", "nullable", "default"',
    ],
    [
      inTable('{ "indexes": { "i": { ▸"valid": true } } }'),
      '/tables/t/indexes/i/valid',
      undefined,
      '"definition", "unique"',
    ],
    [
      inTable('{ "constraints": { "c": { ▸"valdated": true } } }'),
      '/tables/t/constraints/c/valdated',
      'validated',
      '"definition", "validated"',
    ],
    [
      '{ "service": "api", "views": { "v": { ▸"indexes": {} } } }',
      '/views/v/indexes',
      undefined,
      '"columns"',
    ],
    [
      '{ "service": "api", "views": { "v": { "columns": { "id": { ▸"nullable": true } } } } }',
      '/views/v/columns/id/nullable',
      undefined,
      '"type"',
    ],
    [
      '{ "service": "api", "functions": { "f()": { ▸"return": "int" } } }',
      '/functions/f()/return',
      'returns',
      '"returns"',
    ],
  ])('%j is told at %s, with %s as the nearest', (shown, pointer, near, known) => {
    const { text, place } = marked(shown)
    const [only, ...more] = problemsOf(text)
    expect(more).toEqual([])
    expect(only).toMatchObject({
      code: 'malformed-contract',
      facts: { file, pointer, isUnknown: true, nearest: near, form: `one of ${known}` },
      place,
    })
    expect(only?.title).toContain(`at ${pointer}, which schemagate does not know`)
    expect(only?.title.includes('did you mean')).toBe(near !== undefined)
  })
})

describe('a member that is said twice', () => {
  test.each([
    ['{ "service": "api", ▸"service": "api", "extensions": ["x"] }', '/service'],
    ['{ "service": "api", ▸"s\\u0065rvice": "api", "extensions": ["x"] }', '/service'],
    ['{ "s\\u0065rvice": "api",\n▸"service": "api", "extensions": ["x"] }', '/service'],
    ['{ "service": "api", "tables": { "a/b": {}, ▸"a\\/b": {} } }', '/tables/a~1b'],
    ['{ "service": "api", "tables": { "t": {}, ▸"t": { "columns": {} } } }', '/tables/t'],
    [
      '{ "service": "api", "tables": { "t": { "columns": { "id": {},\n  ▸"id": {} } } } }',
      '/tables/t/columns/id',
    ],
    ['{ "service": "api", "tables": { "__proto__": {}, ▸"__proto__": {} } }', '/tables/__proto__'],
    ['{ "service": "api", "tables": { "\\"": {}, ▸"\\"": {} } }', '/tables/"'],
    ['{ "service": "api", "tables": { "t": {}, ▸"t"\n: {} } }', '/tables/t'],
    ['{ "service": "api", "enums": { "e": ["a\\":", ":"], ▸"e": ["a"] } }', '/enums/e'],
  ])('%j is told at %s, where it stands again', (shown, pointer) => {
    const { text, place } = marked(shown)
    expect(problemsOf(text)).toMatchObject([
      { code: 'repeated-contract-member', facts: { file, pointer }, place },
    ])
  })

  test('is told each time, and beside what else is wrong', () => {
    const text =
      '{ "service": "a b", "extensions": ["x"], "extensions": ["x"], "extensions": ["x"] }'
    expect(problemsOf(text)).toMatchObject([
      { code: 'malformed-contract', facts: { pointer: '/service' } },
      { code: 'repeated-contract-member', place: { column: 42 } },
      { code: 'repeated-contract-member', place: { column: 63 } },
    ])
  })

  test('counts as its last, as in JSON: what is wrong with that stands there', () => {
    const { text, place } = marked('{ "service": "api", "extensions": ["x"], ▸"extensions": [] }')
    expect(problemsOf(text)).toMatchObject([
      { code: 'malformed-contract', facts: { pointer: '/extensions', found: '[]' }, place },
      { code: 'repeated-contract-member', place },
    ])
  })
})

describe('what is shown of a contract', () => {
  const foundIn = (service: unknown): string =>
    String(problemsOf(JSON.stringify({ service, extensions: ['x'] }))[0]?.facts['found'])

  test('is cut where it is long', () => {
    expect(foundIn(`${'x'.repeat(57)} `)).toBe(`"${'x'.repeat(57)} "`)
    expect(foundIn('x'.repeat(200))).toBe(`"${'x'.repeat(59)}…`)
    expect(foundIn(Array(100).fill('é'))).toMatch(/^\["é",.{50,60}…$/)
    expect(problemsOf(`{ "${'x'.repeat(200)}": 1 }`)[1]?.facts['found']).toHaveLength(61)
  })

  test.each(Array.from({ length: 6 }, (_, before) => before + 54))(
    'is never cut within a character: %i before it',
    (before) => {
      const found = foundIn(`${'x'.repeat(before)}${'😀'.repeat(20)}`)
      expect(Buffer.from(found).toString()).toBe(found)
    },
  )

  test('has no end of a line of its own: a name cannot forge a line of the log', () => {
    for (const text of [
      '{ "service": "api", "tables": { "t\\nerror: all is well": 1 } }',
      '{ "service": "api", "extensions": ["x"], "t\\r\\nerror: all is well": 1 }',
      '{ "service": "api", "tables": { "t\\n": {}, "t\\n": {} } }',
    ]) {
      const [only] = problemsOf(text)
      expect(only?.code).toMatch(/contract/)
      expect(only?.title).not.toMatch(/\p{Cc}/u)
    }
  })

  test('is a line without its end', () => {
    const [only] = problemsOf('{\r\n  "service": "a b",\r\n  "extensions": ["x"]\r\n}')
    expect(only?.place).toEqual({ file, line: 2, column: 3, excerpt: '  "service": "a b",' })
  })
})

test('a text that nests without end is told, not followed', () => {
  for (const inside of ['[', '{"tables":'])
    for (const depth of [1_000, 20_000]) {
      const end = inside === '[' ? ']' : '}'
      const value = `${inside.repeat(depth)}1${end.repeat(depth)}`
      expect(problemsOf(`{ "service": ${value}, "extensions": ["x"] }`)).toHaveLength(1)
    }
})

test('the places of many violations in a large contract are found at once', () => {
  const columns = Object.fromEntries(Array.from({ length: 20 }, (_, at) => [`column_${at}`, {}]))
  const names = Array.from({ length: 300 }, (_, at) => `table_${at}`)
  const tables = Object.fromEntries(names.map((name) => [name, { columns }]))
  const { placeOf } = aFile(JSON.stringify({ service: 'api', tables }, null, 2))
  const started = performance.now()
  const lines = names.slice(0, 40).map((name) => placeOf(['tables', name])?.line)
  expect(lines.slice(0, 2)).toEqual([4, 28])
  expect(performance.now() - started).toBeLessThan(1_000)
})

describe('a contract that is handed over as a value', () => {
  const value = { service: 'api', extensions: ['x'], tables: undefined }

  test('is taken as it is, without places', () => {
    const read = acceptContract('the contract', value)
    expect(read).toMatchObject({ kind: 'contract', loaded: { contract: value, file: undefined } })
    expect(read.kind === 'contract' && read.loaded.placeOf(['service'])).toBeUndefined()
  })

  test('is refused without a place, under the name that it is given', () => {
    const read = acceptContract('the contract', { service: 'api', tabels: {}, extensions: [] })
    expect(read).toMatchObject({
      kind: 'bad',
      problems: [
        { facts: { file: 'the contract', pointer: '/tabels', nearest: 'tables' } },
        { facts: { file: 'the contract', pointer: '/extensions', found: '[]' } },
      ],
    })
    expect(read.kind === 'bad' && read.problems.map(({ place }) => place)).toEqual([
      undefined,
      undefined,
    ])
  })

  const circular: unknown[] = []
  circular.push(circular)

  test.each<readonly [shown: string, value: unknown, pointer: string]>([
    ['undefined', undefined, ''],
    ['null', null, ''],
    ['a text', '{}', ''],
    ['a list', [], ''],
    ['a function', () => value, ''],
    ['a symbol', Symbol('api'), ''],
    ['a number without end', { ...value, service: 1n }, '/service'],
    ['no number', { ...value, service: NaN }, '/service'],
    ['a map', { ...value, tables: new Map([['t', {}]]) }, '/tables'],
    ['a value that holds itself', { ...value, service: circular }, '/service'],
  ])('is refused where it has %s', (_, given, pointer) => {
    expect(acceptContract('the contract', given)).toMatchObject({
      kind: 'bad',
      problems: [{ code: 'malformed-contract', facts: { pointer } }],
    })
  })
})

test.each([
  [[], ''],
  [['tables', 'call_log', 'columns', 'id'], '/tables/call_log/columns/id'],
  [['tables', 'a/b~c', '~1'], '/tables/a~1b~0c/~01'],
  [['extensions', '0'], '/extensions/0'],
  [['tables', ''], '/tables/'],
])('the JSON pointer of %j is %j', (path, pointer) => {
  expect(pointerOf(path)).toBe(pointer)
})
