import { describe, expect, test } from '@jest/globals'
import { markOfLines } from '../../../../src/sql/text/lines-above.ts'
import { byteOffsets, indexOfCharacter, placeAt } from '../../../../src/sql/text/offsets.ts'

// 1, 2, 3 and 4 bytes of UTF-8; the last but one takes two units of UTF-16.
const text = 'aé€😀b'
const places = [
  { before: 'a', byte: 0, character: 0, index: 0 },
  { before: 'é', byte: 1, character: 1, index: 1 },
  { before: '€', byte: 3, character: 2, index: 2 },
  { before: '😀', byte: 6, character: 3, index: 3 },
  { before: 'b', byte: 10, character: 4, index: 5 },
  { before: 'the end', byte: 11, character: 5, index: 6 },
]

describe('the string index', () => {
  test.each(places)('of byte $byte is $index, before $before', ({ byte, index }) => {
    expect(byteOffsets(text)(byte)).toBe(index)
  })

  test.each(places)('of character $character is $index, before $before', ({ character, index }) => {
    expect(indexOfCharacter(text, character)).toBe(index)
  })

  test('is found for bytes that rise, stand still and fall', () => {
    const indexAt = byteOffsets(text)
    expect([1, 6, 6, 10, 3, 0, 11].map(indexAt)).toEqual([1, 3, 3, 5, 2, 0, 6])
  })

  test('is the end of the text for what lies behind it', () => {
    expect(byteOffsets(text)(99)).toBe(text.length)
    expect(indexOfCharacter(text, 99)).toBe(text.length)
  })
})

describe('a place', () => {
  const lines = 'CREATE 1;\n\tSELECT é😀x;\n\nlast'

  test.each([
    ['the first character', 'CREATE', [1, 1, 'CREATE 1;']],
    ['the first line', '1;', [1, 8, 'CREATE 1;']],
    ['the newline that ends a line', '\n', [1, 10, 'CREATE 1;']],
    ['a tab', '\t', [2, 1, '\tSELECT é😀x;']],
    ['what follows a tab', 'SELECT', [2, 2, '\tSELECT é😀x;']],
    ['what follows an emoji', 'x;', [2, 11, '\tSELECT é😀x;']],
    ['an empty line', '\nlast', [3, 1, '']],
    ['the last line', 'last', [4, 1, 'last']],
  ])('of %s has its line, column and text', (_, needle, shown) => {
    const { file, line, column, excerpt } = placeAt('m.sql', lines, lines.indexOf(needle))
    expect(file).toBe('m.sql')
    expect([line, column, excerpt]).toEqual(shown)
  })

  test.each([1, 2, 7, 1_000_000])(
    'below a mark of %i lines of the file is that of the file',
    (above) => {
      const marked = `${markOfLines(above)}${lines}`
      expect(marked.length).toBeLessThan(lines.length + 24)
      const place = { file: 'm.sql', line: above + 2, column: 9, excerpt: '\tSELECT é😀x;' }
      expect(placeAt('m.sql', marked, marked.indexOf('é'))).toEqual(place)
    },
  )

  test('of the end, without a newline, is behind the last character', () => {
    const place = { file: 'm.sql', line: 4, column: 5, excerpt: 'last' }
    expect(placeAt('m.sql', lines, lines.length)).toEqual(place)
  })

  test('of the end behind a last newline is on a line of its own', () => {
    expect(placeAt('m.sql', 'a\n', 2)).toEqual({ file: 'm.sql', line: 2, column: 1, excerpt: '' })
  })

  test('of the first character is on line 1, also when that character is a newline', () => {
    const first = { file: 'm.sql', line: 1, column: 1, excerpt: '' }
    expect(placeAt('m.sql', '\nSELECT 1', 0)).toEqual(first)
  })

  test('in an empty text is line 1, column 1', () => {
    expect(placeAt('m.sql', '', 0)).toEqual({ file: 'm.sql', line: 1, column: 1, excerpt: '' })
  })
})
