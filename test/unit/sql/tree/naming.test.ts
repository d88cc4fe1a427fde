import { expect, test } from '@jest/globals'
import { asWritten, bytesIn, clip, nameFrom, utf8 } from '../../../../src/sql/tree/naming.ts'

test('cutting leaves no half of a character', () => {
  expect([7, 6, 3, 2].map((bytes) => clip('aü😀', bytes, utf8))).toEqual(['aü😀', 'aü', 'aü', 'a'])
  expect(clip('aü😀', 2, asWritten)).toBe('aü😀')
  expect(bytesIn('aü😀', utf8)).toBe(7)
})

test('a name without quotes is in small letters, as far as the server knows them', () => {
  const latin = { bytesOf: () => 1, small: (letter: string) => letter.toLowerCase() }
  expect(nameFrom('ÀB', 'word', utf8)).toBe('Àb')
  expect(nameFrom('ÀB', 'word', latin)).toBe('àb')
  expect(nameFrom('ÀB', 'quoted name', latin)).toBe('ÀB')
  expect(nameFrom('é'.repeat(64), 'word', utf8)).toBe('é'.repeat(31))
  expect(nameFrom('é'.repeat(64), 'word', latin)).toBe('é'.repeat(63))
})
