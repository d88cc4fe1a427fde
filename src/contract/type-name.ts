// The spellings of a type brought to the one that format_type() writes, so that 'varchar(64)' is 'character varying(64)'.
// What this does not know is left as it is: then the server decides (commands/validate/compare-on-server.ts).
// https://www.postgresql.org/docs/current/datatype.html

const names: Readonly<Record<string, string>> = {
  int: 'integer',
  int4: 'integer',
  int2: 'smallint',
  int8: 'bigint',
  bool: 'boolean',
  float4: 'real',
  float8: 'double precision',
  varchar: 'character varying',
  'char varying': 'character varying',
  char: 'character',
  bpchar: 'character',
  decimal: 'numeric',
  dec: 'numeric',
  varbit: 'bit varying',
  timestamp: 'timestamp without time zone',
  timestamptz: 'timestamp with time zone',
  time: 'time without time zone',
  timetz: 'time with time zone',
}

export const canonicalType = (text: string): string => {
  const given = normalized(text)
  const words = given.replace(/^pg_catalog\./, '')
  const [, element = '', dimensions = ''] = /^(.*?)((?:\s*\[\d*\]|\s+array)*)$/.exec(words) ?? []
  // However many dimensions are said, PostgreSQL keeps none of them.
  const type = given === words ? elementType(element) : internalType(element)
  return `${type}${dimensions === '' ? '' : '[]'}`
}

/** Without its schema: 'public.call_status' is 'call_status'. */
export const withoutSchema = (type: string): string => type.replace(/^(?:"[^"]*"|[^".(]+)\./, '')

// With its schema said, the grammar's own spellings do not hold: pg_catalog.char is the one-byte "char", and no length is 1.
const internalType = (element: string): string =>
  element === 'char' ? '"char"' : element === 'bit' ? 'bit' : elementType(element)

/** Where no search path is known, the schema public is not distinguished from none. */
export const withoutPublic = (type: string): string => type.replace(/^public\./, '')

const elementType = (element: string): string => {
  const [, before = '', modifiers, after = ''] =
    /^([^(]*?)\s*(?:\(([^)]*)\)(.*))?$/.exec(element) ?? []
  const base = `${before.trim()}${after.trimEnd()}`
  const name = names[base] ?? base
  const numbers = modifiers?.split(',').map((each) => each.trim()) ?? []
  if (base === 'float')
    return numbers.length > 0 && Number(numbers[0]) <= 24 ? 'real' : 'double precision'
  return withModifiers(name, withImplied(base, name, numbers))
}

// bpchar without a length has no limit; char and bit without one have length 1.
const withImplied = (base: string, name: string, numbers: readonly string[]): readonly string[] => {
  if (numbers.length === 0 && (base === 'char' || base === 'character' || base === 'bit'))
    return ['1']
  return name === 'numeric' && numbers.length === 1 ? [...numbers, '0'] : numbers
}

const withModifiers = (name: string, numbers: readonly string[]): string => {
  if (numbers.length === 0) return name
  const [first = '', ...rest] = name.split(' ')
  const shown = `(${numbers.join(',')})`
  const isTime = first === 'timestamp' || first === 'time'
  return isTime ? [`${first}${shown}`, ...rest].join(' ') : `${name}${shown}`
}

// Lower case and single spaces, except what is quoted.
const normalized = (text: string): string =>
  text
    .trim()
    .split(/("(?:[^"]|"")*")/)
    .map((each, index) => (index % 2 === 1 ? each : each.toLowerCase().replace(/\s+/g, ' ')))
    .join('')
