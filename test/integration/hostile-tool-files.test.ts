// Files of other tools as a Windows editor leaves them, and as somebody writes them who means harm: what the tool would run is run,
// places are those of the file on the disk, and no name reaches SQL or a terminal as anything but a name.

import { describe, expect, test } from '@jest/globals'
import { readCatalog } from '../support/catalog.ts'
import { createDatabase, type TestDatabase } from '../support/database.ts'
import { dialectFolders, wanted, type DialectFolder } from '../support/dialect-folders.ts'
import { runGate, workFolder, type Files, type Finished } from '../support/gate.ts'
import { serverVersions } from '../support/servers.ts'
import { arrange as arrangeTakeOver, folderOf } from '../support/take-over.ts'

const [version] = serverVersions

type Written = {
  readonly database: TestDatabase
  readonly gate: (...args: readonly string[]) => Promise<Finished>
}

const write = async (folder: DialectFolder, files: Files): Promise<Written> => {
  const database = await createDatabase(version)
  const path = workFolder(
    Object.fromEntries(Object.entries(files).map(([name, text]) => [`migrations/${name}`, text])),
  )
  const environment = {
    ...folder.environment,
    ...(folder.because === undefined ? { MIGRATIONS_DIALECT: folder.dialect } : {}),
    DATABASE_URL: database.url,
  }
  return { database, gate: (...args) => runGate({ args, folder: path, environment }) }
}

type Change = (text: string) => string | Buffer

const changed = (files: Files, change: Change, which = /\.sql$/): Files =>
  Object.fromEntries(
    Object.entries(files).map(([name, text]) => [
      name,
      which.test(name) ? change(String(text)) : text,
    ]),
  )

/** In the file that makes the table. */
const changedOne = (files: Files, change: Change): Files =>
  changed(files, (text) => (text.includes('name text') ? change(text) : text))

const bom = '\uFEFF'
const crlf = (text: string): string => text.replaceAll('\n', '\r\n')
const windows: Change = (text) => bom + crlf(text)
const utf16: Change = (text) => Buffer.from(bom + text, 'utf16le')

const madeByHand = async (): Promise<readonly string[]> => {
  const database = await createDatabase(version)
  for (const statements of wanted) await database.sql.unsafe(statements).simple()
  return readCatalog(database)
}

const folders = dialectFolders.map((folder, at) => ({
  ...folder,
  title: `${folder.dialect} (${at})`,
}))
// Their sums are over the bytes: what an editor has changed was edited.
const summed = ['atlas', 'graphile-migrate']
const loose = folders.filter(({ dialect }) => !summed.includes(dialect))

describe.each(loose)('a folder of $title', (folder) => {
  test('makes the same with a byte-order mark and CRLF, or without a last line end', async () => {
    const wants = await madeByHand()
    const ends: Change = (text) => text.trimEnd()
    const shapes = [
      changed(folder.files, windows),
      changed(folder.files, crlf, /(?:)/),
      changed(folder.files, ends, /(?:)/),
    ]
    for (const files of shapes) {
      const { database, gate } = await write(folder, files)
      const { exitCode, stdout } = await gate('run')
      expect({ exitCode, stdout }).toMatchObject({ exitCode: 0 })
      expect(await readCatalog(database)).toEqual(wants)
    }
  })

  test('shows the place of an error in the file on the disk, with a byte-order mark and CRLF', async () => {
    const files = changed(folder.files, (text) => windows(text.replace('name text', 'name txt')))
    const entry = Object.keys(files).find((name) => String(files[name]).includes('name txt')) ?? ''
    const lines = String(files[entry]).replace(bom, '').split('\r\n')
    const line = lines.findIndex((each) => each.includes('name txt'))
    const column = (lines[line] ?? '').indexOf('txt') + 1
    const { gate } = await write(folder, files)
    const { exitCode, stdout } = await gate('run')
    expect({ exitCode, stdout }).toMatchObject({ exitCode: 1 })
    expect(stdout).toContain(`migrations/${entry}:${line + 1}:${column}`)
  })
})

test.each(summed)('a file of %s whose bytes an editor has changed was edited', async (dialect) => {
  const folder = folderOf(dialect)
  const { gate } = await write(folder, changed(folder.files, windows))
  const { exitCode, stdout } = await gate('run')
  expect({ exitCode, stdout }).toMatchObject({ exitCode: 4 })
  expect(stdout).toContain('error[dialect-misfit]')
})

test.each(folders)(
  'files of $title in UTF-16 are refused as that, and each once',
  async (folder) => {
    const { gate } = await write(folder, changedOne(folder.files, utf16))
    const { exitCode, stdout } = await gate('run')
    expect({ exitCode, stdout }).toMatchObject({ exitCode: 4 })
    const problems = stdout.match(/error\[.*/g) ?? []
    expect(problems.filter((each) => !each.startsWith('error[not-utf8]'))).toEqual([])
    expect(new Set(problems).size).toBe(problems.length)
    expect(stdout).toContain('it starts with a UTF-16 byte order mark')
  },
)

test.each(folders)('a NUL in a file of $title is refused where it is, once', async (folder) => {
  const files = changedOne(folder.files, (text) => `${text}-- \0\n`)
  const { gate } = await write(folder, files)
  const { exitCode, stdout } = await gate('run')
  expect({ exitCode, stdout }).toMatchObject({ exitCode: 4 })
  const problems = stdout.match(/error\[.*/g) ?? []
  expect(problems.filter((each) => !each.startsWith('error[not-utf8]'))).toEqual([])
  expect(new Set(problems).size).toBe(problems.length)
  expect(stdout).toContain('it holds a NUL character')
})

test.each(['flyway', 'prisma', 'sqlx', 'drizzle', 'sqitch', 'liquibase'])(
  'what %s has applied from files with CRLF is taken over with its checksums',
  async (dialect) => {
    const folder = folderOf(dialect)
    const { gate, rows } = await arrangeTakeOver(
      { ...folder, files: changed(folder.files, crlf) },
      4,
    )
    const run = await gate('run')
    expect(run).toMatchObject({ exitCode: 0 })
    const found = await rows()
    expect(found.map(({ state }) => state)).toEqual(folder.versions.map(() => 'reconciled'))
    for (const { recognised_by: by } of found) expect(by).toContain('checksum equal')
  },
)
