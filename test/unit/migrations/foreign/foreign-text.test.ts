import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadMigrations } from '../../../../src/migrations/load.ts'
import { foreignText } from '../../../../src/migrations/foreign/foreign-text.ts'
import { foreignFiles, ours, uncut } from '../../../support/foreign-files.ts'
import { propertyRuns } from '../../../support/property.ts'
import '../../one-realm.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'schemagate-'))
  mkdirSync(join(folder, 'migrations'))
})
afterEach(() => {
  rmSync(folder, { recursive: true })
})

const entry = 'migrations/0001_a.sql'
// A folder that is taken for ours: one of nothing but files of goose is goose's.
const load = () =>
  loadMigrations(join(folder, 'migrations'), { dialect: 'schemagate', variables: {} })
const write = (text: string): void => {
  writeFileSync(join(folder, entry), text)
}

describe('a file that is written for another tool', () => {
  test.each(foreignFiles)(
    'is refused, and its cure keeps what goes up: $tool $text',
    ({ tool, text, up }) => {
      write(text)
      const { migrations, problems } = load()
      expect(migrations).toEqual([])
      expect(problems).toMatchObject([
        { code: 'foreign-dialect', category: 'refused', facts: { file: entry, tool } },
      ])
      expect(problems[0]?.database).toBe('The database was not contacted.')
      const [, command = ''] = problems[0]?.fix.split('\n') ?? []
      execFileSync('sh', ['-ec', command], { cwd: folder })
      expect(readFileSync(join(folder, entry), 'utf8')).toBe(up)
      expect(load()).toMatchObject({ problems: [], migrations: [{ text: up }] })
    },
  )

  test.each(uncut)('is refused where no command cuts it: $tool $text', ({ tool, text, cure }) => {
    write(text)
    const { problems } = load()
    expect(problems).toMatchObject([{ code: 'foreign-dialect', facts: { tool } }])
    expect(problems[0]?.fix).toContain(cure)
  })

  test('is named with the marker of what undoes, its place, and the lines that would take the data along', () => {
    write('-- +goose Up\nSELECT 1;\n\n  -- +goose Down\nDROP TABLE t;\n-- +goose Up\n')
    expect(load().problems).toMatchObject([
      {
        title: `${entry} is written for goose: '-- +goose Down' begins the part that undoes the migration`,
        place: { file: entry, line: 4, column: 3, excerpt: '  -- +goose Down' },
        facts: { undoing: ['lines 4 to 5'] },
      },
    ])
  })

  test('may not be made ours by @allow', () => {
    write(
      '-- @allow drop-table it is empty\n-- migrate:up\nSELECT 1;\n-- migrate:down\nDROP TABLE t;\n',
    )
    expect(load().problems).toMatchObject([{ code: 'foreign-dialect' }])
  })
})

test.each(ours)('is ours: %j', (text) => {
  expect(foreignText(entry, text)).toBeUndefined()
})

test('a marker is found wherever it stands between statements, whatever the line ends and its depth', () => {
  const between = fc.constantFrom(
    ...["SELECT 'it''s -- fine';", "SELECT $$ ' $$;", '/* " */', '-- a note', '', "SELECT E'\\'';"],
  )
  const places = fc.record({
    file: fc.constantFrom(...foreignFiles.filter(({ tool }) => tool !== 'another tool')),
    before: fc.array(between, { maxLength: 3 }),
    ends: fc.constantFrom('\n', '\r\n'),
  })
  fc.assert(
    fc.property(places, ({ file: { text, tool }, before, ends }) => {
      // What must be the first line of a file stays it.
      const isFirst = tool === 'sqlx' || tool === 'yoyo'
      const whole = [...(isFirst ? [] : before), text].join('\n')
      write(whole.replaceAll('\n', ends))
      expect(load().problems).toMatchObject([{ code: 'foreign-dialect', facts: { tool } }])
    }),
    { numRuns: propertyRuns * 10 },
  )
})

test('a file of a megabyte is looked through in a moment', () => {
  const before = performance.now()
  for (const piece of ['-', '- ', '-- ', '-- down\n', '--\n', '+goose ', '-- +\n', "-- x;\n'a'\n"])
    foreignText(entry, piece.repeat(1_000_000 / piece.length))
  expect(performance.now() - before).toBeLessThan(20_000)
})
