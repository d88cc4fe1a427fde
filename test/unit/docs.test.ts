// What a user looks up must be there: every variable, exit code, directive, room and log word.

import { expect, test } from '@jest/globals'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { secretNames, variable, variableNames } from '../../src/config/variables.ts'
import { exitCodes } from '../../src/errors/exit-codes.ts'

const project = join(import.meta.dirname, '../..')
const read = (name: string): string => readFileSync(join(project, name), 'utf8')
const readme = read('README.md')

test('README names every variable with its default', () => {
  const rows = readme.split('\n').filter((line) => line.startsWith('|'))
  const missing = variableNames.filter((name) => {
    const standard = variable(name).default
    return !rows.some(
      (row) =>
        row.includes(`\`${name}\``) && (standard === undefined || row.includes(`\`${standard}\``)),
    )
  })
  expect(missing).toEqual([])
  for (const name of secretNames) expect(readme).toContain(`${name}_FILE`)
})

test('README names every exit code that this version can yield', () => {
  // Contracts (3) come with a later version.
  const { 'contract violated': later, ...codes } = exitCodes
  expect(later).toBe(3)
  for (const code of Object.values(codes))
    expect(readme).toMatch(new RegExp(`^\\|.*\\b${code}\\b`, 'm'))
})

test('README maps every file and room of src', () => {
  const rooms = readdirSync(join(project, 'src'), { withFileTypes: true }).map((entry) =>
    entry.isDirectory() ? `${entry.name}/` : entry.name,
  )
  const missing = rooms.filter((room) => !readme.includes(`| \`${room}\` |`))
  expect(missing).toEqual([])
})
