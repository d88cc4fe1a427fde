// docs/configuration.md says what the table of variables says. UPDATE_DOCS=1 writes that part of it anew.

import { expect, test } from '@jest/globals'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { variablesAsMarkdown } from '../../support/configuration-docs.ts'

const path = join(import.meta.dirname, '../../../docs/configuration.md')
const [start, end] = [
  '<!-- made from the variables: start -->\n',
  '<!-- made from the variables: end -->\n',
]

test('docs/configuration.md is up to date with the variables', () => {
  const [before, rest] = readFileSync(path, 'utf8').split(start)
  const [, after] = rest?.split(end) ?? []
  const wanted = `${before ?? ''}${start}\n${variablesAsMarkdown()}\n\n${end}${after ?? ''}`
  if (process.env['UPDATE_DOCS'] === '1') writeFileSync(path, wanted)
  expect(readFileSync(path, 'utf8')).toBe(wanted)
})
