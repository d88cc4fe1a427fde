import { expect, test } from '@jest/globals'
import { dollarQuoted, identifier, literal } from '../../../src/database/literal.ts'
import { loadParser } from '../../../src/sql/tree/parse.ts'

const parse = await loadParser()

test.each([
  ['plain', "'plain'"],
  ['', "''"],
  ["it's", "'it''s'"],
  ["''", "''''''"],
  ['a\\b', " E'a\\\\b'"],
  ["\\'; DROP TABLE t; --", " E'\\\\''; DROP TABLE t; --'"],
  ['é😀', "'é😀'"],
])('the literal of %j is %s', (value, quoted) => {
  expect(literal(value)).toBe(quoted)
})

test.each([
  ['schemagate', '"schemagate"'],
  ['a"b', '"a""b"'],
  ['select', '"select"'],
])('the identifier of %s is %s', (name, quoted) => {
  expect(identifier(name)).toBe(quoted)
})

// What PostgreSQL's own parser makes of it, also right behind a keyword.
test.each(["it's", "\\'; --", '\\', "'\\", '\\\\', "a\nb'c\\d", '$$', '"'])(
  'PostgreSQL reads %j as it was meant',
  (value) => {
    const result = parse(`SELECT${literal(value)} AS ${identifier(value)}`)
    expect(JSON.stringify(result)).toContain(`"sval":{"sval":${JSON.stringify(value)}}`)
    expect(JSON.stringify(result)).toContain(`"name":${JSON.stringify(value)}`)
  },
)

test.each(["it's", '\\', '$$', '$s$', '$s', '$s$ $s', 'END'])(
  'PostgreSQL reads %j between dollars as it was meant',
  (value) => {
    const result = parse(`SELECT ${dollarQuoted(value)}`)
    expect(JSON.stringify(result)).toContain(`"sval":{"sval":${JSON.stringify(value)}}`)
  },
)
