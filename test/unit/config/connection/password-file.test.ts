import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { passwordFor, readPasswordFile } from '../../../../src/config/connection/password-file.ts'
import '../../one-realm.ts'

const login = { host: 'db', port: 5432, database: 'app', user: 'u' }

// What libpq does with the same lines.
test.each([
  ['a line that names all', 'db:5432:app:u:pw', 'pw'],
  ['wildcards', '*:*:*:*:pw', 'pw'],
  ['the first line that fits', 'other:*:*:*:no\ndb:*:*:*:first\n*:*:*:*:second', 'first'],
  ['another host', 'other:*:*:*:pw', undefined],
  ['another port', '*:6432:*:*:pw', undefined],
  ['another database', '*:*:other:*:pw', undefined],
  ['another user', '*:*:*:other:pw', undefined],
  [
    'an escaped colon and backslash in the password',
    String.raw`*:*:*:*:a\:b\\c`,
    String.raw`a:b\c`,
  ],
  ['a backslash that ends a field', String.raw`db:*:*:x\\:no` + '\n*:*:*:*:pw', 'pw'],
  ['a colon that is not escaped ends the password', '*:*:*:*:one:two', 'one'],
  ['a comment', '# *:*:*:*:no\n#*:*:*:*:no\n*:*:*:*:pw', 'pw'],
  ['lines of Windows', '*:*:*:*:pw\r\n', 'pw'],
  ['a line that is too short', '*:*:*:*\n*:*:*:*:pw', 'pw'],
  ['an empty password', '*:*:*:*:\n*:*:*:*:pw', undefined],
  ['an escaped star is a star', String.raw`\*:*:*:*:no` + '\n*:*:*:*:pw', 'pw'],
  ['spaces that belong to it', '*:*:*:*: pw ', ' pw '],
  ['nothing', '', undefined],
])('a password file with %s', (_, text, password) => {
  expect(passwordFor(text, login)).toBe(password)
})

test.each([
  [String.raw`\:\:1:5432:app:u:pw`, { ...login, host: '::1' }],
  ['localhost:*:*:*:pw', { ...login, host: '/var/run/postgresql' }],
  ['localhost:*:*:*:pw', { ...login, host: '/tmp' }],
  ['/srv/sockets:*:*:*:pw', { ...login, host: '/srv/sockets' }],
  [String.raw`*:*:a\:b:u\\v:pw`, { ...login, database: 'a:b', user: String.raw`u\v` }],
])('%s fits %j', (line, asked) => {
  expect(passwordFor(line, asked)).toBe('pw')
})

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'schemagate-'))
})
afterAll(() => {
  rmSync(folder, { recursive: true })
})

test.each([
  [0o600, 'text'],
  [0o400, 'text'],
  [0o640, 'ignored'],
  [0o604, 'ignored'],
] as const)('a password file of mode %o is %s', (mode, kind) => {
  const path = join(folder, `pgpass-${mode}`)
  writeFileSync(path, '*:*:*:*:pw')
  chmodSync(path, mode)
  expect(readPasswordFile(path).kind).toBe(kind)
})

test('a password file that is a folder, or not there, is ignored', () => {
  const path = join(folder, 'folder')
  mkdirSync(path)
  expect(readPasswordFile(path)).toEqual({ kind: 'ignored', reason: 'is a folder' })
  expect(readPasswordFile(join(folder, 'gone'))).toEqual({
    kind: 'ignored',
    reason: 'cannot be read: it is not there',
  })
})
