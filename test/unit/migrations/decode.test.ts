import { describe, expect, test } from '@jest/globals'
import { decode, decodeLenient } from '../../../src/migrations/decode.ts'

const bytesOf = (...parts: readonly (string | readonly number[])[]): Uint8Array =>
  Buffer.concat(parts.map((part) => Buffer.from(part as string)))

describe('the text of a file', () => {
  test.each([
    ['as it is', bytesOf('SELECT 1;\n'), 'SELECT 1;\n'],
    ['without a BOM', bytesOf([0xef, 0xbb, 0xbf], 'SELECT 1;'), 'SELECT 1;'],
    ['with CRLF as LF', bytesOf('a\r\n\r\nb\r\n'), 'a\n\nb\n'],
    ['with CRLF kept among lines of LF', bytesOf("SELECT 'a\r\nb';\n"), "SELECT 'a\r\nb';\n"],
    ['with a lone CR kept', bytesOf('a\rb\r\r\nc\r'), 'a\rb\r\nc\r'],
    ['with characters of every width', bytesOf('aé€😀'), 'aé€😀'],
    ['with a replacement character of its own', bytesOf('a\uFFFDb'), 'a\uFFFDb'],
    ['when empty', bytesOf(), ''],
  ])('is taken %s', (_, bytes, text) => {
    expect(decode(bytes)).toEqual({ kind: 'text', text })
  })
})

describe('a file that is no text', () => {
  test.each([
    ['little', [0xff, 0xfe, 0x41, 0x00]],
    ['big', [0xfe, 0xff, 0x00, 0x41]],
  ])('is UTF-16 (%s endian)', (_, bytes) => {
    const reason = 'it starts with a UTF-16 byte order mark'
    const cure = 'Save the file as UTF-8, for example: iconv -f UTF-16 -t UTF-8 old.sql > new.sql'
    expect(decode(bytesOf(bytes))).toEqual({ kind: 'bad', reason, cure, before: '' })
  })

  test('holds a NUL, where the server would stop reading', () => {
    expect(decode(bytesOf('é\r\nb\0c'))).toMatchObject({
      kind: 'bad',
      reason: 'it holds a NUL character',
      before: 'é\nb',
    })
  })
})

describe('the first invalid byte', () => {
  const cases: readonly (readonly [string, Uint8Array, string, string])[] = [
    ['at the start', bytesOf([0xff], 'abc'), '0xff', ''],
    ['after lines of two kinds', bytesOf('é\r\n-- x\n', [0xff], 'b'), '0xff', 'é\r\n-- x\n'],
    ['that continues nothing', bytesOf('ab', [0x80], 'c'), '0x80', 'ab'],
    ['at the end of the file', bytesOf('ab', [0xff]), '0xff', 'ab'],
    // WINDOWS-1252, the usual case: é is a lone 0xe9, which in UTF-8 starts a sequence of three.
    ['of WINDOWS-1252 before a space', bytesOf('caf', [0xe9], ' au lait'), '0xe9', 'caf'],
    ['of WINDOWS-1252 at the end', bytesOf('caf', [0xe9]), '0xe9', 'caf'],
    ['of a sequence that breaks off', bytesOf('a', [0xe2, 0x82], 'b'), '0xe2', 'a'],
    ['of a sequence that the end cuts off', bytesOf('aé', [0xf0, 0x9f, 0x98]), '0xf0', 'aé'],
    ['behind a BOM', bytesOf([0xef, 0xbb, 0xbf], 'a', [0xe9], 'b'), '0xe9', 'a'],
  ]

  test.each(cases)('is named when it stands %s', (_, bytes, named) => {
    expect(decode(bytes)).toMatchObject({ reason: `the byte ${named} does not belong there` })
  })

  test.each(cases)('has the text before it when it stands %s', (_, bytes, __, before) => {
    expect(decode(bytes)).toMatchObject({ kind: 'bad', before })
  })

  test('is found in a long file', () => {
    const before = 'é€😀\n'.repeat(50_000)
    expect(decode(bytesOf(before, [0xff], before))).toMatchObject({ kind: 'bad', before })
  })
})

describe('a file that Node.js has read as text', () => {
  const leniently = (bytes: Uint8Array) => decodeLenient(Buffer.from(bytes).toString('utf8'))

  test.each([
    ['plain text', bytesOf('aé€😀\n')],
    ['a BOM', bytesOf([0xef, 0xbb, 0xbf], 'SELECT 1;')],
    ['two BOMs', bytesOf([0xef, 0xbb, 0xbf, 0xef, 0xbb, 0xbf], 'SELECT 1;')],
    ['CRLF', bytesOf('a\r\n\r\nb\r\n')],
    ['a NUL', bytesOf('é\r\nb\0c')],
    ['nothing', bytesOf()],
  ])('with %s is what its bytes are', (_, bytes) => {
    expect(leniently(bytes)).toEqual(decode(bytes))
  })

  test.each([
    ['what is no UTF-8', bytesOf('caf', [0xe9])],
    ['UTF-16', bytesOf([0xff, 0xfe, 0x41, 0x00])],
    ['a replacement character of its own', bytesOf('a\uFFFDb')],
  ])('with %s is to be read as bytes', (_, bytes) => {
    expect(leniently(bytes)).toBeUndefined()
  })
})
