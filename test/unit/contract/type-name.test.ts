import { describe, expect, test } from '@jest/globals'
import { canonicalType, withoutSchema } from '../../../src/contract/type-name.ts'

// What format_type(atttypid, atttypmod) of PostgreSQL 15 writes of a column of the type, with an empty search path.
const spellings: readonly (readonly [name: string, spellings: readonly string[]])[] = [
  ['smallint', ['smallint', 'int2', 'pg_catalog.int2']],
  ['integer', ['integer', 'int', 'int4', 'INT', 'Integer', ' int ', 'pg_catalog.int4']],
  ['bigint', ['bigint', 'int8', 'BIGINT', 'PG_CATALOG.INT8']],
  ['boolean', ['boolean', 'bool', 'BOOL']],
  ['real', ['real', 'float4', 'float(1)', 'float(24)', 'FLOAT ( 24 )']],
  [
    'double precision',
    [
      'double precision',
      'DOUBLE  PRECISION',
      'double\n\tprecision',
      'float8',
      'float',
      'float(25)',
    ],
  ],
  ['double precision', ['float(53)']],
  ['numeric', ['numeric', 'decimal', 'dec', 'NUMERIC', 'pg_catalog.numeric']],
  ['numeric(10,0)', ['numeric(10)', 'numeric(10,0)', 'numeric ( 10 , 0 )', 'decimal(10)']],
  ['numeric(10,0)', ['dec(10)', 'pg_catalog.numeric(10)']],
  ['numeric(10,2)', ['numeric(10,2)', 'numeric(10, 2)', 'DECIMAL( 10,2 )']],
  ['numeric(3,-2)', ['numeric(3,-2)', 'numeric(3, -2)']],
  ['text', ['text', 'TEXT', 'pg_catalog.text']],
  ['character varying', ['varchar', 'character varying', 'char varying', 'CHARACTER  VARYING']],
  ['character varying(64)', ['varchar(64)', 'VARCHAR (64)', 'character varying(64)']],
  ['character varying(64)', ['char varying(64)', 'character  varying ( 64 )']],
  ['character varying(64)', ['pg_catalog.varchar(64)']],
  ['character(1)', ['char', 'character', 'char(1)', 'CHAR']],
  ['character(3)', ['char(3)', 'character(3)', 'CHARACTER (3)', 'bpchar(3)']],
  ['"char"', ['"char"', 'pg_catalog."char"']],
  ['bit(1)', ['bit', 'bit(1)', 'BIT']],
  ['bit(8)', ['bit(8)', 'BIT (8)']],
  ['bit varying', ['bit varying', 'varbit']],
  ['bit varying(8)', ['bit varying(8)', 'varbit(8)']],
  ['timestamp without time zone', ['timestamp', 'timestamp without time zone']],
  ['timestamp(3) without time zone', ['timestamp(3)', 'timestamp(3) without time zone']],
  ['timestamp(3) without time zone', ['TIMESTAMP ( 3 )  WITHOUT  TIME ZONE']],
  ['timestamp with time zone', ['timestamptz', 'timestamp with time zone', 'TIMESTAMPTZ']],
  ['timestamp with time zone', ['TIMESTAMP  WITH TIME  ZONE', 'pg_catalog.timestamptz']],
  ['timestamp(3) with time zone', ['timestamptz(3)', 'timestamp(3) with time zone']],
  ['timestamp(3) with time zone', ['TIMESTAMPTZ ( 3 )', 'pg_catalog.timestamptz(3)']],
  ['time without time zone', ['time', 'time without time zone']],
  ['time(0) without time zone', ['time(0)', 'time (0) without time zone']],
  ['time with time zone', ['timetz', 'time with time zone']],
  ['time(2) with time zone', ['timetz(2)', 'time(2) with time zone']],
  ['date', ['date', 'DATE']],
  ['interval', ['interval', 'INTERVAL']],
  ['interval(3)', ['interval(3)', 'interval (3)']],
  ['interval second(3)', ['interval second(3)', 'interval second (3)']],
  ['interval year to month', ['INTERVAL YEAR TO MONTH', 'interval year  to month']],
  ['interval day to second(3)', ['interval day to second(3)', 'INTERVAL DAY TO SECOND (3)']],
  ...['uuid', 'json', 'jsonb', 'bytea', 'money', 'inet', 'cidr', 'macaddr', 'xml', 'point'].map(
    (name) => [name, [name, name.toUpperCase(), `pg_catalog.${name}`]] as const,
  ),
  ...['tsvector', 'oid', 'name', 'regclass', 'int4range', 'tstzrange', 'int4multirange'].map(
    (name) => [name, [name, name.toUpperCase(), `pg_catalog.${name}`]] as const,
  ),
]

