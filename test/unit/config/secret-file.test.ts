import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readPasswordFile } from '../../../src/config/connection/password-file.ts'
import { readPemFiles } from '../../../src/config/connection/pem-files.ts'
import { parseConnectionUrl } from '../../../src/config/connection/connection-url.ts'
import { suspiciousPart, readSecretFile } from '../../../src/config/secret-file.ts'
import { specialFiles } from '../../support/special-files.ts'
import '../one-realm.ts'

let folder = ''
let path = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sg-'))
  path = join(folder, 'secret')
})
afterEach(() => {
  rmSync(folder, { recursive: true })
})

test.each([
  ['pw', 'pw'],
  ['pw\n', 'pw'],
  ['pw\r\n', 'pw'],
  ['\uFEFFpw\n', 'pw'],
  ['pw\n\n', 'pw\n'],
  ['pw \n', 'pw '],
  ['\n pw', '\n pw'],
])('of %j the secret is %j', (written, text) => {
  writeFileSync(path, written)
  expect(readSecretFile(path)).toEqual({ kind: 'text', text })
})

test.each([
  [
    Buffer.from('\uFEFFpw\n', 'utf16le'),
    'it is not UTF-8: it starts with a UTF-16 byte order mark',
  ],
  [Buffer.from('pw\n', 'utf16le'), 'it is not UTF-8: it holds a NUL character'],
  [Buffer.from([0x70, 0xff]), 'it is not UTF-8: the byte 0xff does not belong there'],
  [Buffer.from('\n'), 'it is empty'],
  [Buffer.alloc(0), 'it is empty'],
])('%p is no secret', (bytes, reason) => {
  writeFileSync(path, bytes)
  expect(readSecretFile(path)).toEqual({ kind: 'unreadable', reason })
})

describe.each(specialFiles)('$what', ({ make, reason }) => {
  test('is no secret, no password file and no certificate', async () => {
    await make(path)
    const secret = readSecretFile(path)
    expect(secret.kind === 'unreadable' ? secret.reason : '').toContain(reason)
    const passwords = readPasswordFile(path)
    expect(passwords.kind === 'ignored' ? passwords.reason : '').toContain(
      reason.replace('it ', ''),
    )
    const url = parseConnectionUrl('postgresql://h/d')
    if (url.kind === 'malformed') throw new Error(url.reason)
    for (const variable of ['PGSSLROOTCERT', 'PGSSLCERT', 'PGSSLKEY'] as const) {
      const { problems } = readPemFiles(url.parts, { [variable]: path })
      expect(problems).toMatchObject([{ variable }])
      expect(problems[0]?.reason).toContain(reason)
    }
  })
})

test.each([
  ['pw\n', 'ends with a line break'],
  ['pw ', 'ends with a blank'],
  ['pw\u00a0', 'ends with a blank'],
  [' pw', 'begins with a blank or a line break'],
  ['\uFEFFpw', 'begins with a byte order mark'],
  ['p\nw', 'has more than one line'],
  ['p\tw', 'holds a control character'],
  ['"pw"', 'is in quotes'],
  ['p w', undefined],
  ["it's", undefined],
  ['"', undefined],
  ['pässwörd', undefined],
])('%j %s', (secret, oddity) => {
  expect(suspiciousPart(secret)).toBe(oddity)
})
