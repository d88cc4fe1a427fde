import { describe, expect, test } from '@jest/globals'
import { makeRedact, redactStrings } from '../../../src/report/redact.ts'

describe('a secret', () => {
  const redact = makeRedact(['p@ss "w\\rd"', 'plain-secret'])

  test.each([
    ['as it is', 'login with plain-secret failed', 'login with *** failed'],
    ['more than once', 'plain-secret,plain-secret', '***,***'],
    ['with quotes', 'login with p@ss "w\\rd" failed', 'login with *** failed'],
    ['encoded for a URL', 'u:p%40ss%20%22w%5Crd%22@h', 'u:***@h'],
    ['in JSON', JSON.stringify({ message: 'is p@ss "w\\rd".' }), '{"message":"is ***."}'],
    ['in JSON that JSON holds', JSON.stringify(['plain-secret']), '["***"]'],
  ])('is masked %s', (_, text, safe) => {
    expect(redact(text)).toBe(safe)
  })

  test('is masked whole when a shorter one is part of it', () => {
    expect(makeRedact(['pass', 'passport'])('my passport and my pass')).toBe('my *** and my ***')
  })

  test('of three characters is left: it would blot out ordinary words', () => {
    expect(makeRedact(['app', ''])('the app applied')).toBe('the app applied')
  })

  test('with signs of regular expressions is taken literally', () => {
    expect(makeRedact(['a.*$&'])('a.*$& and abc')).toBe('*** and abc')
  })
})

describe('whatever the secrets', () => {
  const redact = makeRedact([])

  test.each([
    ['connect to postgresql://u:p@h:1/db failed', 'connect to postgresql://*** failed'],
    ["'postgres://u:p@h/db?a=b'", "'postgres://***'"],
    ['POSTGRES://u:p@h', 'POSTGRES://***'],
    ['{"url":"postgres://u:p@h/db"}', '{"url":"postgres://***"}'],
    ['two: postgres://a@b, postgres://c@d', 'two: postgres://*** postgres://***'],
  ])('a connection URL is masked in %s', (text, safe) => {
    expect(redact(text)).toBe(safe)
  })

  test.each([
    ["CREATE ROLE r PASSWORD 'p'", "CREATE ROLE r PASSWORD '***'"],
    [
      "ALTER ROLE r WITH ENCRYPTED PASSWORD 'it''s' LOGIN",
      "ALTER ROLE r WITH ENCRYPTED PASSWORD '***' LOGIN",
    ],
    ["alter user u password E'a b'", "alter user u password '***'"],
    ["alter user u password E'a\\'b'", "alter user u password '***'"],
    ["PASSWORD ''", "PASSWORD '***'"],
  ])('the password of a statement is masked: %s', (text, safe) => {
    expect(redact(text)).toBe(safe)
  })

  test.each([
    'PASSWORD NULL',
    "there is no password for 'me'",
    "ALTER TABLE t ADD password text DEFAULT 'x'",
    'the server speaks postgres',
  ])('ordinary text is left as it is: %s', (text) => {
    expect(redact(text)).toBe(text)
  })
})

test('in what becomes JSON, strings are masked, keys and numbers are not', () => {
  const redact = makeRedact(['exit_code', '1234'])
  expect(redactStrings({ exit_code: 1234, of: ['exit_code', { at: '12345' }] }, redact)).toEqual({
    exit_code: 1234,
    of: ['***', { at: '***5' }],
  })
})

test.each([
  ["CONNECTION 'host=h password=hunter2secret user=u'", "CONNECTION 'host=h password=*** user=u'"],
  ['CREATE ROLE x PASSWORD $$hunter2secret$$ NOPE', "CREATE ROLE x PASSWORD '***' NOPE"],
])('a password inside SQL is masked: %s', (text, safe) => {
  expect(makeRedact([])(text)).toBe(safe)
})
