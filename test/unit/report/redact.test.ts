import { describe, expect, test } from '@jest/globals'
import { makeRedact, redactStrings } from '../../../src/report/redact.ts'

describe('a secret', () => {
  const redact = makeRedact(['p@ss "w\\rd"', 'Pl41nSecret', "it's"])

  test.each([
    ['as it is', 'login with Pl41nSecret failed', 'login with *** failed'],
    ['more than once', 'Pl41nSecret,Pl41nSecret', '***,***'],
    ['with quotes', 'login with p@ss "w\\rd" failed', 'login with *** failed'],
    ['encoded for a URL', 'u:p%40ss%20%22w%5Crd%22@h', 'u:***@h'],
    ['encoded in small letters', 'u:p%40ss%20%22w%5crd%22@h', 'u:***@h'],
    ['in JSON', JSON.stringify({ message: 'is p@ss "w\\rd".' }), '{"message":"is ***."}'],
    ['in JSON that JSON holds', JSON.stringify(['Pl41nSecret']), '["***"]'],
    ['in an SQL literal', "SELECT 'it''s'", "SELECT '***'"],
  ])('is masked %s', (_, text, safe) => {
    expect(redact(text)).toBe(safe)
  })

  test('is masked whole when a shorter one is part of it', () => {
    expect(makeRedact(['Pa55word!', 'Pa55word!port'])('my Pa55word!port and my Pa55word!')).toBe(
      'my *** and my ***',
    )
  })

  test('of three characters is left: it would blot out ordinary words', () => {
    expect(makeRedact(['app', ''])('the app applied')).toBe('the app applied')
  })

  test('with signs of regular expressions is taken literally', () => {
    expect(makeRedact(['a.*$&'])('a.*$& and abc')).toBe('*** and abc')
  })
})

test('the form of a URL, as our own advice shows it, is left as it is', () => {
  const form = 'Give DATABASE_URL as postgresql://<user>:<password>@<host>:5432/<database>.'
  expect(makeRedact(['hunter2'])(form)).toBe(form)
})

describe('a secret that is an ordinary word', () => {
  const redact = makeRedact(['users', 'my-app', 'hunter2'])

  test.each([
    'migrations/0001_users.sql:3:1',
    'relation "users" does not exist',
    'ALTER TABLE users ADD users_id int',
    'pid 7 (my-app, user users), active: SELECT users.id FROM users',
    '2_my-app.sql, hunter2.sql',
    '{"table":"users"}',
    'missing: column users.users, index users_pkey',
  ])('leaves names as they are: %s', (text) => {
    expect(redact(text)).toBe(text)
  })

  test.each([
    ['host=h password=users user=users', 'host=h password=*** user=users'],
    ['PGPASSWORD=users PGUSER=users', 'PGPASSWORD=*** PGUSER=users'],
    ['{"password":"users","user":"users"}', '{"password":"***","user":"users"}'],
    ['password: my-app', 'password: ***'],
    ['sslpassword=hunter2', 'sslpassword=***'],
    ['mysql://users:users@users/users', 'mysql://users:***@users/users'],
    ["ALTER ROLE users PASSWORD 'users'", "ALTER ROLE users PASSWORD '***'"],
    ["SELECT f('users') FROM users", "SELECT f('***') FROM users"],
    ['--database-password users', '--database-password ***'],
  ])('is masked as a value: %s', (text, safe) => {
    expect(redact(text)).toBe(safe)
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
    ["PASSWORD\n  'p' LOGIN", "PASSWORD\n  '***' LOGIN"],
    ["PASSWORD /* x */ 'p' LOGIN", "PASSWORD /* x */ '***' LOGIN"],
    ["PASSWORD -- x\n 'p' LOGIN", "PASSWORD -- x\n '***' LOGIN"],
    ["PASSWORD U&'p!0041' UESCAPE '!'", "PASSWORD '***' UESCAPE '!'"],
    ["EXECUTE 'ALTER ROLE r PASSWORD ''p'' LOGIN'", "EXECUTE 'ALTER ROLE r PASSWORD '***' LOGIN'"],
    ["EXECUTE 'ALTER ROLE r PASSWORD ''p'''", "EXECUTE 'ALTER ROLE r PASSWORD '***''"],
    ["OPTIONS (user 'u', password 'p')", "OPTIONS (user 'u', password '***')"],
    ['PASSWORD $tag$p$$ $tag$ LOGIN', "PASSWORD '***' LOGIN"],
    ["PASSWORD 'cut o", "PASSWORD '***'"],
    ["alter role r password E'it\\'s p' login", "alter role r password '***' login"],
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
  const redact = makeRedact(['exit code!', '1234567890123456'])
  expect(
    redactStrings({ 'exit code!': 12, of: ['exit code!', { at: '12345678901234567' }] }, redact),
  ).toEqual({ 'exit code!': 12, of: ['***', { at: '***7' }] })
})

test.each([
  ["CONNECTION 'host=h password=hunter2secret user=u'", "CONNECTION 'host=h password=*** user=u'"],
  [
    "CONNECTION 'host=h password=''hunter2 secret'' user=u'",
    "CONNECTION 'host=h password=*** user=u'",
  ],
  ["CONNECTION 'password=''it\\''s secret'' user=u'", "CONNECTION 'password=*** user=u'"],
  ["password='hunter2 secret' user=u", 'password=*** user=u'],
  ['redis://cache:hunter2secret@h/0', 'redis://cache:***@h/0'],
  ['CREATE ROLE x PASSWORD $$hunter2secret$$ NOPE', "CREATE ROLE x PASSWORD '***' NOPE"],
])('a password inside SQL is masked: %s', (text, safe) => {
  expect(makeRedact([])(text)).toBe(safe)
})