const spelled = spellings.flatMap(([name, each]) => each.map((text) => [text, name] as const))

describe('the spelling', () => {
  test.each(spelled)('%j is %s', (text, name) => {
    expect(canonicalType(text)).toBe(name)
  })

  test.each(spelled)('%j[] is an array of %s', (text, name) => {
    expect(canonicalType(`${text}[]`)).toBe(`${name}[]`)
  })

  test.each(spellings.map(([name]) => name))('of the server, %s, stays', (name) => {
    expect(canonicalType(name)).toBe(name)
  })
})

test.each([
  ...['int[]', 'int4 []', 'integer[3]', 'int[3][4]', 'int[][]'],
  ...['integer array', 'integer ARRAY[4]', 'INTEGER  ARRAY'],
])('%j is an array, whatever its dimensions', (text) => {
  expect(canonicalType(text)).toBe('integer[]')
})

describe('a type of somebody', () => {
  test.each([
    ['call_status', 'call_status'],
    ['Call_Status', 'call_status'],
    ['audit.Mood', 'audit.mood'],
    ['"Mood"', '"Mood"'],
    ['audit."Mood"', 'audit."Mood"'],
    ['AUDIT."Mood"[]', 'audit."Mood"[]'],
    ['"Audit"."my  Type"', '"Audit"."my  Type"'],
    ['"Audit".MOOD', '"Audit".mood'],
    ['"do""ts"."x""y"', '"do""ts"."x""y"'],
    ['public.vector(3)[]', 'public.vector(3)[]'],
    ['"a.b"."c d"', '"a.b"."c d"'],
  ])('%j is %s: quoted names keep their case and their spaces', (text, name) => {
    expect(canonicalType(text)).toBe(name)
  })
})

// Here "not the same" leads to a question to the server, "the same" to none.
describe('a type that only looks like another', () => {
  test.each([
    ['pg_catalog.char', 'character(1)', 'it is "char", of one byte'],
    ['pg_catalog.bit', 'bit(1)', 'it has no limit'],
    ['bpchar', 'character(1)', 'it has no limit'],
    ['"char"', 'character(1)', 'it is of one byte'],
    ['"integer"', 'integer', 'there is no type of this name'],
    ['"TEXT"', 'text', 'it is not the type text'],
    ['numeric', 'numeric(10,0)', 'it has no limit'],
    ['timestamp', 'timestamp with time zone', 'it has no time zone'],
    ['float', 'real', 'it is of 8 bytes'],
    ['interval', 'interval(3)', 'it has all digits'],
  ])('%s is not %s: %s', (text, other) => {
    expect(canonicalType(text)).not.toBe(other)
  })
})

test.each(['', ' ', '(', ')', '[]', '"', 'a(b(c))', 'int)', '.', 'timestamp(', '""', ' \n'])(
  '%j, which is no type, is left for the server to refuse',
  (text) => {
    expect(() => canonicalType(text)).not.toThrow()
  },
)

test('a very long text is read at once', () => {
  const started = performance.now()
  for (const text of [' ', '[]', '[] ', 'a ', '(', '"', ' array', '.'])
    canonicalType(`int${text.repeat(1_000)}x`)
  expect(performance.now() - started).toBeLessThan(2_000)
})

describe('without its schema', () => {
  test.each([
    ['public.call_status', 'call_status'],
    ['public.call_status[]', 'call_status[]'],
    ['public."Mood"', '"Mood"'],
    ['"Audit"."my type"', '"my type"'],
    ['"a.b".c', 'c'],
    ['public."a.b"', '"a.b"'],
    ['public.vector(3)', 'vector(3)'],
    ['public."a""b"', '"a""b"'],
  ])('%s is %s', (type, name) => {
    expect(withoutSchema(type)).toBe(name)
  })

  test.each(['integer', 'text[]', 'numeric(10,2)', '"char"', '"a.b"', '"a.b"[]', 'mood'])(
    '%s stays: it has none',
    (type) => {
      expect(withoutSchema(type)).toBe(type)
    },
  )
})

describe('what only the server understands', () => {
  test.each([
    ...['nchar(3)', 'national character varying(4)', 'serial', '_int4', '"int4"', '"varchar"(64)'],
    ...['geometry(Point, 4326)', '"a.b"."c(d)"', 'int [ ]'],
  ])('%s is no spelling of a type by itself', (text) => {
    const known = new Set(spellings.flatMap(([name]) => [name, `${name}[]`]))
    expect(known).not.toContain(canonicalType(text))
  })
})
