import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { loadContract, loadContracts } from '../../../../src/contract/file/load.ts'
import '../../one-realm.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'schemagate-'))
})
afterEach(() => {
  rmSync(folder, { recursive: true })
})

const textOf = (service: string): string => JSON.stringify({ service, extensions: ['x'] })

const write = (files: Readonly<Record<string, string | Uint8Array>>): void => {
  mkdirSync(join(folder, 'contracts'), { recursive: true })
  for (const [name, content] of Object.entries(files))
    writeFileSync(join(folder, 'contracts', name), content)
}

const shown = (): string => `${basename(folder)}/contracts`

const servicesOf = (): readonly string[] =>
  loadContracts(folder).contracts.map(({ contract }) => contract.service)

const titlesOf = (): readonly string[] =>
  loadContracts(folder).problems.map(({ title }) => title.replace(`${shown()}/`, ''))

describe('the folder of contracts', () => {
  const none = { contracts: [], problems: [] }

  test('is loaded in the order of its files', () => {
    write({ 'worker.json': textOf('a'), 'api.json': textOf('b'), '10.json': textOf('c') })
    expect(servicesOf()).toEqual(['c', 'b', 'a'])
    expect(loadContracts(folder)).toMatchObject({
      contracts: [
        { file: `${shown()}/10.json` },
        { file: `${shown()}/api.json`, contract: { service: 'b', extensions: ['x'] } },
        { file: `${shown()}/worker.json` },
      ],
      problems: [],
    })
  })

  test('need not be there', () => {
    expect(loadContracts(folder)).toEqual(none)
  })

  test('need not be there where there are no migrations: others tell that', () => {
    expect(loadContracts(join(folder, 'gone'))).toEqual(none)
  })

  test('may be empty, or hold hidden names only', () => {
    write({ '.gitkeep': '', '.api.json': 'x' })
    mkdirSync(join(folder, 'contracts/..data'))
    expect(loadContracts(folder)).toEqual(none)
  })

  test('may hold links to files, as a ConfigMap does', () => {
    write({})
    mkdirSync(join(folder, 'contracts/..data'))
    writeFileSync(join(folder, 'contracts/..data/api.json'), textOf('api'))
    symlinkSync('..data/api.json', join(folder, 'contracts/api.json'))
    expect(servicesOf()).toEqual(['api'])
  })

  test('is refused when it is a file', () => {
    writeFileSync(join(folder, 'contracts'), '')
    expect(loadContracts(folder)).toMatchObject({
      contracts: [],
      problems: [
        {
          code: 'unreadable-contract',
          facts: { file: shown(), reason: 'it is a file, not a folder' },
        },
      ],
    })
  })

  // To take it for none would let services start unchecked.
  test('is refused when it is a link that leads nowhere', () => {
    symlinkSync('gone', join(folder, 'contracts'))
    expect(loadContracts(folder)).toMatchObject({
      contracts: [],
      problems: [{ code: 'unreadable-contract', facts: { file: shown() } }],
    })
  })

  test.each([
    ['migrations', 'migrations/contracts/api.txt'],
    ['./db/migrations/', 'db/migrations/contracts/api.txt'],
  ])('of %s is shown as it was given', (given, file) => {
    const before = process.cwd()
    mkdirSync(join(folder, given, 'contracts'), { recursive: true })
    writeFileSync(join(folder, given, 'contracts/api.txt'), '')
    process.chdir(folder)
    try {
      expect(loadContracts(given).problems).toMatchObject([{ facts: { file } }])
    } finally {
      process.chdir(before)
    }
  })
})

