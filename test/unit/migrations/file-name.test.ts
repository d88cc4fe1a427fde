import { describe, expect, test } from '@jest/globals'
import { readFileName } from '../../../src/migrations/file-name.ts'

describe('a migration', () => {
  test.each([
    ['9_a.sql', '9', '9_a'],
    ['0009-a.sql', '9', '0009-a'],
    ['0109_call_log_timing.sql', '109', '0109_call_log_timing'],
    ['000_a.sql', '0', '000_a'],
    ['20240506070809_a.sql', '20240506070809', '20240506070809_a'],
    ['1_-x y.é.sql', '1', '1_-x y.é'],
    ['1_a.sql.sql', '1', '1_a.sql'],
    [`${'9'.repeat(18)}_a.sql`, '9'.repeat(18), `${'9'.repeat(18)}_a`],
    [`000${'9'.repeat(18)}_a.sql`, '9'.repeat(18), `000${'9'.repeat(18)}_a`],
  ])('is %s', (entry, version, name) => {
    expect(readFileName(entry)).toEqual({ kind: 'migration', version, name })
  })
})

describe('no migration', () => {
  test.each([
    ['README.md', "its name does not end in '.sql'"],
    ['0001_a.SQL', "its name does not end in '.sql'"],
    ['0001_a.sql~', "its name does not end in '.sql'"],
    ['0001_a', "its name does not end in '.sql'"],
    ['a.sql', 'its name does not start with a number'],
    ['V1_a.sql', 'its name does not start with a number'],
    ['_1_a.sql', 'its name does not start with a number'],
    ['0001a.sql', "there is neither '_' nor '-' between its number and its name"],
    ['0001 a.sql', "there is neither '_' nor '-' between its number and its name"],
    ['0001.sql', "there is neither '_' nor '-' between its number and its name"],
    [`1${'0'.repeat(18)}_a.sql`, 'its number has more than 18 digits'],
  ])('is %s', (entry, reason) => {
    expect(readFileName(entry)).toEqual({ kind: 'other', reason })
  })

  test('is a file whose name is missing after the separator, and the reason says so', () => {
    const named = readFileName('0001_.sql')
    expect(named.kind).toBe('other')
    expect(named.kind === 'other' && named.reason).not.toContain('neither')
  })
})
