import { expect, test } from '@jest/globals'
import { checksumOf, compareVersions, versionOf } from '../../../src/migrations/migration.ts'

test('versions order by value, also where a number holds no such integer', () => {
  const digits = ['100', '10', '9', '0', '999999999999999999', '999999999999999998', '0109', '11']
  expect(digits.map(versionOf).sort(compareVersions)).toEqual([
    '0',
    '9',
    '10',
    '11',
    '100',
    '109',
    '999999999999999998',
    '999999999999999999',
  ])
})

test('equal versions compare as equal', () => {
  expect(compareVersions(versionOf('0009'), versionOf('9'))).toBe(0)
})

test.each([
  ['000', '0'],
  ['0', '0'],
  ['0109', '109'],
  ['109', '109'],
  ['100', '100'],
])('the version of %s is %s', (digits, version) => {
  expect(versionOf(digits)).toBe(version)
})

test('a checksum is the SHA-256 of the text in UTF-8', () => {
  expect(checksumOf('é\n')).toBe('edd3a863872a04239eb29ad4bc12fc892b3d4ae57cc7e786a3697816f8e141c2')
})
