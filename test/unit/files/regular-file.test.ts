import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadDeclared } from '../../../src/commands/indexes/load.ts'
import { loadBackfills } from '../../../src/commands/backfill/file/load.ts'
import { loadContracts } from '../../../src/contract/file/load.ts'
import { loadMigrations } from '../../../src/migrations/load.ts'
import { readRegularFile } from '../../../src/files/regular-file.ts'
import { loadParser } from '../../../src/sql/tree/parse.ts'
import { specialFiles } from '../../support/special-files.ts'
import '../one-realm.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sg-'))
})
afterEach(() => {
  rmSync(folder, { recursive: true })
})

const path = (name: string): string => join(folder, name)

test('a file is read up to its bound, and not beyond', () => {
  writeFileSync(path('a'), 'abc')
  chmodSync(path('a'), 0o640)
  const read = readRegularFile(path('a'), 3)
  expect(read).toMatchObject({ kind: 'bytes', bytes: Buffer.from('abc') })
  expect(read.kind === 'bytes' && read.mode & 0o777).toBe(0o640)
  expect(readRegularFile(path('a'), 2)).toMatchObject({ kind: 'unreadable' })
})

test('a link to a file is that file, as secrets of Kubernetes are', () => {
  mkdirSync(path('..data'))
  writeFileSync(path('..data/password'), 'pw')
  symlinkSync('..data/password', path('password'))
  expect(readRegularFile(path('password'), 10)).toMatchObject({ bytes: Buffer.from('pw') })
})

test('a file whose size is said to be 0 is read all the same, and still up to its bound', () => {
  const read = readRegularFile('/proc/self/mountinfo', 1_000_000)
  expect(read.kind === 'bytes' && read.bytes.length).toBeGreaterThan(10)
  expect(readRegularFile('/proc/self/mountinfo', 5)).toMatchObject({ kind: 'unreadable' })
})

test('a missing file is not there', () => {
  expect(readRegularFile(path('a'), 10)).toEqual({ kind: 'unreadable', reason: 'it is not there' })
})

describe.each(specialFiles)('$what', ({ make, reason }) => {
  test('is told among migrations', async () => {
    await make(path('0001_a.sql'))
    const code = reason === 'it is a folder' ? 'not-a-migration' : 'unreadable-file'
    expect(loadMigrations(folder)).toMatchObject({ migrations: [], problems: [{ code }] })
    expect(loadMigrations(folder).problems[0]?.title).toContain(reason)
  })

  test('is told among contracts', async () => {
    mkdirSync(path('contracts'))
    await make(path('contracts/api.json'))
    const { problems } = loadContracts(folder)
    expect(problems).toMatchObject([{ code: 'unreadable-contract', category: 'refused' }])
    expect(problems[0]?.title).toContain(reason)
  })

  test('is told among backfills', async () => {
    mkdirSync(path('backfills'))
    await make(path('backfills/a.sql'))
    const { problems } = loadBackfills(folder, await loadParser(), 'all')
    const code = reason === 'it is a folder' ? 'not-a-backfill' : 'unreadable-file'
    expect(problems).toMatchObject([{ code, category: 'refused' }])
    expect(problems[0]?.title).toContain(reason)
  })

  test('is told among declared indexes', async () => {
    mkdirSync(path('indexes'))
    await make(path('indexes/a.sql'))
    const { problems } = loadDeclared(folder, await loadParser())
    const code = reason === 'it is a folder' ? 'not-an-index-file' : 'unreadable-file'
    expect(problems).toMatchObject([{ code, category: 'refused' }])
    expect(problems[0]?.title).toContain(reason)
  })
})

test('a file in the place of the folder of indexes is told', async () => {
  writeFileSync(path('indexes'), '')
  expect(loadDeclared(folder, await loadParser()).problems).toMatchObject([
    { code: 'unreadable-file', facts: { reason: 'it is not a folder' } },
  ])
})
