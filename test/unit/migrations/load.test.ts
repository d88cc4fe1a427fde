import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, isAbsolute, join } from 'node:path'
import { loadMigrations, shownFolder } from '../../../src/migrations/load.ts'
import { checksumOf } from '../../../src/migrations/migration.ts'
import '../one-realm.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'schemagate-'))
})
afterEach(() => {
  rmSync(folder, { recursive: true })
})

const write = (files: Readonly<Record<string, string | Uint8Array>>): void => {
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content)
}

const problemsOf = (path = folder) =>
  loadMigrations(path).problems.map(({ code, title }) => ({ code, title }))

describe('a folder', () => {
  test('is loaded in the order of its versions, by value', () => {
    write({ '10_c.sql': 'SELECT 10;', '9_b.sql': 'SELECT 9;', '0001-a.sql': 'SELECT 1;' })
    const { migrations, problems } = loadMigrations(folder)
    expect(problems).toEqual([])
    expect(migrations.map(({ version, name }) => [version, name])).toEqual([
      ['1', '0001-a'],
      ['9', '9_b'],
      ['10', '10_c'],
    ])
    expect(migrations[0]).toEqual({
      version: '1',
      name: '0001-a',
      file: `${basename(folder)}/0001-a.sql`,
      text: 'SELECT 1;',
      rows: [],
      checksum: checksumOf('SELECT 1;'),
      directives: {},
    })
  })

  test('gives one checksum to a file, whatever its BOM and line ends', () => {
    write({
      '1_a.sql': 'SELECT 1;\n-- é\n',
      '2_b.sql': '\uFEFFSELECT 1;\r\n-- é\r\n',
      '3_c.sql': 'SELECT 1;\n',
    })
    const [a, b, c] = loadMigrations(folder).migrations
    expect(b?.checksum).toBe(a?.checksum)
    expect(c?.checksum).not.toBe(a?.checksum)
  })

  test('may hold hidden files, notes for readers, and the folders of other work', () => {
    write({ '1_a.sql': '', '.gitkeep': '', '.0002_b.sql': '', 'README.md': '', LICENSE: '' })
    for (const companion of ['contracts', 'indexes', 'backfills', '..data'])
      mkdirSync(join(folder, companion))
    const { migrations, problems } = loadMigrations(folder)
    expect(problems).toEqual([])
    expect(migrations.map(({ version }) => version)).toEqual(['1'])
  })

  test('may hold links to files, as a ConfigMap does', () => {
    mkdirSync(join(folder, '..data'))
    writeFileSync(join(folder, '..data/1_a.sql'), 'SELECT 1;')
    symlinkSync('..data/1_a.sql', join(folder, '1_a.sql'))
    expect(loadMigrations(folder)).toMatchObject({
      migrations: [{ text: 'SELECT 1;' }],
      problems: [],
    })
  })

  test.each(['nothing', 'a hidden file', 'a note', 'a companion'])(
    'is empty with %s in it',
    (inside) => {
      if (inside === 'a hidden file') write({ '.gitkeep': '' })
      if (inside === 'a note') write({ 'README.md': '' })
      if (inside === 'a companion') mkdirSync(join(folder, 'contracts'))
      expect(loadMigrations(folder)).toMatchObject({
        migrations: [],
        problems: [{ code: 'folder-empty', facts: { folder: basename(folder) } }],
      })
    },
  )

  test('is refused when it does not exist', () => {
    expect(problemsOf(join(folder, 'gone'))).toEqual([
      { code: 'folder-missing', title: "the migrations folder 'gone' does not exist" },
    ])
  })

  test('is refused when it is a file', () => {
    write({ file: '' })
    expect(problemsOf(join(folder, 'file'))).toEqual([
      { code: 'folder-missing', title: "the migrations folder 'file' is a file, not a folder" },
    ])
  })
})

describe('a file', () => {
  const reasonOf = (): string =>
    problemsOf()
      .map(({ title }) => title.replace(/^\S+ /, ''))
      .join()

  test('is refused when it is a folder, whatever its name', () => {
    mkdirSync(join(folder, '0001_x.sql'))
    expect(reasonOf()).toBe('is not a migration file: it is a folder')
  })

  test('is refused when it is no migration', () => {
    write({ 'notes.txt': '' })
    expect(reasonOf()).toBe("is not a migration file: its name does not end in '.sql'")
  })

  test('is refused when it cannot be read', () => {
    symlinkSync('gone.sql', join(folder, '0001_x.sql'))
    expect(reasonOf()).toBe('cannot be read: it is a link that leads nowhere')
  })

  test('is refused when it is not UTF-8, with the place but not the line', () => {
    write({ '0001_x.sql': Buffer.concat([Buffer.from('-- é\r\nSELECT '), Buffer.from([0xff])]) })
    expect(loadMigrations(folder).problems).toMatchObject([
      { code: 'not-utf8', place: { line: 2, column: 8, excerpt: '' } },
    ])
  })
})

test('two files with one version are refused, with both names', () => {
  write({ '9_a.sql': '', '0009-b.sql': '', '009_c.sql': '', '10_d.sql': '' })
  const { problems } = loadMigrations(folder)
  const name = basename(folder)
  expect(problems).toMatchObject([
    {
      code: 'duplicate-version',
      facts: {
        version: '9',
        files: [`${name}/0009-b.sql`, `${name}/009_c.sql`, `${name}/9_a.sql`],
      },
    },
  ])
})

test('every problem of a folder is told at once', () => {
  write({
    '1_a.sql': '-- @alow\n-- @lock-timeout 3',
    '01_b.sql': '',
    '2_c.sql': Buffer.from([0xff]),
    'notes.txt': '',
  })
  mkdirSync(join(folder, '3_d.sql'))
  expect(
    problemsOf()
      .map(({ code }) => code)
      .sort(),
  ).toEqual([
    'duplicate-version',
    'malformed-directive',
    'not-a-migration',
    'not-a-migration',
    'not-utf8',
    'unknown-directive',
  ])
})

test.each([
  ['nowhere', 'gone', 'is a link that leads nowhere'],
  ['back to itself', 'link', 'is a link that leads back to itself'],
])('a folder that is a link %s is told as that', (_, target, reason) => {
  const link = join(folder, 'link')
  symlinkSync(join(folder, target), link)
  expect(loadMigrations(link).problems).toMatchObject([
    { code: 'folder-missing', facts: { reason } },
  ])
})

test('nothing that is told of a folder holds its absolute path', () => {
  write({ '1_a.sql': '-- @alow', '01_b.sql': Buffer.from([0xff]), 'notes.txt': '' })
  for (const path of [folder, `${folder}/`, join(folder, 'gone'), join(folder, 'notes.txt')]) {
    const told = JSON.stringify(loadMigrations(path))
    expect(told).toContain('problems')
    expect(told).not.toContain(tmpdir())
  }
})

describe('the folder as messages show it', () => {
  test.each([
    ['./migrations', 'migrations'],
    ['migrations/', 'migrations'],
    ['db/migrations', 'db/migrations'],
    ['db//x/../migrations', 'db/migrations'],
    ['/app/db/migrations', 'migrations'],
    ['/app/db/migrations/', 'migrations'],
    ['../other/migrations', 'migrations'],
    ['.', '.'],
  ])('of %s is %s', (given, shown) => {
    expect(shownFolder(given)).toBe(shown)
  })

  test.each(['/', '/app', './', '..', '../..'])('of %s is never absolute', (given) => {
    expect(isAbsolute(`${shownFolder(given)}/0001_a.sql`)).toBe(false)
  })
})