describe('a file', () => {
  test.each(['notes.txt', 'api.JSON', 'api.json.orig', 'json'])(
    'named %s is refused: it may be a contract that is meant',
    (name) => {
      write({ [name]: textOf('api') })
      expect(loadContracts(folder).contracts).toEqual([])
      expect(titlesOf()).toEqual([
        `${name} cannot be read as a contract: its name does not end in .json`,
      ])
    },
  )

  test.each(['README.md', 'LICENSE', '.gitkeep'])('called %s is passed over', (name) => {
    write({ [name]: 'notes' })
    expect(loadContracts(folder)).toEqual({ contracts: [], problems: [] })
  })

  test('is refused when it is a folder', () => {
    write({})
    mkdirSync(join(folder, 'contracts/api.json'))
    expect(titlesOf()).toEqual(['api.json cannot be read as a contract: it is a folder'])
  })

  test('is refused when it is a link that leads nowhere', () => {
    write({})
    symlinkSync('gone.json', join(folder, 'contracts/api.json'))
    expect(titlesOf()).toEqual([
      'api.json cannot be read as a contract: it is a link that leads nowhere',
    ])
  })

  test('is shown with a mark where its name would forge a line of the log', () => {
    write({ 'api\nerror.txt': '' })
    expect(titlesOf()).toEqual([
      'api?error.txt cannot be read as a contract: its name does not end in .json',
    ])
  })

  test('need not have the name of its service', () => {
    write({ 'the api.json': textOf('api') })
    expect(servicesOf()).toEqual(['api'])
  })
})

describe('a service with two contracts', () => {
  test('is refused at the second, with both files', () => {
    write({ 'api.json': textOf('api'), 'worker.json': `{\n  ${textOf('api').slice(1)}` })
    expect(loadContracts(folder).problems).toMatchObject([
      {
        code: 'duplicate-contract',
        facts: { service: 'api', files: [`${shown()}/api.json`, `${shown()}/worker.json`] },
        place: { file: `${shown()}/worker.json`, line: 2, column: 3 },
      },
    ])
  })

  test('is told of each further one', () => {
    write({ 'a.json': textOf('x'), 'b.json': textOf('x'), 'c.json': textOf('y') })
    write({ 'd.json': textOf('x'), 'e.json': textOf('X') })
    expect(loadContracts(folder).problems.map(({ facts }) => facts['files'])).toEqual([
      [`${shown()}/a.json`, `${shown()}/b.json`],
      [`${shown()}/a.json`, `${shown()}/d.json`],
    ])
  })
})

test('every problem of a folder is told at once, in the order of its files', () => {
  write({
    'a.json': textOf('x'),
    'b.json': '{',
    'c.json': '{ "service": "y", "tabels": {} }',
    'd.json': '{ "service": "y", "extensions": ["x"], "extensions": ["x"] }',
    'e.txt': '',
    'f.json': Buffer.from([0xff]),
    'g.json': textOf('x'),
    'h.json': textOf('z'),
  })
  expect(loadContracts(folder).problems.map(({ code, place }) => [code, place?.file])).toEqual([
    ['contract-not-json', `${shown()}/b.json`],
    ['malformed-contract', `${shown()}/c.json`],
    ['malformed-contract', `${shown()}/c.json`],
    ['repeated-contract-member', `${shown()}/d.json`],
    ['unreadable-contract', undefined],
    ['contract-not-json', undefined],
    ['duplicate-contract', `${shown()}/g.json`],
  ])
  expect(servicesOf()).toEqual(['x', 'x', 'z'])
})

test('nothing that is told of a folder holds its absolute path', () => {
  write({ 'a.json': textOf('x'), 'b.json': '{', 'c.txt': '', 'd.json': textOf('x') })
  mkdirSync(join(folder, 'contracts/e.json'))
  for (const path of [folder, `${folder}/`, join(folder, 'contracts/a.json')]) {
    const told = JSON.stringify(loadContracts(path))
    expect(told).toContain('problems')
    expect(told).not.toContain(tmpdir())
  }
})

describe('one contract that is named by itself', () => {
  test('is loaded under its last name', () => {
    write({ 'api.json': textOf('api') })
    expect(loadContract(join(folder, 'contracts/api.json'))).toMatchObject({
      contracts: [{ file: 'api.json', contract: { service: 'api' } }],
      problems: [],
    })
  })

  test('is refused when it is not there, is no contract, or is something else', () => {
    write({ 'bad.json': '{ "service": "api" }' })
    for (const [name, title] of [
      ['gone.json', 'gone.json cannot be read as a contract: it is not there'],
      ['.', 'contracts cannot be read as a contract: its name does not end in .json'],
    ] as const)
      expect(loadContract(join(folder, 'contracts', name))).toMatchObject({
        contracts: [],
        problems: [{ code: 'unreadable-contract', title }],
      })
    expect(loadContract(join(folder, 'contracts/bad.json'))).toMatchObject({
      contracts: [],
      problems: [{ code: 'malformed-contract', place: { file: 'bad.json', line: 1, column: 1 } }],
    })
  })
})
