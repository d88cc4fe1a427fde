import { describe, expect, test } from '@jest/globals'
import { createHash } from 'node:crypto'
import { badBytesIn, decode } from '../../../src/migrations/decode.ts'
import { checksumOf } from '../../../src/migrations/migration.ts'
import { rowsApart } from '../../../src/migrations/rows-apart.ts'
import { rowsMarksIn } from '../../../src/sql/text/dump-parts.ts'
import { placeAt } from '../../../src/sql/text/offsets.ts'
import { bytesInMemory, pieceLength } from '../../../src/files/text-bytes.ts'
import { apart } from '../a-migration.ts'

const rowsOf = (text: string): readonly string[] =>
  apart(text).rows.map(({ start, end }) => Buffer.from(text).toString('utf8', start, end))

const dump =
  "SELECT 'é😀';\nCOPY t FROM stdin;\n1\té\n2\t\\N\n\\.\n\nSELECT 2;\nCOPY u FROM stdin;\n\\.\n"
const copies = 'COPY t FROM stdin;\n1\n\\.\nSELECT 1;\nCOPY t FROM stdin;\n2\n\\.\n'

describe('the sum of a text whose rows are kept apart is that of the whole text', () => {
  test.each([
    ['LF', dump],
    ['CRLF', dump.replaceAll('\n', '\r\n')],
    ['both', dump.replace('\n', '\r\n')],
    ['CRLF after another CR', dump.replaceAll('\n', '\r\r\n')],
    ['LF behind a CR in a row', dump.replace('1\t', '\r1\t')],
    ['a mark of UTF-8 before it', `\uFEFF${dump}`],
    ['a CR at its end', `${dump}\r`],
  ])('with %s', (_, text) => {
    const decoded = decode(Buffer.from(text))
    const whole = decoded.kind === 'text' ? decoded.text : ''
    expect(apart(text).checksum).toBe(checksumOf(whole))
    expect(apart(text).rows).toHaveLength(2)
  })

  test('across the ends of its pieces, too', () => {
    // Line ends at every place around the ends of the first two pieces, of the text and of its rows.
    const rows = 'a\r\n'.repeat(100)
    for (const before of [0, 1, 2]) {
      const first = 'x'.repeat(pieceLength - 150 + before) + rows
      const filled = `${first}${'y'.repeat(pieceLength * 2 - 150 - first.length)}${rows}`
      const text = `COPY t FROM stdin;\r\n${filled}\\.\r\n`
      expect(apart(text).checksum).toBe(checksumOf(text))
      const sum = createHash('sha256').update(filled.replaceAll('\r\n', '\n')).digest('hex')
      expect(apart(text).rows[0]?.checksum).toBe(sum)
    }
  })
})

test('a text of CRLF is read as LF, and what is beside the rows too', () => {
  const { text } = apart(dump.replaceAll('\n', '\r\n'))
  expect(text).toBe(apart(dump).text)
})

test('rows are found wherever a piece ends', () => {
  for (let shift = -7; shift <= 7; shift++) {
    const filler = `-- ${'x'.repeat(pieceLength + shift - copies.length)}\n`
    expect(rowsOf(filler + copies)).toEqual(['1\n', '2\n'])
    const first = `COPY t FROM stdin;\n`
    const many = 'y'.repeat(pieceLength + shift - first.length)
    expect(rowsOf(`${first}${many}\n\\.\n${copies}`)).toEqual([`${many}\n`, '1\n', '2\n'])
  }
})

test('rows are found behind a statement that is longer than several pieces', () => {
  const body = 'COPY t FROM stdin;\né\n\\.\n'.repeat(200_000)
  expect(rowsOf(`DO $$\n${body}$$;\n${copies}`)).toEqual(['1\n', '2\n'])
})

test('rows that do not end are not taken for rows, nor is what follows them', () => {
  const open = 'COPY t FROM stdin;\n1\n\\.\nCOPY t FROM stdin;\n2\n \\.\n\\.x\n'
  expect(rowsOf(open)).toEqual(['1\n'])
  expect(apart(open).text.endsWith('COPY t FROM stdin;\n2\n \\.\n\\.x\n')).toBe(true)
})

test('places behind rows are those of the file', () => {
  const { text } = apart(dump)
  const whole = dump.split('\n')
  for (const statement of ['SELECT 2', 'COPY u', 'COPY t']) {
    const { line, excerpt } = placeAt('a.sql', text, text.indexOf(statement))
    expect(whole[line - 1]).toBe(excerpt)
    expect(excerpt).toContain(statement)
  }
  expect(rowsMarksIn(text).map(({ at }) => placeAt('a.sql', text, at).line)).toEqual([3, 9])
})

test('more SQL than the bound is refused, more rows are not', () => {
  const most = 100
  const read = (text: string) =>
    rowsApart(bytesInMemory(Buffer.from(text)), { path: '', file: '' }, most)
  expect(read(copies)?.rows).toHaveLength(2)
  expect(read(`COPY t FROM stdin;\n${'1\n'.repeat(1_000)}\\.\n`)?.rows).toHaveLength(1)
  expect(read(`${copies}${'SELECT 1;\n'.repeat(20)}`)).toBeUndefined()
  expect(read(`COPY t FROM stdin;\n${'1\n'.repeat(1_000)}`)).toBeUndefined()
  expect(read(`SELECT '${'x'.repeat(3 * pieceLength)}';`)).toBeUndefined()
})

describe('what is wrong in a text that is too large for memory is said as in a small one', () => {
  const filler = `${'é'.repeat(40)}\n`
  const bad = [
    ['a byte of another encoding', Buffer.of(0xe9, 0x20)],
    ['a character that is cut off at the end', Buffer.of(0xf0, 0x9f)],
    ['a NUL', Buffer.of(0x00)],
  ] as const
  test.each(bad)('%s', (_, wrong) => {
    for (const lines of [0, 3, Math.ceil(pieceLength / 81), 2 * Math.ceil(pieceLength / 81)]) {
      const before = `${filler.repeat(lines)}ab é`
      const bytes = Buffer.concat([Buffer.from(before), wrong])
      const whole = decode(bytes)
      const found = badBytesIn(bytesInMemory(bytes))
      expect(found).toMatchObject({ line: lines + 1, column: 5 })
      expect(whole).toMatchObject({ reason: found?.reason, cure: found?.cure, before })
    }
  })

  test('a mark of UTF-16', () => {
    expect(badBytesIn(bytesInMemory(Buffer.of(0xff, 0xfe, 0x41, 0x00)))).toMatchObject({
      reason: 'it starts with a UTF-16 byte order mark',
      line: 1,
    })
  })

  test('and nothing in a good one', () => {
    const good = Buffer.from(filler.repeat(Math.ceil(pieceLength / 40)))
    for (const cut of [0, 1, 2])
      expect(badBytesIn(bytesInMemory(good.subarray(cut * 2)))).toBe(undefined)
  })
})
