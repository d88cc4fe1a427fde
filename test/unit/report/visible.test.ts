import { describe, expect, test } from '@jest/globals'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { renderProblem } from '../../../src/report/formats/problem-text.ts'
import { problem } from '../../../src/errors/problem.ts'
import { continued, oneLine, visible } from '../../../src/report/visible.ts'

describe('what is printed', () => {
  test.each([
    ['\u001b[31mred', '\\x1b[31mred'],
    ['\u001b]8;;https://x\u0007', '\\x1b]8;;https://x\\x07'],
    ['a\u0000\u0008\u007f\u009bb', 'a\\x00\\x08\\x7f\\x9bb'],
    ['over\rwritten', 'over\\rwritten'],
    ['\u202eeht', '\\u{202e}eht'],
    ['\u2066a\u2069\u200e\u200f\u061c', '\\u{2066}a\\u{2069}\\u{200e}\\u{200f}\\u{061c}'],
    ['a\u200bb\u200d\u2060\ufeff\u00ad', 'a\\u{200b}b\\u{200d}\\u{2060}\\u{feff}\\xad'],
    ['a\u2028b\u2029c', 'a\\u{2028}b\\u{2029}c'],
    ['\ud800x\udc00', '\\u{d800}x\\u{dc00}'],
    ['\u{e0041}', '\\u{e0041}'],
  ])('shows what steers, hides or turns round: %j', (text, shown) => {
    expect(visible(text, 'text')).toBe(shown)
    expect(JSON.parse(visible(JSON.stringify(text), 'json'))).toBe(text)
    expect(visible(JSON.stringify(text), 'json')).toMatch(/^[\x20-\x7e]*$/)
  })

  test('leaves line ends, tabs and every letter as they are', () => {
    const text = 'a\tb\n  Grüße 漢字 😀 עברית\n'
    expect(visible(text, 'text')).toBe(text)
    expect(visible(text, 'json')).toBe(text)
  })

  test.each([
    ['::add-path::/x', '\\x3a:add-path::/x'],
    ['a\n \t::set-output name=a::b', 'a\n \t\\x3a:set-output name=a::b'],
    ['a ##[command]b', 'a #\\x23[command]b'],
    ['x ##vso[task.setvariable variable=a]b', 'x #\\x23vso[task.setvariable variable=a]b'],
    ["##teamcity[buildStop readdToQueue='true']", "#\\x23teamcity[buildStop readdToQueue='true']"],
  ])('is no command of the service that reads it: %j', (text, shown) => {
    expect(visible(text, 'text')).toBe(shown)
  })

  test('a line of JSON holds none either', () => {
    const text = 'a ##vso[task.setvariable variable=a]b ##[command]'
    const shown = visible(JSON.stringify({ text }), 'json')
    expect(shown).not.toMatch(/##/)
    expect(JSON.parse(shown)).toEqual({ text })
  })

  test('the commands that we write ourselves stay', () => {
    expect(visible('::error title=a::b\u202e', 'commands')).toBe('::error title=a::b\\u{202e}')
  })
})

test("the server's lines never look like ours", () => {
  const words = { message: 'a\nMigration completed successfully\n::add-path::x' }
  const server = { ...words, serverDetail: 'b\nc', hint: undefined, context: undefined }
  const facts = { ...server, internalQuery: undefined, sqlstate: 'P0001' }
  const failed = problem('migration-failed', { ...facts, file: 'm\n1.sql', phase: '', advice: 'x' })
  const lines = renderProblem(failed).split('\n')
  expect(lines.filter((line) => /^[^e ]/.test(line))).toEqual([])
  expect(lines).toContain('    | ::add-path::x')
  expect(continued('a\nb')).toBe('a\n    | b')
  expect(oneLine('a \r\n b')).toBe('a b')
})

test('nothing is written to the outside but through these files', () => {
  const source = join(import.meta.dirname, '../../../src')
  const writing = readdirSync(source, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .filter((file) =>
      /\b(?:stdout|stderr)\.write\(|createLogUpdate\(|\bconsole\.|\b(?:write|append)File(?:Sync)?\(|\bwriteSync\(|createWriteStream/.test(
        readFileSync(join(source, file), 'utf8'),
      ),
    )
  // create.ts and write.ts write a new migration, compose-service.ts a file for compose, cli/process.ts no more than the name of an error.
  expect(writing.sort()).toEqual([
    'cli/process.ts',
    'commands/init/compose-service.ts',
    'commands/new/create.ts',
    'commands/squash/write.ts',
    'report/publish.ts',
    'report/terminal/view.ts',
  ])
})
