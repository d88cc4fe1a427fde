import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SchemagateError } from '../../../../src/errors/problem.ts'
import { cleanName, createMigration, nextNumber } from '../../../../src/commands/new/create.ts'
import { loadMigrations } from '../../../../src/migrations/load.ts'
import '../../one-realm.ts'

const now = new Date('2024-05-06T07:08:09.123Z')

describe('the next number', () => {
  test.each([
    ['an empty folder', [], '0001'],
    ['a folder without migrations', ['README.md', 'contracts', '0001.sql'], '0001'],
    ['four digits', ['0001_a.sql', '0110_b.sql', '0009_c.sql'], '0111'],
    ['an overflow of the width', ['0998_a.sql', '0999_b.sql', '9999_c.sql'], '10000'],
    ['no zeros', ['9_a.sql', '10_b.sql'], '11'],
    ['a width that grows', ['9_a.sql'], '10'],
    ['the width of the highest', ['00001_a.sql', '002-b.sql'], '003'],
    ['hyphens', ['0007-a.sql'], '0008'],
    ['days', ['20240505_a.sql'], '20240506'],
    [
      'numbers too long for a double',
      ['90071992547409931_b.sql', '90071992547409930_a.sql'],
      '90071992547409932',
    ],
    [
      'such numbers in any order',
      ['90071992547409930_a.sql', '90071992547409931_b.sql'],
      '90071992547409932',
    ],
  ])('goes on from %s', (_, entries, next) => {
    expect(nextNumber(entries, now)).toBe(next)
  })

  test('is the time (UTC) in a folder that is numbered by time', () => {
    expect(nextNumber(['20240501000000_a.sql', '0001_b.sql'], now)).toBe('20240506070809')
  })

  test.each(['20240506070809', '20240506070810', '20991231235959'])(
    'is none that is taken already: after %s, at 20240506070809',
    (taken) => {
      expect(BigInt(nextNumber([`${taken}_a.sql`], now))).toBeGreaterThan(BigInt(taken))
    },
  )
})

describe('a name', () => {
  test.each([
    ['Add call-log timing', 'add_call_log_timing'],
    ['add_column', 'add_column'],
    ['add  two - spaces', 'add_two_spaces'],
    ['add.sql', 'add'],
    ['2fa', '2fa'],
    ['timing.SQL', 'timing'],
    ['', undefined],
    ['.sql', undefined],
    ['-x', undefined],
    ['naïve', undefined],
    ['../escape', undefined],
    ['a/b', undefined],
    ["it's", undefined],
  ])('%j becomes %j', (given, clean) => {
    expect(cleanName(given)).toBe(clean)
  })
})

describe('a new migration', () => {
  let folder = ''
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'schemagate-'))
  })
  afterEach(() => {
    rmSync(folder, { recursive: true })
  })

  test('makes its folder, and is refused until somebody fills it in', () => {
    const inside = join(folder, 'deep/migrations')
    expect(createMigration(inside, '0001_add_x.sql', 'add_x')).toBe('migrations/0001_add_x.sql')
    expect(readFileSync(join(inside, '0001_add_x.sql'), 'utf8')).toMatch(/^-- add x: /)
    expect(loadMigrations(inside)).toMatchObject({
      migrations: [],
      problems: [{ code: 'unfilled-template', category: 'refused' }],
    })
  })

  test.each<[string, (template: string) => string]>([
    ['with blanks', (template) => `\n${template.replaceAll('\n', '  \n')}\n`],
    ['with another heading', (template) => template.replace(/^.*\n/, '-- Adds x.\n')],
    ['with its hint taken out', (template) => template.split('\n')[0] ?? ''],
    ['with CRLF', (template) => template.replaceAll('\n', '\r\n')],
    ['with a comment', (template) => `${template}/* later */ -- soon\n;`],
  ])('is not filled in %s', (_, edit) => {
    createMigration(folder, '0001_x.sql', 'x')
    const path = join(folder, '0001_x.sql')
    writeFileSync(path, edit(readFileSync(path, 'utf8')))
    expect(loadMigrations(folder).problems).toMatchObject([{ code: 'unfilled-template' }])
  })

  test("is filled in with a statement, and a file of comments of its own is nobody's template", () => {
    createMigration(folder, '0001_x.sql', 'x')
    const path = join(folder, '0001_x.sql')
    writeFileSync(path, `${readFileSync(path, 'utf8')}ALTER TABLE t ADD COLUMN a int;\n`)
    writeFileSync(join(folder, '0002_y.sql'), '-- nothing to do any more\n')
    expect(loadMigrations(folder)).toMatchObject({ problems: [], migrations: [{}, {}] })
  })

  test('never overwrites a file', () => {
    writeFileSync(join(folder, '0001_x.sql'), 'SELECT 1;')
    expect(() => createMigration(folder, '0001_x.sql', 'x')).toThrow(SchemagateError)
    expect(readFileSync(join(folder, '0001_x.sql'), 'utf8')).toBe('SELECT 1;')
  })

  test('tells why it cannot be written, without an absolute path', () => {
    writeFileSync(join(folder, 'file'), '')
    const error = thrownBy(() => createMigration(join(folder, 'file'), '0001_x.sql', 'x'))
    expect(error.problems).toMatchObject([
      { code: 'file-not-written', facts: { file: 'file/0001_x.sql', reason: 'EEXIST' } },
    ])
    expect(error.message).not.toContain(folder)
  })
})

const thrownBy = (action: () => unknown): SchemagateError => {
  try {
    action()
  } catch (error) {
    if (error instanceof SchemagateError) return error
  }
  throw new Error('no SchemagateError')
}
