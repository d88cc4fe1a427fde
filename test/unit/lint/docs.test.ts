// docs/lint.md says what the rules say. UPDATE_DOCS=1 writes that part of it anew.

import { expect, test } from '@jest/globals'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { lintFormats } from '../../../src/commands/lint/flags.ts'
import { rules } from '../../../src/lint/rules/rules.ts'
import { rulesAsMarkdown } from '../../support/lint-docs.ts'
import { lintFilesFully } from './lint-example.ts'

const path = join(import.meta.dirname, '../../../docs/lint.md')
const [start, end] = [
  '<!-- made from the rules: start -->\n',
  '<!-- made from the rules: end -->\n',
]

test('docs/lint.md is up to date with the rules', () => {
  const [before, rest] = readFileSync(path, 'utf8').split(start)
  const [, after] = rest?.split(end) ?? []
  const wanted = `${before ?? ''}${start}\n${rulesAsMarkdown(lintFilesFully)}\n${end}${after ?? ''}`
  if (process.env['UPDATE_DOCS'] === '1') writeFileSync(path, wanted)
  expect(readFileSync(path, 'utf8')).toBe(wanted)
})

test('docs/lint.md names every rule and every format', () => {
  const documented = readFileSync(path, 'utf8')
  for (const { id } of rules) expect(documented).toContain(`\n### ${id}\n`)
  for (const format of lintFormats) expect(documented).toContain(`| \`${format}\` |`)
})
