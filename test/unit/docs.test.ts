// What a user looks up must be there: every variable, exit code, directive, module and log word.

import { expect, test } from '@jest/globals'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { secretNames, variable, variableNames } from '../../src/config/variables/variables.ts'
import { exitCodes } from '../../src/errors/exit-codes.ts'
import { readDirectives } from '../../src/migrations/directives/directives.ts'

const project = join(import.meta.dirname, '../..')
const read = (name: string): string => readFileSync(join(project, name), 'utf8')
const readme = read('README.md')

test('the README leads to docs/configuration.md, which names every variable with its default', () => {
  expect(readme).toContain('](docs/configuration.md)')
  const configuration = read('docs/configuration.md')
  const rows = configuration.split('\n').filter((line) => line.startsWith('|'))
  const missing = variableNames.filter((name) => {
    const standard = variable(name).default
    return !rows.some(
      (row) =>
        row.startsWith(`| \`${name}\` |`) &&
        (standard === undefined || row.includes(`\`${standard}\``)),
    )
  })
  expect(missing).toEqual([])
  for (const name of secretNames) expect(configuration).toContain(`${name}_FILE`)
})

test('the README is short: what it cannot say in 150 lines stands in docs/', () => {
  expect(readme.split('\n').length).toBeLessThanOrEqual(150)
})

test('README names every exit code', () => {
  for (const code of Object.values(exitCodes))
    expect(readme).toMatch(new RegExp(`^\\|.*\\b${code}\\b`, 'm'))
})

test('docs/development.md maps every file and folder of src', () => {
  const map = read('docs/development.md')
  const entriesOf = (folder: string, prefix = ''): readonly string[] =>
    readdirSync(join(project, folder), { withFileTypes: true }).flatMap((entry) => {
      if (entry.isDirectory()) return `${prefix}${entry.name}/`
      return prefix === '' ? entry.name : []
    })
  const entries = [...entriesOf('src'), ...entriesOf('src/commands', 'commands/')]
  const missing = entries.filter((entry) => !map.includes(`| \`${entry}\` |`))
  expect(missing).toEqual([])
})

test('docs/migrations.md names every directive', () => {
  const documented = read('docs/migrations.md')
  // The refusal of one that is nearly one lists those that are, but for @transaction, which this version refuses.
  const { problems } = readDirectives('1_a.sql', '-- @lock-timeuot 3s')
  const valid = String(problems[0]?.facts['valid']).split(', ')
  expect(valid.length).toBeGreaterThanOrEqual(2)
  expect(readDirectives('1_a.sql', '-- @transaction off').problems).toEqual([])
  const missing = [...valid, '@transaction'].filter(
    (directive) => !documented.includes(`| \`-- ${directive} `),
  )
  expect(missing).toEqual([])
})

// What docs/design/exit-codes.md promises to those who grep.
test.each([
  'MIGRATION CHECKPOINT',
  'Acquired migration lock',
  'Released migration lock',
  'Could not acquire lock in time',
  'MIGRATIONS_DISABLED',
  'Using DIRECT',
  'Using POOLER',
  'STOPPING',
  'MIGRATION FAILED',
  'CONTRACT VIOLATED',
  'Migration completed successfully',
])('docs/operating.md explains the log word %s', (word) => {
  const row = new RegExp(`^\\|.*\`${word}[^\`]*\`.*\\|.+\\|$`, 'm')
  expect(read('docs/operating.md')).toMatch(row)
})

test('each page begins with what it answers', () => {
  const pages = readdirSync(join(project, 'docs')).filter((name) => name.endsWith('.md'))
  expect(pages.length).toBeGreaterThan(15)
  const without = pages.filter((name) => !/^# .*\n\n[A-Z`[][^\n]+\n/.test(read(`docs/${name}`)))
  expect(without).toEqual([])
})

test('prose has lines that fit an editor: at most 120 columns', () => {
  const pages = [
    ...['docs', 'docs/design', 'docs/coming-from'].flatMap((folder) =>
      readdirSync(join(project, folder))
        .filter((name) => name.endsWith('.md'))
        .map((name) => `${folder}/${name}`),
    ),
    ...['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'CHANGELOG.md', 'kubernetes/README.md'],
  ]
  // What a program prints or writes, tables, and the pairs of messages that one compares have the lines they have.
  const others =
    /^```.*?^```|^<!-- (?:made from [^\n]*: start|measured:).*?^<!-- [^\n]*|^(?:\||!\[|- (?:Before|After): )[^\n]*/gms
  const long = pages.flatMap((page) =>
    read(page)
      .replaceAll(others, '')
      .split('\n')
      .filter((line) => line.length > 120)
      .map((line) => `${page}: ${line}`),
  )
  expect(long).toEqual([])
  expect(pages.length).toBeGreaterThan(30)
})
